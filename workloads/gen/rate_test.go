package gen_test

import (
	"math"
	"testing"
	"time"

	"checker/history"
	"checker/workloads/gen"
)

// slow ends every op after so long.
func slow(d time.Duration) gen.Completer {
	return func(op history.Op) history.Op {
		op.Type = history.Ok
		op.Time += d.Nanoseconds()
		return op
	}
}

func about(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance*want {
		t.Errorf("%s: %.4g, want %.4g ± %.0f%%", what, got, want, 100*tolerance)
	}
}

// pacedRun returns when ops of a generator under Stagger were invoked.
func pacedRun(t *testing.T, clients, n int, gap, latency time.Duration) []history.Op {
	t.Helper()
	g := gen.Limit(n, gen.Clients(gen.Stagger(7, gap, read())))
	return gen.Invocations(run(t, g, clients, slow(latency)))
}

// The rate is that of all threads in sum, whatever their number, also when they are
// nearly always busy: it is lost only where the threads cannot do more.
func TestStaggerHoldsItsRate(t *testing.T) {
	const n = 20_000
	for _, c := range []struct {
		clients int
		latency time.Duration
		gap     float64 // ms between ops, expected
	}{
		{1, 0, 1},
		{50, 0, 1},
		{50, 10 * time.Millisecond, 1},
		{4, 3900 * time.Microsecond, 1}, // 97 % busy
		{4, 8 * time.Millisecond, 2},    // more is asked than four threads can do
	} {
		ops := pacedRun(t, c.clients, n, time.Millisecond, c.latency)
		about(t, "gap in ms", float64(ops[n-1].Time-ops[0].Time)/1e6/(n-1), c.gap, 0.02)
	}
}

// Gaps are spread evenly from 0 to twice the average.
func TestStaggerSpreads(t *testing.T) {
	ops := pacedRun(t, 10, 20_000, time.Millisecond, 0)
	var quarters [4]float64
	for i, op := range ops[1:] {
		gap := op.Time - ops[i].Time
		if gap < 0 || gap > 2e6 {
			t.Fatalf("a gap of %d ns", gap)
		}
		quarters[min(3, gap/5e5)]++
	}
	for _, n := range quarters {
		about(t, "gaps in a quarter of the range", n, 5000, 0.05)
	}
}

// What was missed while all threads were busy is made up for; what was missed while
// nobody asked is not.
func TestStaggerCatchesUp(t *testing.T) {
	stall := func(op history.Op) history.Op {
		op.Type = history.Ok
		if op.Time < 1e9 {
			op.Time = 10e9
		}
		return op
	}
	busy := gen.Invocations(run(t, gen.Limit(2000, gen.Clients(gen.Stagger(7, 10*time.Millisecond, read()))), 3, stall))
	about(t, "end in s after a stall of 10 s", float64(busy[1999].Time)/1e9, 20, 0.05)

	turns := gen.Clients(gen.CycleTimes(
		gen.Slot{For: time.Second, Gen: gen.Stagger(7, 10*time.Millisecond, one2("a"))},
		gen.Slot{For: 9 * time.Second, Gen: gen.Stagger(7, 10*time.Millisecond, one2("b"))}))
	counts := map[string]float64{}
	for _, op := range gen.Invocations(run(t, gen.Until(100*time.Second, turns), 3, gen.Perfect)) {
		counts[op.F]++
	}
	// Each of nine turns of a begins with up to a second's ops to make up for.
	if counts["a"] < 950 || counts["a"] > 1000+9*100+50 {
		t.Errorf("%v ops in ten seconds of their own at 100 a second", counts["a"])
	}
}

func TestMixIsFair(t *testing.T) {
	const n = 40_000
	weighted := gen.MixWeighted(9, gen.Part{N: 1, Gen: one2("a")}, gen.Part{N: 3, Gen: one2("b")}, gen.Part{N: 4, Gen: one2("c")})
	counts := countF(run(t, gen.Limit(n, weighted), 5, gen.Perfect))
	about(t, "a of a mix 1:3:4", counts["a"], n/8, 0.05)
	about(t, "b of a mix 1:3:4", counts["b"], 3*n/8, 0.05)
	about(t, "c of a mix 1:3:4", counts["c"], n/2, 0.05)
}

func countF(ops []history.Op) map[string]float64 {
	counts := map[string]float64{}
	for _, op := range gen.Invocations(ops) {
		counts[op.F]++
	}
	return counts
}

