package workloads

import (
	"checker/history"
	"checker/targets"
	"checker/workloads/gen"
)

// teller makes the ops of a bank whose accounts come and go. It goes by the balances that clients read last, which
// may be out of date: then the op fails.
type teller struct {
	rng      gen.Rand
	balances [targets.BankMostAccounts]int64 // absent for no such account
}

const absent = -1

func newTeller(r gen.Rand) teller {
	t := teller{rng: r}
	for k := range t.balances {
		t.balances[k] = absent
		if k < targets.BankAccounts {
			t.balances[k] = targets.BankBalance
		}
	}
	return t
}

// Next draws an op: of 20, 10 transfers, 5 reads, 2 accounts opened and 3 closed, which is what fails most.
func (t teller) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	op := gen.Op("read", history.Int(targets.BankMostAccounts))
	from := t.pick(func(b int64) bool { return b > 0 }, -1)
	amount := 1 + t.rng.Int64N(max(1, min(bankMaxTransfer, t.balances[from])))
	there := func(b int64) bool { return b != absent }
	switch n := t.rng.IntN(20); {
	case n < 10:
		op = movement("transfer", "from", from, "to", t.pick(there, from), amount)
	case n < 12:
		op = movement("open", "account", t.pick(func(b int64) bool { return b == absent }, from), "from", from, amount)
	case n < 15:
		closed := t.pick(there, -1)
		op = movement("close", "account", closed, "to", t.pick(there, closed), max(0, t.balances[closed]))
	}
	return ctx.Fill(op), t
}

// pick draws an account that fits, or any if none does, but not the one that is excluded.
func (t *teller) pick(fits func(balance int64) bool, except int64) int64 {
	first := t.rng.Int64N(targets.BankMostAccounts)
	for i := range int64(targets.BankMostAccounts) {
		if k := (first + i) % targets.BankMostAccounts; k != except && fits(t.balances[k]) {
			return k
		}
	}
	if first == except {
		first = (first + 1) % targets.BankMostAccounts
	}
	return first
}

// Update takes note of what was read.
func (t teller) Update(_ *gen.Context, event history.Op) gen.Generator {
	if event.F != "read" || event.Type != history.Ok {
		return t
	}
	for k := range t.balances {
		t.balances[k] = absent
	}
	entries := event.Value.Elems()
	for i := 0; i+1 < len(entries); i += 2 {
		k, isNumber := entries[i].Int()
		b, hasBalance := entries[i+1].Int()
		if isNumber && hasBalance && k >= 0 && k < targets.BankMostAccounts {
			t.balances[k] = b
		}
	}
	return t
}
