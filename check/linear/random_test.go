package linear_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"checker/history"
)

// randomActs makes a well-formed history of at most most ops by a few processes
// on one register: mostly what a correct register could have answered, then, in
// half of the cases, one or two results changed. Values are unique or drawn from
// few.
func randomActs(rng *rand.Rand, most int, unique bool) []act {
	const processes = 4
	n := 1 + rng.IntN(most)
	var acts []act
	open := [processes]int{-1, -1, -1, -1}
	value, fresh, row := int64(null), int64(0), 0
	draw := func() int64 {
		if unique {
			fresh++
			return fresh
		}
		return rng.Int64N(3)
	}
	crashed := 0
	for len(acts) < n || anyOpen(open[:]) {
		p := rng.IntN(processes)
		if i := open[p]; i >= 0 {
			a := &acts[i]
			open[p] = -1
			a.res = row
			row++
			switch roll := rng.IntN(20); {
			case roll < 2:
				a.outcome = history.Fail
				continue
			case roll < 5 && crashed < 3:
				crashed++
				a.outcome = history.Info
				if rng.IntN(2) == 0 {
					continue // it never took effect
				}
			default:
				a.outcome = history.Ok
			}
			if a.f == "read" {
				a.a = value
			} else if next, ok := apply(*a, value); ok {
				value = next
			} else if a.outcome == history.Ok {
				a.outcome = history.Fail
			}
			continue
		}
		if len(acts) == n {
			continue
		}
		a := act{inv: row, outcome: history.Info}
		row++
		switch rng.IntN(3) {
		case 0:
			a.f = "read"
		case 1:
			a.f, a.a = "write", draw()
		default:
			a.f, a.a, a.b = "cas", value, draw()
			if rng.IntN(4) == 0 && fresh > 0 {
				a.a = 1 + rng.Int64N(fresh)
			}
		}
		open[p] = len(acts)
		acts = append(acts, a)
	}
	for range rng.IntN(3) {
		mutate(rng, acts, fresh)
	}
	return acts
}

func anyOpen(open []int) bool {
	for _, i := range open {
		if i >= 0 {
			return true
		}
	}
	return false
}

// mutate changes what one op saw or how it ended.
func mutate(rng *rand.Rand, acts []act, fresh int64) {
	a := &acts[rng.IntN(len(acts))]
	switch {
	case rng.IntN(4) == 0 && a.f != "read":
		a.outcome = []history.Type{history.Ok, history.Fail, history.Info}[rng.IntN(3)]
	case a.f != "write":
		a.a = rng.Int64N(fresh+3) - 1
	}
}

// record makes a history of acts, one process an op.
func record(t testing.TB, acts []act) *history.History {
	t.Helper()
	type event struct {
		act int
		end bool
	}
	rows := 0
	for _, a := range acts {
		rows = max(rows, a.inv+1, a.res+1)
	}
	events := make([]*event, rows)
	for i, a := range acts {
		events[a.inv] = &event{i, false}
		if a.res > 0 {
			events[a.res] = &event{i, true}
		}
	}
	b := history.NewBuilder()
	for _, e := range events {
		if e == nil {
			continue
		}
		a := acts[e.act]
		op := history.Op{Process: history.Process(e.act), Type: history.Invoke, F: a.f}
		switch a.f {
		case "write":
			op.Value = datum(a.a)
		case "cas":
			op.Value = history.Vector(datum(a.a), datum(a.b))
		}
		if e.end {
			op.Type = a.outcome
			if a.f == "read" && a.outcome == history.Ok {
				op.Value = datum(a.a)
			}
		}
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	return b.History()
}

func datum(n int64) history.Value {
	if n == null {
		return history.Nil
	}
	return history.Int(n)
}

// dump prints a history, an op a line.
func dump(h *history.History) string {
	var b strings.Builder
	for i := range h.Len() {
		b.WriteString(h.Op(i).String() + "\n")
	}
	return b.String()
}
