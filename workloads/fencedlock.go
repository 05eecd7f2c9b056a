package workloads

import (
	"checker/check"
	"checker/check/locks"
	"checker/check/online"
	"checker/history"
	"checker/workloads/gen"
)

// fencedLocks is how many locks the fenced-lock workload uses.
const fencedLocks = 3

// FencedLock takes locks from whoever holds them, as happens when a lease runs out,
// and writes what they guard under old tokens and new ones.
func FencedLock() Workload {
	return Workload{
		Name:    "fenced-lock",
		Summary: "locks that are taken from slow holders, and writes under their tokens: do tokens grow, and are old ones refused?",
		Functions: []Function{
			{"acquire", "[k nil], completed with [k token]"},
			{"write", "[k [token v]], fail if the token is not the latest"},
		},
		Needs:             "keyed locks that can be taken over, with tokens, and writes that are guarded by them",
		Model:             "fenced-lock",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"acquire": 50, "write": 20},
		New: func(p Params) Instance {
			return Instance{
				Ops:     fencedOps{rng: gen.NewRand(p.Seed, "fenced-lock")},
				Probe:   gen.Ops(gen.NewRand(p.Seed, "probe"), acquireAny),
				Final:   gen.EachThread(acquireEach()),
				Checks:  []check.Checker{locks.New(locks.Options{Fenced: true})},
				Streams: []*online.Stream{online.Fence(true)},
			}
		},
	}
}

// fencedOps emits the ops. It remembers the last two tokens of each lock: a client
// that was too slow writes under the older one.
type fencedOps struct {
	rng    gen.Rand
	writes int64
	tokens [fencedLocks][2]int64 // the older one first; 0 is none
}

// Next emits an acquire or a write.
func (g fencedOps) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	rest := g
	key := rest.rng.Int64N(fencedLocks)
	draw := rest.rng.IntN(10)
	op := gen.Op("acquire", tuple(key, history.Nil))
	token := g.tokens[key][1]
	if draw >= 8 {
		token = g.tokens[key][0]
	}
	if draw >= 4 && token != 0 {
		rest.writes++
		op = gen.Op("write", tuple(key, history.Ints(token, rest.writes)))
	}
	step := ctx.Fill(op)
	if step.Kind != gen.Emit {
		return step, g
	}
	return step, rest
}

// Update notes a token.
func (g fencedOps) Update(_ *gen.Context, event history.Op) gen.Generator {
	if event.Type != history.Ok || event.F != "acquire" {
		return g
	}
	k, v, _ := event.Value.Pair()
	key, ok := k.Int()
	token, isInt := v.Int()
	if ok && isInt && key >= 0 && key < fencedLocks {
		g.tokens[key] = [2]int64{g.tokens[key][1], token}
	}
	return g
}

func acquireAny(r gen.Rand) (history.Op, gen.Rand) {
	key := r.Int64N(fencedLocks)
	return gen.Op("acquire", tuple(key, history.Nil)), r
}

func acquireEach() gen.Generator {
	each := make([]gen.Generator, fencedLocks)
	for key := range each {
		each[key] = gen.Invoke("acquire", tuple(int64(key), history.Nil))
	}
	return gen.Seq(each...)
}
