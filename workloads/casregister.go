package workloads

import (
	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
	"checker/workloads/gen"
)

// The classic cas-register of Jepsen's tutorial: values 0 to 4, a few clients on
// each key, and a new key after some hundred ops, because the search that judges
// repeated values is exponential in what is concurrent on one key.
const (
	casValues     = 5
	casThreads    = 5   // clients a key
	casOpsPerKey  = 120 // ops a key
	casProcessMax = 15  // processes a key: each crash leaves an op open for good
)

// CASRegister reads, writes and compares-and-sets values from 0 to 4, key after
// key.
func CASRegister() Workload {
	return Workload{
		Name:    "cas-register",
		Summary: "Jepsen's classic: reads, writes and compare-and-sets of the values 0 to 4, key after key",
		Functions: []Function{
			{"read", "[k nil], completed with [k v]"},
			{"write", "[k v], v from 0 to 4"},
			{"cas", "[k [old new]], fail if the register is not old"},
		},
		Needs:             "keyed registers with read, write and compare-and-set",
		Model:             "cas-register",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"read": 20, "write": 20, "cas": 5},
		New: func(p Params) Instance {
			rng := gen.NewRand(p.Seed, "cas-register")
			return Instance{
				Ops: gen.ConcurrentKeys(casThreads, gen.IntKeys(-1), func(key history.Value) gen.Generator {
					n, _ := key.Int()
					return gen.ProcessLimit(casProcessMax, gen.Limit(casOpsPerKey, gen.Ops(rng.Split(n), casOp)))
				}),
				Probe:  gen.Repeat(gen.Invoke("read", tuple(0, history.Nil))),
				Checks: []check.Checker{linear.New(models.CASRegister(), linear.Options{Keys: linear.Tuples, Steps: p.CheckSteps})},
			}
		},
	}
}

func casOp(r gen.Rand) (history.Op, gen.Rand) {
	value := func() history.Value { return history.Int(r.Int64N(casValues)) }
	switch draw := r.IntN(10); {
	case draw < 4:
		return gen.Op("read", history.Nil), r
	case draw < 7:
		return gen.Op("write", value()), r
	}
	before := value()
	return gen.Op("cas", history.Vector(before, value())), r
}
