package causal

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"checker/check"
	"checker/history"
)

// inSessions puts the ops of each process in order, and finds links.
func (r *run) inSessions() {
	slices.SortFunc(r.ops, func(a, b *op) int { return cmp.Compare(a.Inv, b.Inv) })
	for _, o := range r.ops {
		process := r.h.Process(int(o.Inv))
		s := r.sessions[process]
		if s == nil {
			s = &session{id: len(r.list), writes: map[string][]int32{}}
			r.sessions[process] = s
			r.list = append(r.list, s)
		}
		s.ops = append(s.ops, o)
		o.session, o.place = s, int32(len(s.ops))
		if o.write {
			s.writes[o.key] = append(s.writes[o.key], o.place)
		}
		if o.Comp >= 0 {
			if n, ok := r.extra(o.Comp, "position"); ok && r.at[n] == nil {
				r.at[n] = o
			}
		}
	}
	for _, o := range r.ops {
		if n, ok := r.extra(o.Inv, "link"); ok && r.at[n] != o {
			o.link = r.at[n]
		}
	}
}

// extra returns a number that a row carries beside its value.
func (r *run) extra(row int32, name string) (int64, bool) {
	for _, f := range r.h.Op(int(row)).Extra {
		if f.Name == name {
			return f.Value.Int()
		}
	}
	return 0, false
}

// sources finds the write that each read read, and returns how many reads there are.
func (r *run) sources() (reads int) {
	for _, o := range r.ops {
		if o.write {
			continue
		}
		reads++
		w := r.writers[o.cell]
		v := r.values.Value(o.value)
		n, isInt := v.Int()
		switch {
		case w != nil && r.h.Outcome(w.Pair) == history.Fail:
			r.found.Found(AbortedRead, o.key, []history.Pair{w.Pair, o.Pair}, "op %d read %s, whose only write (op %d) failed", r.h.Witness(o.Pair), v, r.h.Witness(w.Pair))
		case w != nil:
			o.from = w
		case v.IsNil() || isInt && n == 0:
			o.initial = true
		default:
			r.found.Found(GarbageRead, o.key, []history.Pair{o.Pair}, "op %d read %s, which nobody wrote", r.h.Witness(o.Pair), v)
		}
	}
	return reads
}

// before returns the ops that come directly before one, with the reason.
func (r *run) before(o *op) []arrow {
	var arrows []arrow
	if o.place > 1 {
		arrows = append(arrows, arrow{o.session.ops[o.place-2], o, "process"})
	}
	if o.from != nil {
		arrows = append(arrows, arrow{o.from, o, "wr"})
	}
	if o.link != nil {
		arrows = append(arrows, arrow{o.link, o, "link"})
	}
	return arrows
}

// arrow says that one op comes before another.
type arrow struct {
	from, to *op
	edge     string
}

// clocks gives each op its vector clock, those that come before it first. It is
// false where ops come before themselves.
func (r *run) clocks() bool {
	type frame struct {
		o      *op
		arrows []arrow
	}
	open := map[*op]bool{}
	for _, root := range r.ops {
		if root.clock != nil {
			continue
		}
		stack := []frame{{root, r.before(root)}}
		open[root] = true
		for len(stack) > 0 {
			f := &stack[len(stack)-1]
			if len(f.arrows) == 0 {
				r.tick(f.o)
				delete(open, f.o)
				stack = stack[:len(stack)-1]
				continue
			}
			a := f.arrows[0]
			f.arrows = f.arrows[1:]
			if open[a.from] {
				r.cycle(a)
				return false
			}
			if a.from.clock == nil {
				open[a.from] = true
				stack = append(stack, frame{a.from, r.before(a.from)})
			}
		}
	}
	return true
}

// tick joins the clocks of all ops directly before o.
func (r *run) tick(o *op) {
	o.clock = make([]int32, len(r.list))
	for _, a := range r.before(o) {
		for s, n := range a.from.clock {
			o.clock[s] = max(o.clock[s], n)
		}
	}
	o.clock[o.session.id] = o.place
}

// precedes reports whether a comes causally before b, or is b.
func precedes(a, b *op) bool { return b.clock[a.session.id] >= a.place }

// judge looks for reads of what their own past had replaced: by the last write of
// each session to the key that is in the past.
func (r *run) judge() error {
	for i, o := range r.ops {
		if i%1024 == 0 && r.ctx.Err() != nil {
			return fmt.Errorf("%d of %d ops judged: %w", i, len(r.ops), r.ctx.Err())
		}
		if o.write || o.from == nil && !o.initial {
			continue
		}
		for _, s := range r.list {
			writes := s.writes[o.key]
			n := sort.Search(len(writes), func(j int) bool { return writes[j] > o.clock[s.id] })
			if n == 0 {
				continue
			}
			w := s.ops[writes[n-1]-1]
			if o.initial || w != o.from && precedes(o.from, w) {
				r.stale(o, w)
				break
			}
		}
	}
	return nil
}

// stale reports that o read what w, in its past, had replaced.
func (r *run) stale(o, w *op) {
	v, newer := r.values.Value(o.value), r.values.Value(w.value)
	past := r.path(w, o)
	if o.initial {
		r.found.Circle(InitialRead, o.key, opsOf(past), r.steps(past), "op %d read %s, the initial value, but %s was written (op %d) in its causal past", r.h.Witness(o.Pair), v, newer, r.h.Witness(w.Pair))
		return
	}
	path := append(r.path(o.from, w), past...)
	r.found.Circle(StaleRead, o.key, opsOf(path), r.steps(path), "op %d read %s (written by op %d), but %s, written causally after that (op %d), is in its causal past",
		r.h.Witness(o.Pair), v, r.h.Witness(o.from.Pair), newer, r.h.Witness(w.Pair))
}

// cycle reports a circle: closing leads back to where a chain of reasons began.
func (r *run) cycle(closing arrow) {
	path := append(r.path(closing.to, closing.from), closing)
	r.found.Circle(Cycle, "", opsOf(path), r.steps(path), "%d ops come causally before themselves", len(path))
}

// path returns a shortest chain of reasons why a comes before b.
func (r *run) path(a, b *op) []arrow {
	next := map[*op]arrow{b: {}}
	queue := []*op{b}
	for len(queue) > 0 {
		o := queue[0]
		queue = queue[1:]
		if o == a && o != b {
			break
		}
		for _, e := range r.before(o) {
			if _, seen := next[e.from]; !seen {
				next[e.from] = e
				queue = append(queue, e.from)
			}
		}
	}
	var path []arrow
	for o := a; o != b; o = next[o].to {
		path = append(path, next[o])
	}
	return path
}

func opsOf(path []arrow) []history.Pair {
	var ops []history.Pair
	for _, a := range path {
		ops = append(ops, a.from.Pair, a.to.Pair)
	}
	return ops
}

func (r *run) steps(path []arrow) []check.Step {
	var steps []check.Step
	for _, a := range path {
		s := check.Step{From: r.h.Witness(a.from.Pair), To: r.h.Witness(a.to.Pair), Edge: a.edge}
		switch a.edge {
		case "process":
			s.Why = fmt.Sprintf("process %s invoked op %d after op %d", r.h.ProcessName(r.h.Process(int(a.to.Inv))), s.To, s.From)
		case "wr":
			s.Key = a.to.key
			s.Why = fmt.Sprintf("op %d read %s, which op %d wrote", s.To, r.values.Value(a.to.value), s.From)
		default:
			s.Why = fmt.Sprintf("op %d says that it comes after op %d", s.To, s.From)
		}
		steps = append(steps, s)
	}
	return steps
}
