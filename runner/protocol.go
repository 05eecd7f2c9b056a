package runner

import (
	"checker/check"
	"checker/check/atomic"
	"checker/check/consensus"
	"checker/check/recovery"
	"checker/history"
	"checker/rundir"
	"checker/targets"
)

// A simulation goes on after its last op until every node has applied what was
// committed when the faults ended, and looks every settleStep; settleSlack after
// the bound it is certain from the trace that one never will.
const (
	settleStep  = 100e6 // ns
	settleSlack = 1e9   // ns
)

// protocol listens to the nodes' protocols during a run and judges them.
type protocol struct {
	consensus    *consensus.Groups
	atomic       *atomic.Monitor
	transactions bool // are what the workload is made of
	event        consensus.Event
	step         atomic.Event
}

// consensusOptions are what the judgement of a trace needs to know of the plan.
func (p Plan) consensusOptions() consensus.Options {
	voters := p.Config.Nodes
	if p.Promise.Voters > 0 {
		voters = min(voters, p.Promise.Voters)
	}
	return consensus.Options{Voters: voters, Bound: RecoveryBound}
}

func (p Plan) atomicOptions() atomic.Options {
	return atomic.Options{Bound: RecoveryBound, Quiet: len(p.Config.Nemesis) == 0 && !p.Config.Scheduled}
}

// tellsProtocol reports whether there is a trace of the protocol to be judged.
func (p Plan) tellsProtocol() bool { return p.Target.Describe().Protocol && p.Config.Env == "sim" }

// monitor returns who listens to the nodes' protocol during the run, or nil when
// the target tells nothing of it.
func (p Plan) monitor() *protocol {
	if !p.tellsProtocol() {
		return nil
	}
	return &protocol{consensus: consensus.NewGroups(p.consensusOptions()), atomic: atomic.NewMonitor(p.atomicOptions()), transactions: p.Promise.Transactions}
}

// observe takes an event.
func (m *protocol) observe(e *targets.ProtocolEvent) {
	if e.Txn == "" {
		m.event = consensus.Event{At: e.At, Node: e.Node, Group: e.Group, Step: e.Step, Term: e.Term, Index: e.Index, Digest: e.Digest, Peer: e.Peer}
		m.consensus.Observe(&m.event)
	}
	if e.Txn != "" || e.Step == atomic.Started {
		m.step = atomic.Event{At: e.At, Node: e.Node, Group: e.Group, Step: e.Step, Txn: e.Txn, Outcome: e.Outcome, Peer: e.Peer, Term: e.Term}
		m.atomic.Observe(&m.step)
	}
}

// found names the check that has found an anomaly so far, and the anomaly.
func (m *protocol) found() (by, anomaly string) {
	if m.transactions {
		if anomaly := m.atomic.Found(); anomaly != "" {
			return m.atomic.Name(), anomaly
		}
	}
	return m.consensus.Name(), m.consensus.Found()
}

func (m *protocol) recovered(at int64) {
	m.consensus.Recovered(at)
	m.atomic.Recovered(at)
}

// settled reports whether nothing is left to wait for at that time.
func (m *protocol) settled(now int64) bool {
	m.consensus.Reached(now)
	m.atomic.Reached(now)
	return m.consensus.Settled() && m.atomic.Settled()
}

// checks are those that were made while the run went on.
func (m *protocol) checks() []check.Checker {
	switch {
	case m == nil:
		return nil
	case !m.transactions:
		return []check.Checker{m.consensus}
	}
	return []check.Checker{m.atomic, m.consensus}
}

// TraceChecks are the checks of the trace in a run directory, of which h is the
// history: what the run's own monitor found, found again.
func (p Plan) TraceChecks(dir *rundir.Dir, h *history.History) []check.Checker {
	if !p.tellsProtocol() {
		return nil
	}
	o := p.consensusOptions()
	o.Recovered = recoveredAt(h)
	checks := []check.Checker{consensus.New(consensus.Trace(dir.TraceBytes), o)}
	if p.Promise.Transactions {
		a := p.atomicOptions()
		a.Recovered = o.Recovered
		checks = append([]check.Checker{atomic.New(atomic.Trace(dir.TraceBytes), a)}, checks...)
	}
	return checks
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
		s.monitor.recovered(op.Time)
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
	return s.monitor.settled(now)
}
