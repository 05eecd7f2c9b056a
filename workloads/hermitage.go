package workloads

import (
	"checker/check"
	"checker/check/hermitage"
	"checker/check/txn"
	"checker/workloads/gen"
)

// hermitageRounds is how often each interleaving is played.
const hermitageRounds = 2

// Hermitage plays the interleavings of Kleppmann's Hermitage, one after the other.
func Hermitage() Workload {
	all := hermitage.All()
	return Workload{
		Name:    "hermitage",
		Summary: "known interleavings of two or three transactions, played statement by statement: which anomalies does the isolation let through?",
		Functions: []Function{
			{hermitage.F, "{:interleaving name :script [\"1 SELECT …\" …]}, completed with what came of each line, and :final"},
			{"read", "[[:r 0 nil]]"},
		},
		Needs:             "sessions that execute statements of SQL in transactions",
		Model:             "hermitage",
		ConsistencyModels: txn.ConsistencyModels(),
		Thresholds:        map[string]int{hermitage.F: len(all)},
		New: func(p Params) Instance {
			plays := make([]gen.Generator, len(all))
			for i, one := range all {
				plays[i] = gen.One(one.Op())
			}
			return Instance{
				Ops:    gen.OnThreads(func(t gen.Thread) bool { return t == 0 }, gen.CycleN(hermitageRounds, gen.Seq(plays...))),
				Probe:  gen.Repeat(gen.Invoke("read", readGroup([]int64{0}))),
				Checks: []check.Checker{hermitage.New(hermitage.Options{ConsistencyModels: p.ConsistencyModels})},
			}
		},
	}
}
