package refdb

// A leader hands its office over (Raft dissertation, 3.10): it takes no more writes, waits until the
// peer has all of its log, and tells it to campaign at once. The peer needs no pre-vote, and its request
// for votes says that the leader wants it, so that nobody refuses for the leader's sake. If nothing comes
// of it within an election timeout, the leader goes on.

// Transfer asks the node to make a peer the leader, if it leads now. It is a wish: the next
// BecameLeader tells what came of it.
func (n *Node) Transfer(now Clock, to NodeID) {
	if n.fatal != nil {
		return
	}
	n.observe(now)
	if p := n.peer(to); n.role == Leader && p != nil && p.voter && p != n.self {
		n.successor = to
		n.handOverDue = n.now.Mono + int64(n.cfg.ElectionTimeout)
		n.beat = true
	}
}

// handOver tells the successor to campaign once it has all of the log, again with each heartbeat.
func (n *Node) handOver() {
	if n.successor == NoNode {
		return
	}
	if n.now.Mono >= n.handOverDue {
		n.successor = NoNode
		return
	}
	p := n.peer(n.successor)
	if p.match == n.log.last() && (n.beat || !n.handedOver) {
		n.handedOver = true
		n.send(p.id, Message{Type: TakeOver, Term: n.term})
	}
}

func (n *Node) receiveTakeOver() {
	if n.role == Follower && n.mayLead() {
		n.campaign(true)
	}
}
