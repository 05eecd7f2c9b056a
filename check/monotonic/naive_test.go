package monotonic_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"checker/check"
	"checker/check/monotonic"
	"checker/history"
)

// TestAgreesWithAllPairs compares the check with a look at every pair of ops, on
// random small histories.
func TestAgreesWithAllPairs(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 7))
	seen := map[check.Verdict]int{}
	for range 20_000 {
		h := randomHistory(rng)
		got := check.Run(context.Background(), monotonic.New(monotonic.Options{Realtime: true}), h)
		want := check.Valid
		for _, p := range h.Pairs() {
			for _, q := range h.Pairs() {
				if p != q && contradict(h, p, q) {
					want = check.Invalid
				}
			}
		}
		if got.Verdict == check.Unknown && want == check.Valid {
			continue // nobody looked twice
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

func randomHistory(rng *rand.Rand) *history.History {
	b := history.NewBuilder()
	open := map[int]string{}
	number := int64(0)
	for range 4 + rng.IntN(14) {
		i := rng.IntN(3)
		f, busy := open[i]
		op := history.Op{Process: history.Process(i), Type: history.Invoke, F: f}
		if !busy {
			op.F = []string{"inc", "read"}[rng.IntN(2)]
			open[i] = op.F
		} else {
			delete(open, i)
			op.Type = history.Ok
			if op.F == "inc" && rng.IntN(12) > 0 {
				number++
			}
			op.Value = history.Int(number - int64(rng.IntN(10)/9))
		}
		if err := b.AddOp(op); err != nil {
			panic(err)
		}
	}
	return b.History()
}

// contradict: q was invoked after p had completed and saw less, or made no more; or
// both made the same.
func contradict(h *history.History, p, q history.Pair) bool {
	if h.Outcome(p) != history.Ok || h.Outcome(q) != history.Ok {
		return false
	}
	a, _ := h.Int(h.Ref(int(p.Comp)))
	b, _ := h.Int(h.Ref(int(q.Comp)))
	incP, incQ := h.FName(h.F(int(p.Inv))) == "inc", h.FName(h.F(int(q.Inv))) == "inc"
	if incP && incQ && a == b {
		return true
	}
	return p.Comp < q.Inv && (b < a || incQ && b == a)
}
