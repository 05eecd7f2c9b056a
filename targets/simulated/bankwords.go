package simulated

import (
	"checker/history"
	"checker/targets"
	"checker/targets/refdb/sharded"
)

// Accounts are kept as what was moved to them, so that nobody has to set them up: the balance is that and
// what every account has at first.

// bankOps reads a transfer, {:from a :to b :amount n}, or a read of all accounts.
func bankOps(op history.Op) ([]sharded.Op, error) {
	switch op.F {
	case "read":
		ops := make([]sharded.Op, targets.BankAccounts)
		for i := range ops {
			ops[i] = sharded.Op{Kind: sharded.Read, Key: int64(i)}
		}
		return ops, nil
	case "transfer":
		fields := map[string]int64{}
		entries := op.Value.Elems()
		for i := 0; i+1 < len(entries); i += 2 {
			n, ok := entries[i+1].Int()
			if !ok {
				return nil, unknown(op)
			}
			fields[entries[i].Text()] = n
		}
		if len(fields) == 3 {
			amount := fields["amount"]
			return []sharded.Op{
				{Kind: sharded.Move, Key: fields["from"], A: -amount, B: -targets.BankBalance},
				{Kind: sharded.Add, Key: fields["to"], A: amount},
			}, nil
		}
	}
	return nil, unknown(op)
}

// bankValue is what was read: a map of balances.
func bankValue(op history.Op, results [][]int64) history.Value {
	if op.F != "read" {
		return op.Value
	}
	balances := make([]history.Value, 0, 2*len(results))
	for i, moved := range results {
		balance := int64(targets.BankBalance)
		if len(moved) > 0 {
			balance += moved[0]
		}
		balances = append(balances, history.Int(int64(i)), history.Int(balance))
	}
	return history.Map(balances...)
}
