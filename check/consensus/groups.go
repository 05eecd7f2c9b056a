package consensus

import (
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
)

// Groups judges the events of several logs, each by a [Monitor] of its own: those
// of the shards of a database, say. Events without a group are of one log more.
type Groups struct {
	options  Options
	monitors map[string]*Monitor
	names    []string // in the order of appearance
}

// NewGroups returns the judge of a run that is about to begin. The options hold
// for each log.
func NewGroups(o Options) *Groups {
	return &Groups{options: o, monitors: map[string]*Monitor{}}
}

// Name is "consensus".
func (g *Groups) Name() string { return name }

// Check returns [Groups.Result]: the history has no say in it.
func (g *Groups) Check(context.Context, *history.History) (check.Result, error) {
	return g.Result(), nil
}

// Observe takes the next event, and keeps no hold of it. A node that stops does
// so in all its groups.
func (g *Groups) Observe(e *Event) {
	if e.Step != Stopped || e.Group != "" {
		g.monitor(e.Group).Observe(e)
		return
	}
	for _, name := range g.names {
		if m := g.monitors[name]; m.byName[e.Node] != nil {
			m.Observe(e)
		}
	}
}

func (g *Groups) monitor(name string) *Monitor {
	m := g.monitors[name]
	if m == nil {
		m = NewMonitor(g.options)
		g.monitors[name] = m
		g.names = append(g.names, name)
	}
	return m
}

// Recovered tells that the last fault has been undone.
func (g *Groups) Recovered(at int64) {
	g.options.Recovered = at
	for _, m := range g.monitors {
		m.Recovered(at)
	}
}

// Reached tells that the run has come to a time, even if nothing has happened by
// then.
func (g *Groups) Reached(at int64) {
	for _, m := range g.monitors {
		m.Reached(at)
	}
}

// Settled reports whether every group has.
func (g *Groups) Settled() bool {
	for _, m := range g.monitors {
		if !m.Settled() {
			return false
		}
	}
	return true
}

// Found returns the type of an anomaly found so far, or "".
func (g *Groups) Found() string {
	for _, name := range g.names {
		if found := g.monitors[name].Found(); found != "" {
			return found
		}
	}
	return ""
}

// spoil says why nothing can be judged from here on.
func (g *Groups) spoil(flaw string) {
	g.monitor(g.only())
	for _, m := range g.monitors {
		if m.flaw == "" {
			m.flaw = flaw
		}
	}
}

// Result is the verdict on what was seen so far: the worst of all groups.
func (g *Groups) Result() check.Result {
	if len(g.names) <= 1 {
		return g.monitor(g.only()).Result()
	}
	all := check.Result{Name: name, Verdict: check.Valid, Anomalies: []check.Anomaly{}}
	for _, group := range g.names {
		r := g.monitors[group].Result()
		for _, a := range r.Anomalies {
			for _, w := range a.Witnesses {
				w.Text = fmt.Sprintf("In %s: %s", group, w.Text)
				all.Add(a.Type, w, maxWitnesses)
			}
			all.Anomalies[slices.IndexFunc(all.Anomalies, func(b check.Anomaly) bool { return a.Type == b.Type })].Count += a.Count - len(a.Witnesses)
		}
		if r.Reason != "" && (all.Reason == "" || r.Verdict > all.Verdict) {
			all.Reason = fmt.Sprintf("in %s: %s", group, r.Reason)
		}
		for _, note := range r.Notes {
			all.Notes = append(all.Notes, fmt.Sprintf("%s: %s", group, note))
		}
		all.Verdict = check.Worst(all.Verdict, r.Verdict)
	}
	return all
}

// only names the one group, if there is one.
func (g *Groups) only() string {
	if len(g.names) == 0 {
		return ""
	}
	return g.names[0]
}
