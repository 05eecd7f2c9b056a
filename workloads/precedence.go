package workloads

import (
	"checker/check"
	"checker/check/precedence"
	"checker/history"
	"checker/targets"
	"checker/workloads/gen"
)

// shelfValues is how many values go to one collection before the next one is begun.
const shelfValues = 32

// CausalReverse writes values, each once, and reads all there are.
func CausalReverse() Workload {
	return Workload{
		Name:    "causal-reverse",
		Summary: "single writes of values to collections that lie on several shards, and whole reads: is a value there without one that had completed before it began?",
		Functions: []Function{
			{"write", "[k v], v never written before"},
			{"read", "[k nil], completed with [k [v …]]"},
		},
		Needs:             "transactions that read collections spread over several keys",
		Model:             "causal-reverse",
		ConsistencyModels: []string{"strong-snapshot-isolation"},
		Thresholds:        map[string]int{"write": 50, "read": 20},
		New: func(p Params) Instance {
			first := gen.Invoke("read", tuple(0, history.Nil))
			return Instance{
				Ops:    gen.Ops(counted{rng: gen.NewRand(p.Seed, "causal-reverse")}, readOrShelve),
				Probe:  gen.Repeat(first),
				Final:  gen.EachThread(first),
				Checks: []check.Checker{precedence.NewComments(precedence.Options{Name: "causal-reverse"})},
			}
		},
	}
}

func readOrShelve(c counted) (history.Op, counted) {
	key := c.written / shelfValues
	if c.rng.Bool() {
		if key > 0 && c.rng.IntN(4) == 0 {
			key--
		}
		return gen.Op("read", tuple(key, history.Nil)), c
	}
	c.written++
	return gen.Op("write", tuple(key, history.Int(c.written))), c
}

// Sequential writes the subkeys of keys one after the other and reads them in the opposite order.
func Sequential() Workload {
	return Workload{
		Name:    "sequential",
		Summary: "subkeys that a client writes one after the other, a transaction each, and reads in the opposite order: is one there without one before it?",
		Functions: []Function{
			{"write", "k, never written before"},
			{"read", "k, completed with [k [v …]], the last subkey first"},
		},
		Needs:             "registers, and ops that are several transactions",
		Model:             "sequential",
		ConsistencyModels: []string{"strong-session-snapshot-isolation"},
		Thresholds:        map[string]int{"write": 20, "read": 20},
		New: func(p Params) Instance {
			first := gen.Invoke("read", history.Int(0))
			return Instance{
				Ops:    gen.Ops(counted{rng: gen.NewRand(p.Seed, "sequential")}, readOrWriteSubkeys),
				Probe:  gen.Repeat(first),
				Final:  gen.EachThread(first),
				Checks: []check.Checker{precedence.NewSequential(precedence.Options{})},
			}
		},
	}
}

// readOrWriteSubkeys reads a key that is being written, or was lately.
func readOrWriteSubkeys(c counted) (history.Op, counted) {
	if c.written > 0 && c.rng.Bool() {
		return gen.Op("read", history.Int(max(0, c.written-1-c.rng.Int64N(2*targets.Subkeys)))), c
	}
	c.written++
	return gen.Op("write", history.Int(c.written-1)), c
}
