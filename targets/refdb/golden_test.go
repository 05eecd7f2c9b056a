package refdb

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
)

// TestGoldens runs the scripts of testdata. Each tells one story about the protocol and opens with
// what it proves. In their output a line at the left edge is what the test did to the cluster, and
// the indented lines below are what the node did about it. What a node sends is seen when it
// arrives. Run with -rewrite to make the outputs anew.
func TestGoldens(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &script{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			s.out.Reset()
			s.run(t, d)
			switch {
			case d.HasArg("quiet") || s.out.Len() == 0:
				return "ok\n"
			case d.HasArg("replies"):
				return repliesIn(s.out.String())
			}
			return s.out.String()
		})
	})
}

// repliesIn returns the lines of an output that tell what clients were told.
func repliesIn(out string) string {
	var b strings.Builder
	for l := range strings.Lines(out) {
		if strings.Contains(l, " tells client ") {
			b.WriteString(l)
		}
	}
	return b.String()
}

// script is a cluster that is told what to do line by line.
type script struct {
	*cluster
	out  strings.Builder
	seqs map[uint64]uint64 // last seq used, by client
	held []Envelope
}

func (s *script) run(t *testing.T, d *datadriven.TestData) {
	switch d.Cmd {
	case "add-nodes":
		// Starts a cluster: all else in the file happens to it.
		// Example: add-nodes 3 bugs=ack-before-fsync reads=local batch=1 sessions=2
		// Example: add-nodes 3 snapshot=10 keep=2 chunk=64
		// Example: add-nodes 4 voters=3
		s.addNodes(t, d)
	case "tick":
		// Moves the node's clock to its deadline: a leader sends heartbeats, others try to lead.
		// Example: tick 1
		s.tickAtDeadline(s.node(d, 0))
	case "wait":
		// Lets time pass on all clocks with nobody's deadline noticed.
		// Example: wait 400ms
		s.wait(t, d)
	case "campaign":
		// Has the node become leader: it ticks, and all settles among the reachable nodes.
		// Example: campaign 1
		s.tickAtDeadline(s.node(d, 0))
		s.stabilize(nil)
	case "elect":
		// Has the node become leader, by the votes of the others or of some, and stops there: what
		// it sends as leader stays in flight. It was silent for long enough.
		// Example: elect 5 3 4
		s.elect(s.node(d, 0), ids(d, 0))
	case "propose":
		// Sends a request to a node. Client defaults to 1, seq to the client's next, attempt to 1.
		// Example: propose 1 write k=1 v=5 client=7 seq=1 attempt=2
		// Example: propose 1 cas k=1 v=5 to=6
		s.propose(t, d)
	case "sync":
		// Completes the sync under way on some nodes.
		// Example: sync 1 2
		for _, id := range ids(d, 0) {
			s.sync(s.member(id))
		}
	case "deliver":
		// Delivers what is in flight now, on one link or on all; only the first message, or twice.
		// Example: deliver 1->2 first
		for _, e := range s.pick(d) {
			s.deliver(e)
			if d.HasArg("twice") {
				s.deliver(e)
			}
		}
	case "drop":
		// Loses what is in flight now, on one link or on all.
		// Example: drop 1->2
		for _, e := range s.pick(d) {
			s.printf("%v (lost)", e)
		}
	case "hold":
		// Takes messages out of flight until release puts them back: a delay.
		// Example: hold 1->2
		for _, e := range s.pick(d) {
			s.printf("%v (held)", e)
			s.held = append(s.held, e)
		}
	case "release":
		s.flying = append(s.flying, s.held...)
		s.held = nil
	case "stabilize":
		// Completes all syncs and delivers all messages until nothing happens any more; among
		// all nodes or among some.
		// Example: stabilize 1 2
		s.stabilize(ids(d, 0))
	default:
		s.runFault(t, d)
	}
}

