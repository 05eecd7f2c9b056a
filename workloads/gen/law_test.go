package gen_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"checker/history"
	"checker/workloads/gen"
)

// forest draws generators of all kinds. The ops of each leaf have an f of its own.
type forest struct {
	t      *rapid.T
	leaves int
}

func (f *forest) name() string {
	f.leaves++
	return fmt.Sprintf("f%d", f.leaves)
}

func (f *forest) rand() gen.Rand { return gen.Rand(rapid.Uint64().Draw(f.t, "rand")) }

func (f *forest) small(name string) int { return rapid.IntRange(1, 6).Draw(f.t, name) }

func (f *forest) span() time.Duration { return time.Duration(rapid.IntRange(1, 40).Draw(f.t, "ns")) }

func (f *forest) leaf() gen.Generator {
	name := f.name()
	return rapid.SampledFrom([]func() gen.Generator{
		func() gen.Generator { return one(name) },
		func() gen.Generator { return one2(name) },
		func() gen.Generator { return gen.Unique(name, 0) },
		func() gen.Generator { return gen.Sleep(f.span()) },
		func() gen.Generator { return gen.Log(name) },
		func() gen.Generator { return hears{} },
		func() gen.Generator {
			return gen.Fn(f.rand(), func(_ *gen.Context, r gen.Rand) (gen.Generator, gen.Rand) {
				return gen.Limit(r.IntN(3), one2(name)), r
			})
		},
	}).Draw(f.t, "leaf")()
}

// tree draws a generator with others inside, to a depth.
func (f *forest) tree(depth int) gen.Generator {
	if depth == 0 {
		return f.leaf()
	}
	in := func() gen.Generator { return f.tree(depth - 1) }
	return rapid.SampledFrom([]func() gen.Generator{
		func() gen.Generator { return gen.Seq(in(), in()) },
		func() gen.Generator { return gen.Phases(in(), in()) },
		func() gen.Generator { return gen.Cycle(in()) },
		func() gen.Generator { return gen.CycleN(f.small("rounds"), in()) },
		func() gen.Generator { return gen.RepeatN(f.small("times"), in()) },
		func() gen.Generator { return gen.Limit(f.small("limit"), in()) },
		func() gen.Generator { return gen.TimeLimit(f.span(), in()) },
		func() gen.Generator { return gen.ProcessLimit(10*f.small("processes"), in()) },
		func() gen.Generator { return gen.ConcurrencyLimit(f.small("busy"), in()) },
		func() gen.Generator { return gen.UntilOk(in()) },
		func() gen.Generator { return gen.Mix(f.rand(), in(), in()) },
		func() gen.Generator { return gen.Any(in(), in()) },
		func() gen.Generator { return gen.ShortestAny(in(), in()) },
		func() gen.Generator { return gen.FlipFlop(in(), in()) },
		func() gen.Generator {
			return gen.CycleTimes(gen.Slot{For: f.span(), Gen: in()}, gen.Slot{For: f.span(), Gen: in()})
		},
		func() gen.Generator { return gen.Clients(in()) },
		func() gen.Generator { return gen.ClientsAndNemesis(in(), in()) },
		func() gen.Generator { return gen.Reserve([]gen.Part{{N: 1, Gen: in()}}, in()) },
		func() gen.Generator { return gen.EachThread(in()) },
		func() gen.Generator { return gen.EachProcess(in()) },
		func() gen.Generator { return gen.Stagger(f.rand(), f.span(), in()) },
		func() gen.Generator { return gen.Delay(f.span(), in()) },
		func() gen.Generator {
			return gen.ConcurrentKeys(f.small("threads"), gen.IntKeys(3), func(history.Value) gen.Generator { return gen.Limit(2, one2("k")) })
		},
		func() gen.Generator { return gen.FMap(map[string]string{"f1": "g"}, in()) },
	}).Draw(f.t, "kind")()
}

// erratic ends the n-th op of a run in a way that n alone decides.
func erratic(seed gen.Rand) gen.Completer {
	n := int64(0)
	return func(op history.Op) history.Op {
		r := seed.Split(n)
		n++
		op.Type = []history.Type{history.Ok, history.Ok, history.Fail, history.Info}[r.IntN(4)]
		op.Time += r.Int64N(30)
		return op
	}
}

func erraticRun(t *rapid.T, g gen.Generator, clients int, seed gen.Rand) []history.Op {
	ops, _ := tryErratic(t, g, clients, seed)
	return ops
}

