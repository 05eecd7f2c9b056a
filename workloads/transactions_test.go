package workloads_test

import (
	"context"
	"slices"
	"testing"

	"checker/check"
	"checker/check/txn/stores"
	"checker/history"
	"checker/workloads"
	"checker/workloads/gen"
)

// run drives a workload's ops and final reads against a store and judges what
// came of it.
func run(t *testing.T, w workloads.Workload, store string, seed uint64, models ...string) check.Result {
	t.Helper()
	s, err := stores.Find(store)
	if err != nil {
		t.Fatal(err)
	}
	const clients = 4
	instance := w.New(workloads.Params{Seed: seed, Threads: clients, ConsistencyModels: models,
		Settings: map[string]string{"active-keys": "3", "writes-per-key": "8"}})
	db := stores.Open(s, stores.Params{Seed: seed, Registers: w.Name == "wr", Fail: 0.05, Info: 0.05})
	complete := func(op history.Op) history.Op {
		done, err := db.Do(op)
		if err != nil {
			t.Fatal(err)
		}
		done.Time += gen.Latency
		return done
	}
	ops, err := gen.Simulate(gen.Phases(gen.Clients(gen.Limit(300, instance.Ops)), gen.Clients(instance.Final)), clients, complete)
	if err != nil {
		t.Fatal(err)
	}
	b := history.NewBuilder()
	for _, op := range ops {
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	return check.Run(context.Background(), instance.Checks[0], b.History())
}

func TestTransactionsOnStores(t *testing.T) {
	for _, c := range []struct {
		workload workloads.Workload
		store    string
		model    string
		never    check.Verdict // in no seed
		once     check.Verdict // in some seed
	}{
		{workloads.Append(), "strict-serializable", "strict-serializable", check.Invalid, check.Valid},
		{workloads.Append(), "forgetful-sessions", "strict-serializable", check.Unknown, check.Invalid},
		{workloads.Append(), "forgetful-sessions", "serializable", check.Invalid, check.Valid},
		{workloads.Append(), "intermediate-reads", "read-committed", check.Unknown, check.Invalid},
		{workloads.WR(), "strict-serializable", "read-committed", check.Invalid, check.Valid},
		{workloads.WR(), "garbage", "read-committed", check.Unknown, check.Invalid},
	} {
		seen := map[check.Verdict]int{}
		for seed := range uint64(20) {
			r := run(t, c.workload, c.store, seed, c.model)
			if seen[r.Verdict]++; r.Verdict == c.never {
				t.Errorf("%s on %s, seed %d: %s", c.workload.Name, c.store, seed, r)
			}
		}
		if seen[c.once] == 0 {
			t.Errorf("%s on %s for %s: never %v in %v", c.workload.Name, c.store, c.model, c.once, seen)
		}
	}
}

// Whatever a workload of transactions can be checked for must be known to the
// checker.
func TestTransactionModelsAreKnown(t *testing.T) {
	for _, w := range []workloads.Workload{workloads.Append(), workloads.WR()} {
		for _, m := range w.ConsistencyModels {
			if r := run(t, w, "strict-serializable", 1, m); r.Verdict == check.Invalid {
				t.Errorf("%s on a strict serializable store violates %s: %s", w.Name, m, r)
			}
		}
	}
}

// Transfers tell what breaks atomicity, by name, and only that: write skew is none.
func TestTransfersOnStores(t *testing.T) {
	for store, kind := range map[string]string{
		"strict-serializable": "", "optimistic": "", "write-skew": "",
		"fractured-reads": "fractured-effect", "lost-commits": "lost-effect",
		"aborted-reads": "aborted-effect", "garbage": "phantom-effect",
	} {
		found := false
		for seed := range uint64(20) {
			r := run(t, workloads.Transfer(), store, seed, "strict-serializable")
			if kind == "" && r.Verdict != check.Valid {
				t.Errorf("%s, seed %d: %s", store, seed, r)
			}
			found = found || slices.Contains(check.AnomalyTypes([]check.Result{r}), kind)
		}
		if kind != "" && !found {
			t.Errorf("%s: no %s", store, kind)
		}
	}
}
