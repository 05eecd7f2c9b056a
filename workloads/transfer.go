package workloads

import (
	"slices"

	"checker/check"
	"checker/check/atomic"
	"checker/check/txn/micro"
	"checker/history"
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// The accounts of transfers. One that has seen accountEntries of them is closed, and a fresh one is opened.
const (
	openAccounts   = 8
	accountEntries = 24
	probedLately   = 6 // transfers back from the latest, whose accounts are looked at
)

// Transfer moves money between accounts and looks what became of each end of each transfer.
func Transfer() Workload {
	return Workload{
		Name:    "transfer",
		Summary: "transfers between accounts in several shards, and reads of one end or all: does each take effect everywhere or nowhere, and for good?",
		Functions: []Function{
			{"transfer", "[[:append from -n] [:append to n]], or two such pairs; n is unique, and what is moved"},
			{"probe", "[[:r k nil]] of one account of a recent transfer, completed with [:r k [n …]]"},
			{"audit", "[[:r k nil] …] of all accounts of a recent transfer, completed with [:r k [n …]]"},
			{txns.F, "[[:r k nil] …] of all accounts in the end"},
		},
		Needs:             "transactions over keyed lists with append and read",
		Model:             "atomic-commit",
		ConsistencyModels: []string{"strict-serializable", "strong-snapshot-isolation"},
		Thresholds:        map[string]int{"transfer": 10, "probe": 5, "audit": 5},
		New: func(p Params) Instance {
			first := ledger{rng: gen.NewRand(p.Seed, "transfer"), fresh: openAccounts}
			for i := range first.accounts {
				first.accounts[i].key = int64(i)
			}
			return Instance{
				Ops:    gen.Ops(first, nextOfLedger),
				Probe:  gen.Repeat(gen.One(readAccounts("probe", 0))),
				Final:  closeAccounts(),
				Checks: []check.Checker{atomic.NewEffects(atomic.EffectOptions{Closed: true}), transactionCheck(micro.Lists, p.ConsistencyModels)},
			}
		},
	}
}

// ledger is the state of the load.
type ledger struct {
	rng      gen.Rand
	accounts [openAccounts]account
	fresh    int64 // the next account
	written  int64 // the latest transfer
	recent   [probedLately][]int64
}

type account struct{ key, entries int64 }

// nextOfLedger is a transfer as often as not, else a look at a recent one: at all of it or at one end.
func nextOfLedger(l ledger) (history.Op, ledger) {
	looked := l.recent[l.rng.IntN(probedLately)]
	switch {
	case len(looked) == 0 || l.rng.Bool():
		return l.transfer()
	case l.rng.Bool():
		return readAccounts("audit", looked...), l
	}
	return readAccounts("probe", looked[l.rng.IntN(len(looked))]), l
}

// transfer draws two accounts, or now and then two pairs.
func (l ledger) transfer() (history.Op, ledger) {
	ends := 2
	if l.rng.IntN(4) == 0 {
		ends = 4
	}
	var slots, keys []int64
	for len(slots) < ends {
		if at := l.rng.Int64N(openAccounts); !slices.Contains(slots, at) {
			slots = append(slots, at)
		}
	}
	mops := make([]history.Value, ends)
	for i, at := range slots {
		a := &l.accounts[at]
		amount := -(l.written + 1)
		if i%2 == 1 {
			l.written++
			amount = l.written
		}
		keys = append(keys, a.key)
		mops[i] = history.Mop("append", history.Int(a.key), history.Int(amount))
		if a.entries++; a.entries == accountEntries {
			*a = account{key: l.fresh}
			l.fresh++
		}
	}
	l.recent[int(l.written)%probedLately] = keys
	return gen.Op("transfer", history.Vector(mops...)), l
}

func readAccounts(f string, keys ...int64) history.Op {
	mops := make([]history.Value, len(keys))
	for i, k := range keys {
		mops[i] = microRead(k)
	}
	return gen.Op(f, history.Vector(mops...))
}
