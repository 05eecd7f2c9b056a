package refdb

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"go.etcd.io/raft/v3/raftpb"
)

// differential drives a cluster of ours through random schedules of lost, delayed, reordered and repeated
// messages, proposals, elections and restarts. Beside each node stands one of etcd's Raft that is given the
// same inputs, in its own words. After each input the two must be the same:
//
//   - term, vote, whether it leads, the whole log (terms and contents), the commit index: so who wins which
//     election, which entries are taken, cut off and left alone, and what counts as committed;
//   - the answer: a vote or pre-vote given or refused, an Append taken, and up to which index, or refused,
//     and with which hint.
//
// What is not compared:
//
//   - When anybody campaigns and when pre-votes suffice: etcd's node campaigns when ours does. Ours also
//     refuses a pre-vote while it hears a leader, which etcd's does with CheckQuorum only.
//   - Candidates against followers: etcd's gives up at a majority of refusals, ours, to which they mean
//     nothing, at its timeout, after which a vote comes too late.
//   - A leader that resigns for lack of a quorum; it is not ticked then.
//   - What a leader sends and when: the two pace their messages in different ways.
//   - Unsynced writes: both disks are done at once. Snapshots, leases, members and transfers.
//   - An answer to a message of a past term, which etcd mostly spares; nor to a candidate that asks once
//     more for the vote that it has: etcd's refuses if its log has become longer.
//
// Where the two may rightly differ otherwise is said in shadow.
type differential struct {
	*cluster
	rand      *rand.Rand
	shadows   []*shadow
	sent      []Envelope // by ours, since the last input
	campaigns bool       // ours began one since the last input
	seq       uint64
	met       encounters
	found     string // the first difference
}

// encounters counts what schedules have come to.
type encounters struct{ inputs, leaders, granted, refused, taken, rejected, truncated, committed, restarts int }

func (e *encounters) add(o encounters) {
	e.inputs, e.leaders, e.granted, e.refused = e.inputs+o.inputs, e.leaders+o.leaders, e.granted+o.granted, e.refused+o.refused
	e.taken, e.rejected, e.truncated = e.taken+o.taken, e.rejected+o.rejected, e.truncated+o.truncated
	e.committed, e.restarts = e.committed+o.committed, e.restarts+o.restarts
}

// compare plays one schedule and returns the first difference, "" if there is none. With a bug, either side
// may find that what it is told makes no sense: that is a difference too.
func compare(seed uint64, bugs Bugs) (found string, met encounters) {
	r := rand.New(rand.NewPCG(seed, 2))
	d := &differential{rand: r}
	size, batch := []int{1, 2, 3, 3, 4, 5, 5}[r.IntN(7)], []int{1, 4, 64}[r.IntN(3)]
	inflight := []int{batch, 64}[r.IntN(2)]
	d.cluster = newCluster(size, func(c *Config) {
		c.Bugs, c.MaxBatch, c.MaxInflight, c.SnapshotEvery = bugs, batch, inflight, 1<<30
		c.Rand = rand.New(rand.NewPCG(seed, uint64(c.ID)+2))
	})
	d.onSend = func(e Envelope) { d.sent = append(d.sent, e) }
	d.onTrace = d.observe
	defer func() {
		if p := recover(); p != nil {
			found, met = fmt.Sprintf("panic: %v", p), d.met
		}
	}()
	for _, m := range d.members {
		must(d.start(m))
		d.shadows = append(d.shadows, newShadow(m.cfg.ID, size))
	}
	for steps := 300 + r.IntN(1200); steps > 0 && d.found == ""; steps-- {
		d.step()
	}
	return d.found, d.met
}

func (d *differential) observe(_ *member, e Event) {
	switch e.Kind {
	case BecameCandidate:
		d.campaigns = true
	case BecameLeader:
		d.met.leaders++
	case Truncated:
		d.met.truncated++
	case Committed:
		d.met.committed++
	}
}

// step gives some node an input.
func (d *differential) step() {
	m := d.members[d.rand.IntN(len(d.members))]
	switch w := d.rand.IntN(1000); {
	case w < 600:
		d.deliverSome()
	case w < 740:
		d.propose(m)
	case w < 960:
		d.pass(time.Duration(1+d.rand.IntN(80)) * time.Millisecond)
	case w < 970:
		links := d.rand.Uint64() & d.rand.Uint64()
		d.cut = func(a, b NodeID) bool { return links>>(a*8+b)&1 == 1 }
	case w < 980:
		d.cut = func(_, _ NodeID) bool { return false }
	case w < 990:
		d.restart(m)
	default: // figure 8 of the paper wants short reigns
		for _, m := range d.members {
			if m.node.role == Leader {
				d.restart(m)
			}
		}
	}
}

// deliverSome delivers one message: the oldest, or any; sometimes twice, sometimes not at all.
func (d *differential) deliverSome() {
	if len(d.flying) == 0 {
		return
	}
	i := 0
	if d.rand.IntN(3) == 0 {
		i = d.rand.IntN(len(d.flying))
	}
	e := d.take(i)
	switch d.rand.IntN(12) {
	case 0:
		return
	case 1:
		d.flying = append(d.flying, e)
	}
	if d.cut(e.From, e.To) {
		return
	}
	m := d.member(e.To)
	past, now := e.Term < m.node.term, e.Term == m.node.term
	known := e.Type == Vote && now && m.node.vote == e.From || e.Type == PreVote && (now || m.node.isServed())
	late := e.Type == VoteReply && now && m.node.role == PreCandidate
	d.input(m, e.String(), func(s *shadow) {
		d.deliver(e)
		if !late {
			s.receive(e.From, e.Message)
		}
	})
	if d.found == "" && !past && !known {
		d.compareAnswers(e)
	}
}

