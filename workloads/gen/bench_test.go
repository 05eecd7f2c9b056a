package gen_test

import (
	"testing"
	"time"

	"checker/history"
	"checker/workloads/gen"
)

// typical is a run as workloads make it: reads and writes of many keys at a pace,
// for a time, beside a nemesis.
func typical() gen.Generator {
	seed := gen.NewRand(1, "bench")
	perKey := func(key history.Value) gen.Generator {
		k, _ := key.Int()
		return gen.Limit(200, gen.Mix(seed.Split(k), read(), write()))
	}
	return gen.TimeLimit(time.Hour, gen.ClientsAndNemesis(
		gen.Stagger(seed, 10*time.Microsecond, gen.ConcurrentKeys(5, gen.IntKeys(-1), perKey)),
		gen.Cycle(gen.Seq(gen.Sleep(5*time.Second), one("start"), gen.Sleep(5*time.Second), one("stop")))))
}

// drive invokes n ops and lets each take 100 µs, so that all is generator and
// interpreter. The nemesis sleeps through it.
func drive(b *testing.B, g gen.Generator, clients int) {
	b.ReportAllocs()
	p := gen.NewInterpreter(g, clients, 1)
	flights := make(chan history.Op, clients+1)
	var first history.Op // of those in flight
	now := int64(0)
	for begun := 0; begun < b.N; {
		step, err := p.Next(now)
		if err != nil {
			b.Fatal(err)
		}
		if first.F == "" && len(flights) > 0 {
			first = <-flights
		}
		switch {
		case first.F != "" && first.Time <= step.At:
			now = max(now, first.Time)
			p.Complete(first)
			first = history.Op{}
		case step.Kind == gen.Pending:
			now = step.At
		default:
			now = step.At
			op := p.Begin(now)
			if step.Special == gen.NotSpecial {
				op.Type = history.Ok
				op.Time += 100_000
				flights <- op
				begun++
			}
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

func BenchmarkTypical(b *testing.B)  { drive(b, typical(), 20) }
func BenchmarkRepeat(b *testing.B)   { drive(b, gen.Clients(read()), 20) }
func BenchmarkMix(b *testing.B)      { drive(b, gen.Clients(gen.Mix(1, read(), write())), 20) }
func BenchmarkPlain400(b *testing.B) { drive(b, gen.Clients(read()), 400) }
