package refdb

import (
	"fmt"
	"math"
)

// Role is what a node is at present.
type Role uint8

// A follower that hears no leader asks around as a pre-candidate, campaigns as a candidate once a
// majority would vote for it, and leads once a majority has.
const (
	Follower Role = iota
	PreCandidate
	Candidate
	Leader
)

// String returns the role's name in lower case.
func (r Role) String() string {
	return [...]string{"follower", "pre-candidate", "candidate", "leader"}[r]
}

// Node is one node of the database: a pure state machine. See the package comment for its use.
type Node struct {
	cfg Config
	now Clock

	// State of Raft. term, vote and log are durable; commit and all the rest are found out anew
	// after a restart.
	role   Role
	term   uint64
	vote   NodeID
	leader NodeID // of this term, if known
	log    raftLog
	commit uint64 // entries up to here are committed, and applied as well
	disk   disk

	configurations []configuration // that of snap and those that entries behind it make, in order
	applied        uint64          // index of the one that peers go by, MaxUint64 for none yet

	snap       snapshot  // the latest
	rewriteDue bool      // the log file holds much that snap makes useless, or that may not be durable
	incoming   *incoming // a leader's snapshot that is not whole yet

	peers []*peer // whoever was heard of, this node included
	self  *peer

	electionDue int64 // Mono: follower or candidate: next attempt to lead
	leaderHeard int64 // Mono: last Append of the leader of this term

	// The leader's state.
	heartbeatDue int64  // Mono: next heartbeat
	beat         bool   // every peer is owed a message at the next Ready
	inherited    uint64 // last entry when it was elected
	selfAcked    uint64 // last entry that the leader has begun to acknowledge to itself
	round        uint64 // latest round of reads begun in this term
	successor    NodeID // who is to take over, if anybody
	handOverDue  int64  // Mono: when the successor has had its chance
	handedOver   bool   // a successor was told to campaign in this term
	reads        queue[waitingRead]
	writes       queue[waitingWrite]

	// The state of a follower that answers reads; they wait in reads.
	asked    uint64 // latest question to the leader
	askedAt  int64  // Mono when it was last asked
	answered bool   // it is answered:
	answer   uint64 // entries up to here must be applied first

	// The state machine, the same at the same commit index on every node.
	store    store
	sessions sessions
	lockedAt map[int64]grant // by lock, when this node saw its latest token given out

	outs     [2]Output // one being filled, one with the caller
	filling  int
	matchSet []uint64 // scratch of quorumValue
	fatal    error
}

// peer is what a node knows about one other, and about itself.
type peer struct {
	id       NodeID
	member   bool   // in the configuration in force
	voter    bool   // and not a learner
	granted  bool   // (pre-)candidate: it votes for us
	match    uint64 // leader: its log is durable and ours up to here
	next     uint64 // leader: next entry to send, > match
	sending  sending
	transfer *transfer // leader: the snapshot being sent, if sending is installing
	round    uint64    // leader: latest round of reads that it has answered
	heard    int64     // leader: Mono when it last answered
	sent     int64     // leader: leaseClock when it was sent the latest that it has answered
}

// New starts a node from the content of its log file, empty for a node that never ran. A torn tail
// is dropped; any other damage is a *CorruptionError.
func New(cfg Config, now Clock, wal []byte) (*Node, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("refdb: config: %w", err)
	}
	r, err := recoverWAL(wal, cfg.Bugs)
	if err != nil {
		return nil, err
	}
	if r.node != NoNode && r.node != cfg.ID {
		return nil, fmt.Errorf("refdb: this is the log of %v, not of %v", r.node, cfg.ID)
	}
	n := &Node{
		cfg: cfg, now: now,
		term: r.term, vote: r.vote, log: r.log,
		disk: disk{written: r.size, synced: r.durable},

		rewriteDue: r.durable < int64(len(wal)),
	}
	n.self = n.acquaint(cfg.ID)
	n.applied = math.MaxUint64
	if n.term < n.log.lastTerm() {
		n.violated("term %d recovered with entries of term %d", n.term, n.log.lastTerm())
	}
	if r.size == 0 {
		n.disk.write(headerRecord, walVersion, uint64(cfg.ID))
	}
	n.trace(Event{Kind: Started, Term: n.term, Index: n.log.last()})
	if r.snap.index == 0 {
		r.snap = emptySnapshot(cfg.Peers)
	}
	n.restore(r.snap)
	n.resetElectionTimer()
	n.leaderHeard = now.Mono // for all it knows
	if cfg.Reads == FollowerReads {
		n.asked = cfg.Rand.Uint64() >> 1 // answers to questions of an earlier life must not fit
	}
	return n, nil
}

