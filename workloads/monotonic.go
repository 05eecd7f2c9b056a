package workloads

import (
	"checker/check"
	"checker/check/monotonic"
	"checker/check/online"
	"checker/history"
	"checker/workloads/gen"
)

// growingKeys is how many numbers the monotonic workload uses.
const growingKeys = 3

// Monotonic increments a few numbers and reads them.
func Monotonic() Workload {
	return Workload{
		Name:    "monotonic",
		Summary: "numbers that only grow: does anybody see one go back, or two increments make the same?",
		Functions: []Function{
			{"inc", "[k nil], completed with [k v], what it made"},
			{"read", "[k nil], completed with [k v]"},
		},
		Needs:             "keyed counters whose increment returns the new value",
		Model:             "monotonic",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"inc": 50, "read": 50},
		New: func(p Params) Instance {
			return Instance{
				Ops:     gen.Ops(gen.NewRand(p.Seed, "monotonic"), incOrRead),
				Probe:   gen.Ops(gen.NewRand(p.Seed, "probe"), readGrowing),
				Final:   gen.EachThread(readEachGrowing()),
				Checks:  []check.Checker{monotonic.New(monotonic.Options{Realtime: true})},
				Streams: []*online.Stream{online.Monotonic(true)},
			}
		},
	}
}

func incOrRead(r gen.Rand) (history.Op, gen.Rand) {
	f := []string{"inc", "read"}[r.IntN(2)]
	return gen.Op(f, tuple(r.Int64N(growingKeys), history.Nil)), r
}

func readGrowing(r gen.Rand) (history.Op, gen.Rand) {
	key := r.Int64N(growingKeys)
	return gen.Op("read", tuple(key, history.Nil)), r
}

func readEachGrowing() gen.Generator {
	reads := make([]gen.Generator, growingKeys)
	for key := range reads {
		reads[key] = gen.Invoke("read", tuple(int64(key), history.Nil))
	}
	return gen.Seq(reads...)
}