// tryErratic also says whether the run came to its end: a tree may reserve more
// clients than there are, or say nothing but log lines.
func tryErratic(t *rapid.T, g gen.Generator, clients int, seed gen.Rand) (ops []history.Op, whole bool) {
	ops, err := gen.Simulation{Clients: clients, Seed: 1, Complete: erratic(seed), MaxOps: 60}.Run(gen.Validate(g))
	if err != nil && !strings.Contains(err.Error(), "clients are reserved") && !strings.Contains(err.Error(), "in a row") {
		t.Fatalf("%v", err)
	}
	return ops, err == nil
}

// Whatever is put together keeps the laws: what it emits can be invoked, the same
// question has the same answer, the context is left alone, and nothing waits for
// what cannot come.
func TestEveryGeneratorKeepsTheLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &forest{t: t}
		g := gen.Until(2000, f.tree(rapid.IntRange(1, 4).Draw(t, "depth")))
		erraticRun(t, g, rapid.IntRange(1, 5).Draw(t, "clients"), f.rand())
	})
}

// A run that is played again from its invocations is the same, op by op.
func TestReplayIsExact(t *testing.T) {
	replayed := 0
	rapid.Check(t, func(t *rapid.T) {
		f := &forest{t: t}
		clients := rapid.IntRange(1, 5).Draw(t, "clients")
		g := gen.Until(2000, f.tree(rapid.IntRange(1, 4).Draw(t, "depth")))
		seed := f.rand()
		first, whole := tryErratic(t, g, clients, seed)
		if !whole {
			return
		}
		again := erraticRun(t, gen.Scheduled(gen.Recorded(first, clients)), clients, seed)
		if a, b := lines(first), lines(again); a != b {
			t.Fatalf("first:\n%s\nagain:\n%s", a, b)
		}
		replayed += len(first)
	})
	if replayed < 500 {
		t.Errorf("only %d ops in all were played again", replayed)
	}
}

// An op that takes longer than it did delays those of its own thread alone.
func TestReplayWaitsForBusyThreads(t *testing.T) {
	entries := []gen.Entry{
		{Time: 0, Thread: 0, Op: gen.Op("slow", history.Nil)},
		{Time: 10, Thread: 0, Op: gen.Op("late", history.Nil)},
		{Time: 20, Thread: 1, Op: gen.Op("on time", history.Nil)},
	}
	ops := run(t, gen.Scheduled(entries), 2, func(op history.Op) history.Op {
		op.Type = history.Ok
		if op.F == "slow" {
			op.Time += 100
		}
		return op
	})
	at := map[string]int64{}
	for _, op := range gen.Invocations(ops) {
		at[op.F] = op.Time
	}
	if at["on time"] != 20 || at["late"] != 100 {
		t.Errorf("invoked at %v", at)
	}
}

func lines(ops []history.Op) string {
	var b strings.Builder
	for _, op := range ops {
		b.WriteString(op.String() + "\n")
	}
	return b.String()
}

func run(t testing.TB, g gen.Generator, clients int, c gen.Completer) []history.Op {
	t.Helper()
	ops, err := gen.Simulate(g, clients, c)
	if err != nil {
		t.Fatal(err)
	}
	return ops
}

func TestLimitIsReachedAndNotExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit, there := rapid.IntRange(0, 20).Draw(t, "limit"), rapid.IntRange(0, 20).Draw(t, "there")
		g := gen.Limit(limit, gen.Mix(1, gen.RepeatN(there, one("a")), gen.RepeatN(there, one("b"))))
		if n := len(gen.Invocations(erraticRun(t, g, 3, 1))); n != min(limit, 2*there) {
			t.Fatalf("%d ops of %d with a limit of %d", n, 2*there, limit)
		}
	})
}

func TestTimeLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit, gap := rapid.Int64Range(1, 300).Draw(t, "limit"), rapid.Int64Range(1, 50).Draw(t, "gap")
		begin := rapid.Int64Range(0, 50).Draw(t, "begin")
		g := gen.Seq(gen.NemesisOnly(gen.Sleep(time.Duration(begin))), gen.NemesisOnly(gen.TimeLimit(time.Duration(limit), gen.Delay(time.Duration(gap), one2("a")))))
		ops, err := gen.Simulate(g, 1, gen.Quick)
		if err != nil {
			t.Fatal(err)
		}
		ops = gen.Invocations(ops)
		// The nemesis's ops end at once in a simulation with Quick's completion time.
		if want := (limit + gap - 1) / gap; int64(len(ops)) != want || ops[0].Time != begin {
			t.Fatalf("%d ops from %d on, want %d from %d on", len(ops), ops[0].Time, want, begin)
		}
		if last := ops[len(ops)-1].Time; last >= begin+limit {
			t.Fatalf("the last op is at %d, the limit was %d", last, begin+limit)
		}
	})
}

