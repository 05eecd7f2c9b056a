package sharded

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"checker/targets/refdb"
)

// Node is one node of the database: a pure state machine. It holds a replica of some shards and is the
// gateway of the clients that ask it. See the package comment for its use.
type Node struct {
	cfg    Config
	now    Clock
	groups []*group // by shard, nil for those held elsewhere only
	hints  []hint   // by shard: who leads it, as far as is known

	gateway     gateway
	coordinator coordinator // where the gateway decides

	local   []Message       // from this node to itself
	boxes   []refdb.Message // places not used yet
	outs    [2]Output       // one being filled, one with the caller
	filling int
	fatal   error
}

// hint is who led a shard when that was last heard.
type hint struct {
	leader NodeID
	heard  int64 // Mono
}

// group is this node's replica of a shard, and what it knows while it leads.
type group struct {
	id      ShardID
	raft    *refdb.Node
	shard   *shard
	touched bool // since the last Ready

	leads    bool
	tookOver bool               // this leadership: all entries of earlier ones are applied
	since    uint64             // the last entry that is not of this leadership, or later
	sweepDue int64              // Mono: when to look after the open transactions
	watched  map[TxnID]*watched // the open ones, while this replica leads
	forget   []TxnID            // decisions that everybody knows

	forgetDue int64 // Mono: when they are to be forgotten, however few they are

	fetches map[uint64]Message // reads that wait until the replica may answer, by number
	fetched uint64             // the latest number
	blocked []Message          // reads that wait for a lock

	ahead *shard // with LockReleasedTooSoon: what the whole log of the leader adds up to, committed or not

	next     stamp // the oracle's leader: the latest given out, 0 before the first
	raisedTo stamp // the limit that was asked for
}

// watched is what a leader knows of an open transaction beyond what all replicas know.
type watched struct {
	since   int64 // Mono: when it was first seen
	acked   []ShardID
	voted   bool                 // by this leader: it has been up ever since
	answers map[ShardID]standing // of other participants
	round   int                  // how often they were asked
}

// standing is how far another participant is: its latest answer, and the round of the latest one that it
// gave as one that has been up ever since its vote.
type standing struct {
	Message
	up int
}

// New starts a node. Read returns the content of the log file of a shard, empty on the first start.
func New(cfg Config, now Clock, read func(ShardID) []byte) (*Node, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("refdb: config: %w", err)
	}
	n := &Node{cfg: cfg, now: now, groups: make([]*group, cfg.Shards), hints: make([]hint, cfg.Shards)}
	n.gateway.open, n.gateway.readTo = map[TxnID]*coordination{}, map[uint64]stamp{}
	if err := n.startCoordinator(read); err != nil {
		return nil, err
	}
	for i := range n.groups {
		id := ShardID(i)
		replicas := cfg.replicas(id)
		if !slices.Contains(replicas, cfg.ID) {
			continue
		}
		g := &group{id: id, shard: newShard(id, &n.cfg), fetches: map[uint64]Message{}, touched: true}
		raft := cfg.Raft
		raft.ID, raft.Peers, raft.Machine = cfg.ID, replicas, g.shard
		raft.Rand = rand.New(rand.NewPCG(cfg.Rand.Uint64(), uint64(i)))
		var err error
		if g.raft, err = refdb.New(raft, now, read(id)); err != nil {
			return nil, fmt.Errorf("%v: %w", id, err)
		}
		n.groups[i] = g
	}
	return n, nil
}

// Deadline returns the Mono reading at which Tick wants to be called next.
func (n *Node) Deadline() int64 {
	due := int64(math.MaxInt64)
	if n.fatal != nil {
		return due
	}
	for _, g := range n.groups {
		if g == nil {
			continue
		}
		due = min(due, g.raft.Deadline())
		if g.leads && len(g.shard.open) > 0 {
			due = min(due, g.sweepDue)
		}
	}
	for _, c := range n.gateway.order {
		due = min(due, c.due)
	}
	if len(n.coordinator.order) > 0 {
		due = min(due, n.coordinator.due)
	}
	return due
}

// Tick lets time pass.
func (n *Node) Tick(now Clock) {
	if n.fatal != nil {
		return
	}
	n.observe(now)
	for _, g := range n.groups {
		if g == nil {
			continue
		}
		if g.raft.Deadline() <= n.now.Mono {
			g.touched = true
			g.raft.Tick(now)
		}
		if g.leads && g.sweepDue <= n.now.Mono {
			n.sweep(g)
		}
	}
	n.retryDue()
	if n.gatewayDecides() && n.coordinator.due <= n.now.Mono {
		n.repeatDecisions()
	}
}

