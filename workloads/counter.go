package workloads

import (
	"checker/check"
	"checker/check/counter"
	"checker/history"
	"checker/workloads/gen"
)

// largestAdd bounds what is added at once. Different amounts tell apart what was
// added twice from what was not added at all.
const largestAdd = 5

// Counter adds to one counter and reads it.
func Counter() Workload {
	return Workload{
		Name:    "counter",
		Summary: "adds to a counter and reads of it: is anything added twice, or not at all?",
		Functions: []Function{
			{"add", "n from 1 to 5"},
			{"read", "nil, completed with the sum"},
		},
		Needs:             "a counter with add and read",
		Model:             "counter",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"add": 50, "read": 50},
		New: func(p Params) Instance {
			read := gen.Invoke("read", history.Nil)
			return Instance{
				Ops: gen.Mix(gen.NewRand(p.Seed, "counter"),
					gen.Ops(gen.NewRand(p.Seed, "add"), addSome), gen.Repeat(read)),
				Probe:  gen.Repeat(read),
				Final:  gen.EachThread(read),
				Checks: []check.Checker{counter.New(counter.Options{})},
			}
		},
	}
}

func addSome(r gen.Rand) (history.Op, gen.Rand) {
	return gen.Op("add", history.Int(1+r.Int64N(largestAdd))), r
}
