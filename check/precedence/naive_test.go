package precedence_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"checker/check"
	"checker/check/precedence"
	"checker/history"
)

// TestAgreesWithAllPairs compares the check of comments with a look at every pair of
// writes for every read, on random small histories.
func TestAgreesWithAllPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 5))
	seen := map[check.Verdict]int{}
	for range 20_000 {
		h := randomHistory(rng)
		got := check.Run(context.Background(), precedence.NewComments(precedence.Options{}), h)
		if got.Verdict == check.Unknown {
			continue // nothing was read
		}
		want := check.Valid
		for _, p := range h.Pairs() {
			if h.FName(h.F(int(p.Inv))) == "read" && h.Outcome(p) == history.Ok && reversed(h, p) {
				want = check.Invalid
			}
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

// randomHistory has reads that miss a write now and then.
func randomHistory(rng *rand.Rand) *history.History {
	b := history.NewBuilder()
	open := map[history.Process]history.Op{}
	process := []history.Process{0, 1, 2}
	var there []int64
	next := int64(0)
	for range 6 + rng.IntN(20) {
		i := rng.IntN(len(process))
		op, busy := open[process[i]]
		switch {
		case !busy && rng.IntN(3) == 0:
			op = history.Op{F: "read"}
		case !busy:
			op = history.Op{F: "write", Value: history.Int(next)}
			there = append(there, next) // as early as may be
			next++
		case op.F == "read":
			op.Type, op.Value = history.Ok, some(rng, there)
		default:
			op.Type = history.Ok
			if rng.IntN(4) == 0 {
				op.Type = history.Info
			}
		}
		op.Process = process[i]
		if !busy {
			op.Type = history.Invoke
			open[op.Process] = op
		} else {
			delete(open, op.Process)
			if op.Type == history.Info {
				process[i] += 3
			}
		}
		if err := b.AddOp(op); err != nil {
			panic(err)
		}
	}
	return b.History()
}

// some is a set of what is there, most of it.
func some(rng *rand.Rand, there []int64) history.Value {
	var elems []history.Value
	for _, n := range there {
		if rng.IntN(8) > 0 {
			elems = append(elems, history.Int(n))
		}
	}
	return history.Set(elems...)
}

// reversed reports whether a read has a write without one that had completed before
// that was invoked.
func reversed(h *history.History, read history.Pair) bool {
	has := func(p history.Pair) bool {
		for _, e := range h.Value(h.Ref(int(read.Comp))).Elems() {
			if e.Equal(h.Value(h.Ref(int(p.Inv)))) {
				return true
			}
		}
		return false
	}
	for _, first := range h.Pairs() {
		for _, second := range h.Pairs() {
			writes := h.FName(h.F(int(first.Inv))) == "write" && h.FName(h.F(int(second.Inv))) == "write"
			if writes && h.Outcome(first) == history.Ok && first.Comp < second.Inv && has(second) && !has(first) {
				return true
			}
		}
	}
	return false
}
