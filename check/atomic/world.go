package atomic

import "fmt"

// A trace may tell when something was broken, so that what depends on that (AC4 and AC5) can be judged without a
// clock and without the run: nothing is from a healed to the next fault, stop or start of a node, and settled is
// the promise that everybody has had the time to hear of what was voted before healed.

// heed takes note of what is broken.
func (m *Monitor) heed(e *Event) {
	switch e.Step {
	case Stopped, Fault:
		m.faults++
		m.healed = nil
	case Healed:
		first := *e
		m.healed = &first
	case Settled:
		m.settle(e)
	}
}

// settle finds who is still in doubt about what it had voted yes to when all was well again.
func (m *Monitor) settle(e *Event) {
	if m.healed == nil {
		m.flaw = fmt.Sprintf("%s: something is broken, or nobody has told that nothing is", *e)
		return
	}
	for _, d := range m.inDoubt(m.healed.At - 1) {
		m.violation(m.txns[d.txn], undecided, fmt.Sprintf("%s voted yes to %s before all was well again at %s, and is in doubt at %s",
			d.participant, d.txn, seconds(m.healed.At), seconds(e.At)), *m.healed, *e)
	}
}
