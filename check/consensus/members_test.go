package consensus

import (
	"testing"
	"time"

	"checker/check"
)

// TestChangedMembersNeedNotCatchUp: a node that lags is a violation as long as the
// members are who they were, and none once they have changed.
func TestChangedMembersNeedNotCatchUp(t *testing.T) {
	for _, test := range []struct {
		members string
		want    check.Verdict
	}{
		{"n1 n2 n3", check.Invalid},
		{"n1 n2", check.Valid},
		{"n1 n2 (n3)", check.Valid},
	} {
		m := NewMonitor(Options{Voters: 3, Bound: time.Second})
		for _, node := range []string{"n1", "n2", "n3"} {
			m.Observe(&Event{Node: node, Step: Started})
			m.Observe(&Event{Node: node, Step: BecameFollower, Term: 1})
		}
		m.Observe(&Event{Node: "n1", Step: BecameLeader, Term: 1})
		m.Observe(&Event{Node: "n1", Step: Reconfigured, Peer: "n1 n2 n3"})
		if test.members != "n1 n2 n3" {
			m.Observe(&Event{Node: "n1", Step: Reconfigured, Peer: test.members})
		}
		for _, node := range []string{"n1", "n2"} {
			m.Observe(&Event{Node: node, Step: Appended, Index: 1, Term: 1, Digest: "a"})
		}
		for _, node := range []string{"n1", "n2"} {
			m.Observe(&Event{Node: node, Step: Committed, Index: 1})
			m.Observe(&Event{Node: node, Step: Applied, Index: 1, Term: 1, Digest: "a"})
		}
		m.Recovered(5)
		m.Reached(int64(time.Minute))
		if got := m.Result(); got.Verdict != test.want {
			t.Errorf("members %s: %v (%s) %v, want %v", test.members, got.Verdict, got.Reason, got.Anomalies, test.want)
		}
	}
}
