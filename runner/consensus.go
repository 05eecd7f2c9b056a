package runner

import (
	"checker/check"
	"checker/check/consensus"
	"checker/check/recovery"
	"checker/history"
	"checker/rundir"
)

// A simulation goes on after its last op until every node has applied what was
// committed when the faults ended, and looks every settleStep; settleSlack after
// the bound it is certain from the trace that one never will.
const (
	settleStep  = 100e6 // ns
	settleSlack = 1e9   // ns
)

// consensusOptions are what the judgement of a trace needs to know of the plan.
func (p Plan) consensusOptions() consensus.Options {
	return consensus.Options{Voters: p.Config.Nodes, Bound: RecoveryBound}
}

// monitor returns who listens to the nodes' protocol during the run, or nil when
// the target tells nothing of it.
func (p Plan) monitor() *consensus.Monitor {
	if !p.Target.Describe().Protocol {
		return nil
	}
	return consensus.NewMonitor(p.consensusOptions())
}

// monitored are the checks that were made while the run went on.
func monitored(m *consensus.Monitor) []check.Checker {
	if m == nil {
		return nil
	}
	return []check.Checker{m}
}

// TraceChecks are the checks of the trace in a run directory, of which h is the
// history: what the run's own monitor found, found again.
func (p Plan) TraceChecks(dir *rundir.Dir, h *history.History) []check.Checker {
	if !p.Target.Describe().Protocol {
		return nil
	}
	o := p.consensusOptions()
	o.Recovered = recoveredAt(h)
	return []check.Checker{consensus.New(consensus.Trace(dir.TraceBytes), o)}
}

// recoveredAt is the time at which the phase of recovery began, or 0.
func recoveredAt(h *history.History) int64 {
	for i := h.Len() - 1; i >= 0; i-- {
		if h.Process(i) == history.Nemesis && marksRecovery(h.Op(i)) {
			return h.Time(i)
		}
	}
	return 0
}

// marksRecovery reports whether an op of the nemesis is the mark after the last
// fault.
func marksRecovery(op history.Op) bool {
	return op.F == recovery.PhaseF && op.Value.Text() == recovery.Phase
}

// mark takes note of a mark between the phases.
func (s *session) mark(op history.Op) {
	if s.monitor != nil && marksRecovery(op) {
		s.healed = op.Time
		s.monitor.Recovered(op.Time)
	}
}

// settleBy is until when the nodes may take to catch up; 0 is that nobody looks.
func (s *session) settleBy() int64 {
	if s.healed == 0 {
		return 0
	}
	return s.healed + int64(RecoveryBound) + settleSlack
}

// caughtUp reports whether every node has by now, or nobody looks.
func (s *session) caughtUp(now int64) bool {
	if s.monitor == nil {
		return true
	}
	s.monitor.Reached(now)
	return s.monitor.Settled()
}
