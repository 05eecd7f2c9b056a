package refdb

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// newLeader returns a settled cluster led by its first node.
func newLeader(t testing.TB, size int, configure func(*Config)) *cluster {
	t.Helper()
	c := newCluster(size, configure)
	for _, m := range c.members {
		if err := c.start(m); err != nil {
			t.Fatal(err)
		}
	}
	m := c.members[0]
	m.now.Mono = m.node.Deadline()
	c.tick(m)
	c.settle()
	if m.node.role != Leader {
		t.Fatalf("no leader: %v", c.members)
	}
	return c
}

// settle delivers and syncs until nothing is left, and returns how many messages that took.
func (c *cluster) settle() (messages int) {
	for busy := true; busy; {
		busy = false
		for len(c.flying) > 0 {
			c.deliver(c.take(0))
			busy, messages = true, messages+1
		}
		for _, m := range c.members {
			busy = c.syncDone(m) || busy
		}
	}
	return messages
}

func defaults(*Config) {}

func write(client, seq uint64, value int64) Request {
	return Request{Client: client, Seq: seq, Attempt: 1, Command: Command{Op: Write, Key: 1, A: value}}
}

func TestConfigIsChecked(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		"no peers":    func(c *Config) { c.Peers = nil },
		"called 0":    func(c *Config) { c.ID = 0 },
		"name node 0": func(c *Config) { c.Peers = []NodeID{0, 1} },
		"twice":       func(c *Config) { c.Peers = []NodeID{1, 2, 1} },
		"heartbeat":   func(c *Config) { c.ElectionTimeout = c.Heartbeat },
		"randomness":  func(c *Config) { c.Rand = nil },
		"batch":       func(c *Config) { c.MaxInflight = c.MaxBatch - 1 },
	} {
		cfg := DefaultConfig(1, []NodeID{1, 2, 3})
		if _, err := New(cfg, Clock{}, nil); err != nil {
			t.Fatal(err)
		}
		spoil(&cfg)
		if _, err := New(cfg, Clock{}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %q", err, want)
		}
	}
}

func TestLogOfAnotherNodeIsRefused(t *testing.T) {
	c := newLeader(t, 3, defaults)
	_, err := New(DefaultConfig(2, []NodeID{1, 2, 3}), Clock{}, c.members[0].file)
	if err == nil || !strings.Contains(err.Error(), "the log of n1, not of n2") {
		t.Errorf("error %v", err)
	}
}

func TestDiskErrorStopsTheNode(t *testing.T) {
	c := newLeader(t, 3, defaults)
	m := c.members[0]
	m.node.Request(m.now, write(1, 1, 5))
	c.flush(m)
	broken := errors.New("input/output error")
	m.node.DiskDone(m.now, m.token, broken)
	if out := m.node.Ready(); !errors.Is(out.Fatal, broken) || len(out.Messages)+len(out.Replies)+len(out.Disk) > 0 {
		t.Errorf("output %+v", out)
	}
	if m.node.Deadline() != math.MaxInt64 {
		t.Error("a stopped node wants a tick")
	}
	m.node.Tick(Clock{Mono: math.MaxInt64})
	m.node.Request(m.now, write(1, 2, 6))
	m.node.Receive(m.now, 2, Message{Type: Vote, Term: 9})
	if out := m.node.Ready(); len(out.Messages)+len(out.Replies)+len(out.Trace)+len(out.Disk) > 0 {
		t.Errorf("a stopped node puts out %+v", out)
	}
}

func TestUnknownTokenPanics(t *testing.T) {
	c := newLeader(t, 3, defaults)
	mustPanic(t, "DiskDone of token 7", func() { c.members[0].node.DiskDone(Clock{}, 7, nil) })
}

func TestTwoLeadersInATermPanic(t *testing.T) {
	c := newLeader(t, 3, defaults)
	n := c.members[0].node
	mustPanic(t, "two leaders in term 1", func() { n.Receive(Clock{}, 2, Message{Type: Append, Term: 1}) })
}

func TestTruncatingCommittedEntriesPanics(t *testing.T) {
	c := newLeader(t, 3, defaults)
	n := c.members[0].node
	entries := []Entry{{Index: 1, Term: 2}}
	mustPanic(t, "committed up to 1", func() {
		n.Receive(Clock{}, 2, Message{Type: Append, Term: 2, Entries: entries})
	})
}

