package simulated

import (
	"checker/history"
	"checker/targets"
	"checker/targets/refdb/sharded"
)

// An account is a counter: 0 where there is none, else its balance and 1, so that a transaction can see from the
// counter alone whether there is one. Those that there are at first need not be set up: what is stored of them is
// less by what they have then, which makes an empty key an account with that.

// stored returns how a counter of an account is stored.
func stored(account, counter int64) int64 {
	if account < targets.BankAccounts {
		return counter - targets.BankBalance - 1
	}
	return counter
}

// bankOps reads an op of the bank: a transfer, the opening or closing of an account, or a read of all accounts, or
// of the first so many.
func bankOps(op history.Op) ([]sharded.Op, error) {
	if op.F == "read" {
		n, given := op.Value.Int()
		if !given {
			n = targets.BankAccounts
		}
		ops := make([]sharded.Op, max(0, min(n, targets.BankMostAccounts)))
		for i := range ops {
			ops[i] = sharded.Op{Kind: sharded.Read, Key: int64(i)}
		}
		return ops, nil
	}
	fields := map[string]int64{}
	entries := op.Value.Elems()
	for i := 0; i+1 < len(entries); i += 2 {
		n, ok := entries[i+1].Int()
		if !ok {
			return nil, unknown(op)
		}
		fields[entries[i].Text()] = n
	}
	from, gives := fields["from"]
	to, takes := fields["to"]
	account, changes := fields["account"]
	amount := fields["amount"]
	switch {
	case len(fields) != 3:
	case op.F == "transfer" && gives && takes:
		return []sharded.Op{withdrawal(from, amount), deposit(to, amount)}, nil
	case op.F == "open" && gives && changes:
		return append(turn(account, 0, amount+1), withdrawal(from, amount)), nil
	case op.F == "close" && takes && changes:
		return append(turn(account, amount+1, 0), deposit(to, amount)), nil
	}
	return nil, unknown(op)
}

// withdrawal takes from an account that has as much.
func withdrawal(account, amount int64) sharded.Op {
	return sharded.Op{Kind: sharded.Move, Key: account, A: -amount, B: stored(account, 1)}
}

// deposit adds to an account that there is.
func deposit(account, amount int64) sharded.Op {
	return sharded.Op{Kind: sharded.Move, Key: account, A: amount, B: stored(account, amount+1)}
}

// turn changes a counter that must be as it is believed to be. A key that was never written has no number yet.
func turn(account, before, after int64) []sharded.Op {
	return []sharded.Op{
		{Kind: sharded.Add, Key: account},
		{Kind: sharded.CAS, Key: account, A: stored(account, before), B: stored(account, after)},
	}
}

// bankValue is what was read: a map of balances.
func bankValue(op history.Op, results [][]int64) history.Value {
	if op.F != "read" {
		return op.Value
	}
	balances := make([]history.Value, 0, 2*len(results))
	for i, list := range results {
		counter := -stored(int64(i), 0)
		if len(list) > 0 {
			counter += list[0]
		}
		if counter > 0 {
			balances = append(balances, history.Int(int64(i)), history.Int(counter-1))
		}
	}
	return history.Map(balances...)
}
