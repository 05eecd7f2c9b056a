package gen_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"checker/history"
	"checker/workloads/gen"
)

// read and write are what most stories are made of.
func read() gen.Generator { return gen.Repeat(gen.Invoke("read", history.Nil)) }

func write() gen.Generator { return gen.Unique("write", 0) }

func one(f string) gen.Generator { return gen.Invoke(f, history.Nil) }

const (
	ns5   = 5 * time.Nanosecond
	ns10  = 10 * time.Nanosecond
	ns20  = 20 * time.Nanosecond
	ns100 = 100 * time.Nanosecond
)

// stories are the generators whose runs are told in testdata.
var stories = map[string]func() gen.Generator{
	"one":             func() gen.Generator { return one("read") },
	"seq":             func() gen.Generator { return gen.Seq(one("a"), nil, one("b"), one("c")) },
	"phases":          func() gen.Generator { return gen.Phases(gen.Limit(3, write()), one("a"), gen.Limit(2, read())) },
	"then":            func() gen.Generator { return gen.Then(gen.Limit(3, write()), one("read")) },
	"repeat":          func() gen.Generator { return gen.RepeatN(3, gen.Seq(one("a"), one("b"))) },
	"cycle":           func() gen.Generator { return gen.CycleN(2, gen.Seq(one("a"), one("b"))) },
	"cycle-nothing":   func() gen.Generator { return gen.Cycle(gen.Until(time.Nanosecond, gen.Sleep(ns5))) },
	"fn":              func() gen.Generator { return gen.Fn(0, twice) },
	"limit":           func() gen.Generator { return gen.Limit(3, write()) },
	"once":            func() gen.Generator { return gen.Once(write()) },
	"time-limit":      func() gen.Generator { return gen.TimeLimit(ns20, gen.Delay(ns5, write())) },
	"until":           func() gen.Generator { return gen.Until(15, gen.Delay(ns10, write())) },
	"time-limit-busy": timeLimitBusy,
	"process-limit":   func() gen.Generator { return gen.Clients(gen.ProcessLimit(4, write())) },
	"concurrency":     func() gen.Generator { return gen.Limit(4, gen.Clients(gen.ConcurrencyLimit(2, write()))) },
	"until-ok":        func() gen.Generator { return gen.Clients(gen.EachThread(gen.UntilOk(read()))) },
	"flip-flop":       func() gen.Generator { return gen.FlipFlop(write(), gen.Limit(2, read())) },
	"any-soonest": func() gen.Generator {
		return gen.Any(gen.Until(40, gen.Delay(ns20, one2("slow"))), gen.Limit(5, gen.Delay(ns10, write())))
	},
	"any-sooner":   anySooner,
	"shortest-any": func() gen.Generator { return gen.ShortestAny(write(), gen.Limit(2, read())) },
	"cycle-times":  cycleTimes,
	"nemesis": func() gen.Generator {
		return gen.ClientsAndNemesis(gen.Limit(4, write()), gen.Seq(one("start"), one("stop")))
	},
	"on-threads": func() gen.Generator {
		return gen.OnThreads(func(t gen.Thread) bool { return t == 1 }, gen.Limit(3, write()))
	},
	"reserve":         reserve,
	"reserve-nested":  reserveNested,
	"reserve-many":    func() gen.Generator { return gen.Reserve([]gen.Part{{N: 9, Gen: write()}}, nil) },
	"each-thread":     func() gen.Generator { return gen.EachThread(gen.Seq(one("a"), one("b"))) },
	"each-process":    func() gen.Generator { return gen.Limit(7, gen.Clients(gen.EachProcess(gen.Seq(one("a"), one("b"))))) },
	"delay":           func() gen.Generator { return gen.Limit(5, gen.Delay(3, write())) },
	"delay-busy":      func() gen.Generator { return gen.Limit(8, gen.Delay(2, gen.Clients(write()))) },
	"sleep":           func() gen.Generator { return gen.NemesisOnly(gen.Seq(one("start"), gen.Sleep(ns100), one("stop"))) },
	"log":             func() gen.Generator { return gen.Phases(one("a"), gen.Log("half way"), gen.Sleep(ns20), one("b")) },
	"map":             func() gen.Generator { return gen.Map(hundredMore, gen.Limit(2, write())) },
	"f-map":           func() gen.Generator { return gen.FMap(map[string]string{"a": "b"}, gen.Seq(one("a"), one("c"))) },
	"filter":          func() gen.Generator { return gen.Limit(3, gen.Filter(even, write())) },
	"on-update":       func() gen.Generator { return gen.OnUpdate(endAfterFive, write()) },
	"sequential-keys": func() gen.Generator { return gen.Clients(gen.SequentialKeys(gen.IntKeys(3), perKey)) },
	"concurrent-keys": func() gen.Generator { return gen.ConcurrentKeys(2, gen.IntKeys(3), perKey) },
	"keys-until-ok": func() gen.Generator {
		return gen.ConcurrentKeys(1, gen.ListKeys(history.String("x"), history.String("y")), untilOk)
	},
	"keys-remainder":  func() gen.Generator { return gen.ConcurrentKeys(2, gen.IntKeys(-1), endless) },
	"scheduled":       scheduled,
	"scheduled-alien": func() gen.Generator { return gen.Scheduled([]gen.Entry{{Thread: 7, Op: gen.Op("read", history.Nil)}}) },
	"final":           final,
	"deadlock":        func() gen.Generator { return gen.NemesisOnly(gen.OnUpdate(endAfterFive, waits{})) },
	"endless-fn": func() gen.Generator {
		return gen.Fn(0, func(_ *gen.Context, n int) (gen.Generator, int) { return gen.Seq(), n })
	},
}

