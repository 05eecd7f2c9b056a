package counter

import (
	"cmp"
	"fmt"
	"slices"

	"checker/history"
)

// events reads the ops of a counter, less those that failed and reads that did
// not complete. size is the greatest common divisor of all adds.
func (r *run) events(pairs []history.Pair) (events []event, size int64, err error) {
	for _, p := range pairs {
		outcome := r.h.Outcome(p)
		if outcome == history.Fail {
			continue
		}
		name := r.h.FName(r.h.F(int(p.Inv)))
		f := r.spec.Function(name)
		if f < 0 {
			return nil, 0, fmt.Errorf("op %d: a counter (%s) does not understand %q", r.h.Witness(p), r.spec.Usage(), name)
		}
		known := outcome == history.Ok
		op, err := r.spec.Op(r.values, f, r.value(p.Inv), r.completed(p, known), known)
		if err != nil {
			return nil, 0, fmt.Errorf("op %d: %w", r.h.Witness(p), err)
		}
		e := event{pair: p, read: op.Pure, outcome: outcome}
		switch {
		case op.Pure && !known:
			continue
		case op.Pure:
			e.value = int64(op.Out[0])
		default:
			e.delta = int64(op.In[0])
			size = gcd(size, e.delta)
		}
		events = append(events, e)
	}
	return events, size, nil
}

func (r *run) value(row int32) history.Ref {
	if r.keyed {
		return r.h.Inner(int(row))
	}
	return r.h.Ref(int(row))
}

// completed returns the value of a completion, or nil of an op that is not known.
func (r *run) completed(p history.Pair, known bool) history.Ref {
	if !known {
		return 0
	}
	return r.value(p.Comp)
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// end is one row of an event.
type end struct {
	row    int32
	event  int
	begins bool
}

// inOrder returns both ends of all events by row; an add that is not ok has no
// second end, since it never surely happened.
func inOrder(events []event) []end {
	ends := make([]end, 0, 2*len(events))
	for i, e := range events {
		ends = append(ends, end{e.pair.Inv, i, true})
		if e.outcome == history.Ok {
			ends = append(ends, end{e.pair.Comp, i, false})
		}
	}
	slices.SortFunc(ends, func(a, b end) int { return cmp.Compare(a.row, b.row) })
	return ends
}