// Every op of a phase begins after all of those before have ended.
func TestPhasesWaitForAllThreads(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &forest{t: t}
		var phases []gen.Generator
		for i := range 3 {
			phases = append(phases, gen.Map(func(op history.Op) history.Op {
				op.F = fmt.Sprint(i)
				return op
			}, gen.Limit(15, f.tree(2))))
		}
		open, phase := 0, ""
		ops := erraticRun(t, gen.Until(3000, gen.Phases(phases...)), 3, f.rand())
		for i, begins := range begins(ops) {
			switch {
			case begins && ops[i].F < phase, begins && ops[i].F > phase && open > 0:
				t.Fatalf("op %d begins while %d ops of phase %s are open:\n%s", i, open, phase, lines(ops))
			case begins:
				open, phase = open+1, ops[i].F
			default:
				open--
			}
		}
	})
}

// begins says of each op whether it begins something.
func begins(ops []history.Op) []bool {
	var is []bool
	rest := gen.Invocations(ops)
	for _, op := range ops {
		begins := len(rest) > 0 && rest[0].Index == op.Index
		if begins {
			rest = rest[1:]
		}
		is = append(is, begins)
	}
	return is
}

// Reserve places each part on its own clients, wherever it stands itself.
func TestReservePlacesOps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		skip, a, b, rest := rapid.IntRange(0, 3).Draw(t, "skip"), rapid.IntRange(1, 3).Draw(t, "a"), rapid.IntRange(1, 3).Draw(t, "b"), rapid.IntRange(1, 3).Draw(t, "rest")
		inner := gen.Reserve([]gen.Part{{N: b, Gen: one2("b")}}, one2("rest"))
		g := gen.OnThreads(func(t gen.Thread) bool { return int(t) >= skip }, gen.Reserve([]gen.Part{{N: a, Gen: one2("a")}}, inner))
		clients := skip + a + b + rest
		bounds := map[string][2]int{"a": {skip, skip + a}, "b": {skip + a, skip + a + b}, "rest": {skip + a + b, clients}}
		used := map[int]bool{}
		for _, op := range erraticRun(t, g, clients, 3) {
			if thread := int(op.Process) % clients; op.Process.IsClient() {
				used[thread] = true
				if in := bounds[op.F]; thread < in[0] || thread >= in[1] {
					t.Fatalf("%s is on thread %d, not in %v", op.F, thread, in)
				}
			} else if op.F != "rest" {
				t.Fatalf("%s is on the nemesis", op.F)
			}
		}
		if len(used) != clients-skip {
			t.Fatalf("%d of %d threads were used", len(used), clients-skip)
		}
	})
}

// Each thread does all of its own copy, in order.
func TestEachThreadHasItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clients, n := rapid.IntRange(1, 8).Draw(t, "clients"), rapid.IntRange(1, 5).Draw(t, "n")
		seen := map[int][]int64{}
		ops := erraticRun(t, gen.Clients(gen.EachThread(gen.Limit(n, write()))), clients, 5)
		for _, op := range gen.Invocations(ops) {
			v, _ := op.Value.Int()
			seen[int(op.Process)%clients] = append(seen[int(op.Process)%clients], v)
		}
		want := []int64{0, 1, 2, 3, 4}[:n]
		for thread := range clients {
			if !slices.Equal(seen[thread], want) {
				t.Fatalf("thread %d did %v, want %v", thread, seen[thread], want)
			}
		}
	})
}

// hears is a generator that emits how many events it has heard of.
type hears struct{ n int64 }

func (g hears) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	return ctx.Fill(gen.Op("heard", history.Int(g.n))), g
}

func (g hears) Update(*gen.Context, history.Op) gen.Generator { return hears{g.n + 1} }

