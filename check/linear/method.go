package linear

import (
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
	"checker/models"
)

// method decides objects of some data type exactly and fast, where it applies.
type method interface {
	// decide returns undecided where the method does not apply, or ctx is done;
	// rest are then the ops that are left to search, the others being legal. A
	// proof comes with illegal.
	decide(ctx context.Context, obj object) (got answer, p *proof, rest object)
}

// proof is why an object's history is illegal.
type proof struct {
	kind    string // of anomaly, with a witness that needs nothing more; "": nonlinearizable
	witness check.Witness

	// rows are the invocations of a few ops that are illegal on their own; they
	// stay so with those of context, by which nothing that rows observe is
	// missing. None: the method's word has to do.
	rows, context []int32

	// from is the state in which rows begin, where it is not that of a fresh
	// object.
	from *models.Datum

	// culprit is, where rows are not known, the op at whose completion no order
	// was left; a search then looks for them shortly before it.
	culprit int32
}

// because makes a proof of ops and words.
func because(rows []int32, format string, args ...any) *proof {
	return &proof{rows: rows, witness: check.Witness{Text: fmt.Sprintf(format, args...)}}
}

// newMethod returns the method for the model's data type, or nil.
func (v *view) newMethod() method {
	switch v.model.Type {
	case models.TypeRegister:
		return &register{view: v}
	case models.TypeMaxRegister:
		return &maxRegister{view: v}
	case models.TypeTestAndSet:
		return &flag{view: v}
	case models.TypeSet:
		return &set{view: v}
	case models.TypeCounter:
		return &counter{view: v}
	case models.TypeLog:
		return &log{view: v}
	case models.TypeQueue:
		return &container{view: v, judge: (*container).bag, counts: true}
	case models.TypeFIFOQueue:
		return &container{view: v, judge: (*container).fifo, counts: true, ordered: true}
	case models.TypePriorityQueue:
		return &container{view: v, judge: (*container).leastFirst}
	case models.TypeStack:
		return &container{view: v, judge: (*container).stack}
	case models.TypeMutex, models.TypeSemaphore:
		return &permits{view: v}
	case models.TypeOwnedMutex, models.TypeReentrantMutex, models.TypeFencedLock:
		return &holds{view: v}
	case models.TypeUniqueIDs:
		return &ids{view: v}
	}
	return nil
}

const (
	mostConfirmed = 64   // ops of a proof that a search looks at again
	firstWindow   = 8    // ops in the first window before a culprit
	mostWindow    = 4096 // and in the last
)

// prove counts a violation that a method found and, while witnesses are kept,
// has the search confirm it. It is false when the search contradicts.
func (r *run) prove(obj object, p *proof) (agreed bool) {
	if p.kind != "" {
		r.result.Add(p.kind, p.witness, r.options.Witnesses)
		return true
	}
	var w check.Witness // beyond those that are kept, they are only counted
	if r.violations < r.options.Witnesses {
		if w, agreed = r.confirm(obj, p); !agreed {
			return false
		}
		w.Key = r.keyName(obj.rows)
	}
	r.violations++
	r.result.Add(nonlinearizable, w, r.options.Witnesses)
	return true
}

// confirm searches the ops of a proof and puts them in words where the method
// did not. It is false when they are legal.
func (r *run) confirm(obj object, p *proof) (check.Witness, bool) {
	if p.rows == nil {
		return r.window(obj, p.culprit)
	}
	w := p.witness
	w.Ops = r.indexes(p.rows...)
	slices.Sort(w.Ops)
	w.Ops = slices.Compact(w.Ops)
	rows := append(slices.Clone(p.rows), p.context...)
	slices.Sort(rows)
	rows = slices.Compact(rows)
	if len(rows) > mostConfirmed {
		return w, true
	}
	sub, err := r.pose(object{key: obj.key, rows: rows}, Search)
	if err != nil {
		return w, true
	}
	if p.from != nil {
		sub.starts = []models.Datum{*p.from}
	}
	b := budget{ctx: r.budget.ctx, memory: r.budget.memory, steps: probeSteps}
	found := sub.solve(&b, sub.calls)
	if found.answer == illegal && w.Text == "" {
		w = r.witness(sub, found)
	}
	return w, found.answer != legal
}

// window looks for a small illegal history right before the completion of the
// culprit: ever longer ones, that may begin in any state.
func (r *run) window(obj object, culprit int32) (check.Witness, bool) {
	_, end := r.outcome(int(culprit))
	last, _ := slices.BinarySearch(obj.rows, end)
	for size := firstWindow; ; size *= 2 {
		first := max(last-size, 0)
		rows := r.openAt(obj.rows[:last], first)
		p, err := r.pose(object{key: obj.key, rows: rows}, Search)
		if err != nil {
			return check.Witness{}, false
		}
		m := minimiser{problem: p, budget: &budget{ctx: r.budget.ctx, memory: r.budget.memory, steps: minimiseSteps}}
		calls := m.prefix(p.calls, end)
		if first > 0 {
			at, _ := slices.BinarySearchFunc(calls, obj.rows[first], func(c call, row int32) int { return int(c.row - row) })
			calls = m.suffix(calls, at)
			p.starts = p.anywhere(calls)
		}
		switch got := p.solve(m.budget, calls); {
		case got.answer == illegal:
			p.calls = calls
			return r.witness(p, got), true
		case got.answer == legal && first == 0:
			return check.Witness{}, false
		case got.answer == undecided || size >= mostWindow:
			return check.Witness{Ops: r.indexes(culprit), Text: fmt.Sprintf("no order of the ops up to the completion of %s agrees with %s and with real time",
				r.say(culprit), r.model.Name)}, true
		}
	}
}

// openAt returns the rows from the first on, and those before it that were open
// then.
func (v *view) openAt(rows []int32, first int) []int32 {
	var open []int32
	for _, row := range rows[:first] {
		if _, res := v.outcome(int(row)); res > rows[first] {
			open = append(open, row)
		}
	}
	return append(open, rows[first:]...)
}

// fresh reports whether the object begins as most methods expect it: empty.
func (v *view) fresh() bool { return v.model.Initial.IsNil() }

// show prints a value at rest.
func (v *view) show(value history.Ref) string { return v.h.Heap.Value(value).String() }