// TestCommitStopsAtTheMatch: what a follower has behind the entries of an Append may be the rest of
// an old leader's log, whatever the new leader has committed.
func TestCommitStopsAtTheMatch(t *testing.T) {
	n := newCluster(3, defaults).members[0]
	node, err := New(n.cfg, Clock{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	old := []Entry{{Index: 1, Term: 1}, {Index: 2, Term: 1}, {Index: 3, Term: 1}}
	node.Receive(Clock{}, 2, Message{Type: Append, Term: 1, Entries: old})
	node.Receive(Clock{}, 3, Message{Type: Append, Term: 2, Index: 1, LogTerm: 1, Commit: 3})
	if node.commit != 1 {
		t.Errorf("committed %d entries, want 1", node.commit)
	}
}

// TestMajority: the largest value that more than half of the voters have reached.
func TestMajority(t *testing.T) {
	for _, test := range []struct {
		values []uint64
		want   uint64
	}{
		{[]uint64{4}, 4},
		{[]uint64{4, 7}, 4},
		{[]uint64{1, 9, 5}, 5},
		{[]uint64{9, 1, 5, 5}, 5},
		{[]uint64{9, 9, 0, 0}, 0},
		{[]uint64{1, 2, 3, 4, 5}, 3},
		{[]uint64{5, 0, 5, 0, 5}, 5},
	} {
		n := Node{peers: []*peer{{match: 1e9}}} // no voter
		for _, v := range test.values {
			n.peers = append(n.peers, &peer{voter: true, match: v})
		}
		if got := n.quorumValue(func(p *peer) uint64 { return p.match }); got != test.want {
			t.Errorf("%v: %d, want %d", test.values, got, test.want)
		}
	}
}

func mustPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
			t.Errorf("panic %q, want one with %q", got, want)
		}
	}()
	f()
}

func TestRequestsThatAreRefusedAtOnce(t *testing.T) {
	c := newLeader(t, 3, func(c *Config) { c.MaxPending = 2 })
	var replies []Reply
	c.onReply = func(_ *member, r Reply) { replies = append(replies, r) }
	leader, follower := c.members[0], c.members[1]
	for _, ask := range []struct {
		m      *member
		r      Request
		status Status
	}{
		{leader, Request{Client: 1, Seq: 1}, Invalid},
		{leader, Request{Client: 1, Seq: 1, Command: Command{Op: numOps}}, Invalid},
		{leader, write(1, 0, 5), Invalid},
		{follower, write(1, 1, 5), NotLeader},
		{follower, Request{Client: 1, Seq: 1, Command: Command{Op: Read}}, NotLeader},
	} {
		replies = nil
		c.request(ask.m, ask.r)
		if len(replies) != 1 || replies[0].Status != ask.status || !replies[0].Status.Definite() {
			t.Errorf("%+v: replies %v, want %v", ask.r, replies, ask.status)
		}
	}
	c.request(leader, write(1, 1, 5))
	c.request(leader, write(2, 1, 5))
	replies = nil
	c.request(leader, write(3, 1, 5))
	if len(replies) != 1 || replies[0].Status != Overloaded {
		t.Errorf("replies %v", replies)
	}
	c.settle()
	if len(replies) != 3 || replies[1].Status != OK {
		t.Errorf("replies %v", replies)
	}
}

