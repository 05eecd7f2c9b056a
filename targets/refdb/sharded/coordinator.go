package sharded

import (
	"fmt"
	"slices"
)

// Where the gateway decides, it is the coordinator of the textbook (Bernstein, Hadzilacos and Goodman 1987,
// chapter 7), and the only one that may ever decide a transaction which it has begun. Whoever else the
// client asks can but wait for it.
//
//   - A commit is decided when it is in the coordinator's log, on its own disk. It is told to the
//     participants until all have confirmed it.
//   - An abort is not written. A participant in doubt that asks about a transaction of which the log says
//     nothing is told to abort, unless its coordination is still going on in this very process.
//   - If the coordinator is down its participants are in doubt, with their locks, until it is back; and
//     for ever if its log is lost: it then knows that the transaction is of a life that it does not
//     remember, and says nothing.
type coordinator struct {
	life    uint64   // of this process
	lives   []uint64 // that the log remembers, this one included
	log     decisionLog
	open    map[TxnID]*decision
	order   []*decision       // the oldest first
	aborted map[uint64]uint64 // by client: transactions up to this were aborted in this life
	due     int64             // Mono: when to repeat the decisions
}

// decision is a commit that some participant may not know.
type decision struct {
	id      TxnID
	shards  []ShardID
	acked   []ShardID
	durable bool
	size    int64 // of the log when it was written
}

func (n *Node) gatewayDecides() bool { return n.cfg.Commit != TwoPhase }

// hasDecided tells whether this node has decided a transaction, and may not begin it again.
func (n *Node) hasDecided(id TxnID) bool {
	k := &n.coordinator
	return id.Seq <= k.aborted[id.Client] || k.open[id] != nil
}

// startCoordinator reads the log and notes that another life begins.
func (n *Node) startCoordinator(read func(ShardID) []byte) error {
	k := &n.coordinator
	k.open, k.aborted = map[TxnID]*decision{}, map[uint64]uint64{}
	if n.cfg.Commit != TwoPhasePlain {
		k.life = n.cfg.Rand.Uint64() >> 1
		return nil
	}
	file := read(CoordinatorLog)
	if n.cfg.Bugs.Has(DecisionLogLost) {
		file = nil
	}
	bad := false
	if err := readDecisions(file, func(payload []byte) { bad = !k.replay(payload) || bad }); err != nil {
		return fmt.Errorf("refdb: %v: the log of decisions: %w", n.cfg.ID, err)
	}
	if bad {
		return fmt.Errorf("refdb: %v: the log of decisions makes no sense", n.cfg.ID)
	}
	k.life = n.cfg.Rand.Uint64() >> 1
	k.lives = append(k.lives, k.life)
	k.rewrite()
	return nil
}

// replay takes one record of the log.
func (k *coordinator) replay(payload []byte) bool {
	r := reader{rest: payload}
	switch r.uint() {
	case lifeRecord:
		k.lives = append(k.lives, r.uint())
	case commitRecord:
		k.add(&decision{id: r.id(), shards: r.shards()})
	case endRecord:
		k.end(r.id())
	default:
		return false
	}
	return !r.bad && len(r.rest) == 0
}

func (k *coordinator) add(d *decision) {
	k.open[d.id] = d
	k.order = append(k.order, d)
}

func (k *coordinator) end(id TxnID) {
	delete(k.open, id)
	k.order = slices.DeleteFunc(k.order, func(d *decision) bool { return d.id == id })
}

func lifePayload(life uint64) []byte {
	var w writer
	w.uint(lifeRecord)
	w.uint(life)
	return w.bytes
}

func commitPayload(d *decision) []byte {
	var w writer
	w.uint(commitRecord)
	w.id(d.id)
	w.shards(d.shards)
	return w.bytes
}

func endPayload(id TxnID) []byte {
	var w writer
	w.uint(endRecord)
	w.id(id)
	return w.bytes
}

// decideAlone decides a transaction that this node coordinates: an abort at once, a commit when it is in
// the log, or announced everywhere.
func (n *Node) decideAlone(c *coordination) {
	switch {
	case !c.commit:
		n.abortAlone(c)
		n.conclude(c, c.reason)
	case n.cfg.Commit == ThreePhase:
		n.pursue(c)
	default:
		k := &n.coordinator
		if k.open[c.request.ID] != nil {
			return
		}
		d := &decision{id: c.request.ID, shards: c.parts[0].part.shards}
		k.log.write(commitPayload(d))
		d.size = k.log.written
		k.add(d)
		if n.cfg.Bugs.Has(DecisionToldTooSoon) {
			n.tellCommit(d)
			n.conclude(c, Committed)
		}
	}
}

// abortAlone tells all participants to abort, and never changes its mind in this life.
func (n *Node) abortAlone(c *coordination) {
	id := c.request.ID
	n.coordinator.aborted[id.Client] = max(n.coordinator.aborted[id.Client], id.Seq)
	n.trace(Event{Kind: Presumed, ID: id, Shard: c.home()}) // another coordinator may have what it takes
	for _, s := range c.parts[0].part.shards {
		n.sendToShard(Message{Type: Finish, Shard: s, Peer: c.home(), ID: id, Gateway: n.cfg.ID, Life: n.coordinator.life})
	}
}

