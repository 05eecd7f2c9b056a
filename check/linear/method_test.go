package linear_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

var (
	histories = flag.Int("histories", 0, "random histories that TestMethods judges in all; 0: a few thousand per data type")
	firstSeed = flag.Int("first-seed", 0, "seed of the first of them for each data type")
)

// kinds says what random ops look like for which the methods apply, by model.
func kinds(t testing.TB) map[string][]choice {
	none, flags := []history.Value{history.Nil}, []history.Value{history.Bool(false), history.Bool(true)}
	few, some := ints(1, 2, 3, 4), ints(1, 2, 3, 4, 5, 6)
	queue := func(in, out string) []choice {
		return []choice{{in, some, none}, {out, none, orNil(ints(1, 2, 3, 4, 5, 6))}}
	}
	table := map[string][]choice{
		"set":            {{"add", few, none}, {"remove", few, none}, {"contains", few, flags}, {"contains", few, flags}},
		"growing set":    {{"add", few, none}, {"read", none, arrangements(few, false)}},
		"counter":        {{"inc", none, none}, {"read", none, ints(-1, 0, 1, 2, 3, 4, 5)}},
		"falling":        {{"add", ints(-2), none}, {"dec", ints(2), none}, {"read", none, ints(1, 0, -1, -2, -4, -6, -8)}},
		"log":            {{"append", few, none}, {"read", none, arrangements(few, true)}},
		"queue":          queue("enqueue", "dequeue"),
		"fifo-queue":     queue("enqueue", "dequeue"),
		"priority-queue": queue("insert", "delete-min"),
		"stack":          queue("push", "pop"),
		"test-and-set":   {{"test-and-set", none, flags}, {"read", none, flags}},
	}
	all := choices(t)
	edn := func(texts ...string) (out []history.Value) {
		for _, text := range texts {
			v, err := history.ParseEDN(text)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
		return out
	}
	table["register"] = []choice{{"read", none, orNil(ints(1, 2, 3))}, {"write", some, none}}
	table["cas-register"] = append(table["register"], choice{"cas", edn("[1 7]", "[7 8]", "[2 9]", "[nil 10]", "[8 11]"), none})
	table["cas-register"][0].outs = orNil(ints(1, 2, 7, 8, 9, 10))
	for _, same := range []string{"max-register", "mutex", "owned-mutex", "reentrant-mutex", "semaphore", "fenced-lock", "unique-ids"} {
		table[same] = all[same]
	}
	return table
}

// arrangements returns all subsets of values as vectors, in one order or in every.
func arrangements(values []history.Value, orders bool) []history.Value {
	var out []history.Value
	var extend func(have []history.Value, from int)
	extend = func(have []history.Value, from int) {
		out = append(out, history.Vector(slices.Clone(have)...))
		for i := from; i < len(values); i++ {
			if slices.ContainsFunc(have, values[i].Equal) {
				continue
			}
			next := 0
			if !orders {
				next = i + 1
			}
			extend(append(slices.Clone(have), values[i]), next)
		}
	}
	extend(nil, 0)
	return out
}

// modelOf returns the model that a row of kinds is about.
func modelOf(t testing.TB, name string) models.Model {
	t.Helper()
	m, err := models.Parse(map[string]string{"growing set": "set", "falling": "counter", "semaphore": "semaphore=2"}[name])
	if err != nil {
		m = mustParse(t, name)
	}
	return m
}

// timed is an op of a small random history that is not yet one.
type timed struct {
	wandering
	inv, res float64
	ended    bool
}

// tryOut makes what a correct object could have answered to a few concurrent
// clients, each of whose arguments is used once where once is set. Half of the
// histories are then made to be near misses.
func (w *wanderer) tryOut(t testing.TB, rng *rand.Rand, ops int, once bool) *history.History {
	t.Helper()
	threads, fragile := 2+rng.IntN(3), 2+rng.IntN(12)
	state := newState(t, w.model)
	used := map[string]bool{}
	open := make([]*timed, threads)
	process := make([]history.Process, threads)
	for i := range process {
		process[i] = history.Process(i)
	}
	var all []*timed
	for now := 0.0; len(all) < ops || slices.ContainsFunc(open, func(p *timed) bool { return p != nil }); now++ {
		thread := rng.IntN(threads)
		p := open[thread]
		switch {
		case p == nil && len(all) < ops:
			c := &w.choices[rng.IntN(len(w.choices))]
			in := c.ins[rng.IntN(len(c.ins))]
			if name := c.f + in.String(); once && len(c.ins) > 1 && c.f != "contains" {
				if used[name] {
					continue
				}
				used[name] = true
			}
			p = &timed{wandering: wandering{process: process[thread], c: c, in: in, outcome: history.Ok}, inv: now}
			open[thread] = p
			all = append(all, p)
		case p == nil:
		case !p.applied && rng.IntN(6) > 0:
			if p.applied = true; !state.apply(rng, &p.wandering) {
				p.outcome = [...]history.Type{history.Fail, history.Info}[rng.IntN(2)]
			}
		default:
			if !p.applied || rng.IntN(fragile) == 0 {
				p.outcome = history.Info
			}
			if p.outcome == history.Info {
				process[thread] += history.Process(threads)
			}
			p.res, p.ended, open[thread] = now, true, nil
		}
	}
	for range rng.IntN(5) {
		missNearly(rng, all)
	}
	return recordTimed(t, all)
}

// missNearly changes one thing: when an op was open, what it returned, or whether
// it is known.
func missNearly(rng *rand.Rand, all []*timed) {
	p, q := all[rng.IntN(len(all))], all[rng.IntN(len(all))]
	switch rng.IntN(6) {
	case 0, 1:
		p.res = p.inv + (p.res-p.inv)*rng.Float64()
	case 2, 3:
		p.inv = p.res - (p.res-p.inv)*rng.Float64()
	case 4:
		if p.c.f == q.c.f && p.outcome == history.Ok && q.outcome == history.Ok {
			p.out, q.out = q.out, p.out
		}
	case 5:
		if p.outcome == history.Info {
			p.outcome = history.Fail
		} else {
			p.outcome, p.out = history.Ok, p.c.outs[rng.IntN(len(p.c.outs))]
		}
	}
}

func recordTimed(t testing.TB, all []*timed) *history.History {
	t.Helper()
	type event struct {
		at float64
		op history.Op
	}
	var events []event
	for _, p := range all {
		op := history.Op{Process: p.process, Type: history.Invoke, F: p.c.f, Value: p.in}
		events = append(events, event{p.inv, op})
		if op.Type = p.outcome; op.Type == history.Ok && len(p.c.outs) > 1 {
			op.Value = p.out
		}
		events = append(events, event{p.res, op})
	}
	slices.SortStableFunc(events, func(a, b event) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	b := history.NewBuilder()
	for _, e := range events {
		if err := b.AddOp(e.op); err != nil {
			t.Fatal(err)
		}
	}
	return b.History()
}

// TestMethods compares the method of each data type with trying every order, with
// the search and with Porcupine. `make nightly` tries ten million histories.
func TestMethods(t *testing.T) {
	table := kinds(t)
	for name, c := range table {
		n := 3000
		if *histories > 0 {
			n = *histories / len(table)
		}
		t.Run(name, func(t *testing.T) { testMethod(t, wanderer{modelOf(t, name), c}, n) })
	}
}

func testMethod(t *testing.T, w wanderer, n int) {
	method := linear.New(w.model, linear.Options{})
	search := linear.New(w.model, linear.Options{Engine: linear.Search})
	porcupine := linear.New(w.model, linear.Options{Engine: linear.Porcupine})
	bad, left := 0, 0
	for seed := *firstSeed; seed < *firstSeed+n; seed++ {
		rng := rand.New(rand.NewPCG(uint64(seed), 11))
		h := w.tryOut(t, rng, 1+rng.IntN(9), rng.IntN(16) > 0)
		want := check.Invalid
		if anyOrder(t, w.model, h) {
			want = check.Valid
		} else {
			bad++
		}
		got := check.Run(context.Background(), method, h)
		if got.Verdict != want {
			t.Fatalf("seed %d: %v (%s), the oracle %v, of\n%s%+v", seed, got.Verdict, got.Reason, want, dump(h), got.Anomalies)
		}
		if slices.ContainsFunc(got.Notes, func(note string) bool { return strings.Contains(note, "searched") }) {
			left++
		}
		if seed%4 != 0 {
			continue
		}
		for _, other := range []check.Checker{search, porcupine} {
			if got := check.Run(context.Background(), other, h); got.Verdict != want {
				t.Fatalf("seed %d: an engine says %v (%s), the oracle %v, of\n%s%+v", seed, got.Verdict, got.Reason, want, dump(h), got.Anomalies)
			}
		}
	}
	t.Logf("%d histories, %d of them illegal, %d left to the search", n, bad, left)
	if bad < n/40 || bad > n*9/10 || left > n/3 {
		t.Errorf("%d of %d histories are illegal, %d left to the search: the sample is lopsided", bad, n, left)
	}
}
