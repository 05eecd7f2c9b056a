package linear_test

import (
	"math/rand/v2"
	"testing"

	"checker/history"
)

// classic makes a history of Jepsen's classic cas-register: n ops by clients that
// are always busy, values 0 to 4, 30 in 100 ops cas, as many writes, the rest
// reads. About twice so many of the ops that change something crash. A stale one ends
// with reads that see more changes than there were writes that crashed.
func classic(t testing.TB, seed uint64, n, clients, crashed int, stale bool) *history.History {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	const values = 5
	type pending struct {
		op      history.Op
		applied bool
	}
	b := history.NewBuilder()
	add := func(op history.Op) {
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	open := make([]*pending, clients)
	thread := make([]history.Process, clients)
	for i := range thread {
		thread[i] = history.Process(i)
	}
	value := int64(0)
	draw := func() history.Value { return history.Int(rng.Int64N(values)) }
	apply := func(p *pending) {
		p.applied = true
		switch p.op.F {
		case "read":
			p.op.Value = history.Int(value)
		case "write":
			value, _ = p.op.Value.Int()
		case "cas":
			if old, made, _ := p.op.Value.Pair(); old.Equal(history.Int(value)) {
				value, _ = made.Int()
				p.op.Type = history.Ok
			} else {
				p.op.Type = history.Fail
			}
		}
	}
	add(history.Op{Process: 0, Type: history.Invoke, F: "write", Value: history.Int(0)})
	add(history.Op{Process: 0, Type: history.Ok, F: "write", Value: history.Int(0)})
	for begun, done := 0, 0; done < n; {
		c := rng.IntN(clients)
		p := open[c]
		switch {
		case p == nil && begun < n:
			op := history.Op{Process: thread[c], Type: history.Invoke, F: "read"}
			switch roll := rng.IntN(10); {
			case roll < 3:
				op.F, op.Value = "write", draw()
			case roll < 6:
				op.F, op.Value = "cas", history.Vector(draw(), draw())
			}
			add(op)
			op.Type = history.Ok
			open[c] = &pending{op: op}
			begun++
		case p == nil:
		case !p.applied && rng.IntN(2) == 0:
			apply(p)
		case !p.applied && (p.op.F == "read" || rng.IntN(n) >= 4*crashed):
			continue
		default:
			if !p.applied && p.op.F != "read" {
				p.op.Type = history.Info
				thread[c] += history.Process(clients)
			}
			add(p.op)
			open[c] = nil
			done++
		}
	}
	for i := range int64(3 * crashed) {
		if stale {
			p := history.Process(1_000_000)
			add(history.Op{Process: p, Type: history.Invoke, F: "read"})
			add(history.Op{Process: p, Type: history.Ok, F: "read", Value: history.Int(i % values)})
		}
	}
	return b.History()
}