// countForeign deals with participants that another coordinator has prepared. It alone decides those. But
// if any is prepared for this one, which aborts it, the other cannot have all votes.
func (n *Node) countForeign(c *coordination) bool {
	foreign, own := 0, 0
	for _, a := range c.parts {
		switch {
		case a.answered && a.foreign:
			foreign++
		case a.answered && a.status == 0:
			own++
		}
	}
	if foreign == 0 {
		return false
	}
	if own > 0 {
		c.reason = max(c.reason, Aborted)
		n.decideTo(c, false)
		return true
	}
	for _, a := range c.parts {
		if a.foreign {
			a.answered, a.foreign = false, false // ask again: some day it will know the outcome
		}
	}
	return false
}

// decisionDurable tells the decisions that have become durable.
func (n *Node) decisionDurable(token uint64, err error) {
	k := &n.coordinator
	if err != nil {
		n.fatal = fmt.Errorf("refdb: %v: sync of the log of decisions: %w", n.cfg.ID, err)
		return
	}
	k.log.synced, k.log.syncing = int64(token), 0
	for _, d := range slices.Clone(k.order) {
		if d.durable || d.size > k.log.synced {
			continue
		}
		d.durable = true
		n.trace(Event{Kind: Decided, ID: d.id, Shard: d.shards[0], Commit: true})
		n.tellCommit(d)
		if c := n.gateway.open[d.id]; c != nil && c.deciding {
			n.conclude(c, Committed)
		}
	}
}

// tellCommit tells a decision to the participants that have not confirmed it.
func (n *Node) tellCommit(d *decision) {
	n.coordinator.due = n.now.Mono + int64(n.cfg.InquireAfter)
	for _, s := range d.shards {
		if !slices.Contains(d.acked, s) {
			n.sendToShard(Message{Type: Finish, Shard: s, Peer: d.shards[0], ID: d.id, Commit: true, Gateway: n.cfg.ID, Life: n.coordinator.life})
		}
	}
}

// repeatDecisions tells what has not been confirmed once more.
func (n *Node) repeatDecisions() {
	for _, d := range n.coordinator.order {
		if d.durable {
			n.tellCommit(d)
		}
	}
	n.coordinator.due = n.now.Mono + int64(n.cfg.InquireAfter)
}

// receiveAsCoordinator takes a message to the node that decides, and tells whether it was one.
func (n *Node) receiveAsCoordinator(from NodeID, m Message) bool {
	k := &n.coordinator
	switch m.Type {
	case Finished:
		if d := k.open[m.ID]; d != nil {
			n.noteConfirmed(d, m.Peer)
		}
	case Promised:
		n.receivePromised(m)
	case Wound:
		if c := n.gateway.open[m.ID]; c != nil && !c.deciding && m.Life == k.life {
			n.trace(Event{Kind: Wounded, ID: m.ID, Shard: c.home()})
			c.reason = max(c.reason, Aborted)
			n.decideTo(c, false)
		}
	case Inquire:
		n.answerInquiry(m)
	default:
		return false
	}
	return true
}

func (n *Node) noteConfirmed(d *decision, s ShardID) {
	k := &n.coordinator
	if !slices.Contains(d.acked, s) {
		d.acked = append(d.acked, s)
	}
	if len(d.acked) < len(d.shards) {
		return
	}
	k.end(d.id)
	if n.cfg.Commit != TwoPhasePlain {
		return
	}
	k.log.write(endPayload(d.id))
	if k.log.size > 4096 && k.log.syncing == 0 && len(k.order)*32 < int(k.log.size)/4 {
		k.rewrite()
	}
}

// rewrite begins the log anew with what still counts.
func (k *coordinator) rewrite() {
	k.log.beginFile()
	for _, life := range k.lives {
		k.log.write(lifePayload(life))
	}
	for _, d := range k.order {
		k.log.write(commitPayload(d))
		if !d.durable {
			d.size = k.log.written
		}
	}
}

// answerInquiry tells a participant in doubt the outcome, if it is known here and nowhere undecided.
func (n *Node) answerInquiry(m Message) {
	k := &n.coordinator
	finish := Message{Type: Finish, Shard: m.Peer, Peer: m.Shard, ID: m.ID, Gateway: n.cfg.ID, Life: m.Life}
	d := k.open[m.ID]
	switch {
	case d != nil && !d.durable:
	case n.gateway.open[m.ID] != nil && m.Life == k.life:
		n.answerPending(m)
	case d != nil:
		finish.Commit = true
		n.sendToShard(finish)
	case m.Life == k.life && k.aborted[m.ID.Client] == m.ID.Seq:
		n.sendToShard(finish)
	case n.cfg.Commit == TwoPhasePlain && slices.Contains(k.lives, m.Life):
		k.aborted[m.ID.Client] = max(k.aborted[m.ID.Client], m.ID.Seq)
		n.trace(Event{Kind: Presumed, ID: m.ID, Shard: m.Shard})
		n.sendToShard(finish)
	}
}
