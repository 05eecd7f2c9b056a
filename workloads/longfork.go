package workloads

import (
	"checker/check"
	"checker/check/longfork"
	"checker/history"
	"checker/workloads/gen"
)

// forkGroup is how many keys are written one after the other and read together.
const forkGroup = 3

// LongFork writes single keys, each once, and reads groups of them.
func LongFork() Workload {
	return Workload{
		Name:    "long-fork",
		Summary: "single writes of keys, each once, and reads of a few of them: do two reads see two writes in opposite orders?",
		Functions: []Function{
			{"write", "[[:w k v]], k never written before"},
			{"read", "[[:r k nil] …] of a group, completed with [:r k v]"},
		},
		Needs:             "transactions over keyed registers with read and write",
		Model:             "long-fork",
		ConsistencyModels: []string{"snapshot-isolation"},
		Thresholds:        map[string]int{"write": 20, "read": 20},
		New: func(p Params) Instance {
			first := gen.Invoke("read", readGroup([]int64{0, 1, 2}))
			return Instance{
				Ops:    gen.Ops(forks{rng: gen.NewRand(p.Seed, "long-fork")}, nextOfForks),
				Probe:  gen.Repeat(first),
				Final:  gen.EachThread(first),
				Checks: []check.Checker{longfork.New(longfork.Options{Group: forkGroup})},
			}
		},
	}
}

// forks is the state of the load: keys are written in their order, and read while their group is.
type forks struct {
	rng     gen.Rand
	written int64
}

// nextOfForks is a read as often as two times of three: a fork takes two of them.
func nextOfForks(f forks) (history.Op, forks) {
	if f.rng.IntN(3) == 0 {
		k := history.Int(f.written)
		f.written++
		return gen.Op("write", history.Vector(history.Vector(history.Keyword("w"), k, history.Int(1)))), f
	}
	group := f.written / forkGroup
	if group > 0 && f.rng.Bool() {
		group--
	}
	keys := make([]int64, forkGroup)
	for i := range keys {
		j := f.rng.IntN(i + 1) // shuffled from the inside out
		keys[i], keys[j] = keys[j], group*forkGroup+int64(i)
	}
	return gen.Op("read", readGroup(keys)), f
}

// readGroup reads keys in one transaction.
func readGroup(keys []int64) history.Value {
	mops := make([]history.Value, len(keys))
	for i, k := range keys {
		mops[i] = history.Vector(history.Keyword("r"), history.Int(k), history.Nil)
	}
	return history.Vector(mops...)
}
