package atomic

import (
	"fmt"
	"slices"
	"time"

	"checker/check"
)

// Reached tells that the run has come to a time, even if nothing has happened by then.
func (m *Monitor) Reached(at int64) { m.now = max(m.now, at) }

// Recovered tells that the last fault has been undone.
func (m *Monitor) Recovered(at int64) { m.options.Recovered = at }

// Found returns the type of the first anomaly found so far, or "". Who stays in doubt is
// known at the end only.
func (m *Monitor) Found() string {
	if len(m.found.Anomalies) == 0 {
		return ""
	}
	return m.found.Anomalies[0].Type
}

// Settled tells whether no participant is in doubt about what it voted yes to before the last fault was
// undone.
func (m *Monitor) Settled() bool {
	return m.options.Recovered == 0 || len(m.inDoubt(m.options.Recovered)) == 0
}

// inDoubt lists who has voted yes by a time and has not learnt the outcome, up to now.
func (m *Monitor) inDoubt(by int64) []doubt {
	var list []doubt
	for _, t := range m.order {
		for _, p := range t.participants {
			if p.yes != nil && !p.reads && p.yes.At <= by && len(p.applied) == 0 {
				list = append(list, doubt{txn: t.id, participant: p.name, from: p.yes.At, to: m.now, locks: p.yes.Peer})
			}
		}
	}
	return list
}

// Result is the verdict on what was seen so far.
func (m *Monitor) Result() check.Result {
	r := m.found
	r.Anomalies = slices.Clone(r.Anomalies)
	waiting := m.judgeTermination(&r)
	switch {
	case r.Verdict == check.Invalid:
	case m.flaw != "":
		r.Verdict, r.Reason = check.Unknown, m.flaw
	case waiting != "":
		r.Verdict, r.Reason = check.Unknown, waiting
	case len(m.order) == 0:
		r.Verdict, r.Reason = check.Unknown, "the trace tells of no transaction"
	default:
		r.Verdict = check.Valid
	}
	r.Notes = append(r.Notes, m.doubts.describe()...)
	if open := m.inDoubt(m.now); len(open) > 0 {
		r.Notes = append(r.Notes, fmt.Sprintf("in doubt to the end %d times: %s", len(open), open[0].blocked()))
	}
	return r
}

// judgeTermination reports those that are still in doubt, long after the last fault. It returns why that
// cannot be said yet, if so.
func (m *Monitor) judgeTermination(r *check.Result) string {
	if m.options.Bound == 0 || m.options.Recovered == 0 {
		return ""
	}
	list := m.inDoubt(m.options.Recovered)
	if len(list) == 0 {
		return ""
	}
	if waited := time.Duration(m.now - m.options.Recovered); waited < m.options.Bound {
		return fmt.Sprintf("%s is in doubt about %s, and the trace ends %v after the last fault: %v is allowed", list[0].participant, list[0].txn, waited, m.options.Bound)
	}
	for _, d := range list {
		t := m.txns[d.txn]
		text := fmt.Sprintf("%s voted yes to %s and has been in doubt for %v, %v after the last fault was undone.",
			d.participant, d.txn, round(d.length()), round(time.Duration(m.now-m.options.Recovered)))
		r.Add(undecided, t.witness(text, m.withCrashes(t.story(nil))), maxWitnesses)
	}
	return ""
}
