package linear

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/history"
	"checker/models"
)

const (
	mostListed  = 40   // ops listed in a witness's words
	mostWitness = 1000 // ops named by a witness that could not be made smaller, the last ones
)

// inWords tells what cannot be ordered: the ops of a smallest illegal history,
// and the longest order that explains a part of them.
func (r *run) inWords(m *minimiser, calls []call) check.Witness {
	var w check.Witness
	var required *call
	for i := range calls {
		if len(calls)-i <= mostWitness {
			w.Ops = append(w.Ops, r.index(calls[i].row))
		}
		if calls[i].required {
			required = &calls[i]
		}
	}
	var text strings.Builder
	fmt.Fprintf(&text, "no order of %d ops agrees with %s and with real time", len(calls), m.model.Name)
	if len(m.starts) > 1 {
		text.WriteString(", whatever state they began in")
	}
	if required != nil && m.first {
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
		switch order, state, all := m.longest(r.budget.ctx, calls); {
		case len(order) == 0:
		case all:
			fmt.Fprintf(&text, "\n  the longest order that fits is %s%s; no other op can be next", r.list(order), m.leaves(state))
		default:
			fmt.Fprintf(&text, "\n  the longest order found that fits is %s%s", r.list(order), m.leaves(state))
		}
	}
	slices.Sort(w.Ops)
	w.Text = text.String()
	return w
}

// leaves says which state was reached, where states are values.
func (p *problem) leaves(state models.Datum) string {
	if p.model.Type != models.TypeRegister || state < 0 { // a value that no op tells of
		return ""
	}
	return ", which leaves " + p.values.Value(state).String()
}

func (r *run) list(order []call) string {
	said := make([]string, len(order))
	for i, c := range order {
		said[i] = r.sayCall(c)
	}
	return strings.Join(said, ", ")
}

// until says when a call ended.
func (r *run) until(c call) string {
	_, res := r.outcome(int(c.row))
	switch {
	case res == never:
		return "on, not known to have happened"
	case c.res == never:
		return fmt.Sprintf("to %d, so it may have happened outside of what is shown", r.h.Index(int(res)))
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
const mostConfigs = 10_000

// longest returns the longest order that explains a part of calls and the state
// that it leads to, found by trying all orders while mostConfigs and ctx last; all
// says whether they did.
func (p *problem) longest(ctx context.Context, calls []call) (order []call, state models.Datum, all bool) {
	l := orders{problem: p, ctx: ctx, calls: calls, done: make([]byte, len(calls)), seen: map[config]bool{}}
	for _, start := range p.starts {
		l.extend(start)
	}
	out := make([]call, len(l.best))
	for i, at := range l.best {
		out[i] = calls[at]
	}
	return out, l.state, len(l.seen) < mostConfigs && ctx.Err() == nil
}

// orders walks all orders of calls depth first.
type orders struct {
	*problem
	ctx         context.Context
	calls       []call
	done        []byte // by call: 1 when it is in order
	order, best []int
	state       models.Datum // that the best order leads to
	seen        map[config]bool
}

// config is what the future of an order depends on.
type config struct {
	done  string
	state models.Datum
}

func (o *orders) extend(state models.Datum) {
	if len(o.order) > len(o.best) {
		o.best, o.state = slices.Clone(o.order), state
	}
	end := int32(never) // nothing may come before an op that completed before it began
	for i := range o.calls {
		if o.done[i] == 0 {
			end = min(end, o.calls[i].res)
		}
	}
	for i, c := range o.calls {
		if o.done[i] != 0 || c.row > end || len(o.seen) >= mostConfigs || o.ctx.Err() != nil {
			continue
		}
		o.done[i] = 1
		for _, next := range o.model.Successors(o.values, state, c.op, nil) {
			if at := (config{string(o.done), next}); !o.seen[at] {
				o.seen[at] = true
				o.order = append(o.order, i)
				o.extend(next)
				o.order = o.order[:len(o.order)-1]
			}
		}
		o.done[i] = 0
	}
}
