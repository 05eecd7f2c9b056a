package linear

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/history"
	"checker/models"
	"checker/models/consistency"
)

// Engine says how objects are decided.
type Engine uint8

const (
	Auto      Engine = iota // the method for the data type where one applies, else the search
	Search                  // the search, always
	Porcupine               // Porcupine, always
)

// Keys says how a history is split into objects.
type Keys uint8

const (
	Detect Keys = iota // by key when the model is keyed or every op's value is a [key value], else one object
	Single             // one object
	Tuples             // by key; an op whose value is not [key value] is an error
)

// Options bound and direct a check. The zero value is sensible. The time limit
// is that of the context given to Check.
type Options struct {
	Engine Engine
	Keys   Keys

	// Memory bounds what the search of one object may take, in bytes; 0 is 2 GiB.
	Memory int64

	// Steps bounds how many steps of the model all searches together may try, so
	// that a check ends the same way on every machine; 0 is no bound.
	Steps int64

	// Witnesses bounds how many examples of each anomaly are kept; 0 is 3.
	Witnesses int

	_ struct{}
}

const (
	defaultMemory    = 2 << 30
	defaultWitnesses = 3
	mostReasons      = 3 // undecided objects named in a reason
)

// New returns a checker that a history is linearizable with respect to a model.
// Its initial value is the model's.
func New(m models.Model, o Options) check.Checker {
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	if o.Witnesses == 0 {
		o.Witnesses = defaultWitnesses
	}
	return &checker{spec: m, options: o}
}

type checker struct {
	spec    models.Model
	options Options
}

// Name returns the consistency model that is judged.
func (c *checker) Name() string {
	if c.spec.Transactional {
		return "strict-serializable"
	}
	return "linearizable"
}

// Check judges a history. A history without any client op, and one with ops
// that the model does not understand, is unknown.
func (c *checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	run := &run{checker: c, view: newView(h, &c.spec), budget: &budget{ctx: ctx, memory: c.options.Memory, steps: c.options.Steps}}
	run.result = check.Result{Name: c.Name(), Verdict: check.Valid}
	if why := run.unknownFs(); why != "" {
		return check.Result{}, fmt.Errorf("%s", why)
	}
	run.keyed = c.options.Keys == Tuples || c.options.Keys == Detect && (c.spec.Keyed || c.spec.Independent(h))
	objects, err := run.objects()
	if err != nil {
		return check.Result{}, err
	}
	if !run.anyOp() {
		run.result.Verdict, run.result.Reason = check.Unknown, "nothing to check: the history has no client ops"
		return run.result, nil
	}
	if run.keyed {
		run.result.Notes = append(run.result.Notes, fmt.Sprintf("%d independent objects, by key", len(objects)))
	}
	run.all(objects)
	run.conclude(len(objects))
	return run.result, nil
}

// run is one call of Check.
type run struct {
	*checker
	*view
	budget     *budget
	result     check.Result
	undecided  []string
	searched   int
	violations int    // found by searching
	shrinking  budget // for making witnesses small
}

func (r *run) anyOp() bool {
	for i := range r.h.Len() {
		if r.isOp(i) {
			return true
		}
	}
	return false
}

func (r *run) all(objects []object) {
	var fast method
	if r.options.Engine == Auto {
		fast = r.newMethod()
	}
	var hard []object
	for _, obj := range objects {
		if err := r.budget.ctx.Err(); err != nil {
			r.undecided = append(r.undecided, fmt.Sprintf("%s: not begun (%v)", r.name(obj), err))
			continue
		}
		if fast != nil {
			got, p, rest := fast.decide(r.budget.ctx, obj)
			if got == illegal && !r.prove(obj, p) {
				r.undecided = append(r.undecided, fmt.Sprintf("%s: what the method for %s finds contradictory (%s) the search can order; this is a defect of this program",
					r.name(obj), r.model.Name, p.witness.Text))
			}
			if got != undecided {
				continue
			}
			obj = rest
		}
		hard = append(hard, obj)
	}
	r.searchAll(hard)
}

// conclude turns what was found into a verdict.
func (r *run) conclude(objects int) {
	res := &r.result
	res.ConsistencyModels = &check.ConsistencyModels{Requested: []string{r.Name()}, Not: []string{}, AlsoNot: []string{}, Holds: []string{}}
	if n := len(r.undecided); n > 0 {
		named := r.undecided[:min(n, mostReasons)]
		res.Reason = fmt.Sprintf("%d of %d objects undecided: %s", n, objects, strings.Join(named, "; "))
		if n > len(named) {
			res.Reason += fmt.Sprintf("; and %d more", n-len(named))
		}
	}
	if r.searched > 0 {
		res.Notes = append(res.Notes, fmt.Sprintf("%d objects searched in %d steps", r.searched, r.budget.taken))
	}
	switch {
	case res.Verdict == check.Invalid:
		res.ConsistencyModels.Not = []string{r.Name()}
		res.ConsistencyModels.AlsoNot = consistency.Above(r.Name())
		slices.SortStableFunc(res.Anomalies, func(a, b check.Anomaly) int { return strings.Compare(a.Type, b.Type) })
	case len(r.undecided) > 0:
		res.Verdict = check.Unknown
	default:
		res.ConsistencyModels.Holds = []string{r.Name()}
	}
}

// name names an object and its size for a reason.
func (r *run) name(obj object) string {
	if key := r.keyName(obj.rows); key != "" {
		return fmt.Sprintf("key %s (%d ops)", key, len(obj.rows))
	}
	return fmt.Sprintf("the object (%d ops)", len(obj.rows))
}
