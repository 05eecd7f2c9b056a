package consensus

import (
	"fmt"
	"strings"
	"time"

	"checker/check"
)

// Recovered says that the last fault was undone at a moment, which is not before
// the latest event.
func (m *Monitor) Recovered(at int64) { m.options.Recovered = at }

// beginRecovery sets the goal: what is committed when the faults are over.
func (m *Monitor) beginRecovery() {
	m.recovered, m.goal = true, m.highest()
	for _, n := range m.nodes {
		m.noteCaughtUp(n, m.options.Recovered)
	}
}

func (m *Monitor) noteCaughtUp(n *node, at int64) {
	if m.recovered && n.caught < 0 && n.life > 0 && n.applied >= m.goal {
		n.caught = at
	}
}

// Settled reports whether nothing more is to be waited for: every live voter has
// applied all that was committed when the faults ended, or none is known to have
// ended.
func (m *Monitor) Settled() bool {
	if !m.recovered {
		return m.options.Recovered == 0
	}
	if m.options.Bound == 0 {
		return true
	}
	return len(m.behind()) == 0
}

// mustCatchUp reports whether a node is one that is waited for.
func (m *Monitor) mustCatchUp(n *node) bool { return n.alive && m.group.has(n) }

// behind are those who have not caught up.
func (m *Monitor) behind() []*node {
	var list []*node
	for _, n := range m.nodes {
		if m.mustCatchUp(n) && n.caught < 0 {
			list = append(list, n)
		}
	}
	return list
}

// judgeTermination adds to r the nodes that did not catch up in time. It returns
// why that cannot be said yet, or nothing.
func (m *Monitor) judgeTermination(r *check.Result) (undecided string) {
	if m.options.Bound == 0 || !m.recovered || m.flaw != "" {
		return ""
	}
	due := m.options.Recovered + int64(m.options.Bound)
	for _, n := range m.nodes {
		took := time.Duration(n.caught - m.options.Recovered)
		switch {
		case !m.mustCatchUp(n) || n.caught >= 0 && n.caught <= due:
		case n.caught > due:
			r.Add(noCatchUp, check.Witness{Ops: []int{}, Text: fmt.Sprintf("%s came to entry %d, the last one committed when the faults ended, only %s after that; the bound is %s",
				n.name, m.goal, took, m.options.Bound)}, maxWitnesses)
		case m.now >= due:
			r.Add(noCatchUp, check.Witness{Ops: []int{}, Events: evidence([]Event{m.commitment(m.goal), n.start}), Text: m.tellBehind(n)}, maxWitnesses)
		default:
			undecided = fmt.Sprintf("the trace ends %s after the faults, and until then %s had not caught up; the bound is %s",
				time.Duration(m.now-m.options.Recovered), names(m.behind()), m.options.Bound)
		}
	}
	return undecided
}

func (m *Monitor) tellBehind(n *node) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s has come to entry %d and not to entry %d, the last one committed when the faults ended, %s ago; the bound is %s",
		n.name, n.applied, m.goal, time.Duration(m.now-m.options.Recovered), m.options.Bound)
	fmt.Fprintf(&b, "\n%s", m.commitment(m.goal))
	fmt.Fprintf(&b, "\n%s", n.start)
	return b.String()
}

// slowest is how long the slowest live node took to catch up.
func (m *Monitor) slowest() time.Duration {
	var most int64
	for _, n := range m.nodes {
		if m.mustCatchUp(n) {
			most = max(most, n.caught-m.options.Recovered)
		}
	}
	return time.Duration(most).Round(time.Millisecond)
}
