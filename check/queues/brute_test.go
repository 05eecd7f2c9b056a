package queues_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check"
	"checker/check/queues"
	"checker/history"
)

// TestNoFalseAlarm: whatever the strictest of the checks calls invalid, no order of
// all ops explains as a bag of messages, one with a dequeue that finds it empty where
// one failed. The converse need not hold: the checks do not look at all of order.
func TestNoFalseAlarm(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 8))
	seen := map[string]int{}
	for range 20_000 {
		h := randomHistory(rng)
		got := check.Run(context.Background(), queues.New(queues.Options{Total: true, Once: true}), h)
		explained := explains(h, h.Pairs(), nil)
		seen[fmt.Sprint(got.Verdict, explained)]++
		if got.Verdict == check.Invalid && explained {
			for i := range h.Len() {
				t.Log(h.Op(i))
			}
			t.Fatalf("an order explains what is %v", got)
		}
	}
	// Most of what no order explains is found: the rest is of order alone.
	if found, missed := seen["invalid false"], seen["valid false"]; found < 500 || found < 4*missed || seen["valid true"] < 1000 {
		t.Errorf("the histories prove little: %v", seen)
	}
}

// randomHistory comes of a queue that loses, doubles and makes up messages at times.
func randomHistory(rng *rand.Rand) *history.History {
	b := history.NewBuilder()
	open := map[history.Process]history.Op{}
	process := []history.Process{0, 1, 2}
	var bag []int64
	next := int64(0)
	for range 6 + rng.IntN(10) {
		i := rng.IntN(len(process))
		op, busy := open[process[i]]
		if !busy {
			op = history.Op{Process: process[i], Type: history.Invoke, F: "dequeue"}
			if rng.IntN(2) == 0 {
				op.F, op.Value = "enqueue", history.Int(next)
				next++
			}
			open[process[i]] = op
		} else {
			delete(open, process[i])
			op.Type = history.Ok
			if rng.IntN(7) == 0 {
				op.Type = history.Info
			}
			bag = happen(rng, bag, &op)
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

// happen lets an op take effect, nearly always as it should.
func happen(rng *rand.Rand, bag []int64, op *history.Op) []int64 {
	wrong := rng.IntN(10) == 0
	if op.F == "enqueue" {
		if n, _ := op.Value.Int(); !wrong {
			return append(bag, n)
		}
		return bag
	}
	if len(bag) == 0 {
		if op.Type == history.Ok {
			op.Type = history.Fail
		}
		return bag
	}
	at := rng.IntN(len(bag))
	if op.Type == history.Ok {
		op.Value = history.Int(bag[at])
	}
	if wrong {
		return bag
	}
	return slices.Delete(slices.Clone(bag), at, at+1)
}

// explains tries every op that may come next.
func explains(h *history.History, left []history.Pair, bag []int64) bool {
	must := func(p history.Pair) bool { return h.Outcome(p) != history.Info }
	if !slices.ContainsFunc(left, must) {
		return true
	}
	for i, p := range left {
		if slices.ContainsFunc(left, func(q history.Pair) bool { return must(q) && q.Comp < p.Inv }) {
			continue
		}
		rest := slices.Delete(slices.Clone(left), i, i+1)
		for _, next := range after(h, p, bag) {
			if explains(h, rest, next) {
				return true
			}
		}
	}
	return false
}

// after returns the bags that there may be once an op took effect.
func after(h *history.History, p history.Pair, bag []int64) [][]int64 {
	n, _ := h.Int(h.Ref(int(p.Inv)))
	enqueue := h.FName(h.F(int(p.Inv))) == "enqueue"
	var bags [][]int64
	switch outcome := h.Outcome(p); {
	case enqueue:
		return [][]int64{append(slices.Clone(bag), n)}
	case outcome == history.Fail:
		if len(bag) == 0 {
			return [][]int64{bag}
		}
		return nil
	case outcome == history.Ok:
		n, _ = h.Int(h.Ref(int(p.Comp)))
		if i := slices.Index(bag, n); i >= 0 {
			bags = append(bags, slices.Delete(slices.Clone(bag), i, i+1))
		}
	default:
		for i := range bag {
			bags = append(bags, slices.Delete(slices.Clone(bag), i, i+1))
		}
	}
	return bags
}
