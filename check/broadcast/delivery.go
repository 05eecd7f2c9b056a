package broadcast

import (
	"math"

	"checker/history"
)

// never is the place of a message that a process did not deliver.
const never = math.MaxInt

// deliveries judges each delivery by itself, and numbers those of each process.
func (r *run) deliveries() {
	for _, q := range r.all {
		for _, e := range q.events {
			if e.broadcast {
				continue
			}
			m := e.message
			switch {
			case m.sender == nil:
				r.report(OutOfNowhere, []history.Pair{e.op}, "%s delivered %s (op %d), which nobody broadcast", q.name, r.show(m), r.h.Witness(e.op))
			case m.failed:
				r.report(OutOfNowhere, []history.Pair{m.sent, e.op}, "%s delivered %s (op %d), whose broadcast (op %d) failed", q.name, r.show(m), r.h.Witness(e.op), r.h.Witness(m.sent))
			case m.sent.Inv > e.row:
				r.report(OutOfNowhere, []history.Pair{e.op, m.sent}, "%s delivered %s (op %d) before its broadcast (op %d) was invoked", q.name, r.show(m), r.h.Witness(e.op), r.h.Witness(m.sent))
			}
			if before, twice := q.ops[m]; twice {
				r.report(Twice, []history.Pair{before, e.op}, "%s delivered %s by op %d and again by op %d", q.name, r.show(m), r.h.Witness(before), r.h.Witness(e.op))
				continue
			}
			q.ops[m], q.at[m] = e.op, q.count
			q.count++
			if m.sender != q {
				r.shared++
			}
		}
	}
}

// place returns where in its order a process delivered a message.
func (q *process) place(m *message) int {
	if i, ok := q.at[m]; ok {
		return i
	}
	return never
}

// agreement looks for correct processes that did not deliver what they should have.
func (r *run) agreement() {
	for _, m := range r.order {
		var correct, any *process // the first that delivered it
		for _, q := range r.all {
			if q.place(m) == never {
				continue
			}
			if any == nil {
				any = q
			}
			if correct == nil && !q.faulty {
				correct = q
			}
		}
		for _, q := range r.all {
			if q.faulty || q.place(m) != never {
				continue
			}
			switch sent := m.sender != nil && !m.failed && r.h.Outcome(m.sent) == history.Ok; {
			case sent && !m.sender.faulty:
				r.report(Undelivered, []history.Pair{m.sent}, "%s never delivered %s, which %s broadcast (op %d), and neither is faulty", q.name, r.show(m), m.sender.name, r.h.Witness(m.sent))
			case correct != nil:
				r.report(Disagreement, []history.Pair{correct.ops[m]}, "%s never delivered %s, which %s did (op %d), and neither is faulty", q.name, r.show(m), correct.name, r.h.Witness(correct.ops[m]))
			case any != nil:
				r.report(NotUniform, []history.Pair{any.ops[m]}, "%s never delivered %s, which %s did (op %d) before it crashed", q.name, r.show(m), any.name, r.h.Witness(any.ops[m]))
			}
		}
	}
}
