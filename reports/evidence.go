package reports

import (
	"fmt"
	"slices"
	"sort"

	"checker/check"
	"checker/history"
	"checker/rundir"
)

// maxFaultRows bounds the table of single faults.
const maxFaultRows = 400

// evidence is what the verdict rests on.
type evidence struct {
	Vacuous  string // why there is too little; "" when there is enough
	Ops      []opRow
	Faults   []familyRow
	Acts     []actRow
	MoreActs int
	Notes    []string
}

type opRow struct{ F, Invoke, Ok, Info, Fail string }

type familyRow struct{ Family, Injected, Effective, Model, Note string }

type actRow struct{ Index, When, Family, What, Effect, Lasted string }

func (p *page) evidence() evidence {
	ev := p.in.Document.Evidence
	var out evidence
	if ev.Vacuous {
		out.Vacuous = visible(ev.Reason, foldText)
		if out.Vacuous == "" {
			out.Vacuous = "no reason was given"
		}
	}
	out.Ops = opRows(p.opCounts())
	out.Faults = p.familyRows()
	for _, f := range p.faults[:min(len(p.faults), maxFaultRows)] {
		out.Acts = append(out.Acts, p.actRow(f))
	}
	out.MoreActs = len(p.faults) - len(out.Acts)
	out.Notes = p.recovery()
	return out
}

// opCounts counts the client ops of a history by function.
func (v *view) opCounts() map[string]check.Counts {
	counts := map[string]check.Counts{}
	for o := range v.clientOps {
		f := v.FName(v.F(o.inv))
		c := counts[f]
		c.Invoke++
		switch o.outcome {
		case history.Ok:
			c.Ok++
		case history.Fail:
			c.Fail++
		default:
			c.Info++
		}
		counts[f] = c
	}
	return counts
}

func opRows(counts map[string]check.Counts) []opRow {
	var rows []opRow
	var all check.Counts
	for _, f := range sortedKeys(counts) {
		c := counts[f]
		all.Invoke, all.Ok, all.Info, all.Fail = all.Invoke+c.Invoke, all.Ok+c.Ok, all.Info+c.Info, all.Fail+c.Fail
		rows = append(rows, newOpRow(line(f, foldWord), c))
	}
	if len(rows) > 1 {
		rows = append(rows, newOpRow("all", all))
	}
	return rows
}

func newOpRow(f string, c check.Counts) opRow {
	return opRow{f, count(c.Invoke), count(c.Ok), count(c.Info), count(c.Fail)}
}

// familyRows tells of every family that was injected, asked for or promised to
// be survived.
func (p *page) familyRows() []familyRow {
	bites := p.in.Document.Evidence.Faults
	seen := map[string]int{}
	for family, b := range bites {
		seen[family] = b.Injected
	}
	for _, f := range p.faults {
		if _, counted := bites[f.family]; !counted {
			seen[f.family]++
		}
	}
	var model, asked []string
	if p.in.Run != nil {
		model, asked = p.in.Run.FaultModel, p.in.Run.Config.Nemesis
	}
	for _, family := range slices.Concat(model, asked) {
		if _, ok := seen[family]; !ok && family != "none" && family != "all" {
			seen[family] = 0
		}
	}
	var rows []familyRow
	for _, family := range sortedKeys(seen) {
		b, counted := bites[family]
		row := familyRow{Family: line(family, foldWord), Injected: count(seen[family]), Effective: "not measured"}
		if counted || seen[family] == 0 {
			row.Effective = count(b.Effective)
		}
		if p.in.Run != nil {
			row.Model = yesNo(slices.Contains(model, family))
		}
		switch {
		case seen[family] == 0 && slices.Contains(asked, family):
			row.Note = "asked for, never injected"
		case seen[family] == 0:
			row.Note = "not part of this run"
		case counted && b.Effective == 0:
			row.Note = "without measurable effect"
		}
		rows = append(rows, row)
	}
	return rows
}

func (p *page) actRow(f fault) actRow {
	row := actRow{Index: fmt.Sprint(f.index), When: p.view.about(f.start), Family: f.family, What: f.label(), Effect: f.effect, Lasted: "never ended"}
	switch {
	case !lasts(f.family):
		row.Lasted = "an event"
	case !f.open && p.view.timed:
		row.Lasted = duration(f.end - f.start)
	case !f.open:
		row.Lasted = "until " + p.view.when(f.end)
	}
	return row
}

