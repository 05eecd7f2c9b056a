package workloads

import (
	"checker/check"
	"checker/check/sets"
	"checker/history"
	"checker/targets"
	"checker/workloads/gen"
)

// LockedSet adds elements to a set by reading and writing it whole, under a lock:
// the set shows whether the lock kept writers apart.
func LockedSet() Workload {
	return Workload{
		Name:    "locked-set",
		Summary: "a set that is read and written whole, under a lock: does a writer who lost the lock undo what another has written?",
		Functions: []Function{
			{"add", "v, never added before: acquire the lock, read the set, write it with v, release the lock"},
			{"read", "nil, completed with all elements, without the lock"},
		},
		Needs:             "a lock, and a register that takes a whole set",
		Model:             "set-full",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"add": 50, "read": 5},
		Settings: []targets.Setting{{
			Name:    holdSetting,
			Summary: "how long a client holds the lock between its read of the set and its write",
			Values:  []string{"100ms", "0s", "300ms", "1s"},
		}},
		New: func(p Params) Instance {
			read := gen.Invoke("read", history.Nil)
			return Instance{
				Ops: gen.MixWeighted(gen.NewRand(p.Seed, "locked-set"),
					gen.Part{N: 4, Gen: gen.Unique("add", 0)},
					gen.Part{N: 1, Gen: gen.Repeat(read)}),
				Probe:  gen.Repeat(read),
				Final:  gen.EachThread(read),
				Checks: []check.Checker{sets.New(sets.Options{Full: true, Linearizable: true})},
			}
		},
	}
}