// runFault runs the commands that do harm, and those that show what has come of it.
func (s *script) runFault(t *testing.T, d *datadriven.TestData) {
	switch d.Cmd {
	case "partition":
		// Cuts the named nodes off from the others.
		// Example: partition 1 2
		side := ids(d, 0)
		s.cut = func(a, b NodeID) bool { return slices.Contains(side, a) != slices.Contains(side, b) }
	case "heal":
		s.cut = func(_, _ NodeID) bool { return false }
	case "transfer":
		// Asks a leader to hand over to a peer.
		// Example: transfer 1 2
		m := s.node(d, 0)
		m.node.Transfer(m.now, ids(d, 1)[0])
		s.flush(m)
	case "set-wall":
		// Moves a node's wall clock.
		// Example: set-wall 1 -10s
		s.node(d, 0).now.Wall += int64(s.duration(t, d, 1))
	case "inject":
		// Delivers a request for votes that nobody has sent just now: one that was long on its way.
		// Example: inject 2->3 vote term=5 last=9 lastterm=5 forced
		s.inject(t, d)
	case "crash":
		// Stops nodes; unsynced bytes of their files are lost but for the first keep of them.
		// Example: crash 1 2 keep=10
		keep := 0
		d.MaybeScanArgs(t, "keep", &keep)
		for _, id := range ids(d, 0) {
			m := s.member(id)
			s.printf("%v loses %d of %d bytes", id, max(0, len(m.file)-m.durable-keep), len(m.file))
			s.crash(m, keep)
		}
	case "restart":
		for _, id := range ids(d, 0) {
			s.printf("%v starts", id)
			if err := s.start(s.member(id)); err != nil {
				s.printf("  %v", err)
			}
		}
	case "damage":
		// Flips a byte of a node's file.
		// Example: damage 1 at=20
		at := 0
		d.ScanArgs(t, "at", &at)
		s.node(d, 0).file[at] ^= 0xff
	case "status":
		for _, m := range s.members {
			s.printf("%v", m)
		}
	case "log":
		for _, m := range s.members {
			s.printf("%v%s", m.cfg.ID, describeLog(m))
		}
	case "messages":
		for _, e := range s.flying {
			s.printf("%v", e)
		}
	default:
		t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	}
}

func (s *script) addNodes(t *testing.T, d *datadriven.TestData) {
	size, err := strconv.Atoi(d.CmdArgs[0].Key)
	if err != nil {
		t.Fatalf("%s: %v", d.Pos, err)
	}
	var bugs, reads string
	voters := size
	d.MaybeScanArgs(t, "voters", &voters)
	batch, every, keep, chunk, sessions := 64, 4096, 1024, 1<<16, 4096
	d.MaybeScanArgs(t, "bugs", &bugs)
	d.MaybeScanArgs(t, "reads", &reads)
	d.MaybeScanArgs(t, "batch", &batch)
	d.MaybeScanArgs(t, "snapshot", &every)
	d.MaybeScanArgs(t, "keep", &keep)
	d.MaybeScanArgs(t, "chunk", &chunk)
	d.MaybeScanArgs(t, "sessions", &sessions)
	set, err := ParseBugs(bugs)
	if err != nil {
		t.Fatalf("%s: %v", d.Pos, err)
	}
	mode, err := ParseReadMode(cmp.Or(reads, "read-index"))
	if err != nil {
		t.Fatalf("%s: %v", d.Pos, err)
	}
	s.seqs = map[uint64]uint64{}
	s.cluster = newCluster(size, func(c *Config) {
		c.Bugs, c.MaxBatch, c.MaxSessions = set, batch, sessions
		c.SnapshotEvery, c.KeepEntries, c.MaxChunk = every, keep, chunk
		c.Reads = mode
		c.Peers = c.Peers[:voters]
	})
	s.onTrace = func(m *member, e Event) { s.printf("  %v %v", m.cfg.ID, e) }
	s.onReply = func(m *member, r Reply) { s.printf("  %v tells %v", m.cfg.ID, r) }
	s.onDeliver = func(e Envelope) { s.printf("%v", e) }
	s.onLost = func(e Envelope) { s.printf("%v (lost)", e) }
	for _, m := range s.members {
		if err := s.start(m); err != nil {
			t.Fatal(err)
		}
		s.sync(m)
	}
	s.out.Reset()
}

func (s *script) wait(t *testing.T, d *datadriven.TestData) {
	pause := int64(s.duration(t, d, 0))
	for _, m := range s.members {
		m.now.Mono += pause
		m.now.Wall += pause
	}
}

func (s *script) duration(t *testing.T, d *datadriven.TestData, arg int) time.Duration {
	value, err := time.ParseDuration(d.CmdArgs[arg].Key)
	if err != nil {
		t.Fatalf("%s: %v", d.Pos, err)
	}
	return value
}

func (s *script) inject(t *testing.T, d *datadriven.TestData) {
	e := Envelope{Message: Message{Type: Vote, OK: d.HasArg("forced")}}
	if _, err := fmt.Sscanf(d.CmdArgs[0].Key, "%d->%d", &e.From, &e.To); err != nil {
		t.Fatalf("%s: %v", d.Pos, err)
	}
	d.ScanArgs(t, "term", &e.Term)
	d.ScanArgs(t, "last", &e.Index)
	d.ScanArgs(t, "lastterm", &e.LogTerm)
	s.deliver(e)
}