// input gives a node and its shadow an input and compares what has become of them.
func (d *differential) input(m *member, what string, give func(s *shadow)) {
	d.met.inputs++
	d.sent, d.campaigns = d.sent[:0], false
	s := d.shadows[m.cfg.ID-1]
	give(s)
	for d.syncDone(m) {
	}
	if d.campaigns {
		s.campaign()
	}
	if diff := s.differs(m.node); diff != "" {
		d.found = fmt.Sprintf("%v after %s: %s", m.cfg.ID, what, diff)
	}
}

func (d *differential) propose(m *member) {
	d.seq++
	before := m.node.log.last()
	d.input(m, "a proposal", func(s *shadow) {
		d.request(m, Request{Client: 1 + d.seq%3, Seq: d.seq, Attempt: 1, Command: Command{Op: Write, Key: 1, A: int64(d.seq)}})
		for i := before + 1; i <= m.node.log.last(); i++ {
			s.propose(m.node.log.at(i))
		}
	})
}

func (d *differential) pass(t time.Duration) {
	for _, m := range d.members {
		m.now.Mono += int64(t)
		m.node.observe(m.now)
		if m.now.Mono >= m.node.Deadline() && !(m.node.role == Leader && m.node.hasLostQuorum()) {
			d.input(m, "a tick", func(*shadow) { d.tick(m) })
		}
	}
}

func (d *differential) restart(m *member) {
	d.met.restarts++
	d.input(m, "a restart", func(s *shadow) {
		d.crash(m, 0)
		must(d.start(m))
		s.start()
	})
}

// compareAnswers compares what the two said to the sender of a message.
func (d *differential) compareAnswers(e Envelope) {
	kinds := map[MessageType]struct {
		ours   MessageType
		theirs raftpb.MessageType
	}{
		PreVote: {PreVoteReply, raftpb.MsgPreVoteResp}, Vote: {VoteReply, raftpb.MsgVoteResp}, Append: {AppendReply, raftpb.MsgAppResp},
	}
	kind, has := kinds[e.Type]
	if !has {
		return
	}
	s := d.shadows[e.To-1]
	theirs := s.answer(e.From, kind.theirs)
	for _, ours := range d.sent {
		if ours.To != e.From || ours.Type != kind.ours {
			continue
		}
		d.count(e.Type, ours.OK)
		switch {
		case theirs == nil:
			d.found = fmt.Sprintf("%v: refdb answers %v, etcd nothing", e, ours)
		case ours.OK == theirs.GetReject():
			d.found = fmt.Sprintf("%v: refdb answers %v, etcd %v", e, ours, theirs)
		case e.Type != Append:
		case ours.OK && ours.Index != theirs.GetIndex() && ours.Index > s.raw.BasicStatus().GetCommit():
			d.found = fmt.Sprintf("%v: refdb takes it as %v, etcd %v", e, ours, theirs)
		case !ours.OK && (ours.Hint != theirs.GetRejectHint() || ours.LogTerm != theirs.GetLogTerm()):
			d.found = fmt.Sprintf("%v: refdb hints with %v, etcd %v", e, ours, theirs)
		}
		return
	}
	d.found = fmt.Sprintf("%v: refdb answers nothing, etcd %v", e, theirs)
}

func (d *differential) count(asked MessageType, ok bool) {
	switch {
	case asked == Append && ok:
		d.met.taken++
	case asked == Append:
		d.met.rejected++
	case ok:
		d.met.granted++
	default:
		d.met.refused++
	}
}

// TestSameDecisionsAsEtcd: no schedule tells the two apart, and the schedules come to everything that they
// could differ in.
func TestSameDecisionsAsEtcd(t *testing.T) {
	var met encounters
	for seed := range seeds(t, 400) {
		found, m := compare(seed, 0)
		if found != "" {
			t.Fatalf("seed %d: %s", seed, found)
		}
		met.add(m)
	}
	t.Logf("%+v", met)
	if met.leaders < 500 || met.refused < 500 || met.rejected < 500 || met.truncated < 40 || met.committed < 1000 {
		t.Errorf("the schedules prove little: %+v", met)
	}
}

// TestEtcdTellsBugsApart: the planted bugs in elections, replication and commitment show as a difference.
// The others are in what is not compared.
func TestEtcdTellsBugsApart(t *testing.T) {
	for _, bug := range []Bugs{VoteNotPersisted, TruncateWithoutComparing, CommitCountsReplies, NoopOmitted, QuorumOfReachable, CommitPriorTerm} {
		t.Run(bug.String(), func(t *testing.T) {
			for seed := range seeds(t, 400) {
				if found, _ := compare(seed, bug); found != "" {
					t.Logf("seed %d: %s", seed, found)
					return
				}
			}
			t.Error("nothing tells it apart")
		})
	}
}