func one2(f string) gen.Generator { return gen.Repeat(one(f)) }

// twice returns two pairs of ops.
func twice(_ *gen.Context, n int) (gen.Generator, int) {
	if n == 2 {
		return nil, n
	}
	return gen.Seq(gen.Invoke("write", history.Int(int64(n))), one("read")), n + 1
}

// timeLimitBusy: while all clients are busy, the nemesis' next op is too late. That
// must not end the clients.
func timeLimitBusy() gen.Generator {
	return gen.TimeLimit(30, gen.ClientsAndNemesis(write(), tooLate()))
}

// anySooner: what is known of the nemesis comes later than what is not yet known of
// the clients.
func anySooner() gen.Generator {
	return gen.Any(gen.Limit(3, gen.Clients(gen.Delay(ns20, write()))), tooLate())
}

func tooLate() gen.Generator {
	return gen.Scheduled([]gen.Entry{{Time: 100, Thread: gen.NemesisThread, Op: gen.Op("start", history.Nil)}})
}

func cycleTimes() gen.Generator {
	return gen.TimeLimit(50, gen.CycleTimes(gen.Slot{For: ns10, Gen: gen.Delay(4, write())}, gen.Slot{For: ns20, Gen: gen.Delay(ns5, read())}))
}

func reserve() gen.Generator {
	return gen.Limit(8, gen.Reserve([]gen.Part{{N: 1, Gen: one2("a")}, {N: 2, Gen: one2("b")}}, one2("rest")))
}

func reserveNested() gen.Generator {
	inner := gen.Reserve([]gen.Part{{N: 1, Gen: one2("b")}}, one2("c"))
	return gen.Limit(8, gen.Clients(gen.Reserve([]gen.Part{{N: 2, Gen: one2("a")}}, inner)))
}

func hundredMore(op history.Op) history.Op {
	n, _ := op.Value.Int()
	op.Value = history.Int(n + 100)
	return op
}

func even(op history.Op) bool {
	n, _ := op.Value.Int()
	return n%2 == 0
}

// endAfterFive ends a generator when the invocation of 5 is heard of.
func endAfterFive(ctx *gen.Context, event history.Op, g gen.Generator) gen.Generator {
	if n, _ := event.Value.Int(); n == 5 {
		return nil
	}
	return g.Update(ctx, event)
}

