package weak

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"checker/check"
	"checker/check/txn/micro"
	"checker/internal/graph"
	"checker/models/consistency"
)

// The consistency models that can be decided here, as models/consistency calls
// them.
const (
	CausalConvergence = "causal-convergence"
	ReadAtomic        = "axiomatic-read-atomic"
	ReadCommitted     = "axiomatic-read-committed"
	CausalMemory      = "causal-memory"
	PRAM              = "PRAM"
	WritesFollowReads = "writes-follow-reads"
	MonotonicReads    = "monotonic-reads"
	MonotonicWrites   = "monotonic-writes"
	ReadYourWrites    = "read-your-writes"
	maxWitnesses      = check.DefaultWitnesses
)

// Models returns the models that can be decided here. None comes after one that
// it implies.
func Models() []string {
	return []string{CausalConvergence, ReadAtomic, ReadCommitted, CausalMemory, PRAM,
		WritesFollowReads, MonotonicReads, MonotonicWrites, ReadYourWrites}
}

// Check judges transactions for consistency models, some of [Models]. The result
// tells of each asked for whether it holds or not; it is unknown with the reason
// when ctx ends before all is decided. An error is a model that is none of these.
func Check(ctx context.Context, t *micro.Txns, models ...string) (check.Result, error) {
	for _, m := range models {
		if !slices.Contains(Models(), m) {
			return check.Result{}, fmt.Errorf("%s is not decided here", m)
		}
	}
	j := &judge{found: check.NewFindings("", t.History, maxWitnesses), verdicts: map[string]check.Verdict{}}
	j.input = load(t, j.found)
	var err error
	for _, m := range Models() {
		if err == nil && slices.Contains(models, m) {
			err = j.decide(ctx, m)
		}
	}
	if err != nil {
		j.found.Undecided("%s", reason(err))
	}
	j.summarise(models)
	return j.found.Result, nil
}

func reason(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "time limit reached before all models were decided"
	}
	return "interrupted: " + err.Error()
}

// judge is a check at work.
type judge struct {
	*input
	found    *check.Findings
	verdicts map[string]check.Verdict
	done     *past
	walker   graph.Walker // on what was seen, for words
	second   int32        // how many transactions have a second node in the graph at work, behind all first ones
}

// decide finds the verdict on a model, if it does not follow from those known.
func (j *judge) decide(ctx context.Context, model string) error {
	if j.found.Verdict != check.Valid && len(j.verdicts) == 0 {
		// No model allows such reads, or nothing can be said with them.
		for _, m := range Models() {
			j.verdicts[m] = j.found.Verdict
		}
	}
	if _, known := j.verdicts[model]; known {
		return nil
	}
	for m, v := range j.verdicts {
		if v == check.Valid && consistency.Implies(m, model) {
			j.verdicts[model] = check.Valid
			return nil
		}
	}
	valid, err := j.holds(ctx, model)
	if err != nil {
		return err
	}
	j.verdicts[model] = check.Invalid
	if valid {
		j.verdicts[model] = check.Valid
	}
	return nil
}

// holds decides a model on its own.
func (j *judge) holds(ctx context.Context, model string) (bool, error) {
	var v *views
	var err error
	switch model {
	case ReadCommitted, ReadAtomic, CausalConvergence:
		return j.convergent(ctx, model)
	case PRAM, CausalMemory:
		return j.perSession(ctx, model)
	case ReadYourWrites:
		v, err = j.readYourWrites(ctx)
	case MonotonicReads:
		v, err = j.monotonicReads(ctx)
	case MonotonicWrites:
		v, err = j.monotonicWrites(ctx)
	case WritesFollowReads:
		v, err = j.writesFollowReads(ctx)
		j.second = int32(j.len())
		defer func() { j.second = 0 }()
	}
	if err != nil {
		return false, err
	}
	return j.viewed(v, model), nil
}

func (j *judge) past() *past {
	if j.done == nil {
		j.done = j.input.past()
	}
	return j.done
}

// summarise says which models hold and which do not.
func (j *judge) summarise(models []string) {
	m := &check.ConsistencyModels{Requested: models, Not: []string{}, AlsoNot: []string{}, Holds: []string{}}
	var not, holds []string
	for _, name := range models {
		switch v, known := j.verdicts[name]; {
		case known && v == check.Invalid:
			not = append(not, name)
		case known && v == check.Valid:
			holds = append(holds, name)
		}
	}
	m.Not, m.AlsoNot, m.Holds = consistency.Weakest(not...), consistency.Above(not...), consistency.Strongest(holds...)
	j.found.ConsistencyModels = m
}
