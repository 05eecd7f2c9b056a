package linear_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// spec is a second, naive writing of a model, for the oracle: a state is the
// EDN-like text of an object.
type spec struct {
	model models.Model
	start string
	draw  func(rng *rand.Rand) (f string, in history.Value)
	apply func(state, f string, in history.Value) (next string, out history.Value)
	wrong func(rng *rand.Rand, out history.Value) history.Value
}

func specs() []spec {
	return []spec{
		{models.Counter(), "0", drawCounter, applyCounter, func(rng *rand.Rand, _ history.Value) history.Value { return history.Int(rng.Int64N(5) - 1) }},
		{models.Set(), "", drawSet, applySet, func(rng *rand.Rand, _ history.Value) history.Value {
			return [...]history.Value{history.Vector(), history.Ints(0), history.Ints(1), history.Ints(0, 1)}[rng.IntN(4)]
		}},
		{models.KV(), "", drawKV, applyKV, func(rng *rand.Rand, _ history.Value) history.Value {
			return history.String([...]string{"", "a", "b", "ab", "ba", "aa"}[rng.IntN(6)])
		}},
		{models.MultiRegister(), "0 0", drawTxn, applyTxn, wrongTxn},
	}
}

func drawCounter(rng *rand.Rand) (string, history.Value) {
	switch rng.IntN(4) {
	case 0:
		return "inc", history.Nil
	case 1:
		return "add", history.Int(rng.Int64N(4) - 1)
	}
	return "read", history.Nil
}

func applyCounter(state, f string, in history.Value) (string, history.Value) {
	var n, by int64
	fmt.Sscan(state, &n)
	switch f {
	case "inc":
		by = 1
	case "add":
		by, _ = in.Int()
	default:
		return state, history.Int(n)
	}
	return fmt.Sprint(n + by), in
}

func drawSet(rng *rand.Rand) (string, history.Value) {
	return [...]string{"add", "remove", "read", "read"}[rng.IntN(4)], history.Int(rng.Int64N(2))
}

func applySet(state, f string, in history.Value) (string, history.Value) {
	elems := strings.Fields(state)
	e := in.String()
	elems = slices.DeleteFunc(elems, func(x string) bool { return x == e && f != "read" })
	if f == "add" {
		elems = append(elems, e)
		slices.Sort(elems)
	}
	if f != "read" {
		return strings.Join(elems, " "), in
	}
	var out []history.Value
	for _, e := range elems {
		out = append(out, history.Int(int64(e[0]-'0')))
	}
	slices.Reverse(out) // the order of a read means nothing
	return state, history.Vector(out...)
}

func drawKV(rng *rand.Rand) (string, history.Value) {
	text := history.String([...]string{"a", "b"}[rng.IntN(2)])
	switch rng.IntN(4) {
	case 0:
		return "put", text
	case 1:
		return "append", text
	}
	return "get", history.Nil
}

func applyKV(state, f string, in history.Value) (string, history.Value) {
	switch f {
	case "put":
		return in.Text(), in
	case "append":
		return state + in.Text(), in
	}
	return state, history.String(state)
}

func drawTxn(rng *rand.Rand) (string, history.Value) {
	var mops []history.Value
	for range 1 + rng.IntN(2) {
		key := history.Int(rng.Int64N(2))
		if rng.IntN(2) == 0 {
			mops = append(mops, history.Mop("r", key, history.Nil))
		} else {
			mops = append(mops, history.Mop("w", key, history.Int(1+rng.Int64N(2))))
		}
	}
	return "txn", history.Vector(mops...)
}

func applyTxn(state, _ string, in history.Value) (string, history.Value) {
	var cells [2]int64
	fmt.Sscan(state, &cells[0], &cells[1])
	var out []history.Value
	for _, mop := range in.Elems() {
		f, key := mop.Elems()[0], mop.Elems()[1]
		k, _ := key.Int()
		value := mop.Elems()[2]
		if f.Text() == "w" {
			cells[k], _ = value.Int()
		} else {
			value = history.Int(cells[k])
		}
		out = append(out, history.Mop(f.Text(), key, value))
	}
	return fmt.Sprint(cells[0], " ", cells[1]), history.Vector(out...)
}

func wrongTxn(rng *rand.Rand, out history.Value) history.Value {
	var mops []history.Value
	for _, mop := range out.Elems() {
		f, key, value := mop.Elems()[0].Text(), mop.Elems()[1], mop.Elems()[2]
		if f == "r" {
			value = history.Int(rng.Int64N(3))
		}
		mops = append(mops, history.Mop(f, key, value))
	}
	return history.Vector(mops...)
}

