package gen_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"checker/history"
	"checker/workloads/gen"
)

// G keeps the equations on their lines.
type G = gen.Generator

// equations are pairs of generators that do the same: whoever takes one for the
// other must not notice.
var equations = map[string]func(f *forest, a, b, c G) (one, other G){
	"nothing before": func(_ *forest, a, _, _ G) (G, G) { return gen.Seq(nil, a), a },
	"nothing after":  func(_ *forest, a, _, _ G) (G, G) { return gen.Seq(a, nil), a },
	"sequences nest": func(_ *forest, a, b, c G) (G, G) {
		return gen.Seq(a, gen.Seq(b, c)), gen.Seq(gen.Seq(a, b), c)
	},
	"phases nest": func(_ *forest, a, b, c G) (G, G) {
		return gen.Phases(a, b, c), gen.Phases(a, gen.Phases(b, c))
	},
	"then is two phases": func(_ *forest, a, b, _ G) (G, G) {
		return gen.Then(gen.Synchronize(a), b), gen.Phases(a, b)
	},
	"waiting twice is waiting": func(_ *forest, a, _, _ G) (G, G) {
		return gen.Synchronize(gen.Synchronize(a)), gen.Synchronize(a)
	},
	"a cycle is a sequence": func(_ *forest, a, _, _ G) (G, G) {
		a = gen.Seq(gen.Invoke("always", history.Nil), a) // a round without an op ends it
		return gen.CycleN(3, a), gen.Seq(a, a, a)
	},
	"a cycle of one op repeats it": func(*forest, G, G, G) (G, G) {
		return gen.Cycle(one("a")), gen.Repeat(one("a"))
	},
	"once is a limit": func(_ *forest, a, _, _ G) (G, G) { return gen.Once(a), gen.Limit(1, a) },
	"the smaller limit counts": func(f *forest, a, _, _ G) (G, G) {
		m, n := f.small("m"), f.small("n")
		return gen.Limit(m, gen.Limit(n, a)), gen.Limit(min(m, n), a)
	},
	"the earlier end counts": func(f *forest, a, _, _ G) (G, G) {
		m, n := f.span(), f.span()
		return gen.Until(m, gen.Until(n, a)), gen.Until(min(m, n), a)
	},
	"room for all is no limit": func(_ *forest, a, _, _ G) (G, G) {
		return gen.ConcurrencyLimit(100, gen.ProcessLimit(10_000, a)), a
	},
	"a mix of one":        func(f *forest, a, _, _ G) (G, G) { return gen.Mix(f.rand(), a), a },
	"any of one":          func(_ *forest, a, _, _ G) (G, G) { return gen.Any(nil, a), a },
	"the shortest of one": func(_ *forest, a, _, _ G) (G, G) { return gen.ShortestAny(a), a },
	"nothing is shortest": func(_ *forest, a, _, _ G) (G, G) { return gen.ShortestAny(a, nil), nil },
	"clients of clients": func(_ *forest, a, _, _ G) (G, G) {
		return gen.Clients(gen.Clients(a)), gen.Clients(a)
	},
	"clients are no faults": func(_ *forest, a, _, _ G) (G, G) {
		return gen.Clients(gen.NemesisOnly(a)), nil
	},
	"a map of a map": func(_ *forest, a, _, _ G) (G, G) {
		return gen.Map(suffix("2"), gen.Map(suffix("1"), a)), gen.Map(suffix("12"), a)
	},
	"no other names": func(_ *forest, a, _, _ G) (G, G) { return gen.FMap(nil, a), a },
	"a filter of a filter": func(_ *forest, a, _, _ G) (G, G) {
		a = gen.Limit(40, a)
		both := func(op history.Op) bool { return not("f1")(op) && not("f2")(op) }
		return gen.Filter(not("f1"), gen.Filter(not("f2"), a)), gen.Filter(both, a)
	},
	"a map of a sequence": func(_ *forest, a, b, _ G) (G, G) {
		return gen.Map(suffix("1"), gen.Seq(a, b)), gen.Seq(gen.Map(suffix("1"), a), gen.Map(suffix("1"), b))
	},
	"looking on": func(_ *forest, a, _, _ G) (G, G) {
		return gen.Trace("t", func(string) {}, gen.Validate(a)), a
	},
	"passing events on": func(_ *forest, a, _, _ G) (G, G) {
		return gen.OnUpdate(func(ctx *gen.Context, e history.Op, g gen.Generator) gen.Generator { return g.Update(ctx, e) }, a), a
	},
}

func suffix(s string) func(history.Op) history.Op {
	return func(op history.Op) history.Op {
		op.F += s
		return op
	}
}

func not(f string) func(history.Op) bool { return func(op history.Op) bool { return op.F != f } }

// TestEquations runs both sides of each against the same erratic system.
func TestEquations(t *testing.T) {
	for name, equation := range equations {
		t.Run(name, func(t *testing.T) {
			ops := 0
			rapid.Check(t, func(t *rapid.T) {
				f := &forest{t: t}
				tree := func() gen.Generator { return f.tree(rapid.IntRange(0, 2).Draw(t, "depth")) }
				clients, seed := rapid.IntRange(1, 5).Draw(t, "clients"), f.rand()
				left, right := equation(f, tree(), tree(), tree())
				one, whole := tryErratic(t, gen.Until(2000, left), clients, seed)
				other, wholeToo := tryErratic(t, gen.Until(2000, right), clients, seed)
				if !whole || !wholeToo {
					return
				}
				if a, b := lines(one), lines(other); a != b {
					t.Fatalf("one side:\n%s\nthe other:\n%s", a, b)
				}
				ops += len(one)
			})
			if ops < 100 && name != "clients are no faults" && name != "nothing is shortest" {
				t.Errorf("only %d ops were compared", ops)
			}
		})
	}
}

