package causal_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"checker/check"
	"checker/check/causal"
	"checker/history"
)

// step is an op of the oracle: value 0 is the initial one.
type step struct {
	process, key, value int
	write               bool
}

// TestAgreesWithTheClosure compares the check with the bad patterns on the closure
// of causal order, pair by pair, on random small histories.
func TestAgreesWithTheClosure(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 3))
	seen := map[check.Verdict]int{}
	for range 30_000 {
		steps := randomSteps(rng)
		want := check.Valid
		if !consistent(steps) {
			want = check.Invalid
		}
		h := record(steps)
		got := check.Run(context.Background(), causal.New(causal.Options{}), h)
		if got.Verdict == check.Unknown {
			continue // no read
		}
		seen[want]++
		if got.Verdict != want {
			for i := range h.Len() {
				t.Log(h.Op(i))
			}
			t.Fatalf("want %v\n%v", want, got)
		}
	}
	if seen[check.Valid] < 1000 || seen[check.Invalid] < 1000 {
		t.Errorf("the histories prove little: %v", seen)
	}
}

func randomSteps(rng *rand.Rand) []step {
	var steps []step
	written := [2]int{}
	for range 3 + rng.IntN(8) {
		s := step{process: rng.IntN(3), key: rng.IntN(2), write: rng.IntN(2) == 0}
		if s.write {
			written[s.key]++
			s.value = written[s.key]
		} else {
			s.value = rng.IntN(min(4, written[s.key]+2)) // now and then one that is yet to come
		}
		steps = append(steps, s)
	}
	for i, s := range steps { // but not out of nowhere
		if !s.write && s.value > written[s.key] {
			steps[i].value = 0
		}
	}
	return steps
}

func record(steps []step) *history.History {
	b := history.NewBuilder()
	for _, s := range steps {
		f, in, out := "read", history.Nil, history.Int(int64(s.value))
		if s.write {
			f, in = "write", out
		}
		key := history.Int(int64(s.key))
		for _, o := range []history.Op{{Type: history.Invoke, Value: history.Vector(key, in)}, {Type: history.Ok, Value: history.Vector(key, out)}} {
			o.F, o.Process = f, history.Process(s.process)
			if err := b.AddOp(o); err != nil {
				panic(err)
			}
		}
	}
	return b.History()
}

func consistent(steps []step) bool {
	n := len(steps)
	co := make([][]bool, n)
	for i, a := range steps {
		co[i] = make([]bool, n)
		for j, b := range steps {
			co[i][j] = i < j && a.process == b.process || a.write && !b.write && a.key == b.key && a.value == b.value
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				co[i][j] = co[i][j] || co[i][k] && co[k][j]
			}
		}
	}
	for r, read := range steps {
		if co[r][r] {
			return false
		}
		for w, write := range steps {
			if read.write || !write.write || write.key != read.key || write.value == read.value || !co[w][r] {
				continue
			}
			if read.value == 0 {
				return false
			}
			for s, source := range steps {
				if source.write && source.key == read.key && source.value == read.value && co[s][w] {
					return false
				}
			}
		}
	}
	return true
}
