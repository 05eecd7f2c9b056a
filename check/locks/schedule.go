package locks

import (
	"cmp"
	"context"
	"errors"
	"math/bits"
	"slices"
	"sort"
)

// errTooMany is why an order was not looked for to the end.
var errTooMany = errors.New("too many acquires took longer than their leases, so too many orders would have to be tried")

// state is what a lock may have been like before some hold began: which holds that
// were granted later are over, and when it was free.
type state struct {
	early uint64 // by slot
	free  instant
}

// row puts holds, sorted by when they were granted, in a row: no two at one time.
//
// Any order is tried by giving each hold in turn the earliest instant that is left to
// it, which is best for all that follow, since it ends the earlier then. Most often
// there is one order only. A hold can go before one that was granted earlier only if
// all of it was over by then, though its own acquire was still under way: only if that
// took longer than the lease. Those that did have a slot each while they can go before
// others, and a state remembers which of them have. Of two states that have the same
// behind them the one that is free earlier is best.
type row struct {
	holds  []*hold
	most   int
	slots  []*hold // nil where a slot is free
	coming map[int][]*hold
	states []state
}

// inARow returns how many holds can be put in a row: all, or those before the first
// that cannot.
func inARow(ctx context.Context, holds []*hold, most int) (int, error) {
	r := &row{holds: holds, most: most, coming: map[int][]*hold{}, states: []state{{free: always}}}
	for i, h := range holds {
		over := h.ends(h.asked)
		if first := sort.Search(i, func(n int) bool { return !over.after(holds[n].granted) }); first < i {
			r.coming[first] = append(r.coming[first], h)
		}
	}
	for i, h := range holds {
		if err := ctx.Err(); err != nil {
			return i, err
		}
		if err := r.admit(r.coming[i]); err != nil {
			return i, err
		}
		if err := r.goEarly(h.granted); err != nil {
			return i, err
		}
		r.next(h)
		if len(r.states) == 0 {
			return i, nil
		}
	}
	return len(holds), nil
}

// admit gives slots to holds that can from now on go before others.
func (r *row) admit(some []*hold) error {
	for _, h := range some {
		i := slices.Index(r.slots, nil)
		if i < 0 {
			if len(r.slots) == 64 {
				return errTooMany
			}
			i = len(r.slots)
			r.slots = append(r.slots, nil)
		}
		r.slots[i] = h
	}
	return nil
}

// goEarly adds the states in which holds that have a slot went before an instant.
func (r *row) goEarly(until instant) error {
	if len(r.states) == 1 && !slices.ContainsFunc(r.slots, func(h *hold) bool { return h != nil }) {
		return nil
	}
	r.prune()
	best := map[uint64]instant{}
	for _, s := range r.states {
		best[s.early] = s.free
	}
	for i := 0; i < len(r.states); i++ {
		s := r.states[i]
		if s.free.after(best[s.early]) {
			continue
		}
		for slot, h := range r.slots {
			if h == nil || s.early>>slot&1 != 0 {
				continue
			}
			next := state{s.early | 1<<slot, h.ends(later(s.free, h.asked))}
			if known, ok := best[next.early]; next.free.after(until) || ok && !known.after(next.free) {
				continue
			}
			best[next.early] = next.free
			if r.states = append(r.states, next); len(r.states) > r.most {
				return errTooMany
			}
		}
	}
	r.prune()
	return nil
}

// prune leaves out states than which another is as good: free as early, with as much
// behind it.
func (r *row) prune() {
	slices.SortFunc(r.states, func(a, b state) int {
		return cmp.Or(a.free.compare(b.free), bits.OnesCount64(b.early)-bits.OnesCount64(a.early), cmp.Compare(a.early, b.early))
	})
	kept := r.states[:0]
	for _, s := range r.states {
		if !slices.ContainsFunc(kept, func(t state) bool { return s.early&^t.early == 0 }) {
			kept = append(kept, s)
		}
	}
	r.states = kept
}

// next puts a hold in the row, in all states in which it is not there yet and can be.
func (r *row) next(h *hold) {
	var bit uint64
	if slot := slices.Index(r.slots, h); slot >= 0 {
		bit = 1 << slot
		r.slots[slot] = nil
	}
	kept := r.states[:0]
	for _, s := range r.states {
		began := later(s.free, h.asked)
		switch {
		case s.early&bit != 0:
			s.early &^= bit
		case began.after(h.granted):
			continue
		default:
			s.free = h.ends(began)
		}
		kept = append(kept, s)
	}
	r.states = kept
}
