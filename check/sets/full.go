package sets

import (
	"cmp"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
	"checker/models/consistency"
)

// full judges every read of one set.
func (r *run) full(o *object) {
	lastSeen(o)
	for _, e := range o.elements {
		if !e.tried {
			continue
		}
		switch {
		case e.present >= 0 && e.absent < e.present:
			r.stable++
			r.stableAfter = append(r.stableAfter, r.after(e.absent, e.known))
			if e.absent > e.known {
				r.stale(o, e)
			}
		case e.known >= 0 && e.absent > e.known && e.absent > e.present:
			r.lostAfter = append(r.lostAfter, r.after(e.present, e.known))
			r.lost(o, e)
		default:
			r.neverRead++
		}
	}
}

// after returns how long after it was known an element changed for good: at the
// invocation of the read at row, if any.
func (r *run) after(row, known int32) int64 {
	if row < 0 {
		return 0
	}
	return max(0, r.h.Time(int(row))-r.h.Time(int(known)))
}

// lastSeen finds for each element when it was known, and the last reads with and
// without it. It goes through the reads from the last to the first and looks,
// beside the elements that a read has, only at those not yet found missing, so
// that its cost is the size of all reads.
func lastSeen(o *object) {
	for _, rd := range o.reads {
		for _, d := range rd.elems {
			if e := o.byDatum[d]; e != nil && (e.known < 0 || rd.Comp < e.known) {
				e.known = rd.Comp
			}
		}
	}
	reads := slices.Clone(o.reads)
	slices.SortFunc(reads, func(a, b read) int { return cmp.Compare(b.Inv, a.Inv) })
	open := slices.Clone(o.elements)
	slices.SortFunc(open, func(a, b *element) int { return cmp.Compare(a.add.Inv, b.add.Inv) })
	in := map[*element]bool{}
	for _, rd := range reads {
		clear(in)
		for _, d := range rd.elems {
			if e := o.byDatum[d]; e != nil {
				in[e] = true
				e.present = max(e.present, rd.Inv)
			}
		}
		kept := open[:0]
		for i, e := range open {
			if e.add.Inv > rd.Comp {
				kept = append(kept, open[i:]...)
				break
			}
			if in[e] {
				kept = append(kept, e)
			} else {
				e.absent = rd.Inv
			}
		}
		open = kept
	}
}

// lost explains why an element is lost.
func (r *run) lost(o *object, e *element) {
	known, without := r.knownBy(o, e), r.readAt(o, e.absent)
	ops := []history.Pair{known, without}
	seen := "no read ever had it"
	if e.present >= 0 {
		with := r.readAt(o, e.present)
		seen = fmt.Sprintf("the last read with it (op %d) was invoked before that", r.h.Witness(with))
		ops = append(ops, with)
	}
	r.add(Lost, unique(ops), "element %s was in the set when op %d completed, but the read of op %d, invoked later, lacks it, and %s",
		r.show(e.datum), r.h.Witness(known), r.h.Witness(without), seen)
}

// stale explains why an element was visible late.
func (r *run) stale(o *object, e *element) {
	r.late++
	if !r.options.Linearizable {
		return
	}
	known, without, with := r.knownBy(o, e), r.readAt(o, e.absent), r.readAt(o, e.present)
	r.add(Stale, unique([]history.Pair{known, without, with}),
		"element %s was in the set when op %d completed, but the read of op %d, invoked later, lacks it; the read of op %d has it again",
		r.show(e.datum), r.h.Witness(known), r.h.Witness(without), r.h.Witness(with))
}

// knownBy returns the op whose completion showed that the element exists.
func (r *run) knownBy(o *object, e *element) history.Pair {
	inv := r.h.Pair(int(e.known))
	return history.Pair{Inv: int32(inv), Comp: e.known}
}

func (r *run) readAt(o *object, inv int32) history.Pair {
	return history.Pair{Inv: inv, Comp: int32(r.h.Pair(int(inv)))}
}

func unique(ops []history.Pair) []history.Pair {
	var out []history.Pair
	for _, p := range ops {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// linearizable is the consistency model that every anomaly here breaks. That none
// is found does not prove it: the check follows elements, not whole orders.
const linearizable = "linearizable"

// conclude turns counts into notes and, where nothing could be judged, an
// unknown.
func (r *run) conclude(objects int) {
	res := &r.result
	note := func(format string, args ...any) { res.Notes = append(res.Notes, fmt.Sprintf(format, args...)) }
	if r.keyed {
		note("%d independent sets, by key", objects)
	}
	note("%d elements tried, %d acknowledged", r.attempts, r.acknowledged)
	if r.options.Full {
		note("%d stable (%d of them late), %d lost, %d never read", r.stable, r.late, len(r.lostAfter), r.neverRead)
		note("stable after%s; lost after%s", quantiles(r.stableAfter), quantiles(r.lostAfter))
	} else {
		note("%d recovered: their adds crashed, and the last read has them", r.recovered)
	}
	if r.options.Linearizable {
		res.ConsistencyModels = &check.ConsistencyModels{Requested: []string{linearizable}, Not: []string{}, AlsoNot: []string{}, Holds: []string{}}
	}
	switch {
	case res.Verdict == check.Invalid && r.options.Linearizable:
		res.ConsistencyModels.Not = []string{linearizable}
		res.ConsistencyModels.AlsoNot = consistency.Above(linearizable)
	case res.Verdict == check.Invalid:
	case r.unread > 0:
		res.Verdict, res.Reason = check.Unknown, fmt.Sprintf("%d of %d sets were never read", r.unread, objects)
	case r.options.Full && r.stable == 0:
		res.Verdict, res.Reason = check.Unknown, "no element was ever seen to stay"
	}
}

// quantiles prints the 0, 0.5, 0.95, 0.99 and 1 quantiles of durations in ns as
// milliseconds.
func quantiles(ns []int64) string {
	if len(ns) == 0 {
		return ": none"
	}
	slices.Sort(ns)
	text := ""
	for _, q := range []struct {
		name string
		at   float64
	}{{"min", 0}, {"median", 0.5}, {"p95", 0.95}, {"p99", 0.99}, {"max", 1}} {
		i := min(len(ns)-1, int(q.at*float64(len(ns))))
		text += fmt.Sprintf(" %s %.3f ms", q.name, float64(ns[i])/1e6)
	}
	return text
}
