package workloads

import (
	"checker/check"
	"checker/check/linear"
	"checker/check/online"
	"checker/history"
	"checker/models"
	"checker/workloads/gen"
)

// registerKeys is how many registers the register workload uses. Few keys bring
// clients into conflict; more than one shows that keys are independent.
const registerKeys = 5

// Register reads, writes and compares-and-sets a few registers with values that
// are each written once. Unique values make the check exact at any length.
func Register() Workload {
	return Workload{
		Name:    "register",
		Summary: "reads, writes and compare-and-sets of a few registers with unique values",
		Functions: []Function{
			{"read", "[k nil], completed with [k v]"},
			{"write", "[k v], v never written before"},
			{"cas", "[k [old new]], fail if the register is not old"},
		},
		Needs:             "keyed registers with read, write and compare-and-set",
		Model:             "cas-register",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"read": 20, "write": 20, "cas": 5},
		New: func(p Params) Instance {
			return Instance{
				Ops:     &registerOps{rng: gen.NewRand(p.Seed, "register")},
				Probe:   gen.Ops(gen.NewRand(p.Seed, "probe"), probeRegister),
				Final:   gen.EachThread(readEachRegister()),
				Checks:  []check.Checker{linear.New(models.CASRegister(), linear.Options{Keys: linear.Tuples, Steps: p.CheckSteps})},
				Streams: []*online.Stream{online.Register(history.Nil, true)},
			}
		},
	}
}

// registerOps emits the ops. It remembers what each register held when last
// heard of, since a compare-and-set with a guess would never succeed.
type registerOps struct {
	rng    gen.Rand
	writes int64 // how many values were used; the next one is one more
	seen   [registerKeys]int64
}

// Next emits a read, a write or a compare-and-set.
func (g *registerOps) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	if !ctx.AnyFree() {
		return gen.Step{Kind: gen.Pending, At: gen.Never}, g
	}
	rest := *g
	key := rest.rng.Int64N(registerKeys)
	draw := rest.rng.IntN(10)
	op := gen.Op("read", tuple(key, history.Nil))
	switch before := rest.seen[key]; {
	case draw < 4:
	case draw < 7 && before != 0:
		rest.writes++
		op = gen.Op("cas", tuple(key, history.Ints(before, rest.writes)))
	default:
		rest.writes++
		op = gen.Op("write", tuple(key, history.Int(rest.writes)))
	}
	return ctx.Fill(op), &rest
}

// Update notes what a register holds.
func (g *registerOps) Update(_ *gen.Context, event history.Op) gen.Generator {
	if event.Type != history.Ok {
		return g
	}
	k, v, _ := event.Value.Pair()
	key, ok := k.Int()
	if !ok || key < 0 || key >= registerKeys {
		return g
	}
	if _, written, isCAS := v.Pair(); isCAS {
		v = written
	}
	n, ok := v.Int()
	if !ok || n == g.seen[key] {
		return g
	}
	after := *g
	after.seen[key] = n
	return &after
}

func tuple(key int64, v history.Value) history.Value { return history.Vector(history.Int(key), v) }

func probeRegister(r gen.Rand) (history.Op, gen.Rand) {
	key := r.Int64N(registerKeys)
	return gen.Op("read", tuple(key, history.Nil)), r
}

func readEachRegister() gen.Generator {
	reads := make([]gen.Generator, registerKeys)
	for key := range reads {
		reads[key] = gen.Invoke("read", tuple(int64(key), history.Nil))
	}
	return gen.Seq(reads...)
}
