package txn_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"checker/check"
	"checker/check/txn/brute"
	"checker/check/txn/micro"
	"checker/history"
)

// TestTheOracleAgrees judges random histories of up to five transactions for
// every model that both this package and the oracle, which tries everything,
// decide. CHECKER_ORACLE_HISTORIES says how many; 1,000 are tried without.
func TestTheOracleAgrees(t *testing.T) {
	rounds := 1000
	if n, err := strconv.Atoi(os.Getenv("CHECKER_ORACLE_HISTORIES")); err == nil {
		rounds = n
	}
	models := []string{
		"strict-serializable", "strong-session-serializable", "serializable", "strong-snapshot-isolation",
		"strong-session-snapshot-isolation", "snapshot-isolation", "repeatable-read", "read-committed",
	}
	rng := rand.New(rand.NewPCG(13, 14))
	count := map[check.Verdict]int{}
	for round := range rounds {
		shape := brute.Shape{Lists: round%2 == 0, Txns: 5, Ops: 4, Keys: 2, Processes: 3}
		b := brute.Random(rng, shape)
		h := recordedAs(t, b, shape.Lists)
		m := models[round%len(models)]
		model := micro.Registers
		if shape.Lists {
			model = micro.Lists
		}
		got, want := judge(t, h, model, m), brute.Judge(b, m)
		count[got.Verdict]++
		if got.Verdict == check.Valid && want == brute.Broken || got.Verdict == check.Invalid && want == brute.Holds {
			text := ""
			for i := range h.Len() {
				text += h.Op(i).String() + "\n"
			}
			t.Fatalf("round %d: %s %v, %s\n%s", round, m, want, draw(got, true), text)
		}
	}
	if count[check.Valid] < rounds/10 || count[check.Invalid] < rounds/10 || count[check.Unknown] > rounds/3 {
		t.Errorf("too few of a kind: %v", count)
	}
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
