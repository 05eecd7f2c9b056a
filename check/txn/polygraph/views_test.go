package polygraph_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn/brute"
	"checker/check/txn/polygraph"
)

// TestConsistentView compares the verdicts on random small histories with those
// of the oracle, which tries all orders of versions, and goes through the proofs.
func TestConsistentView(t *testing.T) {
	invalid, choosy, n := 0, 0, cases(t, 3000)
	for seed := range n {
		h := randomHistory(seed)
		p, readable := pose(h)
		if !readable {
			continue
		}
		r, err := polygraph.ConsistentView(context.Background(), p, polygraph.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, model := range []string{"consistent-view", "parallel-snapshot-isolation"} {
			if want := brute.Judge(h, model); (want == brute.Holds) != (r.Verdict == check.Valid) || r.Verdict == check.Unknown {
				t.Fatalf("seed %d: %s is %v (%s), by brute force it %v:\n%s", seed, model, r.Verdict, r.Reason, want, h)
			}
		}
		if r.Verdict == check.Valid {
			continue
		}
		invalid++
		if len(r.Witness.Choices) > 0 {
			choosy++
		}
		if why := skewed(p, r.Witness); why != "" {
			t.Fatalf("seed %d: %s:\n%s%+v", seed, why, h, r.Witness)
		}
	}
	if invalid < n/20 || choosy < n/500 {
		t.Errorf("of %d histories %d are invalid, %d by choices: the sample is lopsided", n, invalid, choosy)
	}
}

// skewed returns what is wrong with a witness: with an edge of a circle, or with
// more than one of them that missed a write.
func skewed(p *polygraph.Problem, w *polygraph.Witness) string {
	var circle func(cycle []polygraph.Edge, given []assumed) string
	circle = func(cycle []polygraph.Edge, given []assumed) string {
		missed := 0
		for _, e := range cycle {
			if e.Kind == "rw" {
				missed++
			}
		}
		if missed > 1 {
			return fmt.Sprintf("%d edges of %v missed a write", missed, cycle)
		}
		return impossible(p, polygraph.Guarantee{}, cycle, given)
	}
	if w.Proof == nil {
		return circle(w.Cycle, nil)
	}
	var walk func(s *polygraph.Step, given []assumed) string
	walk = func(s *polygraph.Step, given []assumed) string {
		c := w.Choices[s.Choice]
		for i, side := range s.Sides {
			first, second := c.A, c.B
			if i == 1 {
				first, second = c.B, c.A
			}
			all, why := append(slices.Clone(given), assumed{c.Key, first.Last, second.First}), ""
			if side.Then != nil {
				why = walk(side.Then, all)
			} else {
				why = circle(side.Cycle, all)
			}
			if why != "" {
				return why
			}
		}
		return ""
	}
	return walk(w.Proof, nil)
}

// TestConsistentViewGivesUp rather than guess.
func TestConsistentViewGivesUp(t *testing.T) {
	p := record(1, mix{txns: 100, ops: 6, keys: 5, clients: 10, writes: 0.5, shuffled: true})
	r, err := polygraph.ConsistentView(context.Background(), p, polygraph.Options{Steps: 1000})
	if err != nil || r.Verdict != check.Unknown || r.Reason == "" {
		t.Errorf("%v: %s (%v)", r.Verdict, r.Reason, err)
	}
	if r, err = polygraph.ConsistentView(context.Background(), p, polygraph.Options{}); err != nil || r.Verdict != check.Valid {
		t.Errorf("%v: %s (%v)", r.Verdict, r.Reason, err)
	}
}
