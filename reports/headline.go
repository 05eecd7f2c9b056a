package reports

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"checker/check"
	"checker/rundir"
)

// headline is the first thing on the page.
type headline struct {
	Verdict   string // valid, invalid or unknown
	Symbol    string
	Sentence  string
	Status    string // why the run is not all it was meant to be
	Meaning   string // what an unknown verdict means
	Broken    []string
	Holds     []string
	Asked     []string
	Under     string // the faults in force when the first witness came about
	Lattices  []latticeView
	Facts     []fact
	Reproduce string
}

// latticeView is the drawing of what a check says about consistency models.
type latticeView struct {
	Check   string
	Drawing template.HTML
}

// fact is a label with its value.
type fact struct{ Label, Value string }

func (p *page) headline() headline {
	d := p.in.Document
	h := headline{
		Verdict:   d.Verdict.String(),
		Symbol:    symbol(d.Verdict),
		Sentence:  sentence(d),
		Status:    status(p.in.Run),
		Facts:     p.facts(),
		Reproduce: visible(d.Reproduce, 16*foldText),
	}
	for _, r := range d.Checks {
		if r.ConsistencyModels != nil {
			h.addModels(r, d.Verdict != check.Unknown && !d.Evidence.Vacuous)
		}
	}
	if d.Verdict == check.Unknown {
		h.Meaning = "Unknown is neither a pass nor a failure: nothing wrong was found, and too little is known to say that nothing is wrong."
	}
	return h
}

// addModels adds what a check says about consistency models. One that is valid
// upholds what was asked for, if one can be sure of anything.
func (h *headline) addModels(r check.Result, sure bool) {
	add := func(to *[]string, names []string) {
		for _, name := range lines(names, foldWord) {
			if !slices.Contains(*to, name) {
				*to = append(*to, name)
			}
		}
	}
	m := r.ConsistencyModels
	add(&h.Asked, m.Requested)
	switch {
	case r.Verdict == check.Invalid:
		add(&h.Broken, m.Not)
		add(&h.Holds, m.Holds)
	case r.Verdict == check.Valid && sure && len(m.Holds) > 0:
		add(&h.Holds, m.Holds)
	case r.Verdict == check.Valid && sure:
		add(&h.Holds, m.Requested)
	}
	if svg := lattice(r); svg != "" {
		h.Lattices = append(h.Lattices, latticeView{line(r.Name, foldWord), svg})
	}
}

// sentence is the summary without the verdict in front, which the page shows
// beside it.
func sentence(d check.Document) string {
	text := strings.TrimPrefix(d.Summary, d.Verdict.String()+": ")
	if text == "" || text == d.Verdict.String() {
		text = "no reason was given"
	}
	return visible(text, foldValue)
}

// status says what became of a run that did not come to its end.
func status(run *rundir.Run) string {
	if run == nil {
		return ""
	}
	switch run.Status {
	case rundir.StatusComplete:
		return ""
	case rundir.StatusInterrupted:
		return "The run was interrupted: the verdict is about what had happened by then."
	case rundir.StatusFailed:
		return "The run failed: " + visible(run.Error, foldText)
	case rundir.StatusRunning:
		return "The run had not ended when this was written, or was killed."
	}
	return "The status of the run is " + line(run.Status, foldWord) + "."
}

// facts are the figures that one looks for first.
func (p *page) facts() []fact {
	var facts []fact
	add := func(label, value string) {
		if value != "" {
			facts = append(facts, fact{label, value})
		}
	}
	ops, ok := p.totals()
	add("client ops", fmt.Sprintf("%s (%s ok)", count(ops), count(ok)))
	injected, effective := p.faultTotals()
	if p.in.Run != nil || injected > 0 {
		add("faults", fmt.Sprintf("%s (%s effective)", count(injected), count(effective)))
	}
	if r := p.in.Run; r != nil {
		add("ran for", runTime(*r))
		add("environment", line(r.Config.Env, foldWord))
		add("nodes", fmt.Sprint(r.Config.Nodes))
		add("seed", fmt.Sprint(r.Seed))
		add("planted bugs", strings.Join(lines(r.Config.Bugs, foldWord), ", "))
	} else if p.view != nil && p.view.timed {
		add("spans", duration(p.view.end))
	}
	return facts
}

// runTime tells virtual time apart from the harness's.
func runTime(r rundir.Run) string {
	if r.Config.Env == "sim" {
		return fmt.Sprintf("%s virtual, in %s", duration(r.DurationNS), duration(r.WallNS))
	}
	return duration(r.DurationNS)
}

// totals counts the client ops of the evidence, or of the history where the
// evidence has none.
func (p *page) totals() (ops, ok int) {
	for _, c := range p.opCounts() {
		ops += c.Invoke
		ok += c.Ok
	}
	return ops, ok
}

func (p *page) opCounts() map[string]check.Counts {
	if len(p.in.Document.Evidence.Ops) > 0 || p.view == nil {
		return p.in.Document.Evidence.Ops
	}
	return p.view.opCounts()
}

func (p *page) faultTotals() (injected, effective int) {
	for _, b := range p.in.Document.Evidence.Faults {
		injected += b.Injected
		effective += b.Effective
	}
	return injected, effective
}
