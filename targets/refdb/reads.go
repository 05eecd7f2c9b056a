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

// With FollowerReads a follower does not answer from its state as it is, but asks the leader first. The
// leader takes the question for a read and answers it with its commit index, and the follower waits until
// it has applied as much. One question is open at a time; it is repeated once it has gone unanswered for a
// heartbeat, and no sooner: were it repeated with each Append, which is what a round sends, two followers
// could keep each other asking ever more often.

// waitingRead is a read that round, or any later one, will confirm: of a client, or of a peer that
// asks on behalf of its clients. At a follower, round is the number of its own question.
type waitingRead struct {
	round    uint64
	request  Request
	peer     *peer // nil for a client
	question uint64
}

// read takes a request that only reads.
func (n *Node) read(r Request) {
	switch {
	case n.cfg.Reads == LocalReads:
		n.reply(&r, OK, n.store.read(r.Command))
	case n.role == Follower && n.leader != NoNode && n.cfg.Reads == FollowerReads && !n.isOverloaded():
		n.reads.push(waitingRead{round: n.asked + 1, request: r})
	case n.role != Leader:
		n.reply(&r, NotLeader, Result{})
	case n.hasLease() && n.knowsCommit():
		n.reply(&r, OK, n.store.read(r.Command))
	case n.cfg.Bugs.Has(StaleLeaderRead):
		n.reply(&r, OK, n.store.read(r.Command))
	case n.isOverloaded():
		n.reply(&r, Overloaded, Result{})
	default:
		n.reads.push(waitingRead{round: n.round + 1, request: r})
	}
}

// serveReads does at the end of a batch of inputs what a follower owes those who read from it.
func (n *Node) serveReads() {
	for n.answered && n.commit >= n.answer && n.reads.len() > 0 && n.reads.front().round <= n.asked {
		r := n.reads.pop()
		n.reply(&r.request, OK, n.store.read(r.request.Command))
	}
	switch {
	case n.reads.len() == 0:
		return
	case n.reads.front().round > n.asked:
		n.asked, n.answered = n.asked+1, false
	case n.answered || n.now.Mono-n.askedAt < int64(n.cfg.Heartbeat):
		return
	}
	n.askedAt = n.now.Mono
	n.send(n.leader, Message{Type: ReadQuery, Term: n.term, Round: n.asked})
}

func (n *Node) receiveReadQuery(p *peer, m Message) {
	if n.role == Leader && !n.isOverloaded() {
		n.reads.push(waitingRead{round: n.round + 1, peer: p, question: m.Round})
	}
}

func (n *Node) receiveReadAnswer(m Message) {
	if n.role == Follower && m.Round == n.asked && !n.answered {
		n.answered, n.answer = true, m.Index
	}
}

// beginRound begins the next round if reads wait for it and the last one is over. Reads of a round
// that is over wait for the first commit of the term, and no further round brings that about.
func (n *Node) beginRound() {
	last := n.reads.back()
	if last == nil || last.round <= n.round || n.confirmedRound() < n.round {
		return
	}
	n.round++
	n.self.round = n.round
	if n.confirmedRound() < n.round { // unless the leader is the only voter, its own majority
		n.beat = true
		return
	}
	n.answerReads()
}

// confirmedRound returns the latest round that a majority has answered.
func (n *Node) confirmedRound() uint64 {
	return n.quorumValue(func(p *peer) uint64 { return p.round })
}

// answerReads answers the reads that are confirmed.
func (n *Node) answerReads() {
	if n.reads.len() == 0 || !n.knowsCommit() {
		return
	}
	confirmed := n.confirmedRound()
	for n.reads.len() > 0 && n.reads.front().round <= confirmed {
		r := n.reads.pop()
		if r.peer != nil {
			n.send(r.peer.id, Message{Type: ReadAnswer, Term: n.term, Index: n.commit, Round: r.question})
			continue
		}
		n.reply(&r.request, OK, n.store.read(r.request.Command))
	}
}

// knowsCommit tells a leader whether it has committed an entry of its own term, and so all that its
// predecessors had committed.
func (n *Node) knowsCommit() bool {
	if n.cfg.Bugs.Has(CommitPriorTerm) {
		return n.commit >= n.inherited
	}
	return n.log.term(n.commit) == n.term || n.cfg.Bugs.Has(NoopOmitted)
}
