package linear

import (
	"context"
	"fmt"

	"github.com/anishathalye/porcupine"

	"checker/check"
	"checker/models"
)

// budget bounds the searches of a check: by the caller's context, by the
// memory that one search takes, by steps.
type budget struct {
	ctx    context.Context
	memory int64
	steps  int64 // 0: no bound
	taken  int64
}

// ctxInterval is how many steps pass between two looks at the context.
const ctxInterval = 256

// call is an op in a search.
type call struct {
	row      int32 // of its invocation
	res      int32 // row of its completion, or never
	op       models.Op
	visible  bool // its effect, if any, may be observed
	required bool // the search is about this one: minimising keeps it
}

// problem is the history of one object, ready to be searched.
type problem struct {
	model  *models.Model
	values *models.Values
	starts []models.Datum // the states that the object may have begun in
	calls  []call
	asked  int // see mostObservations
}

// searched is how a search ended.
type searched struct {
	answer   answer
	why      string // it stopped early, or ""
	steps    int64
	furthest int32 // row of the latest op that some order reached
}

// pose makes a problem of an object's ops: crashed ops that only read are left
// out, and so are crashed ops that nobody observed.
func (v *view) pose(obj object) (*problem, error) {
	p := &problem{model: v.model, values: models.NewValues(&v.h.Heap)}
	start, err := v.model.Start(p.values)
	if err != nil {
		return nil, err
	}
	p.starts = []models.Datum{start}
	for _, row := range obj.rows {
		_, res := v.outcome(int(row))
		out := v.in(int(row))
		if res != never {
			out = v.out(res)
		}
		op, err := v.model.Op(p.values, v.function(int(row)), v.in(int(row)), out, res != never)
		if err != nil {
			return nil, fmt.Errorf("op %d: %w", v.index(row), err)
		}
		if op.Known || !op.Pure {
			p.calls = append(p.calls, call{row: row, res: res, op: op})
		}
	}
	p.calls = p.dropUnobserved(p.calls)
	return p, nil
}

// dropUnobserved leaves out crashed ops whose effect no remaining op observes.
func (p *problem) dropUnobserved(calls []call) []call {
	if p.model.Observes == nil {
		return calls
	}
	p.asked = 0
	for i := range calls {
		calls[i].visible = calls[i].op.Known
	}
	for grew := true; grew; {
		grew = false
		for i := range calls {
			if !calls[i].visible && p.observed(calls, i) {
				calls[i].visible, grew = true, true
			}
		}
	}
	kept := calls[:0:0]
	for _, c := range calls {
		if c.visible {
			kept = append(kept, c)
		}
	}
	return kept
}

// mostObservations bounds how often ops are asked what they observe. Beyond it
// crashed ops stay in the search, which is always right.
const mostObservations = 1 << 26

// observed reports whether a visible call observes the effect of call i, or
// whether there is no time to find out.
func (p *problem) observed(calls []call, i int) bool {
	if p.asked += len(calls); p.asked > mostObservations {
		return true
	}
	for j := range calls {
		if j != i && calls[j].visible && p.model.Observes(p.values, calls[j].op, calls[i].op) {
			return true
		}
	}
	return false
}

// Objects are searched in rounds of ever more steps, so that a violation in an
// easy one is found before a hard one takes all there is.
const (
	firstSteps = 1 << 17
	moreSteps  = 8 // times as many in the next round
)

// searchAll decides objects by Porcupine. Once a violation is found, those that
// would need another round stay undecided.
func (r *run) searchAll(objects []object) {
	r.searched = len(objects)
	for most := int64(firstSteps); len(objects) > 0; most *= moreSteps {
		var hard []object
		for _, obj := range objects {
			why, again := r.search(obj, most)
			switch {
			case again && r.result.Verdict != check.Invalid:
				hard = append(hard, obj)
			case why != "":
				r.undecided = append(r.undecided, r.name(obj)+": "+why)
			}
		}
		objects = hard
	}
}

// search decides an object by Porcupine in at most so many steps. It returns why
// it could not, and whether more steps could help.
func (r *run) search(obj object, most int64) (why string, again bool) {
	if err := r.budget.ctx.Err(); err != nil {
		return fmt.Sprintf("stopped (%v) before the search", err), false
	}
	if need := int64(len(obj.rows)) * bytesPerCall; need > r.budget.memory {
		return fmt.Sprintf("a search would take more than the memory limit of %d bytes", r.budget.memory), false
	}
	p, err := r.pose(obj)
	if err != nil {
		return err.Error(), false
	}
	b := *r.budget
	if limit := b.taken + most; b.steps == 0 || limit < b.steps {
		b.steps, again = limit, true
	}
	found := p.solve(&b, p.calls)
	r.budget.taken = b.taken
	switch found.answer {
	case undecided:
		again = again && b.taken >= b.steps
		return fmt.Sprintf("%s after %d steps, the furthest to op %d", found.why, found.steps, r.index(found.furthest)), again
	case illegal:
		var w check.Witness // beyond those that are kept, they are only counted
		if r.violations++; r.violations <= r.options.Witnesses {
			w = r.witness(p)
			w.Key = r.keyName(obj.rows)
		}
		r.result.Add(nonlinearizable, w, r.options.Witnesses)
	}
	return "", false
}

// bytesPerCall and bytesPerEntry are what Porcupine keeps of a call, and of a
// configuration beside its bit set: measured with 64-bit Go 1.26.
const (
	bytesPerCall  = 600
	bytesPerEntry = 176
)

// solve searches for a legal order of calls from any of the starts. It stops
// when b is spent.
func (p *problem) solve(b *budget, calls []call) (s searched) {
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
	w := &walk{problem: p, start: start, budget: b, calls: calls, furthest: -1, known: p.values.Bytes()}
	w.entry = int64(bytesPerEntry + (len(calls)+63)/64*8)
	w.used = int64(bytesPerCall * len(calls))
	legalOrder := porcupine.CheckOperations(w.model(), w.operations())
	s := searched{answer: illegal, steps: w.steps}
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
			w.spent = fmt.Sprintf("the model %s panicked: %v", w.problem.model.Name, p)
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
	next, ok := w.problem.model.Step(w.values, state, c.op)
	if !ok && !c.op.Known {
		next, ok = state, true // a crashed op may have done nothing
	}
	if ok {
		w.used += w.entry
		w.furthest = max(w.furthest, i)
	}
	return ok, next
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
