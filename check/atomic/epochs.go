package atomic

import (
	"fmt"
	"slices"
)

// Where the duty to decide can pass from one coordinator to another, each that takes it over does so in a later
// epoch: the term of a replicated log, the ballot of a consensus on the outcome, the number
// of a lease. Then
//
//   - of one transaction, no two coordinators act in the same epoch (rival-coordinators);
//   - once one has acted, nobody decides it in an earlier epoch who had not before; and who has obeyed
//     one obeys none of an earlier epoch in the same life (deposed-coordinator).
//
// Both hold whatever is decided. To decide the same by luck is no protocol: AC1 is what the epochs are there for.
//
// A coordinator is the group that decides, all of whose replicas may tell the same decision, or the node where
// there is none; among those that take over for a group, it is the node.

// act is a step in an epoch, the first of its kind by that node in its life.
type act struct {
	event Event
	life  int
}

// acting tells whether a step is that of a coordinator; others obey one.
func acting(step string) bool { return step == Begun || step == TookOver || step == Decided }

// judgeEpoch compares a step with those before it.
func (m *Monitor) judgeEpoch(t *txn, e *Event) {
	mine := act{event: *e, life: m.lives[e.Node] + m.lives[e.Node+"/"+e.Group]}
	for i := range t.acts {
		if t.acts[i].repeats(&mine) {
			return
		}
	}
	told := slices.ContainsFunc(t.acts, func(a act) bool { return a.sameDecision(e) })
	for i := range t.acts {
		a := &t.acts[i]
		switch {
		case acting(e.Step) && acting(a.event.Step) && a.event.Term == e.Term && a.rivals(e):
			m.violation(t, rivals, fmt.Sprintf("%s and %s both acted for %s in term %d", a.event.who(), e.who(), t.id, e.Term), a.event, *e)
		case a.event.Term <= e.Term:
		case e.Step == Decided && acting(a.event.Step) && !told:
			m.violation(t, deposed, fmt.Sprintf("%s decided %s in term %d, after %s had acted in term %d", e.who(), t.id, e.Term, a.event.who(), a.event.Term), a.event, *e)
		case !acting(e.Step) && !acting(a.event.Step) && a.event.Node == e.Node && a.event.participant() == e.participant() && a.life == mine.life:
			m.violation(t, deposed, fmt.Sprintf("%s obeyed the coordinator of term %d about %s, and then that of term %d", e.who(), a.event.Term, t.id, e.Term), a.event, *e)
		}
	}
	t.acts = append(t.acts, mine)
}

// repeats tells whether an act was known already.
func (a *act) repeats(other *act) bool {
	x, y := &a.event, &other.event
	return x.Node == y.Node && x.Group == y.Group && x.Step == y.Step && x.Term == y.Term && a.life == other.life
}

// sameDecision tells whether an act was the decision that another replica, or a later life, tells once more.
func (a *act) sameDecision(e *Event) bool {
	return e.Step == Decided && a.event.Step == Decided && a.event.Term == e.Term && a.event.participant() == e.participant()
}

// rivals tells whether an act was another coordinator's.
func (a *act) rivals(e *Event) bool {
	switch {
	case a.event.Step == TookOver && e.Step == TookOver, a.event.Group == "" && e.Group == "":
		return a.event.Node != e.Node
	case a.event.Group == "" || e.Group == "":
		return false // a node may act for its group
	}
	return a.event.Group != e.Group
}
