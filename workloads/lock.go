package workloads

import (
	"time"

	"checker/check"
	"checker/check/locks"
	"checker/check/online"
	"checker/history"
	"checker/targets"
	"checker/workloads/gen"
)

// A client that crashes while it holds a lock holds it for good, so each lock is
// used for a while by a few clients, who then go to the next one.
const (
	lockThreads   = 3
	lockOpsPerKey = 60
	heldOpsPerKey = 600 // where locks are held for a while, and most acquires fail
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
		Settings: []targets.Setting{{
			Name:    holdSetting,
			Summary: "how long a client holds a lock: locks under leases have two holders while the first does not know that its lease is over",
			Values:  []string{"0s", "100ms", "300ms", "1s", "3s", "5s"},
		}},
		New: func(p Params) Instance {
			turns, ops := gen.Cycle(gen.Seq(gen.Invoke("acquire", history.Nil), gen.Invoke("release", history.Nil))), lockOpsPerKey
			if hold, err := time.ParseDuration(p.Settings[holdSetting]); err == nil && hold > 0 {
				turns, ops = holder{hold: hold.Nanoseconds()}, heldOpsPerKey
			}
			return Instance{
				Ops: gen.ConcurrentKeys(lockThreads, gen.IntKeys(-1), func(history.Value) gen.Generator {
					return gen.Limit(ops, gen.EachThread(turns))
				}),
				Probe:   gen.Ops(int64(freshKeys), acquireFresh),
				Checks:  []check.Checker{locks.New(locks.Options{})},
				Streams: []*online.Stream{online.Lock(true, true)},
			}
		},
	}
}

// holdSetting is how long a lock is held.
const holdSetting = "hold"

// holder is the load of one thread: it tries to acquire the lock until it has it,
// holds it for a while, and releases it.
type holder struct {
	hold  int64 // ns
	holds bool
	until int64 // of a lock that it holds
}

// Next emits an acquire, or a release when it is time.
func (g holder) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	switch {
	case !g.holds:
		return ctx.Fill(gen.Op("acquire", history.Nil)), g
	case ctx.Now < g.until:
		return gen.Step{Kind: gen.Pending, At: g.until}, g
	}
	step := ctx.Fill(gen.Op("release", history.Nil))
	if step.Kind != gen.Emit {
		return step, g
	}
	return step, holder{hold: g.hold}
}

// Update notes that the lock was acquired.
func (g holder) Update(ctx *gen.Context, event history.Op) gen.Generator {
	if event.Type == history.Ok && event.F == "acquire" {
		g.holds, g.until = true, ctx.Now+g.hold
	}
	return g
}

func acquireFresh(key int64) (history.Op, int64) {
	return gen.Op("acquire", tuple(key, history.Nil)), key + 1
}
