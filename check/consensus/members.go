package consensus

import (
	"slices"
	"strings"
)

// group is who votes, by a configuration in a node's log. A nil group is that of
// the beginning, of which only the size is known: every node may be in it.
type group struct {
	index  uint64 // in force from that entry on
	voters []*node
}

func (g *group) has(n *node) bool { return g == nil || slices.Contains(g.voters, n) }

// group is the one that a node goes by.
func (n *node) group() *group {
	if len(n.groups) == 0 {
		return nil
	}
	return n.groups[len(n.groups)-1]
}

// forgetGroups drops those of entries that are not in the log any more.
func (n *node) forgetGroups(last uint64) {
	n.groups = slices.DeleteFunc(n.groups, func(g *group) bool { return g.index > last })
}

// reconfigured puts a configuration in force on a node. One that does not say who
// the members are ends all judgement of majorities, and of who has to catch up.
func (m *Monitor) reconfigured(n *node, e *Event) {
	members := strings.Fields(e.Peer)
	if len(members) == 0 {
		m.options.Voters, m.options.Bound = 0, 0
		return
	}
	g := &group{index: e.Index}
	for _, name := range members {
		if !strings.HasPrefix(name, "(") {
			g.voters = append(g.voters, m.node(name))
		}
	}
	n.groups = slices.DeleteFunc(n.groups, func(earlier *group) bool { return earlier.index >= e.Index })
	n.groups = append(n.groups, g)
}

// size is how many voters a group has.
func (m *Monitor) size(g *group) int {
	if g == nil {
		return m.options.Voters
	}
	return len(g.voters)
}

// majority is how many voters of a group are needed.
func (m *Monitor) majority(g *group) int { return m.size(g)/2 + 1 }

// holders are the voters in whose logs an entry may be. It is on the disks of
// these at most.
func (m *Monitor) holders(g *group, index uint64, e id) []*node {
	var list []*node
	for _, n := range m.nodes {
		if g.has(n) && n.mayHold(index, e) {
			list = append(list, n)
		}
	}
	return list
}

// majorityHolds reports whether an entry may be in the logs of a majority.
func (m *Monitor) majorityHolds(g *group, index uint64, e id) bool {
	count := 0
	for _, n := range m.nodes {
		if n.mayHold(index, e) && g.has(n) {
			count++
		}
	}
	return count >= m.majority(g)
}