func (s *script) propose(t *testing.T, d *datadriven.TestData) {
	r := Request{Client: 1, Attempt: 1}
	d.MaybeScanArgs(t, "client", &r.Client)
	r.Seq = s.seqs[r.Client] + 1
	d.MaybeScanArgs(t, "seq", &r.Seq)
	s.seqs[r.Client] = max(r.Seq, s.seqs[r.Client])
	d.MaybeScanArgs(t, "attempt", &r.Attempt)
	r.Command.Op = Op(slices.Index(opNames[:], d.CmdArgs[1].Key))
	d.MaybeScanArgs(t, "k", &r.Command.Key)
	d.MaybeScanArgs(t, "v", &r.Command.A)
	d.MaybeScanArgs(t, "to", &r.Command.B)
	m := s.node(d, 0)
	s.printf("client %d seq %d attempt %d asks %v: %v", r.Client, r.Seq, r.Attempt, m.cfg.ID, r.Command)
	s.request(m, r)
}

func (s *script) sync(m *member) bool {
	if m.node == nil || m.token == 0 {
		return false
	}
	s.printf("%v synced", m.cfg.ID)
	return s.syncDone(m)
}

// pick takes the messages out of flight that a command names.
func (s *script) pick(d *datadriven.TestData) []Envelope {
	anyLink := !slices.ContainsFunc(d.CmdArgs, func(a datadriven.CmdArg) bool { return strings.Contains(a.Key, "->") })
	var picked []Envelope
	for i := 0; i < len(s.flying); {
		e := s.flying[i]
		named := anyLink || d.HasArg(fmt.Sprintf("%d->%d", e.From, e.To))
		if !named || d.HasArg("first") && len(picked) > 0 {
			i++
			continue
		}
		picked = append(picked, s.take(i))
	}
	return picked
}

func (s *script) tickAtDeadline(m *member) {
	m.now.Mono = max(m.now.Mono, m.node.Deadline())
	s.printf("%v ticks", m.cfg.ID)
	s.tick(m)
}

func (s *script) elect(m *member, voters []NodeID) {
	for step := 0; m.node.role != Leader && step < 12; step++ {
		if step%4 == 0 { // again, if it has only learned of a later term
			s.tickAtDeadline(m)
		}
		for i := 0; i < len(s.flying); {
			e := s.flying[i]
			ballot := e.Type <= VoteReply
			if ballot && (len(voters) == 1 || slices.Contains(voters, e.From) && slices.Contains(voters, e.To)) {
				s.deliver(s.take(i))
				continue
			}
			i++
		}
		for _, v := range s.members {
			if m.node.role != Leader {
				s.sync(v)
			}
		}
	}
}

func (s *script) stabilize(among []NodeID) {
	in := func(id NodeID) bool { return len(among) == 0 || slices.Contains(among, id) }
	for busy := true; busy; {
		busy = false
		for i := 0; i < len(s.flying); {
			if e := s.flying[i]; in(e.From) && in(e.To) {
				s.deliver(s.take(i))
				busy = true
				continue
			}
			i++
		}
		for _, m := range s.members {
			if in(m.cfg.ID) && s.sync(m) {
				busy = true
			}
		}
	}
}

func (s *script) node(d *datadriven.TestData, arg int) *member {
	return s.member(ids(d, arg)[0])
}

func (s *script) printf(format string, args ...any) {
	fmt.Fprintf(&s.out, format+"\n", args...)
}

// ids reads the numbers among a command's arguments.
func ids(d *datadriven.TestData, from int) []NodeID {
	var list []NodeID
	for _, arg := range d.CmdArgs[from:] {
		if id, err := strconv.Atoi(arg.Key); err == nil {
			list = append(list, NodeID(id))
		}
	}
	return list
}

// describeLog prints a log with a bar behind what is committed.
func describeLog(m *member) string {
	if m.node == nil {
		return " down"
	}
	var b strings.Builder
	for i, e := range m.node.log.entries {
		switch {
		case i > 0:
			fmt.Fprintf(&b, " [%v]", e)
		case e.Index > 0:
			fmt.Fprintf(&b, " ..%d/%d", e.Index, e.Term)
		}
		if e.Index == m.node.commit {
			b.WriteString(" |")
		}
	}
	return b.String()
}
