package txn_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"
	"checker/history"
	"checker/models/consistency"
)

// draft is a random history of transactions on two keys, to be renamed and cut.
type draft struct {
	model micro.Model
	txns  []draftTxn
}

type draftTxn struct {
	process int
	typ     history.Type
	mops    []draftMop
}

type draftMop struct {
	write bool
	key   int64
	list  []int64 // of a write one, of a read of a register none or one
}

// randomDraft is of transactions that read what a serial execution gives, or now
// and then an older state.
func randomDraft(rng *rand.Rand, model micro.Model) draft {
	d := draft{model: model}
	n := 2 + rng.IntN(5)
	state := map[int64][]int64{}
	next := int64(1)
	for i := range n {
		t := draftTxn{process: i % 3, typ: history.Ok}
		if rng.IntN(8) == 0 {
			t.typ, t.process = history.Info, 10+i
		}
		for range 1 + rng.IntN(3) {
			key := rng.Int64N(2)
			if rng.IntN(2) == 0 {
				t.mops = append(t.mops, draftMop{true, key, []int64{next}})
				state[key] = append(slices.Clone(state[key]), next)
				next++
				continue
			}
			seen := state[key]
			if rng.IntN(3) == 0 {
				seen = seen[:rng.IntN(len(seen)+1)]
			}
			if model == micro.Registers && len(seen) > 0 {
				seen = seen[len(seen)-1:]
			}
			t.mops = append(t.mops, draftMop{false, key, seen})
		}
		d.txns = append(d.txns, t)
	}
	return d
}

// history records the draft, with keys and values mapped, one transaction after
// the other or all at the same time.
func (d draft) history(t testing.TB, serial bool, key, value func(int64) int64) *history.History {
	t.Helper()
	b := history.NewBuilder()
	verb := map[micro.Model]string{micro.Lists: "append", micro.Registers: "w"}[d.model]
	op := func(x draftTxn, i int, typ history.Type) {
		var mops []history.Value
		for _, m := range x.mops {
			list := make([]int64, len(m.list))
			for i, v := range m.list {
				list[i] = value(v)
			}
			switch k := history.Int(key(m.key)); {
			case m.write:
				mops = append(mops, history.Mop(verb, k, history.Int(list[0])))
			case typ != history.Ok || d.model == micro.Registers && len(list) == 0:
				mops = append(mops, history.Mop("r", k, history.Nil))
			case d.model == micro.Registers:
				mops = append(mops, history.Mop("r", k, history.Int(list[0])))
			default:
				mops = append(mops, history.Mop("r", k, history.Ints(list...)))
			}
		}
		process := x.process
		if !serial {
			process = i
		}
		if err := b.AddOp(history.Op{Process: history.Process(process), Type: typ, F: "txn", Value: history.Vector(mops...)}); err != nil {
			t.Fatal(err)
		}
	}
	for i, x := range d.txns {
		op(x, i, history.Invoke)
		if serial {
			op(x, i, x.typ)
		}
	}
	for i, x := range d.txns {
		if !serial {
			op(x, i, x.typ)
		}
	}
	return b.History()
}

func judge(t testing.TB, h *history.History, model micro.Model, names ...string) check.Result {
	t.Helper()
	c, err := txn.New(txn.Options{Model: model, ConsistencyModels: names})
	if err != nil {
		t.Fatal(err)
	}
	return check.Run(context.Background(), c, h)
}

func same(x int64) int64 { return x }

// TestWhatMustNotMatter: names of keys and values do not; without the orders of
// clients there are no more anomalies; a weaker model is not invalid where a
// stronger one is valid.
func TestWhatMustNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	ladder := []string{"strict-serializable", "strong-session-serializable", "serializable", "snapshot-isolation", "read-committed", "read-uncommitted"}
	verdicts := map[check.Verdict]int{}
	for round := range 400 {
		d := randomDraft(rng, micro.Model(round%2))
		h := d.history(t, true, same, same)
		strict := judge(t, h, d.model, ladder[0])
		verdicts[strict.Verdict]++
		renamed := d.history(t, true, func(k int64) int64 { return 1 << 40 * (k + 1) }, func(v int64) int64 { return v*v*1_000_003 + 7 })
		if got := judge(t, renamed, d.model, ladder[0]); drawTypes(got) != drawTypes(strict) {
			t.Fatalf("round %d: renamed: %s, was %s", round, drawTypes(got), drawTypes(strict))
		}
		together := judge(t, d.history(t, false, same, same), d.model, ladder[0])
		if strict.Verdict == check.Valid && together.Verdict == check.Invalid {
			t.Fatalf("round %d: concurrent: %s, serial: %s", round, draw(together, true), draw(strict, true))
		}
		before := strict
		for _, m := range ladder[1:] {
			got := judge(t, h, d.model, m)
			if before.Verdict == check.Valid && got.Verdict == check.Invalid {
				t.Fatalf("round %d: %s: %s, a stronger one: %s", round, m, draw(got, true), draw(before, true))
			}
			for _, held := range got.ConsistencyModels.Holds {
				for _, not := range strict.ConsistencyModels.Not {
					if consistency.Implies(held, not) {
						t.Fatalf("round %d: %s is said to hold, and %s not: %s", round, held, not, draw(got, true))
					}
				}
			}
			before = got
		}
	}
	if verdicts[check.Valid] < 100 || verdicts[check.Invalid] < 100 {
		t.Errorf("too few of a kind: %v", verdicts)
	}
}

func drawTypes(r check.Result) string {
	text := fmt.Sprint(r.Verdict, r.ConsistencyModels.Not)
	for _, a := range r.Anomalies {
		text += fmt.Sprintf(" %s×%d", a.Type, a.Count)
	}
	return text
}

// FuzzCheck: whatever well-formed history there is, there is a verdict, and it is
// no panic.
func FuzzCheck(f *testing.F) {
	f.Add(uint64(1), uint64(2), false)
	f.Fuzz(func(t *testing.T, a, b uint64, registers bool) {
		rng := rand.New(rand.NewPCG(a, b))
		model := micro.Lists
		if registers {
			model = micro.Registers
		}
		d := randomDraft(rng, model)
		for range rng.IntN(4) { // values that do not belong there
			x := &d.txns[rng.IntN(len(d.txns))]
			m := &x.mops[rng.IntN(len(x.mops))]
			if len(m.list) > 0 {
				m.list = slices.Clone(m.list)
				m.list[rng.IntN(len(m.list))] = 1 + rng.Int64N(6)
			}
			x.typ = history.Type(1 + rng.IntN(3))
			if x.typ == history.Info {
				x.process = 20 + rng.IntN(1000)
			}
		}
		r := judge(t, d.history(t, false, same, same), model)
		if r.Verdict == check.Unknown && r.Reason == "" || len(r.Reason) > 2000 {
			t.Errorf("%v because %q", r.Verdict, r.Reason)
		}
	})
}
