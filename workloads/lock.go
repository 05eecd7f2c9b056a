package workloads

import (
	"checker/check"
	"checker/check/locks"
	"checker/history"
	"checker/workloads/gen"
)

// A client that crashes while it holds a lock holds it for good, so each lock is
// used for a while by a few clients, who then go to the next one.
const (
	lockThreads   = 3
	lockOpsPerKey = 60
)

// freshKeys is where the keys of probes begin: locks that nobody else uses, so that
// they are free, and messages that are like no other.
const freshKeys = 1 << 32

// Lock acquires and releases locks, lock after lock.
func Lock() Workload {
	return Workload{
		Name:    "lock",
		Summary: "acquires and releases of locks: does a lock ever have two holders?",
		Functions: []Function{
			{"acquire", "[k nil], fail if the lock is held, completed with [k token] or [k nil]"},
			{"release", "[k nil], fail if the client does not hold it"},
		},
		Needs:             "keyed locks that their owners acquire and release; tokens that grow are judged where there are any",
		Model:             "lock",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"acquire": 50, "release": 20},
		New: func(p Params) Instance {
			return Instance{
				Ops: gen.ConcurrentKeys(lockThreads, gen.IntKeys(-1), func(history.Value) gen.Generator {
					return gen.Limit(lockOpsPerKey, gen.EachThread(gen.Cycle(
						gen.Seq(gen.Invoke("acquire", history.Nil), gen.Invoke("release", history.Nil)))))
				}),
				Probe:  gen.Ops(int64(freshKeys), acquireFresh),
				Checks: []check.Checker{locks.New(locks.Options{})},
			}
		},
	}
}

func acquireFresh(key int64) (history.Op, int64) {
	return gen.Op("acquire", tuple(key, history.Nil)), key + 1
}
