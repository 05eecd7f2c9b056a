package linear

import (
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/history"
	"checker/models"
)

// How much may be spent on making a witness small, beside the caller's budget:
// so many times the steps that finding the violation took, and at least the
// least.
const (
	minimiseFactor = 20
	minimiseLeast  = 1 << 20
	mostListed     = 40 // ops listed in a witness's words
)

// search decides an object by Porcupine.
func (r *run) search(obj object) error {
	if need := int64(len(obj.rows)) * bytesPerCall; need > r.budget.memory {
		r.undecided = append(r.undecided, fmt.Sprintf("%s: a search would take more than the memory limit of %d MiB", r.name(obj), r.budget.memory>>20))
		return nil
	}
	p, err := r.pose(obj)
	if err != nil {
		return err
	}
	r.searched++
	found := p.solve(r.budget, p.calls)
	switch found.answer {
	case undecided:
		r.undecided = append(r.undecided, fmt.Sprintf("%s: %s after %d steps, the furthest to op %d",
			r.name(obj), found.why, found.steps, r.index(found.furthest)))
	case illegal:
		w := r.witness(p, found.steps)
		w.Key = r.keyName(obj.rows)
		r.result.Add(nonlinearizable, w, r.options.Witnesses)
	}
	return nil
}

// witness makes a small illegal history out of an illegal one.
func (r *run) witness(p *problem, steps int64) check.Witness {
	b := *r.budget
	b.taken, b.steps = 0, max(minimiseFactor*steps, minimiseLeast)
	m := minimiser{problem: p, budget: &b}
	calls := m.shortest(p.calls)
	calls = m.smallest(calls)
	return r.inWords(p, &b, calls)
}

// minimiser looks for smaller illegal histories. Each one that it accepts was
// searched in full and is illegal.
type minimiser struct {
	*problem
	budget *budget
}

func (m *minimiser) illegal(calls []call) bool { return m.solve(m.budget, calls).answer == illegal }

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
	lo, hi := 0, len(ends)-1 // a prefix up to ends[hi] is illegal
	for lo < hi {
		mid := (lo + hi) / 2
		if m.illegal(m.prefix(calls, ends[mid])) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	if hi < 0 {
		return calls
	}
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

func (m *minimiser) spent() bool {
	return m.budget.ctx.Err() != nil || m.budget.taken >= m.budget.steps
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

// inWords tells what cannot be ordered: the ops of a smallest illegal history,
// and the longest order that explains a part of them.
func (r *run) inWords(p *problem, b *budget, calls []call) check.Witness {
	var w check.Witness
	var required *call
	for i := range calls {
		w.Ops = append(w.Ops, r.index(calls[i].row))
		if calls[i].required {
			required = &calls[i]
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "no order of %d ops agrees with %s and with real time", len(calls), p.model.Name)
	if required != nil {
		fmt.Fprintf(&text, "; everything before %s completed can be ordered", r.say(required.row))
	}
	for i, c := range calls {
		if i == mostListed {
			fmt.Fprintf(&text, "\n  … and %d more", len(calls)-i)
			break
		}
		fmt.Fprintf(&text, "\n  %s: from %d %s", r.sayCall(c), r.h.Index(int(c.row)), r.until(c))
	}
	if len(calls) <= mostListed {
		if order := p.longest(b, calls); len(order) > 0 {
			fmt.Fprintf(&text, "\n  the longest order that fits is %s; no other op can be next", r.list(order))
		}
	}
	w.Text = text.String()
	return w
}

func (r *run) list(order []call) string {
	said := make([]string, len(order))
	for i, c := range order {
		said[i] = r.sayCall(c)
	}
	return strings.Join(said, ", ")
}

func (r *run) until(c call) string {
	if c.res == never {
		return "on, not known to have happened"
	}
	return fmt.Sprintf("to %d", r.h.Index(int(c.res)))
}

// sayCall is say, but for an op that completed only after the prefix that the
// witness is about, whose result plays no part.
func (r *run) sayCall(c call) string {
	if c.op.Known {
		return r.say(c.row)
	}
	f := r.function(int(c.row))
	return fmt.Sprintf("%s (op %d)", r.model.Describe(f, r.h.Heap.Value(r.in(int(c.row))), history.Nil, false), r.index(c.row))
}

// mostConfigs bounds how many configurations the search for the longest order
// looks at.
const mostConfigs = 100_000

// longest returns the longest order that explains a part of calls, found by
// trying all orders while mostConfigs and b last.
func (p *problem) longest(b *budget, calls []call) []call {
	l := orders{problem: p, calls: calls, done: make([]byte, len(calls)), seen: map[config]bool{}}
	l.extend(b, p.start)
	out := make([]call, len(l.best))
	for i, at := range l.best {
		out[i] = calls[at]
	}
	return out
}

// orders walks all orders of calls depth first.
type orders struct {
	*problem
	calls       []call
	done        []byte // by call: 1 when it is in order
	order, best []int
	seen        map[config]bool
}

// config is what the future of an order depends on.
type config struct {
	done  string
	state models.Datum
}

func (o *orders) extend(b *budget, state models.Datum) {
	if len(o.order) > len(o.best) {
		o.best = slices.Clone(o.order)
	}
	end := int32(never) // nothing may come before an op that completed before it began
	for i := range o.calls {
		if o.done[i] == 0 {
			end = min(end, o.calls[i].res)
		}
	}
	for i, c := range o.calls {
		if o.done[i] != 0 || c.row > end || len(o.seen) >= mostConfigs || b.ctx.Err() != nil {
			continue
		}
		next, ok := o.model.Step(o.values, state, c.op)
		if !ok {
			continue
		}
		o.done[i] = 1
		if at := (config{string(o.done), next}); !o.seen[at] {
			o.seen[at] = true
			o.order = append(o.order, i)
			o.extend(b, next)
			o.order = o.order[:len(o.order)-1]
		}
		o.done[i] = 0
	}
}
