package workloads

import (
	"time"

	"checker/check"
	"checker/check/locks"
	"checker/history"
	"checker/workloads/gen"
)

// leasePause is how long a client that has a lock waits before what it does next.
const leasePause = 200 * time.Millisecond

// LeasedLock acquires locks under leases, refreshes some, releases some and lets some
// run out.
func LeasedLock() Workload {
	return Workload{
		Name:    "leased-lock",
		Summary: "locks under leases that are refreshed, released or run out: is a lock granted before the lease of its holder is over?",
		Functions: []Function{
			{"acquire", "[k nil], fail if the lock is held, completed with [k lease], in ms"},
			{"refresh", "[k nil], fail if the client does not hold it, completed with [k lease]"},
			{"release", "[k nil], fail if the client does not hold it"},
		},
		Needs:             "keyed locks that are granted for a time and refreshed, and become free when that is over",
		Model:             "leased-mutex",
		ConsistencyModels: []string{"linearizable"},
		Thresholds:        map[string]int{"acquire": 15, "refresh": 2, "release": 3},
		New: func(Params) Instance {
			return Instance{
				Ops: gen.ConcurrentKeys(lockThreads, gen.IntKeys(-1), func(history.Value) gen.Generator {
					return gen.Limit(heldOpsPerKey, gen.EachThread(tenant{}))
				}),
				Probe:  gen.Ops(int64(freshKeys), acquireFresh),
				Checks: []check.Checker{locks.NewLeased(locks.LeaseOptions{})},
			}
		},
	}
}

// tenant is the load of one thread: it tries to acquire the lock until it has it. It
// gives up every other lease soon, and of the rest, which it refreshes, again every
// other one; the last ones run out.
type tenant struct {
	leases    int // that it was granted
	refreshed bool
	holds     bool
	until     int64 // when it goes on, if it holds the lock
}

// Next emits an acquire, or, when it is time, a refresh or a release.
func (g tenant) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	switch {
	case !g.holds:
		return ctx.Fill(gen.Op("acquire", history.Nil)), g
	case ctx.Now < g.until:
		return gen.Step{Kind: gen.Pending, At: g.until}, g
	case g.leases%2 == 0 && !g.refreshed:
		return ctx.Fill(gen.Op("refresh", history.Nil)), g
	case g.leases%4 == 0:
		g.holds = false // it runs out
		return ctx.Fill(gen.Op("acquire", history.Nil)), g
	}
	return ctx.Fill(gen.Op("release", history.Nil)), g
}

// Update notes what became of the lock.
func (g tenant) Update(ctx *gen.Context, event history.Op) gen.Generator {
	switch {
	case event.Type == history.Invoke:
		return g
	case event.F == "acquire" && event.Type == history.Ok:
		g.leases++
		g.holds, g.refreshed = true, false
	case event.F == "refresh" && event.Type == history.Ok:
		g.refreshed = true
	default:
		g.holds = false // released, lost, or nobody knows
	}
	g.until = ctx.Now + leasePause.Nanoseconds()
	return g
}
