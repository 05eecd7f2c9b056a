package refdb

// All that depends on who the voters are is here.

// hasQuorum tells whether a majority of the voters satisfies yes.
func (n *Node) hasQuorum(yes func(*peer) bool) bool {
	voters, count := 0, 0
	for _, p := range n.peers {
		if !p.voter {
			continue
		}
		voters++
		if yes(p) {
			count++
		}
	}
	return count > voters/2
}

// quorumValue returns the largest value that a majority of the voters has reached.
func (n *Node) quorumValue(value func(*peer) uint64) uint64 {
	sorted := n.matchSet[:0] // descending
	for _, p := range n.peers {
		if !p.voter || n.cfg.Bugs.Has(QuorumOfReachable) && !n.isReachable(p) {
			continue
		}
		v := value(p)
		sorted = append(sorted, v)
		at := len(sorted) - 1
		for ; at > 0 && sorted[at-1] < v; at-- {
			sorted[at] = sorted[at-1]
		}
		sorted[at] = v
	}
	n.matchSet = sorted
	if len(sorted) == 0 { // only with QuorumOfReachable, in a leader that is being removed
		return 0
	}
	return sorted[len(sorted)/2]
}

// isReachable tells whether the peer was heard from lately; a node always hears itself.
func (n *Node) isReachable(p *peer) bool {
	return p == n.self || n.now.Mono-p.heard < int64(n.cfg.ElectionTimeout)
}

// hasLostQuorum tells a leader that it has not heard from a majority for an election timeout. It
// should not hold on to its clients then: others may long have elected a successor, unless a lease
// says that they cannot have.
func (n *Node) hasLostQuorum() bool {
	if n.cfg.Bugs&(StaleLeaderRead|QuorumOfReachable) != 0 {
		return false
	}
	return !n.hasLease() && !n.hasQuorum(n.isReachable)
}
