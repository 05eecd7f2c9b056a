package linear_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// traffic makes a linearizable history of n ops by clients that are always busy,
// half of them reads, a tenth cas, every value written once, one op in a hundred
// crashed.
func traffic(t testing.TB, n, clients int) *history.History {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(n), uint64(clients)))
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
	value, fresh := history.Nil, int64(0)
	for begun := 0; begun < n; {
		c := rng.IntN(clients)
		p := open[c]
		if p == nil {
			op := history.Op{Process: thread[c], Type: history.Invoke, F: "read"}
			switch roll := rng.IntN(10); {
			case roll < 4:
				fresh++
				op.F, op.Value = "write", history.Int(fresh)
			case roll < 5:
				fresh++
				op.F, op.Value = "cas", history.Vector(value, history.Int(fresh))
			}
			add(op)
			open[c] = &pending{op: op}
			begun++
			continue
		}
		open[c] = nil
		p.op.Type = history.Ok
		if rng.IntN(100) == 0 {
			p.op.Type = history.Info
			thread[c] += history.Process(clients)
		}
		switch p.op.F {
		case "read":
			if p.op.Type == history.Ok {
				p.op.Value = value
			}
		case "write":
			value = p.op.Value
		case "cas":
			if old, made, _ := p.op.Value.Pair(); old.Equal(value) {
				value = made
			} else {
				p.op.Type = history.Fail
			}
		}
		add(p.op)
	}
	return b.History()
}

// BenchmarkRegister is the near-linear method. CHECKER_LINEAR_HUGE=1 adds ten
// million ops.
func BenchmarkRegister(b *testing.B) {
	sizes := []int{100_000, 1_000_000}
	if os.Getenv("CHECKER_LINEAR_HUGE") != "" {
		sizes = append(sizes, 10_000_000)
	}
	for _, n := range sizes {
		b.Run(fmt.Sprintf("ops=%d/clients=30", n), func(b *testing.B) {
			benchmark(b, traffic(b, n, 30), n, linear.Options{})
		})
	}
}

// BenchmarkSearch is Porcupine on histories that it can decide, beside the
// near-linear method on the same.
func BenchmarkSearch(b *testing.B) {
	for _, clients := range []int{5, 10} {
		for _, n := range []int{1_000, 10_000} {
			h := traffic(b, n, clients)
			for name, engine := range map[string]linear.Engine{"porcupine": linear.Porcupine, "blocks": linear.Auto} {
				b.Run(fmt.Sprintf("ops=%d/clients=%d/%s", n, clients, name), func(b *testing.B) {
					benchmark(b, h, n, linear.Options{Engine: engine, Memory: 4 << 30})
				})
			}
		}
	}
}

func benchmark(b *testing.B, h *history.History, n int, o linear.Options) {
	c := linear.New(models.CASRegister(), o)
	b.ReportAllocs()
	for b.Loop() {
		if r := check.Run(context.Background(), c, h); r.Verdict != check.Valid {
			b.Fatalf("%v: %s %+v", r.Verdict, r.Reason, r.Anomalies)
		}
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}
