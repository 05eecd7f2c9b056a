package session

import (
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
	"checker/models/consistency"
)

// The consistency models of this package, as models/consistency calls them.
const (
	Linearizable = "linearizable"
	Sequential   = "sequential"
	Regular      = "regular"
	Safe         = "safe"
	KAtomic      = "k-atomic"
	DeltaAtomic  = "delta-atomic"
)

// Models returns all that can be decided, the strongest first.
func Models() []string {
	return append([]string{Linearizable, Sequential}, append(sessions(), Regular, Safe, KAtomic, DeltaAtomic)...)
}

// The anomalies that this package finds beside those of check/linear and of
// check/txn/weak.
const (
	nonsequential = "nonsequential"
	irregular     = "irregular-read"
	unsafe        = "unsafe-read"
	unbounded     = "unbounded-staleness"
	garbage       = "garbage-read"
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: nonsequential, Summary: "No order of all ops agrees with the order of each process.", Example: `client 1   [ write x 1 ]  [ read y → nil ]
client 2   [ write y 1 ]  [ read x → nil ]`},
		{Name: irregular, Summary: "A read returned a value that no order of it and of the writes explains: another write had surely replaced it, or it was not written yet.", Example: `client 1   [ write 1 ]  [ write 2 ]
client 2                             [ read → 1 ]`},
		{Name: unsafe, Summary: "A read that no write overlapped did not return the value that was there.", Example: `client 1   [ write 1 ]
client 2                [ read → 7 ]`},
		{Name: unbounded, Summary: "No bound of staleness explains a read: its value was not written yet, or two ops contradict each other at any time.", Example: `client 1                 [ write 1 ]
client 2   [ read → 1 ]`},
	}
}

// Options direct a check. The zero value is sensible.
type Options struct {
	Require   []string // consistency models that must hold, by their proper names; nil is linearizable
	Memory    int64    // bytes of each search; 0 is the default of check/linear
	Steps     int64    // of each search; 0 is no bound but the context, for what is required
	Witnesses int      // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// New returns a checker of registers of a model, a register or cas-register. It decides
// every consistency model; the verdict is on those that are required.
func New(m models.Model, o Options) check.Checker {
	if o.Require == nil {
		o.Require = []string{Linearizable}
	}
	return checker{m, o}
}

type checker struct {
	model   models.Model
	options Options
}

// Name is that of the consistency models that are required.
func (c checker) Name() string {
	if len(c.options.Require) == 1 {
		return c.options.Require[0]
	}
	return "registers"
}

// Check judges a history of reads, writes and cas. One whose values are not unique is
// unknown unless it is linearizable.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	for _, name := range c.options.Require {
		if !slices.Contains(Models(), name) {
			return check.Result{}, fmt.Errorf("registers are not judged for %s", name)
		}
	}
	j := &judge{checker: c, ctx: ctx, h: h, found: check.NewFindings(c.Name(), h, c.options.Witnesses), verdicts: map[string]check.Verdict{}, reasons: map[string]string{}}
	strict := check.Run(ctx, linear.New(c.model, c.linearOptions()), h)
	if h.HasRealTime() {
		j.take(Linearizable, strict)
	} else {
		j.unknown("the history has no real time", Linearizable)
	}
	if j.verdicts[Linearizable] == check.Valid {
		for _, name := range Models() {
			j.verdicts[name] = check.Valid
		}
		j.found.Note("smallest k of k-atomic: 1, smallest Δ of delta-atomic: 0 ms")
		return j.conclude(), nil
	}
	var err error
	if j.ops, err = collect(h, &c.model); err != nil {
		j.unknown(err.Error(), Models()...)
		return j.conclude(), nil
	}
	j.reads()
	if !j.impossible {
		j.sequential()
		j.weak()
		j.stale()
	}
	return j.conclude(), nil
}

// unaskedSteps bounds the search for what was not asked for.
const unaskedSteps = 5_000_000

// steps bounds the search for a consistency model.
func (j *judge) steps(name string) int64 {
	if !j.required(name) && j.options.Steps == 0 {
		return unaskedSteps
	}
	return j.options.Steps
}

func (c checker) linearOptions() linear.Options {
	return linear.Options{Memory: c.options.Memory, Steps: c.options.Steps, Witnesses: c.options.Witnesses}
}

// judge is one call of Check.
type judge struct {
	checker
	ctx        context.Context
	h          *history.History
	ops        *ops
	found      *check.Findings
	impossible bool // a value was observed that no model but safe allows
	verdicts   map[string]check.Verdict
	reasons    map[string]string // why one is unknown
}

// required reports whether a violation of a consistency model is one of what is asked
// for.
func (j *judge) required(name string) bool { return slices.Contains(j.options.Require, name) }

// take takes over a result on a consistency model, and what it found if that matters.
func (j *judge) take(name string, r check.Result) {
	j.verdicts[name], j.reasons[name] = r.Verdict, r.Reason
	if !j.required(name) || r.Verdict != check.Invalid {
		return
	}
	for _, a := range r.Anomalies {
		for _, w := range a.Witnesses {
			j.found.Add(a.Type, w, max(j.options.Witnesses, check.DefaultWitnesses))
		}
	}
}

// broken notes a violation of consistency models, and an anomaly if they matter.
func (j *judge) broken(names []string, kind, key string, ops []history.Pair, format string, args ...any) {
	matters := false
	for _, name := range names {
		j.verdicts[name] = check.Invalid
		matters = matters || j.required(name)
	}
	if matters {
		j.found.Found(kind, key, ops, format, args...)
	}
}

// holds notes that consistency models hold which are not known to be broken.
func (j *judge) holds(names ...string) {
	for _, name := range names {
		if _, known := j.verdicts[name]; !known {
			j.verdicts[name] = check.Valid
		}
	}
}

// unknown notes why consistency models cannot be decided.
func (j *judge) unknown(why string, names ...string) {
	for _, name := range names {
		if _, known := j.verdicts[name]; !known {
			j.verdicts[name], j.reasons[name] = check.Unknown, why
		}
	}
}

// conclude says which consistency models hold and which do not.
func (j *judge) conclude() check.Result {
	var not, holds []string
	for _, name := range Models() {
		v, known := j.verdicts[name]
		switch {
		case known && v == check.Invalid:
			not = append(not, name)
		case known && v == check.Valid:
			holds = append(holds, name)
		case j.required(name):
			j.found.Undecided("%s: %s", name, j.reasons[name])
		}
	}
	j.found.ConsistencyModels = &check.ConsistencyModels{
		Requested: j.options.Require, Not: consistency.Weakest(not...), AlsoNot: consistency.Above(not...), Holds: consistency.Strongest(holds...),
	}
	return j.found.Result
}
