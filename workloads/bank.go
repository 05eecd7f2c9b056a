package workloads

import (
	"checker/check"
	"checker/check/bank"
	"checker/history"
	"checker/targets"
	"checker/workloads/gen"
)

// bankMaxTransfer is the most that is transferred at a time.
const bankMaxTransfer = 5

// Bank moves money between accounts and reads them all.
func Bank() Workload {
	return Workload{
		Name:    "bank",
		Summary: "transfers between accounts, and reads of all balances: is any money made or lost, is a transfer ever seen in part?",
		Functions: []Function{
			{"transfer", "{:from a :to b :amount n}, fail if a has less"},
			{"read", "nil, completed with {account balance …} of all accounts"},
		},
		Needs:             "transactions over several keys",
		Model:             "bank",
		ConsistencyModels: []string{"snapshot-isolation"},
		Thresholds:        map[string]int{"transfer": 10, "read": 10},
		New: func(p Params) Instance {
			read := gen.Invoke("read", history.Nil)
			total := int64(targets.BankAccounts * targets.BankBalance)
			return Instance{
				Ops:    gen.Mix(gen.NewRand(p.Seed, "bank"), gen.Ops(gen.NewRand(p.Seed, "transfers"), transfer), gen.Repeat(read)),
				Probe:  gen.Repeat(read),
				Final:  gen.EachThread(read),
				Checks: []check.Checker{bank.New(bank.Options{Total: &total, MaxTransfer: bankMaxTransfer})},
			}
		},
	}
}

// transfer draws two accounts and an amount.
func transfer(r gen.Rand) (history.Op, gen.Rand) {
	from := r.Int64N(targets.BankAccounts)
	to := (from + 1 + r.Int64N(targets.BankAccounts-1)) % targets.BankAccounts
	return gen.Op("transfer", history.Map(
		history.Keyword("from"), history.Int(from),
		history.Keyword("to"), history.Int(to),
		history.Keyword("amount"), history.Int(1+r.Int64N(bankMaxTransfer)))), r
}
