package runner

import (
	"slices"
	"time"

	"checker/check/recovery"
	"checker/history"
	"checker/internal/prng"
	"checker/nemesis"
	"checker/rundir"
	"checker/workloads"
	"checker/workloads/gen"
)

// After the faults have ended, every client must make progress within
// RecoveryBound; the run goes on looking for recoveryPatience.
const (
	RecoveryBound    = 10 * time.Second
	recoveryPatience = RecoveryBound + 5*time.Second
	probeEvery       = 100 * time.Millisecond
)

// mostProbes bounds how often a client tries to make progress, should every op
// fail at once.
const mostProbes = 1000

// nemesisConfig is what the faults of a plan are drawn from. Of a whole fault
// model each seed draws some families; those that were named all take part.
func (p Plan) nemesisConfig() nemesis.Config {
	return nemesis.Config{
		Families: p.Config.Nemesis,
		Moves:    p.Config.NemesisMoves,
		Every:    p.Schedule != nil || len(p.Config.NemesisMoves) > 0 || !slices.Equal(p.Config.Nemesis, p.Promise.FaultModel),
		Interval: time.Duration(p.Config.NemesisIntervalNS),
	}
}

// params is what the workload is told.
func (p Plan) params() workloads.Params {
	return workloads.Params{
		Seed:       prng.Derive(p.Seed, "workload"),
		Threads:    p.Config.Concurrency,
		Rate:       p.Config.Rate,
		Duration:   time.Duration(p.Config.TimeLimitNS),
		Settings:   p.Config.Settings,
		CheckSteps: checkSteps,

		ConsistencyModels: p.Config.ConsistencyModels,
	}
}

// checkSteps bounds the searches of a check, so that it ends the same way on
// every machine; it is about a minute's worth.
const checkSteps = 50_000_000

// phases is everything that a run does: the workload under faults, their end,
// recovery, final reads. With a schedule, it is that.
func (p Plan) phases(w workloads.Instance, faults nemesis.Schedule) gen.Generator {
	if p.Schedule != nil {
		return gen.Scheduled(scheduled(p.Schedule))
	}
	return gen.Phases(
		p.underFaults(w, faults),
		faults.Final(),
		gen.NemesisOnly(gen.One(nemesisOp(recovery.PhaseF, recovery.Phase))),
		gen.TimeLimit(recoveryPatience, gen.Clients(gen.EachThread(gen.UntilOk(gen.Limit(mostProbes, gen.Delay(probeEvery, w.Probe)))))),
		gen.Clients(w.Final),
	)
}

func (p Plan) underFaults(w workloads.Instance, faults nemesis.Schedule) gen.Generator {
	ops := w.Ops
	if p.Config.Ops > 0 {
		ops = gen.Limit(p.Config.Ops, ops)
	}
	if p.Config.Rate > 0 {
		pace := time.Duration(float64(time.Second) / p.Config.Rate)
		ops = gen.Stagger(gen.NewRand(p.Seed, "pace"), pace, ops)
	}
	clients := gen.Clients(ops)
	if len(faults.Packages) > 0 {
		clients = gen.ShortestAny(clients, faults.Generator())
	}
	return gen.TimeLimit(time.Duration(p.Config.TimeLimitNS), clients)
}

func nemesisOp(f, value string) history.Op {
	op := gen.Op(f, history.String(value))
	op.Process, op.Type = history.Nemesis, history.Info
	return op
}

// scheduled turns the lines of a schedule into what a generator emits.
func scheduled(entries []rundir.Entry) []gen.Entry {
	list := make([]gen.Entry, len(entries))
	for i, e := range entries {
		list[i] = gen.Entry{Time: e.At, Thread: gen.Thread(e.Thread), Op: gen.Op(e.F, e.Value)}
	}
	return list
}