// Events reach the generators inside all others: of ten ops of one thread each
// has two before the next.
func TestEventsReachChildren(t *testing.T) {
	never := gen.Generator(waits{})
	for name, g := range map[string]gen.Generator{
		"seq":         gen.Seq(hears{}, one("z")),
		"phases":      gen.Phases(hears{}),
		"cycle":       gen.Cycle(hears{}),
		"repeat":      gen.Repeat(hears{}),
		"fn":          gen.Fn(0, func(_ *gen.Context, n int) (gen.Generator, int) { return hears{}, n }),
		"limit":       gen.Limit(99, hears{}),
		"time limit":  gen.TimeLimit(time.Hour, hears{}),
		"processes":   gen.ProcessLimit(99, hears{}),
		"concurrency": gen.ConcurrencyLimit(99, hears{}),
		"until ok":    gen.Cycle(gen.UntilOk(gen.Map(func(op history.Op) history.Op { return op }, hears{}))),
		"mix":         gen.Mix(1, hears{}, never),
		"mix ops":     gen.Mix(1, hears{}, hears{}),
		"any":         gen.Any(hears{}, never),
		"shortest":    gen.ShortestAny(hears{}, never),
		"flip-flop":   gen.FlipFlop(hears{}, hears{}),
		"cycle times": gen.CycleTimes(gen.Slot{For: time.Hour, Gen: hears{}}, gen.Slot{For: time.Hour, Gen: never}),
		"reserve":     gen.Reserve([]gen.Part{{N: 1, Gen: hears{}}}, never),
		"each thread": gen.EachThread(hears{}),
		"each proc":   gen.EachProcess(hears{}),
		"stagger":     gen.Stagger(1, 1, hears{}),
		"delay":       gen.Delay(1, hears{}),
		"filter":      gen.Filter(func(history.Op) bool { return true }, hears{}),
		"on update":   gen.OnUpdate(func(ctx *gen.Context, e history.Op, g gen.Generator) gen.Generator { return g.Update(ctx, e) }, hears{}),
		"validate":    gen.Validate(hears{}),
		"trace":       gen.Trace("t", func(string) {}, hears{}),
		"keys":        gen.Map(second, gen.ConcurrentKeys(1, gen.IntKeys(-1), func(history.Value) gen.Generator { return hears{} })),
	} {
		t.Run(name, func(t *testing.T) {
			end := gen.Perfect
			if name == "until ok" {
				end = func(op history.Op) history.Op { op.Type = history.Fail; return op }
			}
			ops, err := gen.Simulation{Clients: 1, Complete: end, MaxOps: 10}.Run(gen.Clients(g))
			if err != nil {
				t.Fatal(err)
			}
			for i, op := range gen.Invocations(ops) {
				if heard, _ := op.Value.Int(); heard != int64(2*i) {
					t.Fatalf("op %d had heard of %d events, want %d", i, heard, 2*i)
				}
			}
		})
	}
	t.Run("ignored", func(t *testing.T) {
		ops := run(t, gen.Clients(gen.Limit(3, gen.IgnoreUpdates(hears{}))), 1, gen.Perfect)
		for _, op := range ops {
			if !op.Value.Equal(history.Int(0)) {
				t.Errorf("it heard: %v", op)
			}
		}
	})
}

// An op of somebody else on the same process is not its own.
func TestUntilOkWaitsForItsOwn(t *testing.T) {
	g := gen.Limit(20, gen.Clients(gen.FlipFlop(gen.UntilOk(one2("a")), one2("b"))))
	ops := run(t, g, 1, func(op history.Op) history.Op {
		op.Type = map[string]history.Type{"a": history.Fail, "b": history.Ok}[op.F]
		return op
	})
	if n := len(gen.Invocations(ops)); n != 20 {
		t.Errorf("it ended after %d ops of 20: an op of b was taken for one of a", n)
	}
}

// The work on a key hears nothing of the last ops on the key before.
func TestKeysHearOfTheirOwn(t *testing.T) {
	const a, b = 0, 1
	g := gen.ConcurrentKeys(2, gen.IntKeys(2), func(key history.Value) gen.Generator {
		if n, _ := key.Int(); n == a {
			return gen.Limit(2, one2("old"))
		}
		return gen.Limit(4, hears{})
	})
	n := 0
	ops := run(t, g, 2, func(op history.Op) history.Op {
		op.Type = history.Ok
		op.Time += 10
		if n++; n == 1 {
			op.Time += 15 // ends while the ops of the next key go on
		}
		return op
	})
	// The last old op ends between the second and the third of the new ones.
	for i, op := range gen.Invocations(ops)[2:] {
		k, v, _ := op.Value.Pair()
		if heard, _ := v.Int(); !k.Equal(history.Int(b)) || heard != []int64{0, 2, 3, 5}[i] {
			t.Errorf("op %d, %v, had heard of %d events:\n%s", i, op, heard, lines(ops))
		}
	}
}

// second takes the key from the value of an op.
func second(op history.Op) history.Op {
	_, op.Value, _ = op.Value.Pair()
	return op
}
