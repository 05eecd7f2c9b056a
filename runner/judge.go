package runner

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"checker/check"
	"checker/check/recovery"
	"checker/history"
	"checker/nemesis"
	"checker/rundir"
)

// Judge checks the history of a run of this plan and weighs how much evidence it
// holds. It says the same of a history read back from a run directory. More are
// checks of what is not in the history, such as [Plan.TraceChecks].
func (p Plan) Judge(ctx context.Context, h *history.History, more ...check.Checker) check.Document {
	checks := p.Workload.New(p.params()).Checks
	if p.recovers() {
		checks = append(checks, recovery.New(p.Config.Concurrency, RecoveryBound, nemesis.Remains))
	}
	checks = append(checks, more...)
	results := make([]check.Result, len(checks))
	for i, c := range checks {
		results[i] = check.Run(ctx, c, h)
	}
	doc := check.NewDocument(results, evidence(p, h))
	if len(p.Beyond) > 0 {
		doc.Summary += fmt.Sprintf(" (beyond the fault model of %s: %s)", p.Config.Target, strings.Join(p.Beyond, ", "))
	}
	doc.Reproduce = p.Reproduce()
	kept, dropped := h.Warnings()
	for _, w := range kept {
		doc.Warnings = append(doc.Warnings, w.String())
	}
	if dropped > 0 {
		doc.Warnings = append(doc.Warnings, fmt.Sprintf("and %d more", dropped))
	}
	return doc
}

// JudgeRun is Judge for a run that may not have come to its end, or of whose
// history not everything may be left: such a one is never called valid.
func (p Plan) JudgeRun(ctx context.Context, run rundir.Run, h *history.History, more ...check.Checker) check.Document {
	p.stopped = run.Stopped
	doc := p.Judge(ctx, h, more...)
	if run.Stopped != nil && doc.Verdict == check.Invalid {
		doc.Summary += fmt.Sprintf(" (the run was stopped there, after %.3f s)", float64(run.Stopped.TimeNS)/1e9)
	} else if run.Stopped != nil {
		doc = with(doc, unconfirmed(*run.Stopped))
	}
	reason := unfinished(run)
	if reason == "" && h.Len() != run.Rows {
		reason = fmt.Sprintf("the history has %d rows, and the run recorded %d", h.Len(), run.Rows)
	}
	if reason == "" {
		return doc
	}
	return with(doc, check.Result{Name: "run", Verdict: check.Unknown, Reason: reason, Anomalies: []check.Anomaly{}})
}

// with adds to a document why nothing can be said.
func with(doc check.Document, why check.Result) check.Document {
	doc.Checks = append(doc.Checks, why)
	if doc.Verdict != check.Invalid {
		doc.Verdict = check.Unknown
		doc.Summary = "unknown: " + why.Reason
	}
	return doc
}

// unfinished says why a run did not come to its end, or nothing.
func unfinished(run rundir.Run) string {
	switch run.Status {
	case rundir.StatusComplete:
		return ""
	case rundir.StatusInterrupted:
		return "the run was interrupted"
	case rundir.StatusFailed:
		return "the run failed: " + run.Error
	case rundir.StatusRunning:
		return "the run has not ended: it is still going on, or it was killed"
	}
	return fmt.Sprintf("nobody knows how the run ended: its status is %q", run.Status)
}

// recovers reports whether the run comes to a phase of recovery, which a schedule
// may have lost.
func (p Plan) recovers() bool {
	return p.stopped == nil && p.Schedule == nil || slices.ContainsFunc(p.Schedule, func(e rundir.Entry) bool { return e.F == recovery.PhaseF })
}

// evidence counts what happened, and finds a run vacuous in which too few ops
// succeeded, or in which faults were asked for and none of them bit.
func evidence(p Plan, h *history.History) check.Evidence {
	ev := check.Evidence{Ops: h.Stats().ByF, Faults: nemesis.Evidence(h)}
	var thin []string
	for f, least := range p.Workload.Least(p.Config.Settings) {
		if ok := ev.Ops[f].Ok; ok < least {
			thin = append(thin, fmt.Sprintf("%d ok %s ops where at least %d are needed", ok, f, least))
		}
	}
	sort.Strings(thin)
	if len(p.Config.Nemesis) > 0 && !p.Config.Scheduled && effective(ev) == 0 {
		thin = append(thin, "faults were asked for and not one of them bit")
	}
	if len(thin) > 0 {
		ev.Vacuous = true
		ev.Reason = "too little happened to judge: " + strings.Join(thin, "; ")
	}
	return ev
}

func effective(ev check.Evidence) int {
	n := 0
	for _, b := range ev.Faults {
		n += b.Effective
	}
	return n
}

// EvidenceLine says in one line how much the verdict rests on.
func (o Outcome) EvidenceLine() string {
	var invoked, ok int
	for _, c := range o.Document.Evidence.Ops {
		invoked += c.Invoke
		ok += c.Ok
	}
	families := make([]string, 0, len(o.Document.Evidence.Faults))
	for name := range o.Document.Evidence.Faults {
		families = append(families, name)
	}
	sort.Strings(families)
	line := fmt.Sprintf("%d ops, %d of them ok", invoked, ok)
	for i, name := range families {
		b := o.Document.Evidence.Faults[name]
		if i == 0 {
			line += "; faults that bit:"
		}
		line += fmt.Sprintf(" %s %d/%d", name, b.Effective, b.Injected)
	}
	return line
}
