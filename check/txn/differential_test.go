package txn_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/brute"
	"checker/check/txn/micro"
	"checker/history"
	"checker/models/consistency"
)

// `make oracle` tries a million.
var (
	oracleFrom = flag.Uint64("oracle-from", 0, "the first seed of the histories that the oracle judges too")
	oracleRuns = flag.Uint64("oracle", 1500, "how many histories the oracle judges too")
)

// oracleModels are those that are judged of every history at once.
var oracleModels = []string{
	"strict-serializable", "strong-session-serializable", "serializable", "strong-snapshot-isolation",
	"strong-session-snapshot-isolation", "snapshot-isolation", "prefix", "parallel-snapshot-isolation",
}

// quickModels of them have serial orders or schedules. The others, which the oracle
// decides by axioms, take three quarters of its time, and are left to every eighth
// history.
const quickModels = 6

// TestTheOracleAgrees judges random histories of up to six transactions, half of
// them on lists, and compares what holds and what is broken with an oracle that
// tries everything. Every model must be decided but where nothing depends on
// anything.
func TestTheOracleAgrees(t *testing.T) {
	judges := judges(t)
	held, broken, blind := map[string]uint64{}, map[string]uint64{}, uint64(0)
	for seed := *oracleFrom; seed < *oracleFrom+*oracleRuns; seed++ {
		rng := rand.New(rand.NewPCG(seed, 13))
		shape := brute.Shape{Lists: seed%2 == 0, Txns: 4 + rng.IntN(3), Ops: 2 + rng.IntN(3), Keys: 1 + rng.IntN(3), Processes: 2 + rng.IntN(3), Dense: rng.IntN(8) > 0}
		b := brute.Random(rng, shape)
		judge := judges[rng.IntN(2)]
		if shape.Lists {
			judge = judges[2]
		}
		got := check.Run(context.Background(), judge, recordedAs(t, b, shape.Lists))
		m := got.ConsistencyModels
		if got.Verdict == check.Unknown && len(m.Holds) == 0 && len(m.Not) == 0 {
			blind++
			continue
		}
		strict := brute.Judge(b, "strict-serializable") == brute.Holds
		models := oracleModels
		if seed%8 > 0 {
			models = models[:quickModels]
		}
		for _, model := range models {
			holds := slices.ContainsFunc(m.Holds, func(h string) bool { return consistency.Implies(h, model) })
			breaks := slices.Contains(m.Not, model) || slices.Contains(m.AlsoNot, model)
			want := strict || brute.Judge(b, model) == brute.Holds // an order that keeps real time is one for every model
			if want != holds || want == breaks {
				t.Fatalf("seed %d: %s, by the oracle %v; holds %v, broken %v:\n%s%s", seed, model, want, holds, breaks, b, draw(got, true))
			}
			if holds {
				held[model]++
			} else {
				broken[model]++
			}
		}
	}
	t.Logf("held %v, broken %v, nothing to judge %d", held, broken, blind)
	for _, model := range oracleModels {
		n := held[model] + broken[model]
		if held[model] < n/4 || broken[model] < n/8 || n < *oracleRuns/10 || blind > *oracleRuns/10 {
			t.Errorf("%s: held %d, broken %d, nothing to judge %d: the sample is lopsided", model, held[model], broken[model], blind)
		}
	}
}

// judges ask for all models of the oracle: of registers, of registers whose
// transactions write behind what they read, which follows from the models, taken
// for granted or not, and of lists.
func judges(t *testing.T) (judges [3]check.Checker) {
	for i, o := range [3]txn.Options{{Model: micro.Registers}, {Model: micro.Registers, WFRKeys: true}, {Model: micro.Lists}} {
		o.ConsistencyModels = slices.Clone(oracleModels)
		var err error
		if judges[i], err = txn.New(o); err != nil {
			t.Fatal(err)
		}
	}
	return judges
}

// recordedAs writes a history of the oracle as clients would have recorded it.
func recordedAs(t testing.TB, b brute.History, lists bool) *history.History {
	type row struct {
		at int
		op history.Op
	}
	var rows []row
	for _, x := range b {
		var asked, done []history.Value
		for _, o := range x.Ops {
			a, d := mopOf(o, lists)
			asked, done = append(asked, a), append(done, d)
		}
		process := history.Process(x.Process)
		rows = append(rows, row{x.Invoke, history.Op{Process: process, Type: history.Invoke, F: "txn", Value: history.Vector(asked...)}})
		if x.Complete != brute.Never {
			typ := map[brute.Outcome]history.Type{brute.Ok: history.Ok, brute.Fail: history.Fail, brute.Info: history.Info}[x.Outcome]
			rows = append(rows, row{x.Complete, history.Op{Process: process, Type: typ, F: "txn", Value: history.Vector(done...)}})
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return a.at - b.at })
	builder := history.NewBuilder()
	for _, r := range rows {
		if err := builder.AddOp(r.op); err != nil {
			t.Fatal(err)
		}
	}
	return builder.History()
}

func mopOf(o brute.Op, lists bool) (asked, done history.Value) {
	key := history.Int(int64(o.Key))
	switch o.Kind {
	case brute.Append, brute.Write:
		w := history.Mop(map[brute.Kind]string{brute.Append: "append", brute.Write: "w"}[o.Kind], key, history.Int(int64(o.Value)))
		return w, w
	}
	seen := make([]int64, len(o.Seen))
	for i, v := range o.Seen {
		seen[i] = int64(v)
	}
	result := history.Ints(seen...)
	if !lists {
		result = history.Nil
		if len(seen) > 0 {
			result = history.Int(seen[0])
		}
	}
	return history.Mop("r", key, history.Nil), history.Mop("r", key, result)
}
