package refdb

// ReadIndex (Raft dissertation, 6.4). Two things could make a leader's answer stale:
//
//   - It was deposed without knowing, and its successor has committed more. So the leader begins a
//     round after the read has arrived: every Append carries the number of the latest round, and
//     every answer returns it. Once a majority has answered the round, no later leader had been
//     elected when the read arrived, since its voters would be in a later term and answer otherwise.
//   - It is new and does not know yet how far its predecessors had committed. So it waits until it has
//     committed an entry of its own term, which lies behind all of theirs.
//
// Then the state is read as it is at that moment. It cannot be too old: entries are applied as soon
// as they are committed, so the wait "until the read index is applied" is over before it begins.
//
// One round is under way at a time; reads that arrive meanwhile share the next one. A round whose
// messages are lost goes on with the next heartbeat.

// waitingRead is a read that round, or any later one, will confirm.
type waitingRead struct {
	round   uint64
	request Request
}

// read takes a request that only reads.
func (n *Node) read(r Request) {
	switch {
	case n.cfg.Reads == LocalReads:
		n.reply(&r, OK, n.store.read(r.Command))
	case n.role != Leader:
		n.reply(&r, NotLeader, Result{})
	case n.cfg.Bugs.Has(StaleLeaderRead):
		n.reply(&r, OK, n.store.read(r.Command))
	case n.isOverloaded():
		n.reply(&r, Overloaded, Result{})
	default:
		n.reads.push(waitingRead{n.round + 1, r})
	}
}

// beginRound begins the next round if reads wait for it and the last one is over.
func (n *Node) beginRound() {
	if n.reads.len() == 0 || n.confirmedRound() < n.round {
		return
	}
	n.round++
	n.beat = true
	n.self.round = n.round
	n.answerReads() // a leader without peers is its own majority
}

// confirmedRound returns the latest round that a majority has answered.
func (n *Node) confirmedRound() uint64 {
	return n.quorumValue(func(p *peer) uint64 { return p.round })
}

// answerReads answers the reads that are confirmed.
func (n *Node) answerReads() {
	knowsCommit := n.log.term(n.commit) == n.term || n.cfg.Bugs.Has(NoopOmitted)
	if n.reads.len() == 0 || !knowsCommit {
		return
	}
	confirmed := n.confirmedRound()
	for n.reads.len() > 0 && n.reads.front().round <= confirmed {
		r := n.reads.pop()
		n.reply(&r.request, OK, n.store.read(r.request.Command))
	}
}