func TestStateMachine(t *testing.T) {
	s := newStore()
	for _, step := range []struct {
		command Command
		status  Status
		result  Result
	}{
		{Command{Op: CAS, Key: 1, A: 0, B: 1}, CASMismatch, Result{}},
		{Command{Op: Write, Key: 1, A: 5}, OK, Result{}},
		{Command{Op: CAS, Key: 1, A: 4, B: 6}, CASMismatch, Result{Found: true, Value: 5}},
		{Command{Op: CAS, Key: 1, A: 5, B: 6}, OK, Result{}},
		{Command{Op: Read, Key: 1}, OK, Result{Found: true, Value: 6}},
		{Command{Op: Read, Key: 2}, OK, Result{}},
		{Command{Op: ReadCounter, Key: 1}, OK, Result{}},
		{Command{Op: Add, Key: 1, A: 3}, OK, Result{Found: true, Value: 3}},
		{Command{Op: Add, Key: 1, A: -1}, OK, Result{Found: true, Value: 2}},
		{Command{Op: ReadCounter, Key: 1}, OK, Result{Found: true, Value: 2}},
		{Command{Op: ReadSet, Key: 1}, OK, Result{}},
		{Command{Op: SetAdd, Key: 1, A: 9}, OK, Result{}},
		{Command{Op: SetAdd, Key: 1, A: 4}, OK, Result{}},
		{Command{Op: SetAdd, Key: 1, A: 9}, OK, Result{}},
		{Command{Op: ReadSet, Key: 1}, OK, Result{Found: true, Set: []int64{9, 4}}},
		{Command{Op: Dequeue, Key: 1}, Empty, Result{}},
		{Command{Op: Enqueue, Key: 1, A: 9}, OK, Result{}},
		{Command{Op: Enqueue, Key: 1, A: 4}, OK, Result{}},
		{Command{Op: Dequeue, Key: 1}, OK, Result{Found: true, Value: 9}},
		{Command{Op: Dequeue, Key: 1}, OK, Result{Found: true, Value: 4}},
		{Command{Op: Dequeue, Key: 1}, Empty, Result{}},
		{Command{Op: Release, Key: 1, A: 0}, NotHolder, Result{}},
		{Command{Op: Acquire, Key: 1, A: 7}, OK, Result{Found: true, Value: 1}},
		{Command{Op: Acquire, Key: 1, A: 7}, Held, Result{}},
		{Command{Op: Guard, Key: 1, A: 1, B: 5}, OK, Result{}},
		{Command{Op: Release, Key: 1, A: 8}, NotHolder, Result{}},
		{Command{Op: Release, Key: 1, A: 7}, OK, Result{}},
		{Command{Op: Acquire, Key: 1, A: 8}, OK, Result{Found: true, Value: 2}},
		{Command{Op: Guard, Key: 1, A: 1, B: 5}, StaleToken, Result{}},
		{Command{Op: Seize, Key: 1, A: 9}, OK, Result{Found: true, Value: 3}},
		{Command{Op: Release, Key: 1, A: 8}, NotHolder, Result{}},
		{Command{Op: Lease, Key: 1, A: 7, B: 2}, Held, Result{}},
		{Command{Op: Lease, Key: 1, A: 7, B: 3}, OK, Result{Found: true, Value: 4}},
		{Command{Op: Refresh, Key: 1, A: 8}, NotHolder, Result{}},
		{Command{Op: Refresh, Key: 1, A: 7}, OK, Result{Found: true, Value: 5}},
		{Command{Op: Lease, Key: 1, A: 8, B: 4}, Held, Result{}},
		{Command{Op: Release, Key: 1, A: 7}, OK, Result{}},
		{Command{Op: Refresh, Key: 1, A: 7}, NotHolder, Result{}},
		{Command{Op: Lease, Key: 1, A: 8}, OK, Result{Found: true, Value: 6}},
	} {
		status, result := OK, s.read(step.command)
		if !step.command.Op.IsRead() {
			status, result = s.apply(step.command)
		}
		if status != step.status || !reflect.DeepEqual(result, step.result) {
			t.Errorf("%v: %v %+v, want %v %+v", step.command, status, result, step.status, step.result)
		}
	}
}

func TestSetsThatWereReadDoNotChange(t *testing.T) {
	s := newStore()
	var reads [][]int64
	for i := range int64(20) {
		s.apply(Command{Op: SetAdd, A: i})
		reads = append(reads, s.read(Command{Op: ReadSet}).Set)
	}
	for i, set := range reads {
		if len(set) != i+1 || set[i] != int64(i) {
			t.Errorf("read %d is now %v", i, set)
		}
		_ = append(set, -1)
	}
	if last := s.read(Command{Op: ReadSet}).Set; slices.Contains(last, -1) {
		t.Errorf("a reader's append got into the set: %v", last)
	}
}

