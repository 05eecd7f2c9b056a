package workloads_test

import (
	"maps"
	"slices"
	"testing"

	"checker/check"
	"checker/history"
	"checker/targets"
	"checker/workloads"
	"checker/workloads/gen"
)

// ledger is a bank in memory whose accounts come and go. Mistakes are made by name.
type ledger struct {
	balances map[int64]int64
	mistake  string
	before   map[int64]int64 // an older state, for reads that are out of date
}

func newLedger(mistake string) *ledger {
	l := &ledger{balances: map[int64]int64{}, mistake: mistake}
	for k := range int64(targets.BankAccounts) {
		l.balances[k] = targets.BankBalance
	}
	return l
}

// do executes an op of the bank.
func (l *ledger) do(op history.Op) history.Op {
	if op.F == "read" {
		op.Type, op.Value = history.Ok, l.read()
		return op
	}
	f := map[string]int64{}
	entries := op.Value.Elems()
	for i := 0; i < len(entries); i += 2 {
		f[entries[i].Text()], _ = entries[i+1].Int()
	}
	old := maps.Clone(l.balances)
	op.Type = history.Fail
	if l.change(op.F, f) {
		op.Type, l.before = history.Ok, old
	}
	return op
}

// change carries an op out, if it can be.
func (l *ledger) change(name string, f map[string]int64) bool {
	account, from, to, amount := f["account"], f["from"], f["to"], f["amount"]
	balance, exists := l.balances[account]
	_, target := l.balances[to]
	switch {
	case name == "transfer" && l.balances[from] >= amount && target:
		l.balances[from] -= amount
		l.balances[to] += amount
	case name == "open" && !exists && l.balances[from] >= amount:
		l.balances[from] -= amount
		if l.mistake != "lost create" {
			l.balances[account] = amount
		}
	case name == "close" && exists && target && balance == amount:
		delete(l.balances, account)
		if l.mistake != "close loses money" {
			l.balances[to] += amount
		}
	default:
		return false
	}
	return true
}

func (l *ledger) read() history.Value {
	balances := l.balances
	if l.mistake == "stale reads" && l.before != nil {
		balances = l.before
	}
	var entries []history.Value
	for _, k := range slices.Sorted(maps.Keys(balances)) {
		entries = append(entries, history.Int(k), history.Int(balances[k]))
	}
	if l.mistake == "unknown account" {
		entries = append(entries, history.Int(77), history.Int(0))
	}
	return history.Map(entries...)
}

// Accounts that come and go tell each mistake of a bank by name, and a correct one of none.
func TestTellersFindMistakes(t *testing.T) {
	for mistake, kind := range map[string]string{
		"": "", "lost create": "wrong-total", "close loses money": "wrong-total", "stale reads": "closed-account", "unknown account": "unexpected-key",
	} {
		for seed := range uint64(10) {
			r := runTeller(t, seed, newLedger(mistake))
			switch found := check.AnomalyTypes([]check.Result{r}); {
			case kind == "" && r.Verdict != check.Valid:
				t.Errorf("seed %d: %s", seed, r)
			case kind != "" && !slices.Contains(found, kind):
				t.Errorf("%s, seed %d: no %s: %s", mistake, seed, kind, r)
			}
		}
	}
}

func runTeller(t *testing.T, seed uint64, l *ledger) check.Result {
	t.Helper()
	w := workloads.Bank()
	settings := map[string]string{"accounts": "dynamic"}
	instance := w.New(workloads.Params{Seed: seed, Threads: 4, Settings: settings, ConsistencyModels: []string{"strong-snapshot-isolation"}})
	ops, err := gen.Simulate(gen.Clients(gen.Limit(400, instance.Ops)), 4, func(op history.Op) history.Op {
		done := l.do(op)
		done.Time += gen.Latency
		return done
	})
	if err != nil {
		t.Fatal(err)
	}
	b := history.NewBuilder()
	ok := map[string]int{}
	for _, op := range ops {
		if op.Type == history.Ok {
			ok[op.F]++
		}
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	for f, least := range w.Least(settings) {
		if l.mistake == "" && ok[f] < 2*least {
			t.Errorf("seed %d: %d ok %s", seed, ok[f], f)
		}
	}
	return check.Run(t.Context(), instance.Checks[0], b.History())
}
