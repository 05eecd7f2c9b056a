package cli

import (
	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"

	"github.com/spf13/pflag"
)

// txnFlags are the flags of `check` for histories of transactions.
type txnFlags struct {
	anomalies  []string
	wfr        bool
	sequential bool
	realTime   bool
	progress   func(string)
}

func (f *txnFlags) register(flags *pflag.FlagSet) {
	flags.StringSliceVarP(&f.anomalies, "anomalies", "a", nil, "transactions: look for these whatever the consistency models say")
	flags.BoolVar(&f.wfr, "wfr-keys", false, "rw-register: a transaction writes a key behind the version that it read of it")
	flags.BoolVar(&f.sequential, "sequential-keys", false, "rw-register: every session meets the versions of a key in their order")
	flags.BoolVar(&f.realTime, "linearizable-keys", false, "rw-register: the versions of a key are met in their order in real time")
}

// transactions are the kinds of history that check/txn judges.
func transactions() []checkModel {
	return []checkModel{
		txnModel(micro.Lists, "list-append", "transactions on lists: which consistency models do they keep?", "[:append k v] and [:r k [v …]]"),
		txnModel(micro.Registers, "rw-register", "transactions on registers: which consistency models do they keep?", "[:w k v] and [:r k v]"),
	}
}

func txnModel(m micro.Model, name, summary, ops string) checkModel {
	return checkModel{
		name: name, summary: summary, ops: ops, guarantees: txn.ConsistencyModels(),
		checker: func(f *checkFlags, memory int64) (check.Checker, error) {
			return txn.New(txn.Options{
				Model: m, ConsistencyModels: f.models, Anomalies: f.anomalies,
				WFRKeys: f.wfr, SequentialKeys: f.sequential, LinearizableKeys: f.realTime,
				Memory: memory, Progress: f.progress,
			})
		},
	}
}