// A generator of a mix that waits does not block the others, nor lose its share
// when it goes on.
func TestMixGoesOnBesidePending(t *testing.T) {
	g := gen.Mix(3, waits{}, gen.Limit(100, read()), gen.Limit(100, one2("b")))
	ops, err := gen.Simulate(gen.Clients(g), 2, gen.Perfect)
	if err == nil || len(gen.Invocations(ops)) != 200 {
		t.Errorf("%d ops and %v, want 200 and then a complaint that nothing can come", len(gen.Invocations(ops)), err)
	}
}

func TestThreadsAreChosenFairly(t *testing.T) {
	const n, clients = 50_000, 100 // more threads than a word has bits
	for name, g := range map[string]gen.Generator{
		"one of all":      gen.Clients(read()),
		"reserve":         gen.Reserve([]gen.Part{{N: 30, Gen: read()}, {N: 70, Gen: read()}}, nil),
		"each thread":     gen.Clients(gen.EachThread(read())),
		"concurrent keys": gen.ConcurrentKeys(7, gen.IntKeys(-1), func(history.Value) gen.Generator { return gen.Limit(20, read()) }),
	} {
		counts := make([]float64, clients)
		for _, op := range gen.Invocations(run(t, gen.Limit(n, g), clients, gen.Quick)) {
			counts[op.Process]++
		}
		chi := 0.0
		for _, c := range counts {
			chi += (c - n/clients) * (c - n/clients) / (n / clients)
		}
		// 99 degrees of freedom: the mean is 99, the deviation 14.
		if chi > 99+5*14 {
			t.Errorf("%s: chi² is %.0f: %v", name, chi, counts)
		}
	}
}

// No generator starves beside others, nested or not.
func TestAnyNeverStarves(t *testing.T) {
	const n = 16_000
	g := gen.Any(gen.Any(one2("a"), one2("b")), gen.Any(one2("c"), one2("d")))
	for f, count := range countF(run(t, gen.Limit(n, g), 3, gen.Quick)) {
		about(t, f+" of four", count, n/4, 0.06)
	}
	beside := gen.Any(gen.Limit(n, read()), gen.Until(time.Microsecond*20, gen.Delay(100*time.Nanosecond, one2("rare"))))
	if rare := countF(run(t, beside, 3, gen.Perfect))["rare"]; rare < 150 {
		t.Errorf("%v ops of one that is due 200 times", rare)
	}
}

func TestDistributions(t *testing.T) {
	const n, draws = 8, 100_000
	counts := func(d gen.Distribution) (c [n]float64) {
		r := gen.Rand(4)
		for range draws {
			var i int
			i, r = d.Draw(r)
			c[i]++
		}
		return c
	}
	for _, c := range counts(gen.Uniform(n)) {
		about(t, "uniform", c, draws/n, 0.05)
	}
	exponential := counts(gen.Exponential(n, 2))
	about(t, "the last of an exponential one", exponential[n-1], draws*128/255, 0.02)
	about(t, "the one before", exponential[n-2], draws*64/255, 0.02)
	zipf := counts(gen.Zipf(n, 1))
	about(t, "the first of a Zipf one", zipf[0], draws/2.717857, 0.02)
	about(t, "the fourth", zipf[3], draws/2.717857/4, 0.05)
	if i, _ := gen.Zipf(0, 1).Draw(1); i != 0 {
		t.Errorf("drawn from nothing: %d", i)
	}
}

// The published outputs of SplitMix64 started at 0.
func TestRandAgreesWithTheReference(t *testing.T) {
	var r gen.Rand
	for i, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f} {
		if got := r.Uint64(); got != want {
			t.Errorf("output %d is %#x, want %#x", i, got, want)
		}
	}
}

func TestRandIsUniform(t *testing.T) {
	r := gen.NewRand(1, "test")
	copied := r
	var counts [5]float64
	trues, exp := 0.0, 0.0
	for range 50_000 {
		counts[r.IntN(5)]++
		if r.Bool() {
			trues++
		}
		if f := r.Float64(); f < 0 || f >= 1 {
			t.Fatalf("Float64: %v", f)
		}
		exp += r.Exp()
	}
	for _, c := range counts {
		about(t, "IntN", c, 10_000, 0.05)
	}
	about(t, "Bool", trues, 25_000, 0.03)
	about(t, "mean of Exp", exp/50_000, 1, 0.03)
	if other := gen.NewRand(1, "test"); copied != other {
		t.Error("the same name gave another stream, or a copy went on with the original")
	}
	if copied.Split(1) == copied.Split(2) {
		t.Error("two parts have the same stream")
	}
}
