package linear

import (
	"slices"

	"checker/check"
	"checker/models"
)

// minimiseSteps bounds the steps that all minimising of a check takes, and
// probeSteps those of one search.
const (
	minimiseSteps = 1 << 20
	probeSteps    = 1 << 16
)

// witness makes a small illegal history out of an illegal one.
func (r *run) witness(p *problem, found searched) check.Witness {
	r.shrinking.ctx, r.shrinking.memory, r.shrinking.steps = r.budget.ctx, r.budget.memory, minimiseSteps
	m := minimiser{problem: p, budget: &r.shrinking}
	var calls []call
	if found.culprit > 0 { // the sweep stopped at the first completion that proves it
		calls, m.first = m.prefix(p.calls, p.calls[found.culprit-1].res), true
	} else {
		calls = m.shortest(p.calls)
	}
	for before := len(calls) + 1; len(calls) < before; {
		before = len(calls)
		if p.model.Anywhere != nil {
			calls = m.latest(calls)
		}
		calls = m.smallest(calls)
	}
	return r.inWords(&m, calls)
}

// minimiser looks for smaller illegal histories. Each one that it accepts was
// searched in full and is illegal.
type minimiser struct {
	*problem
	budget *budget
	first  bool // every shorter prefix is known to be legal
}

// try searches calls within probeSteps.
func (m *minimiser) try(calls []call) answer {
	b := *m.budget
	b.steps = min(b.steps, b.taken+probeSteps)
	got := m.solve(&b, calls).answer
	m.budget.taken = b.taken
	return got
}

func (m *minimiser) illegal(calls []call) bool { return m.try(calls) == illegal }

// shortest returns the shortest illegal prefix that it finds, by bisection: a
// prefix of a linearizable history is linearizable. The op whose completion
// makes it illegal is required from then on.
func (m *minimiser) shortest(calls []call) []call {
	var ends []int32 // completions in order
	for i := range calls {
		if calls[i].res != never {
			ends = append(ends, calls[i].res)
		}
	}
	slices.Sort(ends)
	if len(ends) == 0 {
		return calls
	}
	lo, hi, good := 0, len(ends)-1, -1 // the prefix up to ends[hi] is illegal, that up to ends[good] legal
	for lo < hi {
		mid := (lo + hi) / 2
		switch m.try(m.prefix(calls, ends[mid])) {
		case illegal:
			hi = mid
		case legal:
			good = mid
			fallthrough
		default:
			lo = mid + 1
		}
	}
	m.first = good == hi-1
	return m.prefix(calls, ends[hi])
}

// prefix returns the history up to a row: what completed later is crashed, what
// began later is gone.
func (m *minimiser) prefix(calls []call, end int32) []call {
	var out []call
	for _, c := range calls {
		if c.row > end {
			break
		}
		c.required = c.res == end
		if c.res > end {
			if c.op.Pure {
				continue
			}
			c.res, c.op.Known = never, false
		}
		out = append(out, c)
	}
	return m.dropUnobserved(out)
}

// latest forgets as much of the beginning of a history as it can: it begins at a
// later row, with whatever state the object may have been in by then.
// An op that was open at that row may have happened before or after: it becomes
// one that crashed. Whoever has it legal in full has an order of the rest from
// the state at that row, so a rest that is illegal from any state proves the
// whole illegal.
func (m *minimiser) latest(calls []call) []call {
	whole, best := m.problem, calls
	lo, hi := 0, len(calls)-1 // the history without the first lo calls is illegal
	for lo < hi {
		mid := (lo + hi + 1) / 2
		rest := m.suffix(calls, mid)
		p := *m.problem
		p.starts = m.anywhere(rest)
		m.problem = &p
		if m.illegal(rest) {
			lo, best, whole = mid, rest, &p
		} else {
			hi = mid - 1
		}
	}
	m.problem = whole
	return best
}

// anywhere returns the states that the object may be in before calls.
func (p *problem) anywhere(calls []call) []models.Datum {
	ops := make([]models.Op, len(calls))
	for i := range calls {
		ops[i] = calls[i].op
	}
	return p.model.Anywhere(p.values, p.starts[0], ops)
}

// suffix returns the history from the invocation of calls[from] on.
func (m *minimiser) suffix(calls []call, from int) []call {
	var out []call
	for i, c := range calls {
		if i < from {
			if c.res < calls[from].row || c.op.Pure {
				continue
			}
			c.res, c.op.Known = never, false
		}
		out = append(out, c)
	}
	return m.dropUnobserved(out)
}

// smallest takes away ops, in ever smaller groups, while the rest stays
// illegal. Only ops that no remaining op observes go: without them a legal
// history stays legal, so an illegal rest proves the whole illegal.
func (m *minimiser) smallest(calls []call) []call {
	for size := (len(calls) + 1) / 2; size > 0; {
		shrunk := false
		for at := len(calls); at > 0 && !m.spent(); at -= size {
			from := max(at-size, 0)
			rest := m.without(calls, from, min(at, len(calls)))
			if len(rest) < len(calls) && m.illegal(rest) {
				calls, shrunk = rest, true
			}
		}
		if m.spent() {
			break
		}
		if !shrunk || size > 1 {
			size /= 2
		}
	}
	return calls
}

// without returns calls less those of [from, to) that may go.
func (m *minimiser) without(calls []call, from, to int) []call {
	if to > len(calls) || from >= to {
		return calls
	}
	gone := make([]bool, len(calls))
	for i := from; i < to; i++ {
		gone[i] = !calls[i].required
	}
	for back := true; back; { // an op that a remaining one observes comes back
		back = false
		for i := from; i < to; i++ {
			if gone[i] && !calls[i].op.Pure && m.seenBy(calls, gone, i) {
				gone[i], back = false, true
			}
		}
	}
	rest := make([]call, 0, len(calls))
	for i, c := range calls {
		if !gone[i] {
			rest = append(rest, c)
		}
	}
	return rest
}

// spent reports whether there is nothing left to minimise with.
func (m *minimiser) spent() bool {
	return m.budget.ctx.Err() != nil || m.budget.taken >= m.budget.steps
}

func (m *minimiser) seenBy(calls []call, gone []bool, i int) bool {
	if m.model.Observes == nil {
		return true
	}
	for j := range calls {
		m.budget.taken += int64(j & 1) // an observation costs about half a step
		if j != i && !gone[j] && m.model.Observes(m.values, calls[j].op, calls[i].op) {
			return true
		}
	}
	return false
}
