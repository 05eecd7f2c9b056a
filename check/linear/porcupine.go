package linear

import (
	"context"
	"fmt"
	"slices"

	"github.com/anishathalye/porcupine"

	"checker/models"
)

// bytesPerCall and bytesPerEntry are what Porcupine keeps of a call, and of a
// configuration beside its bit set: measured with 64-bit Go 1.26.
const (
	bytesPerCall  = 600
	bytesPerEntry = 176
)

// solve searches for a legal order of calls from any of the starts. It stops
// when b is spent.
func (p *problem) solve(b *budget, calls []call) (s searched) {
	if !p.porcupine {
		return p.sweep(b, calls)
	}
	for _, start := range p.starts {
		one := p.solveFrom(b, calls, start)
		one.steps += s.steps
		if s = one; s.answer != illegal {
			break
		}
	}
	return s
}

func (p *problem) solveFrom(b *budget, calls []call, start models.Datum) searched {
	if p.model.Next != nil {
		start = p.values.Tuple([]models.Datum{start})
	}
	w := &walk{problem: p, start: start, budget: b, calls: calls, furthest: -1, known: p.values.Bytes()}
	w.entry = int64(bytesPerEntry + (len(calls)+63)/64*8)
	w.used = int64(bytesPerCall * len(calls))
	legalOrder := porcupine.CheckOperations(w.model(), w.operations())
	s := searched{answer: illegal, steps: w.steps, furthest: -1, culprit: int32(w.culprit)}
	if w.furthest >= 0 {
		s.furthest = calls[w.furthest].row
	}
	switch {
	case w.spent != "":
		s.answer, s.why = undecided, w.spent
	case legalOrder:
		s.answer = legal
	}
	return s
}

// walk is one search by Porcupine. Porcupine cannot be stopped from outside, so
// once the budget is spent every step is refused and the search soon runs out of
// things to try; it runs on a single goroutine, which ends before solve does.
type walk struct {
	*problem
	start    models.Datum
	budget   *budget
	calls    []call
	known    int64 // bytes of values before the search
	entry    int64 // bytes per configuration
	used     int64 // bytes
	steps    int64
	furthest int
	spent    string // why the budget is spent, or ""
	culprit  int    // the call, plus one, at which the model panicked, or 0
}

func (w *walk) operations() []porcupine.Operation {
	ops := make([]porcupine.Operation, len(w.calls))
	for i := range w.calls {
		ops[i] = porcupine.Operation{ClientId: 0, Input: i, Call: int64(w.calls[i].row), Return: int64(w.calls[i].res)}
	}
	return ops
}

// model adapts the model to Porcupine. Each accepted step makes a configuration
// that is kept unless Equal finds it known, which is how memory is counted.
func (w *walk) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return w.start },
		Step: func(state, input, _ any) (bool, any) { return w.step(state.(models.Datum), input.(int)) },
		Equal: func(a, b any) bool {
			same := a.(models.Datum) == b.(models.Datum)
			if same {
				w.used -= w.entry
			}
			return same
		},
		Hash: func(state any) uint64 { return uint64(state.(models.Datum)) * 0x9e3779b97f4a7c15 },
	}
}

// step runs on Porcupine's goroutine, where nobody else could catch the panic of
// a faulty model.
func (w *walk) step(state models.Datum, i int) (ok bool, next any) {
	defer func() {
		if p := recover(); p != nil {
			w.spent, w.culprit = fmt.Sprintf("the model %s panicked: %v", w.problem.model.Name, p), i+1
			ok, next = false, state
		}
	}()
	return w.tryStep(state, i)
}

func (w *walk) tryStep(state models.Datum, i int) (bool, any) {
	if !w.afford() {
		return false, state
	}
	c := &w.calls[i]
	next, ok := w.next(state, c.op)
	if !ok && !c.op.Known {
		next, ok = state, true // a crashed op may have done nothing
	}
	if ok {
		w.used += w.entry
		w.furthest = max(w.furthest, i)
	}
	return ok, next
}

// next steps from a state or, where a model does not say which of several states
// follows, from a set of them to the set of all that may follow.
func (w *walk) next(state models.Datum, op models.Op) (models.Datum, bool) {
	if w.problem.model.Next == nil {
		return w.problem.model.Step(w.values, state, op)
	}
	var all []models.Datum
	for _, one := range w.values.Elems(state) {
		all = w.problem.model.Next(w.values, one, op, all)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return w.values.Tuple(all), len(all) > 0
}

func (w *walk) afford() bool {
	if w.spent != "" {
		return false
	}
	w.steps++
	w.budget.taken++
	switch {
	case w.used+w.values.Bytes()-w.known > w.budget.memory:
		w.spent = fmt.Sprintf("the memory limit of %d bytes was reached", w.budget.memory)
	case w.budget.steps > 0 && w.budget.taken > w.budget.steps:
		w.spent = "the limit of steps was reached"
	case w.steps%ctxInterval == 0 && w.budget.ctx.Err() != nil:
		w.spent = fmt.Sprintf("stopped (%v)", context.Cause(w.budget.ctx))
	}
	return w.spent == ""
}
