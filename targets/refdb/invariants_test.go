//go:build invariants

package refdb

import "testing"

// TestInvariantsAreHeld: each of the dear invariants stops a node whose state was spoilt.
func TestInvariantsAreHeld(t *testing.T) {
	for want, spoil := range map[string]func(*Node){
		"follows 1/1":          func(n *Node) { n.log.entries[2].Index++ },
		"term 1 with an entry": func(n *Node) { n.log.entries[len(n.log.entries)-1].Term = 9 },
		"commit 0":             func(n *Node) { n.snap.index, n.commit = 1, 0 },
		"configurations":       func(n *Node) { n.configurations = append(n.configurations, configuration{index: 2}) },
		"is taken for member":  func(n *Node) { n.peers[1].voter = false },
		"has match":            func(n *Node) { n.peers[1].next = n.peers[1].match },
		"are on their way":     func(n *Node) { n.cfg.MaxInflight, n.cfg.MaxBatch, n.peers[1].match = 0, 1, 0 },
		"requests wait":        func(n *Node) { n.cfg.MaxPending = -1 },
		"the state at":         func(n *Node) { n.store.registers[1] = 77 },
	} {
		c := newLeader(t, 3, defaults)
		for seq := range uint64(3) {
			c.request(c.members[0], write(1, seq+1, 5))
		}
		c.settle()
		n := c.members[0].node
		n.assertInvariants()
		spoil(n)
		mustPanic(t, want, n.assertInvariants)
	}
}
