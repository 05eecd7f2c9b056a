package workloads_test

import (
	"slices"
	"strings"
	"testing"

	"checker/check"
	"checker/check/txn/stores"
	"checker/history"
	"checker/workloads"
	"checker/workloads/gen"
)

// do executes an op on a store.
type do func(*stores.Database, history.Op) (history.Op, error)

// closeAfter runs transfers and what ends them against a correct store, and judges their effects.
func closeAfter(t *testing.T, seed uint64, do do) check.Result {
	t.Helper()
	s, err := stores.Find("strict-serializable")
	if err != nil {
		t.Fatal(err)
	}
	instance := workloads.Transfer().New(workloads.Params{Seed: seed, Threads: 4})
	db := stores.Open(s, stores.Params{Seed: seed})
	load := gen.Phases(gen.Clients(gen.Limit(300, instance.Ops)), gen.Clients(instance.Final))
	ops, err := gen.Simulate(load, 4, func(op history.Op) history.Op {
		done, err := do(db, op)
		if err != nil {
			t.Fatal(err)
		}
		done.Time += gen.Latency
		return done
	})
	if err != nil {
		t.Fatal(err)
	}
	b := history.NewBuilder()
	for _, op := range ops {
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	return check.Run(t.Context(), instance.Checks[0], b.History())
}

// closes tells the reads of the end.
func closes(op history.Op) bool { return op.F == "txn" }

// losing loses the answer to some ops.
func losing(lost func(op history.Op) bool) do {
	return func(db *stores.Database, op history.Op) (history.Op, error) {
		if lost(op) {
			op.Type = history.Info
			return op, nil
		}
		return db.Do(op)
	}
}

// forgetful answers the last reads without the first entry of an account.
func forgetful(db *stores.Database, op history.Op) (history.Op, error) {
	done, err := db.Do(op)
	if err != nil || !closes(op) {
		return done, err
	}
	mops := slices.Clone(done.Value.Elems())
	parts := mops[0].Elems()
	mops[0] = history.Vector(parts[0], parts[1], history.Vector(parts[2].Elems()[1:]...))
	done.Value = history.Vector(mops...)
	return done, nil
}

// That accounts are balanced is said when they were read, after everything else.
func TestTransfersAreClosed(t *testing.T) {
	tried := 0
	for name, c := range map[string]struct {
		do      do
		verdict check.Verdict
		says    string
	}{
		"all is well": {(*stores.Database).Do, check.Valid, "add up to 0 in the end"},
		"reads are repeated": {losing(func(op history.Op) bool {
			if closes(op) {
				tried++
			}
			return closes(op) && tried%5 != 0
		}), check.Valid, "add up to 0 in the end"},
		"no read in the end":    {losing(closes), check.Unknown, "was not read after the last transfer"},
		"an entry is forgotten": {forgetful, check.Invalid, ""},
	} {
		for seed := range uint64(10) {
			r := closeAfter(t, seed, c.do)
			if said := r.Reason + strings.Join(r.Notes, "\n"); r.Verdict != c.verdict || !strings.Contains(said, c.says) {
				t.Errorf("%s, seed %d: %v %s", name, seed, r.Verdict, said)
			}
		}
	}
	if tried < 2*5*10 {
		t.Errorf("%d reads of which every fifth is ok, in 10 runs", tried)
	}
}

// A transfer whose client gave up takes effect before, between or after the reads in the end, which see it whole.
func TestTransfersThatEndLate(t *testing.T) {
	const before = 200 // ops
	for seed := range uint64(10) {
		for late := range 6 { // reads in the end before it
			var open history.Op
			loads, ends := 0, 0
			r := closeAfter(t, seed, func(db *stores.Database, op history.Op) (history.Op, error) {
				if op.F != "txn" {
					if loads++; loads > before && op.F == "transfer" && open.F == "" {
						open = op
						op.Type = history.Info
						return op, nil
					}
					return db.Do(op)
				}
				if ends++; ends == late+1 {
					if _, err := db.Do(open); err != nil {
						return op, err
					}
				}
				return db.Do(op)
			})
			if r.Verdict != check.Valid || ends == 0 {
				t.Errorf("seed %d, after %d reads: %s", seed, late, r)
			}
		}
	}
}
