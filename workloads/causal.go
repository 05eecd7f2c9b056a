package workloads

import (
	"checker/check"
	"checker/check/causal"
	"checker/history"
	"checker/workloads/gen"
)

// causalKeys is how many registers the causal workload uses.
const causalKeys = 5

// Causal writes and reads single registers.
func Causal() Workload {
	return Workload{
		Name:    "causal",
		Summary: "writes of unique values to registers, and reads: does anybody read what was replaced in his causal past?",
		Functions: []Function{
			{"write", "[k v], v never written before"},
			{"read", "[k nil], completed with [k v]"},
		},
		Needs:             "keyed registers with read and write",
		Model:             "causal",
		ConsistencyModels: []string{"causal-memory"},
		Thresholds:        map[string]int{"write": 50, "read": 50},
		New: func(p Params) Instance {
			reads := make([]gen.Generator, causalKeys)
			for k := range reads {
				reads[k] = gen.Invoke("read", tuple(int64(k), history.Nil))
			}
			return Instance{
				Ops:    gen.Ops(counted{rng: gen.NewRand(p.Seed, "causal")}, readOrWrite),
				Probe:  gen.Repeat(reads[0]),
				Final:  gen.EachThread(gen.Seq(reads...)),
				Checks: []check.Checker{causal.New(causal.Options{})},
			}
		},
	}
}

// counted is the state of a load that writes unique numbers.
type counted struct {
	rng     gen.Rand
	written int64
}

func readOrWrite(c counted) (history.Op, counted) {
	key := c.rng.Int64N(causalKeys)
	if c.rng.Bool() {
		return gen.Op("read", tuple(key, history.Nil)), c
	}
	c.written++
	return gen.Op("write", tuple(key, history.Int(c.written))), c
}
