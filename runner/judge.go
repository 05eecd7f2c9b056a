package runner

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"checker/check"
	"checker/history"
	"checker/nemesis"
)

// judge checks a history and weighs how much evidence it holds.
func judge(ctx context.Context, p Plan, checks []check.Checker, h *history.History) check.Document {
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

// evidence counts what happened, and finds a run vacuous in which too few ops
// succeeded, or in which faults were asked for and none of them bit.
func evidence(p Plan, h *history.History) check.Evidence {
	ev := check.Evidence{Ops: h.Stats().ByF, Faults: nemesis.Evidence(h)}
	var thin []string
	for f, least := range p.Workload.Thresholds {
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