// Any and Mix emit all that is in them, each generator's in its order.
func TestChoiceLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 4).Draw(t, "sizes")
		parts := func() (gens []gen.Generator) {
			for i, n := range sizes {
				gens = append(gens, gen.Limit(n, gen.Unique(fmt.Sprint(i), 0)))
			}
			return gens
		}
		for name, g := range map[string]gen.Generator{"any": gen.Any(parts()...), "mix": gen.Mix(1, parts()...), "sequence": gen.Seq(parts()...)} {
			seen := make([]int64, len(sizes))
			for _, op := range gen.Invocations(erraticRun(t, g, 3, 1)) {
				i := int(op.F[0] - '0')
				if v, _ := op.Value.Int(); v != seen[i] {
					t.Fatalf("%s: op %d of %s comes where %d is due", name, v, op.F, seen[i])
				}
				seen[i]++
			}
			for i, n := range sizes {
				if seen[i] != int64(n) {
					t.Fatalf("%s: %v ops of %v", name, seen, sizes)
				}
			}
		}
	})
}

// FlipFlop takes turns, op by op, until the one whose turn it is has no more.
func TestFlipFlopTakesTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(0, 6).Draw(t, "ops of the first"), rapid.IntRange(1, 4).Draw(t, "generators")
		gens := []gen.Generator{gen.Limit(n, one2("0"))}
		for i := 1; i < k; i++ {
			gens = append(gens, one2(fmt.Sprint(i)))
		}
		ops := gen.Invocations(erraticRun(t, gen.FlipFlop(gens...), 3, 1))
		for i, op := range ops {
			if op.F != fmt.Sprint(i%k) {
				t.Fatalf("op %d is of %s, of %d generators", i, op.F, k)
			}
		}
		if len(ops) != n*k {
			t.Fatalf("%d ops, the first of %d has %d", len(ops), k, n)
		}
	})
}

// No more ops are open at a time, and no more processes take part, than were asked.
func TestBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		open, processes := rapid.IntRange(1, 4).Draw(t, "open"), rapid.IntRange(1, 12).Draw(t, "processes")
		g := gen.Clients(gen.ProcessLimit(processes, gen.ConcurrencyLimit(open, one2("a"))))
		ops := erraticRun(t, g, rapid.IntRange(1, 6).Draw(t, "clients"), gen.Rand(rapid.Uint64().Draw(t, "seed")))
		now, seen := 0, map[history.Process]bool{}
		for i, begins := range begins(ops) {
			seen[ops[i].Process] = true
			if now--; begins {
				now += 2
			}
			if now > open {
				t.Fatalf("%d ops are open, at most %d were to be:\n%s", now, open, lines(ops))
			}
		}
		if len(seen) > processes {
			t.Fatalf("%d processes of at most %d", len(seen), processes)
		}
	})
}

// Nothing begins after the first op that was ok.
func TestUntilOkEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := &forest{t: t}
		g := gen.Clients(gen.UntilOk(gen.Limit(30, gen.Mix(f.rand(), one2("a"), one2("b")))))
		ops := erraticRun(t, g, rapid.IntRange(1, 5).Draw(t, "clients"), f.rand())
		first := slices.IndexFunc(ops, func(op history.Op) bool { return op.Type == history.Ok })
		if first < 0 {
			return
		}
		if after := slices.IndexFunc(ops[first:], func(op history.Op) bool { return op.Type == history.Invoke }); after >= 0 {
			t.Fatalf("op %d begins after op %d was ok:\n%s", first+after, first, lines(ops))
		}
	})
}

// Delay is a schedule: no op is early, and none later than its thread was free.
func TestDelayIsASchedule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gap, latency := rapid.Int64Range(1, 40).Draw(t, "gap"), rapid.Int64Range(0, 90).Draw(t, "latency")
		g := gen.Clients(gen.Limit(20, gen.Delay(time.Duration(gap), gen.Unique("a", 0))))
		ops, err := gen.Simulate(g, 1, slow(time.Duration(latency)))
		if err != nil {
			t.Fatal(err)
		}
		free := int64(0)
		for i, op := range gen.Invocations(ops) {
			if want := max(int64(i)*gap, free); op.Time != want {
				t.Fatalf("op %d is at %d, want %d", i, op.Time, want)
			}
			free = op.Time + latency
		}
	})
}

// Each process does all of its own copy, from the beginning.
func TestEachProcessHasItsOwn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clients, n := rapid.IntRange(1, 4).Draw(t, "clients"), rapid.IntRange(1, 4).Draw(t, "n")
		next := map[history.Process]int64{}
		ops := erraticRun(t, gen.Clients(gen.EachProcess(gen.Limit(n, gen.Unique("a", 0)))), clients, gen.Rand(rapid.Uint64().Draw(t, "seed")))
		for _, op := range gen.Invocations(ops) {
			if v, _ := op.Value.Int(); v != next[op.Process] || v >= int64(n) {
				t.Fatalf("process %v did %d after %d of %d", op.Process, v, next[op.Process], n)
			}
			next[op.Process]++
		}
	})
}
