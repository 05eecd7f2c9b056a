package refdb

// A lease lets a leader answer reads at once (Raft dissertation, 6.4.1). Every Append says when it was
// sent, by the leader's own clock, and its answer says so too. A peer that has heard a leader helps
// nobody else into office for an election timeout, and that begins no earlier than the Append was
// sent. So for somewhat less than an election timeout after a majority was sent what it has answered,
// there is no other leader. Three things make that true:
//
//   - Votes, not only pre-votes, are refused by who has lately heard a leader, and their term is
//     ignored: a vote asked for by one who was cut off may come late (see isServed).
//   - Whoever starts does not remember whom it heard, so it is silent for an election timeout.
//   - A leader that has asked a peer to take over has no lease any more in its term: the peer's
//     campaign is let through at once, whenever it comes.
//
// The lease is judged by the monotonic clock, and the clocks of two nodes must run at rates within a
// tenth of each other. With WallLeaseReads it is judged by the wall clock, which the world may set
// back: then the leader takes an old lease for a good one. That is right only while no wall clock is
// moved back by more than a tenth of an election timeout.

// leases tells whether reads may be answered under a lease.
func (n *Node) leases() bool {
	return n.cfg.Reads == LeaseReads || n.leasesByWall()
}

func (n *Node) leasesByWall() bool {
	return n.cfg.Reads == WallLeaseReads || n.cfg.Bugs.Has(LeaseTrustsSkewedWallClock)
}

// leaseClock reads the clock that leases are judged by.
func (n *Node) leaseClock() int64 {
	if n.leasesByWall() {
		return n.now.Wall
	}
	return n.now.Mono
}

// hasLease tells a leader whether it may be sure of its office.
func (n *Node) hasLease() bool {
	if !n.leases() || n.handedOver {
		return false
	}
	oldest := n.leaseClock() - int64(n.cfg.ElectionTimeout)*9/10
	return n.hasQuorum(func(p *peer) bool { return p == n.self || p.sent > oldest })
}

// isServed tells whether the node has lately heard a leader, or may have before it was started.
func (n *Node) isServed() bool {
	lately := n.now.Mono-n.leaderHeard < int64(n.cfg.ElectionTimeout)
	return n.role == Leader || lately && (n.leader != NoNode || n.leases())
}