// Deadline returns the Mono reading at which Tick wants to be called next.
func (n *Node) Deadline() int64 {
	switch {
	case n.fatal != nil:
		return math.MaxInt64
	case n.role == Leader:
		return n.heartbeatDue
	}
	return n.electionDue
}

// Tick lets time pass. A tick before the deadline does nothing.
func (n *Node) Tick(now Clock) {
	if n.fatal != nil {
		return
	}
	n.observe(now)
	switch {
	case n.now.Mono < n.Deadline():
	case n.role != Leader && !n.mayLead():
		n.resetElectionTimer()
	case n.role != Leader:
		n.startPreVote()
	case n.hasLostQuorum():
		n.becomeFollower(n.term, NoNode)
	default:
		n.heartbeatDue = n.now.Mono + int64(n.cfg.Heartbeat)
		n.beat = true
	}
}

// Receive takes a message. Messages may be lost, delayed, reordered and repeated at will.
func (n *Node) Receive(now Clock, from NodeID, m Message) {
	if n.fatal != nil || from == NoNode || from == n.cfg.ID {
		return
	}
	n.observe(now)
	n.step(n.acquaint(from), m)
}

// step handles a message of a peer, or of the node to itself.
func (n *Node) step(p *peer, m Message) {
	switch {
	case m.Type == Vote && !m.OK && m.Term > n.term && n.leases() && n.isServed() && n.role != Leader:
		return // a lease may rest on this
	case m.Term > n.term && (m.Type == Append || m.Type == Snapshot):
		n.becomeFollower(m.Term, p.id)
	case m.Term > n.term && m.bindsReceiver():
		n.becomeFollower(m.Term, NoNode)
	case m.Term < n.term:
		n.answerPast(p, m)
		return
	}
	n.handle(p, m)
}

// handle takes a message of the present term, or one that leaves the term alone.
func (n *Node) handle(p *peer, m Message) {
	switch m.Type {
	case PreVote:
		n.receivePreVote(p, m)
	case PreVoteReply:
		n.receivePreVoteReply(p, m)
	case Vote:
		n.receiveVote(p, m)
	case VoteReply:
		n.receiveVoteReply(p, m)
	case Append:
		n.receiveAppend(p, m)
	case AppendReply:
		n.receiveAppendReply(p, m)
	case Snapshot:
		n.receiveSnapshot(p, m)
	case SnapshotReply:
		n.receiveSnapshotReply(p, m)
	case TakeOver:
		n.receiveTakeOver()
	case ReadQuery:
		n.receiveReadQuery(p, m)
	case ReadAnswer:
		n.receiveReadAnswer(m)
	}
}

// bindsReceiver tells whether the message's term has begun, so that its receiver must enter it.
// The term of a pre-vote has not: it is the one which the sender would like to campaign in.
func (m *Message) bindsReceiver() bool {
	return m.Type != PreVote && !(m.Type == PreVoteReply && m.OK)
}

