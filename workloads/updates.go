package workloads

import (
	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"
	"checker/history"
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// updateKeys is how many registers are updated. In write-skew two of them are a pair: 0 and 1, 2 and 3, …
const updateKeys = 8

// WriteSkew reads pairs of registers and writes one of each.
func WriteSkew() Workload {
	return updates(Workload{
		Name:      "write-skew",
		Summary:   "transactions that read two registers and write one of them: do two that read the same write without knowing of each other?",
		Functions: []Function{{txns.F, "[[:r a nil] [:r b nil] [:w a v]], or without the write, completed with [:r k v]"}},
	}, func(c counted) (history.Op, counted) {
		a := c.rng.Int64N(updateKeys)
		mops := []history.Value{microRead(a), microRead(a ^ 1)}
		if c.rng.IntN(4) > 0 {
			c.written++
			mops = append(mops, microWrite(a, c.written))
		}
		return gen.Op(txns.F, history.Vector(mops...)), c
	})
}

// LostUpdate reads registers and writes them.
func LostUpdate() Workload {
	return updates(Workload{
		Name:      "lost-update",
		Summary:   "transactions that read a register, or two, and write what they read: do two that read the same value both write?",
		Functions: []Function{{txns.F, "[[:r k nil] [:w k v] …], completed with [:r k v]"}},
	}, func(c counted) (history.Op, counted) {
		a := c.rng.Int64N(updateKeys)
		keys := []int64{a}
		if c.rng.Bool() {
			keys = append(keys, (a+1+c.rng.Int64N(updateKeys-1))%updateKeys)
		}
		var mops []history.Value
		for _, k := range keys {
			c.written++
			mops = append(mops, microRead(k), microWrite(k, c.written))
		}
		return gen.Op(txns.F, history.Vector(mops...)), c
	})
}

// updates completes a workload whose transactions read whatever they write: so the order of a register's
// versions is known, and a cycle needs no guess.
func updates(w Workload, next func(counted) (history.Op, counted)) Workload {
	w.Needs, w.Model = "transactions over keyed registers with read and write", "rw-register"
	w.ConsistencyModels = txn.ConsistencyModels()
	w.Thresholds = map[string]int{txns.F: 50}
	w.New = func(p Params) Instance {
		c, err := txn.New(txn.Options{Model: micro.Registers, ConsistencyModels: p.ConsistencyModels, WFRKeys: true})
		if err != nil {
			panic("workloads: " + err.Error()) // the runner only lets through what the workload lists
		}
		return Instance{
			Ops:    gen.Ops(counted{rng: gen.NewRand(p.Seed, w.Name)}, next),
			Probe:  gen.Repeat(gen.Invoke(txns.F, history.Vector(microRead(0)))),
			Final:  gen.EachThread(readEach(updateKeys)),
			Checks: []check.Checker{c},
		}
	}
	return w
}

// readEach reads keys from 0 on, a transaction each.
func readEach(keys int64) gen.Generator {
	reads := make([]gen.Generator, keys)
	for k := range reads {
		reads[k] = gen.Invoke(txns.F, history.Vector(microRead(int64(k))))
	}
	return gen.Seq(reads...)
}

func microRead(k int64) history.Value {
	return history.Vector(history.Keyword("r"), history.Int(k), history.Nil)
}

func microWrite(k, v int64) history.Value {
	return history.Vector(history.Keyword("w"), history.Int(k), history.Int(v))
}
