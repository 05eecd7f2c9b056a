package workloads

import (
	"strconv"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"
	"checker/targets"
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// The settings of transactions, after Elle's.
var transactionSettings = []targets.Setting{
	{Name: "active-keys", Summary: "how many keys are in use at a time", Values: []string{"10", "1", "3", "5", "30", "100"}},
	{Name: "key-choice", Summary: "exponential: each key is twice as likely as the one before; uniform: all are as likely", Values: []string{"exponential", "uniform"}},
	{Name: "min-length", Summary: "the fewest micro-ops of a transaction", Values: []string{"1", "2", "4", "8"}},
	{Name: "max-length", Summary: "the most micro-ops of a transaction", Values: []string{"4", "1", "2", "8", "16"}},
	{Name: "writes-per-key", Summary: "after so many writes, a fresh key takes the place of a key", Values: []string{"32", "4", "8", "16", "64", "256"}},
}

// Append appends unique elements to lists and reads them, in transactions.
func Append() Workload {
	return transactions(Workload{
		Name:      "append",
		Summary:   "transactions of appends to lists and reads of them, which show the order of all writes: Elle's list-append",
		Functions: []Function{{txns.F, "[[:append k v] [:r k nil] …], completed with [:r k [v …]]"}},
		Needs:     "transactions over keyed lists with append and read",
		Model:     "list-append",
	}, micro.Lists, txns.Append)
}

// WR writes unique values to registers and reads them, in transactions.
func WR() Workload {
	return transactions(Workload{
		Name:      "wr",
		Summary:   "transactions of writes and reads of registers with unique values: Elle's rw-register",
		Functions: []Function{{txns.F, "[[:w k v] [:r k nil] …], completed with [:r k v]"}},
		Needs:     "transactions over keyed registers with read and write",
		Model:     "rw-register",
	}, micro.Registers, txns.WR)
}

// transactions completes a workload of them.
func transactions(w Workload, model micro.Model, load func(gen.Rand, txns.Options) gen.Generator) Workload {
	w.ConsistencyModels, w.Settings = txn.ConsistencyModels(), transactionSettings
	w.Thresholds = map[string]int{txns.F: 20}
	w.New = func(p Params) Instance {
		o := transactionOptions(p.Settings)
		return Instance{
			Ops:    load(gen.NewRand(p.Seed, w.Name), o),
			Probe:  gen.Repeat(gen.Invoke(txns.F, txns.Value([]txns.Mop{{Key: 0}}, ""))),
			Final:  txns.FinalReads(o),
			Checks: []check.Checker{transactionCheck(model, p.ConsistencyModels)},
		}
	}
	return w
}

func transactionOptions(settings map[string]string) txns.Options {
	number := func(name string) int {
		n, err := strconv.Atoi(settings[name])
		if err != nil {
			return 0 // not set: the default
		}
		return n
	}
	return txns.Options{
		Keys: number("active-keys"), Uniform: settings["key-choice"] == "uniform",
		MinLength: number("min-length"), MaxLength: number("max-length"), WritesPerKey: number("writes-per-key"),
	}
}

func transactionCheck(model micro.Model, consistencyModels []string) check.Checker {
	c, err := txn.New(txn.Options{Model: model, ConsistencyModels: consistencyModels})
	if err != nil {
		panic("workloads: " + err.Error()) // the runner only lets through what the workload lists
	}
	return c
}