func perKey(key history.Value) gen.Generator {
	return gen.Limit(2, gen.Map(func(op history.Op) history.Op {
		n, _ := op.Value.Int()
		k, _ := key.Int()
		op.Value = history.Int(k*10 + n)
		return op
	}, write()))
}

func untilOk(history.Value) gen.Generator { return gen.UntilOk(write()) }

func endless(history.Value) gen.Generator { return gen.Limit(4, write()) }

func scheduled() gen.Generator {
	return gen.Scheduled([]gen.Entry{
		{Time: 0, Thread: 0, Op: gen.Op("a", history.Nil)},
		{Time: 50, Thread: 1, Op: gen.Op("d", history.Nil)},
		{Time: 5, Thread: 0, Op: gen.Op("b", history.Nil)}, // must wait for a
		{Time: 7, Thread: gen.NemesisThread, Op: gen.Op("start", history.Nil)},
		{Time: 7, Thread: 1, Op: gen.Op("c", history.Nil)},
	})
}

// final is the whole of a run: load beside faults for a while, an end to the
// faults, a pause, and final reads until each client has one.
func final() gen.Generator {
	return gen.Phases(
		gen.TimeLimit(40, gen.ClientsAndNemesis(
			gen.Stagger(1, ns10, gen.Mix(2, read(), write())),
			gen.Cycle(gen.Seq(one("start"), gen.Sleep(ns10), one("stop"), gen.Sleep(ns10))))),
		gen.Log("recovering"),
		gen.NemesisOnly(one("stop")),
		gen.Sleep(ns100),
		gen.Clients(gen.EachThread(gen.UntilOk(one2("final")))))
}

// nothing returns generators that have no op, without end.
func nothing(_ *gen.Context, n int) (gen.Generator, int) {
	return gen.OnThreads(func(gen.Thread) bool { return false }, read()), n
}

// waits is a generator that can only wait.
type waits struct{}

func (w waits) Next(*gen.Context) (gen.Step, gen.Generator) {
	return gen.Step{Kind: gen.Pending, At: math.MaxInt64}, w
}

func (w waits) Update(*gen.Context, history.Op) gen.Generator { return w }

// TestStories tells who does what when: time, process, type, f and value of each
// op.
func TestStories(t *testing.T) {
	told := map[string]bool{}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var name, end string
			clients, limit := 2, 0
			d.ScanArgs(t, "gen", &name)
			d.MaybeScanArgs(t, "clients", &clients)
			d.MaybeScanArgs(t, "ends", &end)
			d.MaybeScanArgs(t, "limit", &limit)
			story, known := stories[name]
			if !known {
				t.Fatalf("%s: no story %q", d.Pos, name)
			}
			told[name] = true
			return tell(story(), clients, limit, end)
		})
	})
	for name := range stories {
		if !told[name] {
			t.Errorf("the story %q is told nowhere", name)
		}
	}
}

func tell(g gen.Generator, clients, limit int, end string) string {
	var b strings.Builder
	s := gen.Simulation{Clients: clients, MaxOps: limit, Complete: map[string]gen.Completer{
		"": gen.Perfect, "quick": gen.Quick, "info": gen.PerfectInfo, "imperfect": gen.Imperfect(clients),
	}[end]}
	var logged []string
	s.Log = func(at int64, message string) { logged = append(logged, fmt.Sprintf("%d log %s\n", at, message)) }
	ops, err := s.Run(gen.Validate(g))
	for _, op := range ops {
		fmt.Fprintf(&b, "%3d %-7v %-6v %s", op.Time, op.Process, op.Type, op.F)
		if !op.Value.IsNil() {
			fmt.Fprintf(&b, " %v", op.Value)
		}
		b.WriteByte('\n')
	}
	for _, line := range logged {
		b.WriteString(line)
	}
	if err != nil {
		fmt.Fprintf(&b, "error: %v\n", err)
	}
	return b.String()
}
