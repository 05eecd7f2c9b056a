package refdb

import "testing"

// TestRemovedVoterMayLead: a node that its own log removes stands for election until it knows that the removal
// is committed, even if it was a voter only between what it knows to be committed and the removal. It may hold
// the only log with both, and nobody with a shorter one gets its vote.
func TestRemovedVoterMayLead(t *testing.T) {
	const id = NodeID(2)
	stages := []configuration{
		{900, []Member{{3, true}}},
		{907, []Member{{2, false}, {3, true}}},
		{925, []Member{{2, true}, {3, true}}},
		{940, []Member{{3, true}}},
	}
	for _, c := range []struct {
		commit uint64
		stages int
		want   bool
	}{
		{900, 4, true},
		{930, 4, true},
		{940, 4, false},
		{900, 3, true},
		{900, 2, false},
	} {
		self := &peer{id: id, voter: c.stages == 3}
		n := &Node{cfg: Config{ID: id}, self: self, commit: c.commit, configurations: stages[:c.stages]}
		if got := n.mayLead(); got != c.want {
			t.Errorf("commit %d, %d configurations: %v", c.commit, c.stages, got)
		}
	}
}
