package consensus_test

import (
	"strings"
	"testing"

	"checker/check/consensus"
)

// TestWitnessesHoldEvents: what a witness says in words it also holds as events, so
// that a report can draw them.
func TestWitnessesHoldEvents(t *testing.T) {
	r := judge(t, parse(t, "n1 started\nn1 became-leader term=1\nn1 appended term=1 index=1 digest=a\nn1 committed index=1\nn1 truncated index=1"), consensus.Options{})
	for _, a := range r.Anomalies {
		for _, w := range a.Witnesses {
			lines := strings.Split(w.Text, "\n")[1:]
			if len(lines) == 0 || len(lines) != len(w.Events) {
				t.Fatalf("%s: %d events for %q", a.Type, len(w.Events), w.Text)
			}
			for i, e := range w.Events {
				event := consensus.Event{At: e.At, Node: e.Node, Group: e.Group, Step: e.Step, Term: e.Term, Index: e.Index, Digest: e.Digest, Peer: e.Peer}
				if got := event.String(); got != lines[i] {
					t.Errorf("%s: event %d is %q, the text has %q", a.Type, i, got, lines[i])
				}
			}
		}
	}
	if len(r.Anomalies) != 2 {
		t.Errorf("%d anomalies, want 2", len(r.Anomalies))
	}
}
