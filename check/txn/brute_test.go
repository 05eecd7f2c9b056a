package txn_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/brute"
	"checker/check/txn/micro"
	"checker/history"
	"checker/models/consistency"
)

// cases is how many random histories a test tries: CHECKER_TXN_CASES, else few.
func cases(t testing.TB, few int) int {
	text := os.Getenv("CHECKER_TXN_CASES")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CHECKER_TXN_CASES: %v", err)
	}
	return n
}

// tally is how often a model was judged so.
type tally struct{ valid, invalid, unknown int }

// TestAgreesWithBruteForce compares the verdict for every consistency model that
// has a definition by schedules, orders or axioms with that of an oracle that
// tries them all, on random small histories of both data models. An unknown
// needs a reason.
func TestAgreesWithBruteForce(t *testing.T) {
	tallies := map[string]*tally{}
	n := cases(t, 500)
	for seed := range n {
		rng := rand.New(rand.NewPCG(uint64(seed), 6))
		lists := rng.IntN(2) == 0
		small := brute.Random(rng, brute.Shape{
			Lists: lists, Txns: 3 + rng.IntN(3), Ops: 2 + rng.IntN(3), Keys: 1 + rng.IntN(2), Processes: 2 + rng.IntN(3),
		})
		h := record(t, small, lists)
		for _, model := range brute.Models() {
			if _, err := consistency.Parse(model); err != nil {
				continue // known under no name that could be asked for
			}
			if tallies[model] == nil {
				tallies[model] = &tally{}
			}
			compare(t, seed, small, h, lists, model, tallies[model])
		}
	}
	for _, model := range brute.Models() {
		if tallied := tallies[model]; tallied != nil {
			t.Logf("%s: %+v", model, *tallied)
			if tallied.valid < n/4 || tallied.invalid < n/20 || tallied.unknown > n*2/5 {
				t.Errorf("%s: %+v of %d: the sample is lopsided", model, *tallied, n)
			}
		}
	}
}

func compare(t *testing.T, seed int, small brute.History, h *history.History, lists bool, model string, tallied *tally) {
	want := brute.Judge(small, model)
	o := txn.Options{ConsistencyModels: []string{model}, Model: micro.Registers}
	if lists {
		o.Model = micro.Lists
	}
	c, err := txn.New(o)
	if err != nil {
		t.Fatal(err)
	}
	got := check.Run(context.Background(), c, h)
	switch {
	case got.Verdict == check.Unknown:
		tallied.unknown++
		if got.Reason == "" {
			t.Errorf("seed %d: %s is unknown for no reason:\n%s", seed, model, small)
		}
		return
	case got.Verdict == check.Valid:
		tallied.valid++
	default:
		tallied.invalid++
	}
	if want != brute.Undefined && (want == brute.Holds) != (got.Verdict == check.Valid) {
		t.Errorf("seed %d: %s is %v, by brute force it %v (lists: %v):\n%s%+v", seed, model, got.Verdict, want, lists, small, got.Anomalies)
	}
}

// record makes a history of transactions: those of unknown outcome end in info or
// not at all.
func record(t testing.TB, small brute.History, lists bool) *history.History {
	type event struct {
		txn brute.Txn
		end bool
	}
	events := map[int]event{}
	last := 0
	for _, txn := range small {
		events[txn.Invoke] = event{txn, false}
		if txn.Complete != brute.Never {
			events[txn.Complete] = event{txn, true}
			last = max(last, txn.Complete)
		}
		last = max(last, txn.Invoke)
	}
	b := history.NewBuilder()
	for now := range last + 1 {
		e, ok := events[now]
		if !ok {
			continue
		}
		op := history.Op{Time: int64(now), Process: history.Process(e.txn.Process), F: "txn", Value: mops(e.txn, e.end, lists)}
		if e.end {
			op.Type = []history.Type{brute.Ok: history.Ok, brute.Fail: history.Fail}[e.txn.Outcome]
		}
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	return b.History()
}

func mops(txn brute.Txn, end, lists bool) history.Value {
	var list []history.Value
	for _, o := range txn.Ops {
		key, f, value := history.Int(int64(o.Key)), "r", history.Nil
		switch {
		case o.Kind == brute.Write:
			f, value = "w", history.Int(int64(o.Value))
		case o.Kind == brute.Append:
			f, value = "append", history.Int(int64(o.Value))
		case end && txn.Outcome == brute.Ok:
			value = seen(o, lists)
		}
		list = append(list, history.Mop(f, key, value))
	}
	return history.Vector(list...)
}

func seen(o brute.Op, lists bool) history.Value {
	switch {
	case len(o.Seen) == 0:
		return history.Nil
	case !lists:
		return history.Int(int64(o.Seen[0]))
	}
	elements := make([]int64, len(o.Seen))
	for i, v := range o.Seen {
		elements[i] = int64(v)
	}
	return history.Ints(elements...)
}
