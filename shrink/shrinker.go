package shrink

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"checker/check"
	"checker/check/recovery"
	"checker/rundir"
	"checker/runner"
)

// Options are what shrinking needs of the outside.
type Options struct {
	Run      runner.Options // for each run; nothing is recorded
	Expired  func() bool    // whether the budget is spent; nil is never
	Progress func(Progress) // called after each run; nil for none
}

// Progress is how far shrinking is.
type Progress struct {
	Size Size // of the smallest schedule so far
	Runs int
}

// Result is the smallest schedule that was found.
type Result struct {
	Plan          runner.Plan // that runs it
	Anomaly       string      // which it shows
	Before, After Size
	Runs          int      // that were made
	Steps         []string // what was left out, in order
	Expired       bool     // the budget was spent before nothing more could be left out
}

// shrinker is one search.
type shrinker struct {
	spec    runner.Spec
	options Options
	anomaly string
	// progress is that the anomaly is one of progress.
	progress bool
	best     candidate
	runs     int
	steps    []string
	expired  bool
}

// ofProgress are the anomalies of progress: of clients, of nodes, of transactions.
var ofProgress = []string{recovery.Anomaly, "no-catch-up", "undecided"}

// Class is the type of anomaly that is kept: the first one of the first check that
// found any, which judges what clients saw before what the trace tells.
func Class(d check.Document) (string, bool) {
	for _, r := range d.Checks {
		if r.Verdict == check.Invalid && len(r.Anomalies) > 0 {
			return r.Anomalies[0].Type, true
		}
	}
	return "", false
}

// Shrink finds a small schedule by which the run of a spec shows an anomaly that the
// given schedule shows. The error is that the schedule does not show it.
func Shrink(ctx context.Context, spec runner.Spec, anomaly string, o Options) (Result, error) {
	o.Run.Dir, o.Run.Progress = nil, nil
	spec.StopOnAnomaly = false // another anomaly might come first
	s := &shrinker{spec: spec, options: o, anomaly: anomaly,
		progress: slices.Contains(ofProgress, anomaly),
		best:     candidate{spec.Schedule, spec.Nodes, spec.Concurrency, spec.Seed}}
	before := s.best.size()
	if !s.shows(ctx, s.best) {
		return Result{}, errors.Join(ctx.Err(), fmt.Errorf("its schedule, run again, does not show %s", anomaly))
	}
	s.search(ctx)
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	plan, err := s.plan(s.best)
	return Result{Plan: plan, Anomaly: anomaly, Before: before, After: s.best.size(), Runs: s.runs, Steps: s.steps, Expired: s.expired}, err
}

// search goes through all steps until none of them leaves anything out.
func (s *shrinker) search(ctx context.Context) {
	for {
		before := len(s.steps)
		for _, step := range steps {
			step(s, ctx)
		}
		if s.over(ctx) || len(s.steps) == before {
			return
		}
	}
}

func (s *shrinker) over(ctx context.Context) bool {
	if s.options.Expired != nil && s.options.Expired() {
		s.expired = true
	}
	return s.expired || ctx.Err() != nil
}

// plan makes a candidate ready to be run.
func (s *shrinker) plan(c candidate) (runner.Plan, error) {
	spec := s.spec
	spec.Schedule, spec.Nodes, spec.Concurrency, spec.Seed = c.entries, c.nodes, c.clients, c.seed
	return spec.Resolve()
}

// shows reports whether a candidate shows the anomaly.
func (s *shrinker) shows(ctx context.Context, c candidate) bool {
	if len(c.entries) == 0 || s.progress && !c.recovers() {
		return false
	}
	plan, err := s.plan(c)
	if err != nil {
		return false
	}
	s.runs++
	out, err := runner.Execute(ctx, plan, s.options.Run)
	if s.options.Progress != nil {
		s.options.Progress(Progress{s.best.size(), s.runs})
	}
	return err == nil && out.Err == nil && out.Run.Status == rundir.StatusComplete &&
		slices.Contains(out.Document.AnomalyTypes, s.anomaly)
}

// seedsFor is how many seeds are tried for a candidate: about as many as fit into
// the time of one run of a thousand entries, and not too many.
func seedsFor(c candidate) int { return min(1+200/(len(c.entries)+1), 12) }

// try takes a candidate if it shows the anomaly, by the seed at hand or another one.
func (s *shrinker) try(ctx context.Context, c candidate) bool {
	kept := c.seed
	for n := range seedsFor(c) {
		if s.over(ctx) {
			return false
		}
		if n > 0 {
			c.seed = uint64(n)
		}
		if n > 0 && c.seed == kept {
			continue
		}
		if s.shows(ctx, c) {
			s.best = c
			return true
		}
	}
	return false
}

// note remembers what a step left out.
func (s *shrinker) note(what string, before Size) {
	if after := s.best.size(); after != before {
		s.steps = append(s.steps, fmt.Sprintf("%s: %v", what, after))
	}
}
