package locks_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"checker/check"
	"checker/check/locks"
	"checker/history"
)

// TestAgreesWithAllOrders compares the check of locks with a search through all
// orders of a mutex with owners.
func TestAgreesWithAllOrders(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 1))
	seen := map[check.Verdict]int{}
	for n := range 30_000 {
		h := randomHistory(rng)
		got := check.Run(context.Background(), locks.New(locks.Options{}), h)
		want := check.Invalid
		if hasOrder(h, h.Pairs(), history.Nemesis) {
			want = check.Valid
		}
		if got.Verdict == check.Unknown && want == check.Valid {
			continue // nothing could collide
		}
		seen[want]++
		if got.Verdict != want {
			for i := range h.Len() {
				t.Log(h.Op(i))
			}
			t.Fatalf("history %d: all orders say %v, the check %v", n, want, got)
		}
	}
	if seen[check.Valid] < 1000 || seen[check.Invalid] < 1000 {
		t.Errorf("the histories prove little: %v", seen)
	}
}

// randomHistory has up to nine ops of three processes.
func randomHistory(rng *rand.Rand) *history.History {
	b := history.NewBuilder()
	open, holds := map[history.Process]string{}, map[history.Process]bool{}
	process := []history.Process{0, 1, 2}
	add := func(p history.Process, typ history.Type, f string) {
		if err := b.AddOp(history.Op{Process: p, Type: typ, F: f}); err != nil {
			panic(err)
		}
	}
	for range 4 + rng.IntN(14) {
		i := rng.IntN(3)
		p := process[i]
		f, busy := open[p]
		if !busy {
			f = "acquire"
			if holds[p] != (rng.IntN(12) == 0) {
				f = "release"
			}
			open[p] = f
			add(p, history.Invoke, f)
			continue
		}
		delete(open, p)
		switch rng.IntN(10) {
		case 0:
			add(p, history.Info, f)
			process[i] += 3
		case 1, 2, 3, 4, 5:
			add(p, history.Fail, f)
		default:
			holds[p] = f == "acquire"
			add(p, history.Ok, f)
		}
	}
	return b.History()
}

// hasOrder tries every op that may come next.
func hasOrder(h *history.History, left []history.Pair, owner history.Process) bool {
	done := true
	for _, p := range left {
		done = done && h.Outcome(p) != history.Ok
	}
	if done {
		return true
	}
	for i, p := range left {
		process := h.Process(int(p.Inv))
		next := process
		if h.FName(h.F(int(p.Inv))) == "release" {
			next = history.Nemesis
		}
		if h.Outcome(p) == history.Fail || !first(h, left, p) || (next == process) != (owner == history.Nemesis) || next != process && owner != process {
			continue
		}
		rest := append(append([]history.Pair{}, left[:i]...), left[i+1:]...)
		if hasOrder(h, rest, next) {
			return true
		}
	}
	return false
}

// first reports whether no other op completed before p was invoked.
func first(h *history.History, left []history.Pair, p history.Pair) bool {
	for _, q := range left {
		if h.Outcome(q) == history.Ok && q.Comp < p.Inv {
			return false
		}
	}
	return true
}
