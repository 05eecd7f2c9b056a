package workloads

import (
	"checker/check"
	"checker/check/online"
	"checker/check/sets"
	"checker/history"
	"checker/workloads/gen"
)

// Set adds unique elements to one set and reads it whole, now and then under
// faults and by every client at the end.
func Set() Workload {
	return Workload{
		Name:    "set",
		Summary: "adds of unique elements to a set, and whole reads of it: is anything lost, stale, doubled or made up?",
		Functions: []Function{
			{"add", "v, never added before"},
			{"read", "nil, completed with all elements"},
		},
		Needs:             "a set with add and a read of all its elements",
		Model:             "set-full",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"add": 50, "read": 5},
		New: func(p Params) Instance {
			read := gen.Invoke("read", history.Nil)
			return Instance{
				Ops: gen.MixWeighted(gen.NewRand(p.Seed, "set"),
					gen.Part{N: 19, Gen: gen.Unique("add", 0)},
					gen.Part{N: 1, Gen: gen.Repeat(read)}),
				Probe:   gen.Repeat(read),
				Final:   gen.EachThread(read),
				Checks:  []check.Checker{sets.New(sets.Options{Full: true, Linearizable: true})},
				Streams: []*online.Stream{online.Set(false)},
			}
		},
	}
}