// TestCatchingUpIsNoStorm: a follower that missed many entries, and loses a message of the
// stream while it catches up, costs few messages more than there are batches.
func TestCatchingUpIsNoStorm(t *testing.T) {
	c := newLeader(t, 3, func(c *Config) { c.MaxBatch, c.MaxInflight = 1, 100 })
	leader, away := c.members[0], NodeID(3)
	c.cut = func(from, to NodeID) bool { return from == away || to == away }
	for seq := range uint64(500) {
		c.request(leader, write(1, seq+1, 5))
	}
	c.settle()
	sent, lost, messages := 0, 0, 0
	c.cut = func(_, to NodeID) bool {
		if to == away {
			sent++
		}
		return to == away && sent == 150
	}
	c.onLost = func(Envelope) { lost++ }
	for range 20 {
		leader.now.Mono = leader.node.Deadline()
		c.tick(leader)
		messages += c.settle()
	}
	if last := c.member(away).node.log.last(); last != leader.node.log.last() {
		t.Fatalf("follower has %d entries of %d", last, leader.node.log.last())
	}
	// Each entry goes there and is answered; after the loss at most a window is refused and comes
	// again; and there are 20 heartbeats to two peers.
	if messages > 2*500+2*100+20*2*2 || lost != 1 {
		t.Errorf("%d messages for 500 entries, %d lost", messages, lost)
	}
}

// TestSameInputsSameOutputs plays one schedule twice and compares all that the nodes put out.
func TestSameInputsSameOutputs(t *testing.T) {
	play := func() string {
		var b strings.Builder
		out := runRecorded(42, 0, func(line string) { b.WriteString(line) })
		if out.ok == 0 {
			t.Fatal("nothing happened")
		}
		return b.String()
	}
	if first, second := play(), play(); first != second || len(first) < 1000 {
		t.Errorf("two transcripts of %d and %d bytes differ", len(first), len(second))
	}
}

func TestBugNames(t *testing.T) {
	var all Bugs
	for _, row := range BugTable() {
		set, err := ParseBugs(row.Name)
		if err != nil || set != row.Bugs || set.String() != row.Name || all&set != 0 {
			t.Errorf("%s: %v, error %v", row.Name, set, err)
		}
		all |= set
	}
	if set, err := ParseBugs(all.String()); err != nil || set != all {
		t.Errorf("%v: %v, error %v", all, set, err)
	}
	if set, err := ParseBugs("none"); err != nil || set != 0 || set.String() != "none" {
		t.Errorf("none: %v, error %v", set, err)
	}
	if _, err := ParseBugs("vote-not-persisted,nope"); err == nil || !strings.Contains(err.Error(), `"nope"`) {
		t.Errorf("error %v", err)
	}
}

// BenchmarkInputs drives three nodes that write and read through a network and disks without delay,
// and counts inputs: messages, requests and completed syncs.
func BenchmarkInputs(b *testing.B) {
	for _, batch := range []int{1, 16} {
		b.Run(fmt.Sprintf("requests=%d", batch), func(b *testing.B) { benchmarkInputs(b, batch) })
	}
}

func benchmarkInputs(b *testing.B, requests int) {
	c := newLeader(b, 3, defaults)
	leader := c.members[0]
	inputs, answered := 0, 0
	c.onReply = func(*member, Reply) { answered++ }
	b.ReportAllocs()
	b.ResetTimer()
	for seq := uint64(1); inputs < b.N; seq++ {
		for client := range uint64(requests) {
			r := write(client+1, seq, 5)
			if client%2 == 1 {
				r.Command.Op = Read
			}
			leader.node.Request(leader.now, r)
		}
		c.flush(leader)
		inputs += requests
		for busy := true; busy; {
			busy = len(c.flying) > 0
			inputs += len(c.flying)
			flying := c.flying
			c.flying = nil
			for _, e := range flying {
				c.deliver(e)
			}
			for _, m := range c.members {
				if c.syncDone(m) {
					busy = true
					inputs++
				}
				m.file, m.durable = m.file[:0], 0
			}
		}
	}
	b.ReportMetric(float64(inputs)/b.Elapsed().Seconds(), "inputs/s")
	b.ReportMetric(float64(answered)/float64(inputs), "replies/input")
}