// Receive takes a message. Messages may be lost, delayed, reordered and repeated at will.
func (n *Node) Receive(now Clock, from NodeID, m Message) {
	if n.fatal != nil {
		return
	}
	n.observe(now)
	n.handle(from, m)
}

// handle takes a message of another node, or of this one to itself.
func (n *Node) handle(from NodeID, m Message) {
	if int(m.Shard) >= len(n.groups) || int(m.Peer) >= len(n.groups) {
		return
	}
	n.noteLeader(from, &m)
	switch m.Type {
	case Vote:
		n.receiveVote(m)
		return
	case Stamped:
		n.receiveStamped(m)
		return
	case Decision:
		n.receiveDecision(m)
		return
	}
	if n.gatewayDecides() && n.receiveAsCoordinator(from, m) {
		return
	}
	g := n.groups[m.Shard]
	if g == nil {
		return
	}
	if m.Type == Raft {
		g.touched = true
		g.raft.Receive(n.now, from, *m.Raft)
		return
	}
	state := g.raft.State()
	switch {
	case m.Type == Fetch && (n.answersReads(state.Role) || n.isPast(g, m.Part)):
		n.receiveFetch(g, m)
	case state.Role == refdb.Leader:
		n.lead(g, m)
	case state.Leader != refdb.NoNode && !m.Passed:
		m.Passed = true
		n.send(state.Leader, m)
	}
}

// noteLeader learns who leads a shard from whoever speaks for it.
func (n *Node) noteLeader(from NodeID, m *Message) {
	if m.Passed {
		return
	}
	switch m.Type {
	case Vote:
		if !n.readsAnywhere() && n.cfg.Staleness == 0 { // else the speaker need not lead
			n.hints[m.Shard] = hint{from, n.now.Mono}
		}
	case Stamped, Decision, Promised:
		n.hints[m.Shard] = hint{from, n.now.Mono}
	case Finished, Inquire, Wound, Query, Answer:
		n.hints[m.Peer] = hint{from, n.now.Mono}
	}
}

// answersReads tells whether a replica in this role may answer a read itself.
func (n *Node) answersReads(role refdb.Role) bool {
	switch n.cfg.Raft.Reads {
	case refdb.FollowerReads, refdb.LocalReads:
		return true
	}
	return role == refdb.Leader
}

// DiskDone reports that the Sync or Replace of that token, of the log of that shard, has ended.
func (n *Node) DiskDone(now Clock, id ShardID, token uint64, err error) {
	if n.fatal != nil {
		return
	}
	n.observe(now)
	if id == CoordinatorLog {
		n.decisionDurable(token, err)
		return
	}
	g := n.groups[id]
	g.touched = true
	g.raft.DiskDone(now, token, err)
}

// Output is what the inputs since the last Ready have brought about. Its slices, and the Data of
// disk operations, are the caller's until the next call of Ready.
type Output struct {
	Messages []Envelope
	Disk     []DiskOp // to be done in this order
	Replies  []Reply
	Trace    []Event
	Fatal    error // the node has stopped; it ignores all further input

	data []byte // of the disk operations
}

// DiskOp is one operation on the log file of a shard, or on the new file which is to take its place.
type DiskOp struct {
	Shard ShardID
	refdb.DiskOp
}

// Ready ends a batch of inputs and returns what is to be done, in the sense of refdb.Node.Ready.
func (n *Node) Ready() Output {
	for n.fatal == nil && n.work() {
	}
	out := &n.outs[n.filling]
	if n.fatal == nil {
		out.Disk = n.coordinator.log.ops(out.Disk)
	}
	out.Fatal = n.fatal
	n.filling = 1 - n.filling
	n.outs[n.filling].reset()
	return *out
}

func (o *Output) reset() {
	clear(o.Messages) // or they would keep what they refer to alive
	clear(o.Replies)
	o.Messages, o.Disk, o.Replies, o.Trace = o.Messages[:0], o.Disk[:0], o.Replies[:0], o.Trace[:0]
	o.data = o.data[:0]
}

// keep copies what a group writes: it is the group's own only until it has its next say.
func (o *Output) keep(data []byte) []byte {
	start := len(o.data)
	o.data = append(o.data, data...)
	return o.data[start:len(o.data):len(o.data)]
}

// work brings about what the inputs until now entail, and tells whether that was anything.
func (n *Node) work() bool {
	worked := false
	for len(n.local) > 0 {
		m := n.local[0]
		n.local = n.local[1:]
		n.handle(n.cfg.ID, m)
		worked = true
	}
	for _, g := range n.groups {
		if g != nil && g.touched {
			n.settle(g)
			worked = true
		}
	}
	return worked
}

