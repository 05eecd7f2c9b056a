package refdb

// resetElectionTimer draws the next deadline, at random so that nodes rarely campaign together.
func (n *Node) resetElectionTimer() {
	timeout := int64(n.cfg.ElectionTimeout)
	n.electionDue = n.now.Mono + timeout + n.cfg.Rand.Int64N(timeout)
}

// becomeFollower enters a term, or stays in this one, under a leader that may be unknown.
func (n *Node) becomeFollower(term uint64, leader NodeID) {
	n.resetElectionTimer()
	if n.role == Follower && n.term == term && n.leader == leader {
		return
	}
	if term > n.term {
		n.setTerm(term, NoNode)
	}
	n.role, n.leader = Follower, leader
	n.trace(Event{Kind: BecameFollower, Term: term, Node: leader})
	n.dismissClients()
}

// startPreVote asks whether a campaign in the next term would succeed. It changes no term
// anywhere, so that a node that was cut off does not disturb the others when it comes back (Raft
// dissertation, 9.6).
func (n *Node) startPreVote() {
	n.role, n.leader = PreCandidate, NoNode
	n.resetElectionTimer()
	n.trace(Event{Kind: BecamePreCandidate, Term: n.term})
	n.dismissClients()
	n.canvass(Message{Type: PreVote, Term: n.term + 1})
	n.send(n.cfg.ID, Message{Type: PreVoteReply, Term: n.term + 1, OK: true})
}

// campaign enters a new term and stands for election in it. Not even the request for votes may go
// out before the disk has it: after a crash the node would have forgotten this campaign and could
// collect the late votes for it with a shorter log.
func (n *Node) campaign(forLeader bool) {
	n.role, n.leader = Candidate, NoNode
	n.dismissClients()
	n.setTerm(n.term+1, n.cfg.ID)
	n.resetElectionTimer()
	n.trace(Event{Kind: BecameCandidate, Term: n.term})
	n.canvass(Message{Type: Vote, Term: n.term, OK: forLeader})
	n.sendDurably(n.cfg.ID, Message{Type: VoteReply, Term: n.term, OK: true})
}

// canvass forgets the votes of the last ballot and asks everyone else for a new one.
func (n *Node) canvass(m Message) {
	m.Index, m.LogTerm = n.log.last(), n.lastTerm()
	for _, p := range n.peers {
		p.granted = false
		switch {
		case p == n.self || !p.voter:
		case m.Type == Vote:
			n.sendDurably(p.id, m)
		default:
			n.send(p.id, m)
		}
	}
}

func (n *Node) receivePreVote(p *peer, m Message) {
	if !n.isServed() && m.Term > n.term && n.upToDate(m.Index, m.LogTerm) {
		n.send(p.id, Message{Type: PreVoteReply, Term: m.Term, OK: true})
		return
	}
	n.send(p.id, Message{Type: PreVoteReply, Term: n.term})
}

func (n *Node) receivePreVoteReply(p *peer, m Message) {
	if n.role != PreCandidate || !m.OK || m.Term != n.term+1 {
		return
	}
	p.granted = true
	if n.hasQuorum(hasGranted) {
		n.campaign(false)
	}
}

// receiveVote gives this term's one vote to the first who asks with a log that is good enough.
func (n *Node) receiveVote(p *peer, m Message) {
	if n.vote == NoNode && n.upToDate(m.Index, m.LogTerm) {
		n.setTerm(n.term, p.id)
		n.becomeFollower(n.term, NoNode)
	}
	n.sendDurably(p.id, Message{Type: VoteReply, Term: n.term, OK: n.vote == p.id})
}

func (n *Node) receiveVoteReply(p *peer, m Message) {
	if n.role != Candidate || !m.OK {
		return
	}
	p.granted = true
	if n.hasQuorum(hasGranted) {
		n.becomeLeader()
	}
}

// upToDate tells whether a log that ends in (index, term) is at least as up to date as this one:
// the rule which keeps a candidate without all committed entries from winning (Raft, 5.4.1).
func (n *Node) upToDate(index, term uint64) bool {
	if own := n.lastTerm(); term != own {
		return term > own
	}
	return index >= n.log.last()
}

// lastTerm is the term of the last entry, whether or not a snapshot has taken its place.
func (n *Node) lastTerm() uint64 {
	if n.cfg.Bugs.Has(RestoredSnapshotStaleTerm) && n.log.last() == n.snap.index {
		return 0
	}
	return n.log.lastTerm()
}

func hasGranted(p *peer) bool { return p.granted }

// becomeLeader takes office with an empty entry. Earlier entries can only be committed along with
// one of the own term, and until then a leader does not know what is committed.
func (n *Node) becomeLeader() {
	n.role, n.leader = Leader, n.cfg.ID
	n.trace(Event{Kind: BecameLeader, Term: n.term})
	for _, p := range n.peers {
		p.restart(n)
	}
	n.inherited = n.log.last()
	n.selfAcked, n.round = 0, 0
	n.successor, n.handedOver = NoNode, false
	n.heartbeatDue = n.now.Mono + int64(n.cfg.Heartbeat)
	n.beat = true
	if n.cfg.Bugs&(NoopOmitted|CommitPriorTerm) == 0 {
		n.appendEntry(Entry{Index: n.log.last() + 1, Term: n.term})
	}
}
