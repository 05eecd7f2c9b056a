package counter_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"checker/check"
	"checker/check/counter"
	"checker/history"
)

// TestAgreesWithAllSums compares the check with every choice among the adds that a
// read may have seen or not, on random small histories.
func TestAgreesWithAllSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 4))
	seen := map[check.Verdict]int{}
	for range 30_000 {
		h := randomHistory(rng)
		want := check.Valid
		for _, p := range h.Pairs() {
			if h.FName(h.F(int(p.Inv))) == "read" && h.Outcome(p) == history.Ok && !someSum(h, p) {
				want = check.Invalid
			}
		}
		seen[want]++
		if got := check.Run(context.Background(), counter.New(counter.Options{}), h); got.Verdict != want {
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
	open := map[history.Process]history.Op{}
	process := []history.Process{0, 1, 2, 3}
	sizes := [][]int64{{1, 2, 3}, {3, 5, -4}, {6, 10, 15}, {7}}[rng.IntN(4)]
	sum := int64(0) // about what the counter may be
	for range 6 + rng.IntN(16) {
		i := rng.IntN(len(process))
		op, busy := open[process[i]]
		if !busy {
			op = history.Op{Process: process[i], Type: history.Invoke, F: "read"}
			if rng.IntN(2) == 0 {
				op.F, op.Value = "add", history.Int(sizes[rng.IntN(len(sizes))])
			}
			open[process[i]] = op
		} else {
			delete(open, process[i])
			op.Type = []history.Type{history.Ok, history.Ok, history.Ok, history.Fail, history.Info}[rng.IntN(5)]
			if n, _ := op.Value.Int(); op.F == "add" && (op.Type == history.Ok || op.Type == history.Info && rng.IntN(2) == 0) {
				sum += n
			}
			if op.F == "read" && op.Type == history.Ok {
				op.Value = history.Int(sum)
				if rng.IntN(8) == 0 {
					op.Value = history.Int(sum + rng.Int64N(9) - 4)
				}
			}
			if op.Type == history.Info {
				process[i] += 4
			}
		}
		if err := b.AddOp(op); err != nil {
			panic(err)
		}
	}
	return b.History()
}

// someSum reports whether some choice makes what a read returned.
func someSum(h *history.History, read history.Pair) bool {
	var sure int64
	var maybe []int64
	for _, p := range h.Pairs() {
		if h.FName(h.F(int(p.Inv))) != "add" || h.Outcome(p) == history.Fail || p.Inv > read.Comp {
			continue
		}
		n, _ := h.Int(h.Ref(int(p.Inv)))
		if h.Outcome(p) == history.Ok && p.Comp < read.Inv {
			sure += n
		} else {
			maybe = append(maybe, n)
		}
	}
	value, _ := h.Int(h.Ref(int(read.Comp)))
	for choice := range 1 << len(maybe) {
		sum := sure
		for i, n := range maybe {
			if choice&(1<<i) != 0 {
				sum += n
			}
		}
		if sum == value {
			return true
		}
	}
	return false
}