// settle has the group say what it wants done.
func (n *Node) settle(g *group) {
	g.touched = false
	n.carryOut(g) // what was applied may give the log more to do
	raft := g.raft.Ready()
	out := &n.outs[n.filling]
	for _, op := range raft.Disk {
		op.Data = out.keep(op.Data)
		out.Disk = append(out.Disk, DiskOp{g.id, op})
	}
	for _, e := range raft.Messages {
		out.Messages = append(out.Messages, Envelope{e.From, e.To, Message{Type: Raft, Shard: g.id, Raft: n.box(e.Message)}})
	}
	for _, e := range raft.Trace {
		out.Trace = append(out.Trace, Event{Shard: g.id, Raft: e})
	}
	n.noticeOffice(g)
	for i := range raft.Replies {
		n.fetchReady(g, &raft.Replies[i])
	}
	if raft.Fatal != nil {
		n.fatal = raft.Fatal
	}
	n.carryOut(g)
	n.traceTakeOver(g)
}

// boxesAtOnce bounds what one message that is held up can keep alive.
const boxesAtOnce = 64

// box returns the message in a place of its own. They are the most frequent thing that outlives its step,
// and so their places are made many at a time.
func (n *Node) box(m refdb.Message) *refdb.Message {
	if len(n.boxes) == 0 {
		n.boxes = make([]refdb.Message, boxesAtOnce)
	}
	place := &n.boxes[0]
	n.boxes = n.boxes[1:]
	*place = m
	return place
}

// noticeOffice begins and ends what a replica does as the leader of its shard.
func (n *Node) noticeOffice(g *group) {
	state := g.raft.State()
	leads := state.Role == refdb.Leader
	if leads == g.leads {
		return
	}
	g.leads, g.since, g.tookOver = leads, state.Last, false
	g.watched, g.forget, g.ahead = map[TxnID]*watched{}, nil, nil
	g.sweepDue, g.forgetDue, g.next, g.raisedTo = n.now.Mono, n.now.Mono, 0, 0
	if leads {
		n.hints[g.id] = hint{n.cfg.ID, n.now.Mono}
	}
}

// observe takes over the clocks' readings; the monotonic one does not run backwards.
func (n *Node) observe(now Clock) {
	n.now = Clock{Mono: max(n.now.Mono, now.Mono), Wall: now.Wall}
}

func (n *Node) send(to NodeID, m Message) {
	if to == n.cfg.ID {
		n.local = append(n.local, m)
		return
	}
	out := &n.outs[n.filling]
	out.Messages = append(out.Messages, Envelope{n.cfg.ID, to, m})
}

// hintLasts is after how many times RetryAfter a hint that nothing confirms is forgotten: the leader may be
// gone, and another replica knows of a new one.
const hintLasts = 3

// leaderOf returns who leads a shard, as far as this node knows.
func (n *Node) leaderOf(s ShardID) NodeID {
	if g := n.groups[s]; g != nil {
		if leader := g.raft.State().Leader; leader != refdb.NoNode {
			return leader
		}
	}
	if h := n.hints[s]; n.now.Mono-h.heard < hintLasts*int64(n.cfg.RetryAfter) {
		return h.leader
	}
	return refdb.NoNode
}

// sendToShard sends a message to whoever leads a shard, or is likely to know.
func (n *Node) sendToShard(m Message) {
	to := n.leaderOf(m.Shard)
	if to == refdb.NoNode {
		to = n.anyReplica(m.Shard)
	}
	n.send(to, m)
}

func (n *Node) anyReplica(id ShardID) NodeID {
	return n.cfg.Nodes[(int(id)+n.cfg.Rand.IntN(n.cfg.Replication))%len(n.cfg.Nodes)]
}

func (n *Node) trace(e Event) {
	out := &n.outs[n.filling]
	out.Trace = append(out.Trace, e)
}

// propose puts an entry in the log of a shard that this replica leads, as far as it knows.
func (n *Node) propose(g *group, e entry) {
	g.touched = true
	data, before := e.encode(), g.raft.State()
	taken := g.raft.Propose(n.now, data) // whoever wants it asks again if it gets lost
	if taken && n.cfg.Bugs.Has(LockReleasedTooSoon) {
		g.applyAhead(data, before)
	}
}

// State is a shard's group seen from one node, for reports.
func (n *Node) State(id ShardID) (state refdb.State, held bool) {
	g := n.groups[id]
	if g == nil {
		return refdb.State{}, false
	}
	return g.raft.State(), true
}

// String returns the states of the node's replicas in one line.
func (n *Node) String() string {
	s := n.cfg.ID.String()
	for _, g := range n.groups {
		if g != nil {
			s += fmt.Sprintf(" [%v %v]", g.id, g.raft.State())
		}
	}
	return s
}