// done is an op of a small random history of any spec.
type done struct {
	f        string
	in, out  history.Value
	outcome  history.Type
	inv, res int
}

// randomOps makes what a correct object could have answered to a few concurrent
// clients, then changes a result in half of the cases.
func (s *spec) randomOps(rng *rand.Rand) []done {
	const processes = 3
	n := 1 + rng.IntN(7)
	open := [processes]int{-1, -1, -1}
	var ops []done
	state := s.start
	for row := 0; len(ops) < n || anyOpen(open[:]); row++ {
		p := rng.IntN(processes)
		if i := open[p]; i >= 0 {
			op := &ops[i]
			open[p], op.res = -1, row
			op.outcome = [...]history.Type{history.Ok, history.Ok, history.Ok, history.Ok, history.Info, history.Fail}[rng.IntN(6)]
			if op.outcome == history.Ok || op.outcome == history.Info && rng.IntN(2) == 0 {
				state, op.out = s.apply(state, op.f, op.in)
			}
			continue
		}
		if len(ops) == n {
			continue
		}
		f, in := s.draw(rng)
		open[p] = len(ops)
		ops = append(ops, done{f: f, in: in, inv: row})
	}
	if i := rng.IntN(2 * n); i < n && ops[i].observes() {
		ops[i].out = s.wrong(rng, ops[i].out)
	}
	return ops
}

// observes reports whether an op has a result that could be wrong.
func (op done) observes() bool {
	return op.outcome == history.Ok && (op.f == "read" || op.f == "get" || op.f == "txn")
}

// orderable is the oracle: it tries every order.
func (s *spec) orderable(ops []done, used []bool, state string) bool {
	finished := true
	for i, op := range ops {
		if used[i] || op.outcome == history.Fail {
			continue
		}
		finished = finished && op.outcome != history.Ok
		late := false
		for j, o := range ops {
			late = late || !used[j] && o.outcome == history.Ok && o.res < op.inv
		}
		if late {
			continue
		}
		next, out := s.apply(state, op.f, op.in)
		if op.observes() && !sameResult(op, out) {
			continue
		}
		used[i] = true
		if s.orderable(ops, used, next) {
			return true
		}
		used[i] = false
	}
	return finished
}

func sameResult(op done, out history.Value) bool {
	if op.f == "read" && out.Kind() == history.KindVector {
		a, b := strings.Split(op.out.String(), ""), strings.Split(out.String(), "")
		slices.Sort(a)
		slices.Sort(b)
		return slices.Equal(a, b)
	}
	return op.out.Equal(out)
}

// TestModelsAgreeWithNaiveSpecs compares the search, with all it leaves out, with
// trying every order of a naively written object.
func TestModelsAgreeWithNaiveSpecs(t *testing.T) {
	for _, s := range specs() {
		t.Run(s.model.Name, func(t *testing.T) {
			if s.model.Name == "multi-register" {
				s.model.Initial = history.Int(0)
			}
			c := linear.New(s.model, linear.Options{Keys: linear.Single})
			n, bad := cases(t)/12, 0
			for seed := range n {
				ops := s.randomOps(rand.New(rand.NewPCG(uint64(seed), 2)))
				h := recordOps(t, ops)
				got := check.Run(context.Background(), c, h)
				want := check.Invalid
				if s.orderable(ops, make([]bool, len(ops)), s.start) {
					want = check.Valid
				} else {
					bad++
				}
				if got.Verdict != want {
					t.Fatalf("seed %d: %v (%s), the oracle %v, of\n%s%+v", seed, got.Verdict, got.Reason, want, dump(h), got.Anomalies)
				}
			}
			t.Logf("%d histories, %d of them illegal", n, bad)
			if bad < n/20 {
				t.Errorf("only %d of %d histories are illegal", bad, n)
			}
		})
	}
}

// recordOps makes a history of ops, one process an op.
func recordOps(t testing.TB, ops []done) *history.History {
	t.Helper()
	rows := 0
	for _, op := range ops {
		rows = max(rows, op.res+1)
	}
	b := history.NewBuilder()
	for row := range rows {
		for i, op := range ops {
			e := history.Op{Process: history.Process(i), F: op.f, Value: op.in}
			switch row {
			case op.res:
				e.Type = op.outcome
				if op.observes() {
					e.Value = op.out
				}
			case op.inv:
				e.Type = history.Invoke
			default:
				continue
			}
			if err := b.AddOp(e); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b.History()
}
