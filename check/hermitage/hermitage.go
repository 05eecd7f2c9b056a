package hermitage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/history"
	"checker/models/consistency"
)

// Options direct the check.
type Options struct {
	ConsistencyModels []string // to judge against; nil is strict-serializable
	Witnesses         int      // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_                 struct{}
}

// New returns a checker of interleavings.
func New(o Options) check.Checker {
	if len(o.ConsistencyModels) == 0 {
		o.ConsistencyModels = []string{"strict-serializable"}
	}
	return checker{o}
}

type checker struct{ options Options }

// Name is hermitage.
func (checker) Name() string { return "hermitage" }

// tally is how often an interleaving was played to its end, and how often it showed its
// anomaly.
type tally struct{ played, shown int }

// Check judges a history of interleavings: each that shows an anomaly which the
// consistency models forbid is invalid. Where nothing is found, every interleaving must
// have been played to its end at least once, else it is unknown. Other ops are left out.
func (c checker) Check(_ context.Context, h *history.History) (check.Result, error) {
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	forbidden := consistency.Prohibited(c.options.ConsistencyModels, nil)
	tallies := map[string]*tally{}
	for _, i := range interleavings {
		tallies[i.Name] = &tally{}
	}
	for _, p := range h.Pairs() {
		if h.FName(h.F(int(p.Inv))) != F || h.Outcome(p) != history.Ok {
			continue
		}
		v := h.Value(h.Ref(int(p.Comp)))
		i, err := interleavingOf(v)
		if err != nil {
			return check.Result{}, fmt.Errorf("op %d: %w", h.Witness(p), err)
		}
		o, err := outcomeOf(i, v)
		if err != nil {
			return check.Result{}, fmt.Errorf("op %d: %w", h.Witness(p), err)
		}
		t := tallies[i.Name]
		t.played++
		if !i.shown(o) {
			continue
		}
		if t.shown++; slices.Contains(forbidden, i.Anomaly) {
			found.Found(i.Anomaly, "", []history.Pair{p}, "the interleaving %s (op %d) shows it, %s: %s", i.Name, h.Witness(p), i.Summary, o)
		}
	}
	c.conclude(found, tallies)
	return found.Result, nil
}

// conclude says what was seen and what was not.
func (c checker) conclude(found *check.Findings, tallies map[string]*tally) {
	var shown, prevented, unplayed, anomalies []string
	for _, i := range interleavings {
		switch t := tallies[i.Name]; {
		case t.played == 0:
			unplayed = append(unplayed, i.Name)
		case t.shown == 0:
			prevented = append(prevented, i.Name)
		default:
			shown = append(shown, fmt.Sprintf("%s (%d of %d)", i.Name, t.shown, t.played))
			anomalies = append(anomalies, i.Anomaly)
		}
	}
	for _, part := range []struct {
		what  string
		names []string
	}{{"seen", shown}, {"prevented", prevented}} {
		if len(part.names) > 0 {
			found.Note("%s: %s", part.what, strings.Join(part.names, ", "))
		}
	}
	not, also := consistency.Broken(anomalies...)
	found.ConsistencyModels = &check.ConsistencyModels{Requested: c.options.ConsistencyModels, Not: not, AlsoNot: also, Holds: []string{}}
	if len(unplayed) > 0 {
		found.Undecided("never played to the end: %s", strings.Join(unplayed, ", "))
	}
}
