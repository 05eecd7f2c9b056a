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

// drive invokes n ops and completes each when the next is due, so that all is
// generator and interpreter.
func drive(b *testing.B, g gen.Generator, clients int) {
	b.ReportAllocs()
	p := gen.NewInterpreter(g, clients, 1)
	now := int64(0)
	var flights []history.Op
	begun := 0
	for begun < b.N {
		step, err := p.Next(now)
		if err != nil {
			b.Fatal(err)
		}
		switch {
		case step.Kind == gen.Emit && step.Special == gen.SleepStep:
			op := p.Begin(step.At)
			p.Awake(op.Process, step.At)
			now = step.At
		case step.Kind == gen.Emit && step.At <= now:
			op := p.Begin(now)
			op.Type = history.Ok
			flights = append(flights, op)
			begun++
		case len(flights) > 0:
			now = max(now, step.At)
			if step.Kind == gen.Pending {
				now = flights[0].Time
			}
			flights[0].Time = now
			p.Complete(flights[0])
			flights = flights[:copy(flights, flights[1:])]
		default:
			now = step.At
		}
	}
	b.ReportMetric(float64(begun)/b.Elapsed().Seconds(), "ops/s")
}

func BenchmarkTypical(b *testing.B)  { drive(b, typical(), 20) }
func BenchmarkRepeat(b *testing.B)   { drive(b, gen.Clients(read()), 20) }
func BenchmarkMix(b *testing.B)      { drive(b, gen.Clients(gen.Mix(1, read(), write())), 20) }
func BenchmarkPlain400(b *testing.B) { drive(b, gen.Clients(read()), 400) }
