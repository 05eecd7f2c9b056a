package workloads

import (
	"slices"

	"checker/check"
	"checker/check/bank"
	"checker/history"
	"checker/targets"
	"checker/workloads/gen"
)

// bankMaxTransfer is the most that is transferred at a time.
const bankMaxTransfer = 5

// The setting of the bank that says whether accounts come and go.
const (
	accountsSetting = "accounts"
	dynamicAccounts = "dynamic"
)

// Bank moves money between accounts and reads them all.
func Bank() Workload {
	return Workload{
		Name:    "bank",
		Summary: "transfers between accounts, and reads of all balances: is any money made or lost, is a transfer ever seen in part?",
		Functions: []Function{
			{"transfer", "{:from a :to b :amount n}, fail if a has less"},
			{"read", "nil, completed with {account balance …} of all accounts"},
			{"open", "{:account k :from a :amount n}, with accounts=dynamic: makes k with n of a's, fail if there is a k or a has less"},
			{"close", "{:account k :to b :amount n}, with accounts=dynamic: removes k and moves n to b, fail unless k has just that"},
		},
		Needs:             "transactions over several keys",
		Model:             "bank",
		ConsistencyModels: []string{"snapshot-isolation", recentSnapshots},
		Thresholds:        map[string]int{"transfer": 10, "read": 10},
		Further:           map[string]map[string]int{accountsSetting + "=" + dynamicAccounts: {"open": 2, "close": 1}},
		Settings: []targets.Setting{{
			Name:    accountsSetting,
			Summary: "fixed are always there; dynamic are opened and closed, with the money of others, and a read must have those that there are",
			Values:  []string{"fixed", dynamicAccounts},
		}},
		New: func(p Params) Instance {
			total := int64(targets.BankAccounts * targets.BankBalance)
			o := bank.Options{Total: &total, MaxTransfer: bankMaxTransfer}
			read := gen.Invoke("read", history.Nil)
			ops := gen.Mix(gen.NewRand(p.Seed, "bank"), gen.Ops(gen.NewRand(p.Seed, "transfers"), transfer), gen.Repeat(read))
			if p.Settings[accountsSetting] == dynamicAccounts {
				read = gen.Invoke("read", history.Int(targets.BankMostAccounts))
				ops = newTeller(gen.NewRand(p.Seed, "teller"))
				o.Accounts, o.Recent = targets.BankAccounts, slices.Contains(p.ConsistencyModels, recentSnapshots)
			}
			return Instance{
				Ops:    ops,
				Probe:  gen.Repeat(read),
				Final:  gen.EachThread(read),
				Checks: []check.Checker{bank.New(o)},
			}
		},
	}
}

// recentSnapshots is the model under which a read has the accounts that there are when it begins.
const recentSnapshots = "strong-snapshot-isolation"

// transfer draws two accounts and an amount.
func transfer(r gen.Rand) (history.Op, gen.Rand) {
	from := r.Int64N(targets.BankAccounts)
	to := (from + 1 + r.Int64N(targets.BankAccounts-1)) % targets.BankAccounts
	return movement("transfer", "from", from, "to", to, 1+r.Int64N(bankMaxTransfer)), r
}

// movement is an op that moves money between two accounts.
func movement(f, role string, account int64, otherRole string, other, amount int64) history.Op {
	return gen.Op(f, history.Map(
		history.Keyword(role), history.Int(account),
		history.Keyword(otherRole), history.Int(other),
		history.Keyword("amount"), history.Int(amount)))
}