// answerPast tells a sender that lives in an earlier term that time has moved on. What is an answer
// itself needs none.
func (n *Node) answerPast(p *peer, m Message) {
	switch m.Type {
	case PreVote:
		n.send(p.id, Message{Type: PreVoteReply, Term: n.term})
	case Vote:
		n.send(p.id, Message{Type: VoteReply, Term: n.term})
	case Append, Snapshot, TakeOver, ReadAnswer:
		n.send(p.id, Message{Type: AppendReply, Term: n.term, Index: m.Index})
	}
}

// Output is what the inputs since the last Ready have brought about. Its slices, and the Data of
// disk operations, are the caller's until the next call of Ready; what Entries, Data and Result.Set
// Data refer to is shared for good and must not be changed.
type Output struct {
	Messages []Envelope
	Disk     []DiskOp // to be done in this order
	Replies  []Reply
	Trace    []Event
	Fatal    error // the node has stopped; it ignores all further input
}

// Ready ends a batch of inputs and returns what is to be done. The lists of an Output need not be
// worked off in any order between them: what must wait for the disk is not in it yet.
func (n *Node) Ready() Output {
	if n.fatal == nil && n.role == Leader {
		n.lead()
	}
	if n.fatal == nil && n.role == Follower {
		n.serveReads()
	}
	out := &n.outs[n.filling]
	if n.fatal == nil {
		n.takeSnapshot()
		n.rewriteLog()
		out.Disk = n.disk.ops(out.Disk)
	}
	n.assertInvariants()
	out.Fatal = n.fatal
	n.filling = 1 - n.filling
	n.outs[n.filling].reset()
	return *out
}

func (o *Output) reset() {
	clear(o.Messages) // or they would keep entries alive
	clear(o.Replies)
	o.Messages, o.Disk, o.Replies, o.Trace = o.Messages[:0], o.Disk[:0], o.Replies[:0], o.Trace[:0]
}

// State is a node seen from outside, for reports.
type State struct {
	ID, Leader, Vote   NodeID
	Role               Role
	Term, Last, Commit uint64
}

// State returns what the node is at present.
func (n *Node) State() State {
	return State{ID: n.cfg.ID, Leader: n.leader, Vote: n.vote, Role: n.role, Term: n.term, Last: n.log.last(), Commit: n.commit}
}

// EntryTerm returns the term of an entry, or 0 where it is not known.
func (n *Node) EntryTerm(index uint64) uint64 { return n.log.term(index) }

// String returns the state in one line.
func (s State) String() string {
	return fmt.Sprintf("%v %v term=%d vote=%v leader=%v last=%d commit=%d", s.ID, s.Role, s.Term, s.Vote, s.Leader, s.Last, s.Commit)
}

func (n *Node) send(to NodeID, m Message) {
	if to == n.cfg.ID {
		n.step(n.self, m)
		return
	}
	out := &n.outs[n.filling]
	out.Messages = append(out.Messages, Envelope{From: n.cfg.ID, To: to, Message: m})
}

func (n *Node) reply(r *Request, status Status, result Result) {
	out := &n.outs[n.filling]
	out.Replies = append(out.Replies, Reply{Client: r.Client, Seq: r.Seq, Attempt: r.Attempt, Status: status, Leader: n.leader, Result: result})
}

func (n *Node) trace(e Event) {
	out := &n.outs[n.filling]
	out.Trace = append(out.Trace, e)
}

func (n *Node) peer(id NodeID) *peer {
	for _, p := range n.peers {
		if p.id == id {
			return p
		}
	}
	return nil
}

// observe takes over the clocks' readings. Mono is held back from running backwards, since a
// deadline once passed must not come again.
func (n *Node) observe(now Clock) {
	n.now = Clock{Mono: max(n.now.Mono, now.Mono), Wall: now.Wall}
}

// violated stops a correct node that finds an invariant broken.
func (n *Node) violated(format string, args ...any) {
	if n.cfg.Bugs == 0 {
		panic(fmt.Sprintf("refdb: %v: invariant violated: %s", n.cfg.ID, fmt.Sprintf(format, args...)))
	}
}
