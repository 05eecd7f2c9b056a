package linear_test

import (
	"context"
	"math/rand/v2"
	"testing"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// choice is a function with the arguments and the results that random ops of it
// may have.
type choice struct {
	f    string
	ins  []history.Value
	outs []history.Value
}

func ints(numbers ...int64) []history.Value {
	var out []history.Value
	for _, n := range numbers {
		out = append(out, history.Int(n))
	}
	return out
}

func orNil(values []history.Value) []history.Value { return append(values, history.Nil) }

// choices says what random ops of each model look like.
func choices(t testing.TB) map[string][]choice {
	none, flags := []history.Value{history.Nil}, []history.Value{history.Bool(false), history.Bool(true)}
	kv := func(texts ...string) []history.Value {
		var out []history.Value
		for _, text := range texts {
			out = append(out, history.Vector(history.Int(0), history.String(text)))
		}
		return out
	}
	edn := func(texts ...string) []history.Value {
		var out []history.Value
		for _, text := range texts {
			v, err := history.ParseEDN(text)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
		return out
	}
	lock := []choice{{"acquire", none, none}, {"release", none, none}}
	queue := func(in, out string) []choice {
		return []choice{{in, ints(1, 2, 3), none}, {out, none, orNil(ints(1, 2, 3))}}
	}
	lists := edn("[]", "[1]", "[2]", "[1 2]", "[2 1]", "[1 1]", "[1 2 1]", "[2 1 1]", "[1 1 2]", "[2 2]")
	register := []choice{{"read", none, orNil(ints(1, 2))}, {"write", ints(1, 2), none}}
	mops := edn("[[:r 0 nil]]", "[[:w 0 1]]", "[[:w 0 2] [:w 1 2]]", "[[:r 0 nil] [:w 1 1]]", "[[:r 0 nil] [:r 1 nil]]")
	return map[string][]choice{
		"register":       register,
		"cas-register":   append(register, choice{"cas", edn("[1 2]", "[2 1]", "[nil 1]", "[1 1]"), none}),
		"multi-register": {{"txn", mops, edn("[[:r 0 nil]]", "[[:r 0 1]]", "[[:r 0 2]]", "[[:w 0 1]]", "[[:w 0 2] [:w 1 2]]", "[[:r 0 nil] [:w 1 1]]", "[[:r 0 1] [:w 1 1]]", "[[:r 0 2] [:w 1 1]]", "[[:r 0 1] [:r 1 1]]", "[[:r 0 2] [:r 1 1]]", "[[:r 0 2] [:r 1 2]]", "[[:r 0 nil] [:r 1 nil]]")}},
		"max-register":   {{"read", none, orNil(ints(1, 2, 3))}, {"write", ints(1, 2, 3), none}},
		"test-and-set":   {{"test-and-set", none, flags}, {"reset", none, none}, {"read", none, flags}},
		"kv":             {{"get", kv(""), kv("", "a", "b", "ab", "ba", "aa", "bb", "aab")}, {"put", kv("a", "b"), none}, {"append", kv("a", "b"), none}},
		"set": {{"add", ints(1, 2), none}, {"remove", ints(1, 2), none}, {"contains", ints(1, 2), flags},
			{"read", none, edn("[]", "[1]", "[2]", "[2 1]")}},
		"counter":         {{"inc", none, none}, {"add", ints(2, -1), none}, {"read", none, ints(-1, 0, 1, 2, 3, 4)}},
		"log":             {{"append", ints(1, 2), none}, {"read", none, lists}},
		"queue":           queue("enqueue", "dequeue"),
		"fifo-queue":      queue("enqueue", "dequeue"),
		"priority-queue":  queue("insert", "delete-min"),
		"stack":           queue("push", "pop"),
		"mutex":           lock,
		"owned-mutex":     lock,
		"reentrant-mutex": lock,
		"semaphore":       lock,
		"fenced-lock":     {{"acquire", none, ints(1, 2, 3, 4)}, {"release", none, none}},
		"bank": {{"read", none, edn("{0 5, 1 5}", "{0 3, 1 7}", "{0 1, 1 9}", "{0 8, 1 2}", "{0 6, 1 4}")},
			{"transfer", edn("{:from 0 :to 1 :amount 2}", "{:from 1 :to 0 :amount 3}"), none}},
		"unique-ids": {{"generate", none, ints(1, 2, 3, 4, 5, 6)}},
	}
}

// wanderer makes small histories of any model: what a correct object could have
// answered to a few concurrent clients, where in half of them one answer is then
// another.
type wanderer struct {
	model   models.Model
	choices []choice
}

type wandering struct {
	process history.Process
	c       *choice
	in, out history.Value
	applied bool
	outcome history.Type
}

func (w *wanderer) history(t testing.TB, rng *rand.Rand, ops int) *history.History {
	t.Helper()
	const threads = 3
	b, state := history.NewBuilder(), newState(t, w.model)
	add := func(p *wandering, typ history.Type, v history.Value) {
		if err := b.AddOp(history.Op{Process: p.process, Type: typ, F: p.c.f, Value: v}); err != nil {
			t.Fatal(err)
		}
	}
	var open [threads]*wandering
	process := [threads]history.Process{0, 1, 2}
	wrong := rng.IntN(2 * ops)
	for begun, busy := 0, 0; begun < ops || busy > 0; {
		thread := rng.IntN(threads)
		p := open[thread]
		switch {
		case p == nil && begun < ops:
			c := &w.choices[rng.IntN(len(w.choices))]
			p = &wandering{process: process[thread], c: c, in: c.ins[rng.IntN(len(c.ins))], outcome: history.Ok}
			add(p, history.Invoke, p.in)
			open[thread] = p
			begun++
			busy++
		case p == nil:
		case !p.applied && rng.IntN(6) > 0:
			if p.applied = true; !state.apply(rng, p) {
				p.outcome = [...]history.Type{history.Fail, history.Info}[rng.IntN(2)]
			}
		default:
			if !p.applied || rng.IntN(6) == 0 {
				p.outcome = history.Info
			}
			if wrong--; wrong == 0 {
				p.out = p.c.outs[rng.IntN(len(p.c.outs))]
				if len(p.c.outs) == 1 || rng.IntN(8) == 0 {
					p.outcome = map[history.Type]history.Type{history.Ok: history.Fail, history.Fail: history.Ok, history.Info: history.Ok}[p.outcome]
				}
			}
			v := p.in
			if p.outcome == history.Ok && !p.out.IsNil() {
				v = p.out
			} else if p.outcome == history.Ok && len(p.c.outs) > 1 {
				v = history.Nil
			}
			add(p, p.outcome, v)
			if p.outcome == history.Info {
				process[thread] += threads
			}
			open[thread] = nil
			busy--
		}
	}
	return b.History()
}

// state is an object that ops happen to.
type state struct {
	t      testing.TB
	model  models.Model
	heap   history.Heap
	values *models.Values
	now    models.Datum
}

func newState(t testing.TB, m models.Model) *state {
	s := &state{t: t, model: m}
	s.values = models.NewValues(&s.heap)
	var err error
	if s.now, err = m.Start(s.values); err != nil {
		t.Fatal(err)
	}
	return s
}

// apply lets an op happen with some result that fits, if one does.
func (s *state) apply(rng *rand.Rand, p *wandering) bool {
	for _, i := range rng.Perm(len(p.c.outs)) {
		in, out := p.in, p.c.outs[i]
		if s.model.Keyed {
			_, in, _ = in.Pair()
			_, out, _ = out.Pair()
		}
		op, err := s.model.Op(s.values, s.model.Function(p.c.f), s.ref(in), s.ref(out), true)
		if err != nil {
			s.t.Fatalf("%s: %v", s.model.Name, err)
		}
		if s.model.Name == "multi-register" && !fits(p.in, p.c.outs[i]) {
			continue
		}
		op.By = models.Datum(p.process)
		if next := s.model.Successors(s.values, s.now, op, nil); len(next) > 0 {
			s.now, p.out = next[rng.IntN(len(next))], p.c.outs[i]
			return true
		}
	}
	return false
}

func (s *state) ref(v history.Value) history.Ref {
	r, err := s.heap.Add(v)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

// fits reports whether a transaction's result is one of that transaction.
func fits(in, out history.Value) bool {
	a, b := in.Elems(), out.Elems()
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := a[i].Elems(), b[i].Elems()
		if !x[0].Equal(y[0]) || !x[1].Equal(y[1]) || x[0].Text() == "w" && !x[2].Equal(y[2]) {
			return false
		}
	}
	return true
}

// anyOrder is the oracle: it tries every order of the ops of a history, by the
// model.
func anyOrder(t testing.TB, m models.Model, h *history.History) bool {
	t.Helper()
	values := models.NewValues(&h.Heap)
	start, err := m.Start(values)
	if err != nil {
		t.Fatal(err)
	}
	o := oracle{model: m, values: values}
	for _, p := range h.Pairs() {
		if p.Comp >= 0 && h.Type(int(p.Comp)) == history.Fail {
			continue
		}
		known := p.Comp >= 0 && h.Type(int(p.Comp)) == history.Ok
		in, out, res := h.Ref(int(p.Inv)), h.Ref(int(p.Inv)), 1<<30
		if known {
			out, res = h.Ref(int(p.Comp)), int(p.Comp)
		}
		if m.Keyed {
			_, in, _ = h.Heap.Pair(in)
			_, out, _ = h.Heap.Pair(out)
		}
		op, err := m.Op(values, m.Function(h.FName(h.F(int(p.Inv)))), in, out, known)
		if err != nil {
			t.Fatal(err)
		}
		op.By = models.Datum(h.Process(int(p.Inv)))
		if known || !op.Pure {
			o.ops = append(o.ops, placed{op, int(p.Inv), res})
		}
	}
	return o.orderable(start, 0)
}

type oracle struct {
	model  models.Model
	values *models.Values
	ops    []placed
}

type placed struct {
	op       models.Op
	inv, res int
}

func (o *oracle) orderable(now models.Datum, used uint) bool {
	end, finished := 1<<30, true
	for i, p := range o.ops {
		if used>>i&1 == 0 {
			end = min(end, p.res)
			finished = finished && !p.op.Known
		}
	}
	if finished {
		return true
	}
	for i, p := range o.ops {
		if used>>i&1 != 0 || p.inv > end {
			continue
		}
		for _, next := range o.model.Successors(o.values, now, p.op, nil) {
			if o.orderable(next, used|1<<i) {
				return true
			}
		}
	}
	return false
}

// TestEveryModel compares the engines with trying every order, for each model.
func TestEveryModel(t *testing.T) {
	table := choices(t)
	for _, m := range models.All() {
		t.Run(m.Name, func(t *testing.T) {
			if table[m.Name] == nil {
				t.Fatal("no random histories of this model")
			}
			switch m.Name {
			case "bank":
				m.Initial = history.Int(5)
			case "semaphore":
				m.Initial = history.Int(2)
			}
			compareEngines(t, wanderer{m, table[m.Name]})
		})
	}
}

func compareEngines(t *testing.T, w wanderer) {
	engines := map[string]check.Checker{}
	for name, engine := range map[string]linear.Engine{"auto": linear.Auto, "search": linear.Search, "porcupine": linear.Porcupine} {
		engines[name] = linear.New(w.model, linear.Options{Engine: engine})
	}
	n, bad := cases(t)/100, 0
	for seed := range n {
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		h := w.history(t, rng, 1+rng.IntN(8))
		want := check.Invalid
		if anyOrder(t, w.model, h) {
			want = check.Valid
		} else {
			bad++
		}
		for name, c := range engines {
			if name == "porcupine" && seed%4 != 0 {
				continue
			}
			if got := check.Run(context.Background(), c, h); got.Verdict != want {
				t.Fatalf("seed %d: %s says %v (%s), the oracle %v, of\n%s%+v", seed, name, got.Verdict, got.Reason, want, dump(h), got.Anomalies)
			}
		}
	}
	t.Logf("%d histories, %d of them illegal", n, bad)
	if bad < n/50 || bad > n*9/10 {
		t.Errorf("%d of %d histories are illegal: the sample is lopsided", bad, n)
	}
}
