package workloads

import (
	"checker/check"
	"checker/check/online"
	"checker/check/uniqueids"
	"checker/history"
	"checker/workloads/gen"
)

// UniqueIDs asks for ids.
func UniqueIDs() Workload {
	return Workload{
		Name:              "unique-ids",
		Summary:           "requests for unique ids: is one handed out twice?",
		Functions:         []Function{{"generate", "nil, completed with an id"}},
		Needs:             "a generator of unique ids",
		Model:             "unique-ids",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"generate": 100},
		New: func(Params) Instance {
			generate := gen.Repeat(gen.Invoke("generate", history.Nil))
			return Instance{
				Ops:     generate,
				Probe:   generate,
				Final:   gen.EachThread(gen.Invoke("generate", history.Nil)),
				Checks:  []check.Checker{uniqueids.New(uniqueids.Options{})},
				Streams: []*online.Stream{online.IDs()},
			}
		},
	}
}