// recovery tells how the database did during the faults and after the last one.
func (p *page) recovery() []string {
	v := p.view
	if v == nil || !v.timed {
		return nil
	}
	var notes []string
	under, ok := v.okUnderFaults(p.faults)
	if ok == 0 {
		return []string{"No op was ok."}
	}
	if from, to := v.longestGap(); to > from {
		notes = append(notes, fmt.Sprintf("The longest stretch without an ok op was %s, from %s to %s.", duration(to-from), v.about(from), v.about(to)))
	}
	if len(p.faults) == 0 {
		return notes
	}
	notes = append(notes, fmt.Sprintf("%s of %s ok ops ran while a fault was in force.", count(under), count(ok)))
	healed, open := int64(0), 0
	for _, f := range p.faults {
		healed = max(healed, f.end)
		if f.open {
			open++
		}
	}
	if open > 0 {
		return append(notes, fmt.Sprintf("%s never ended, so there is no recovery to tell of.", plural(open, "fault")))
	}
	if at, found := v.firstOk(healed); found {
		return append(notes, fmt.Sprintf("The last fault ended at %s; the first op invoked after it that was ok completed %s later.", v.about(healed), duration(at-healed)))
	}
	return append(notes, fmt.Sprintf("The last fault ended at %s, and no op invoked after it was ok: recovery was not seen.", v.about(healed)))
}

// okUnderFaults counts the ok ops, and those of them that overlapped a fault.
func (v *view) okUnderFaults(faults []fault) (under, ok int) {
	spans := merge(faults)
	for o := range v.clientOps {
		if o.outcome != history.Ok {
			continue
		}
		ok++
		next := sort.Search(len(spans), func(i int) bool { return spans[i].to >= o.start })
		if next < len(spans) && spans[next].from <= o.end {
			under++
		}
	}
	return under, ok
}

// belief says what was tried and what held, for a verdict that has something to
// say for itself.
func (p *page) belief() []string {
	d := p.in.Document
	var all []string
	ops, ok := p.totals()
	if r := p.in.Run; r != nil {
		all = append(all, fmt.Sprintf("%s against %s on %s, %s of %s ok.", plural(r.Config.Concurrency, "client thread"),
			line(r.Config.Target, foldWord), plural(r.Config.Nodes, "node"), count(ok), plural(ops, "op")))
	} else {
		all = append(all, fmt.Sprintf("%s were recorded, %s of them ok.", plural(ops, "op"), count(ok)))
	}
	for _, family := range sortedKeys(d.Evidence.Faults) {
		if b := d.Evidence.Faults[family]; b.Effective > 0 {
			all = append(all, fmt.Sprintf("%s: %d injected, %d with a measured effect.", line(family, foldWord), b.Injected, b.Effective))
		}
	}
	for _, r := range d.Checks {
		if r.Verdict != check.Valid {
			continue
		}
		text := line(r.Name, foldWord) + " looked at the whole history and found no anomaly"
		if m := r.ConsistencyModels; m != nil && len(m.Requested) > 0 && !d.Evidence.Vacuous {
			text += ": " + joinAnd(lines(m.Requested, foldWord)) + " held"
		}
		all = append(all, text+".")
	}
	return append(all, p.Evidence.Notes...)
}

// limits says what the run does not show: a reader must not take it for more
// than it is.
func (p *page) limits() []string {
	var all []string
	for _, row := range p.Evidence.Faults {
		switch {
		case row.Note == "not part of this run":
			all = append(all, fmt.Sprintf("%s faults are within the fault model and were not tried in this run.", row.Family))
		case row.Note != "":
			all = append(all, fmt.Sprintf("%s: %s.", row.Family, row.Note))
		}
	}
	if p.in.Run == nil && len(p.Evidence.Faults) == 0 {
		all = append(all, "The history tells of no faults: it may have been recorded on a quiet day.")
	}
	indeterminate := 0
	for _, c := range p.opCounts() {
		indeterminate += c.Info
	}
	if indeterminate > 0 {
		all = append(all, fmt.Sprintf("%s indeterminate: each was taken as having happened or not, whichever fits.", areIs(indeterminate, "op")))
	}
	if p.in.Run == nil {
		return append(all, "One history is a sample: another run takes other paths.")
	}
	return append(append(all, runLimits(*p.in.Run)...), "One run is a sample: other seeds take other paths.")
}

func runLimits(r rundir.Run) []string {
	var all []string
	for _, c := range r.Capabilities {
		if !c.Available {
			text := "This environment cannot do " + line(c.Name, foldWord) + " faults"
			if c.Detail != "" {
				text += ": " + line(c.Detail, foldValue)
			}
			all = append(all, text+".")
		}
	}
	if len(r.Beyond) > 0 {
		all = append(all, fmt.Sprintf("Faults beyond what the target promises to survive were injected: %s.", joinAnd(lines(r.Beyond, foldWord))))
	}
	return all
}

func areIs(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return plural(n, noun) + " are"
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
