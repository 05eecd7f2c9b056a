package check

import (
	"fmt"
	"strings"

	"checker/history"
)

// Schema names the form of [Document].
const Schema = "checker/verdict/1"

// Document is verdict.json: what was checked, how much there was to check, and
// what was found.
type Document struct {
	Schema       string   `json:"schema"`
	File         string   `json:"file,omitempty"` // of a recorded history
	Dir          string   `json:"dir,omitempty"`  // of a run
	Verdict      Verdict  `json:"verdict"`
	Summary      string   `json:"summary"` // one sentence
	AnomalyTypes []string `json:"anomaly_types"`
	Checks       []Result `json:"checks"`
	Evidence     Evidence `json:"evidence"`
	Reproduce    string   `json:"reproduce,omitempty"` // a command line
	Warnings     []string `json:"warnings,omitempty"`  // what was untidy about the history
}

// Evidence says how much a verdict rests on.
type Evidence struct {
	Vacuous bool              `json:"vacuous"` // too little happened to call it valid
	Reason  string            `json:"reason"`
	Ops     map[string]Counts `json:"ops"`    // client ops by function
	Faults  map[string]Bite   `json:"faults"` // by family
}

// Counts are the ops of one function by outcome.
type Counts = history.Counts

// Bite says how many faults of a family were injected and how many of those had
// an effect that could be measured: packets dropped, processes killed, clocks moved.
type Bite struct {
	Injected  int `json:"injected"`
	Effective int `json:"effective"`
}

// NewDocument composes the results of all checks of a history with its evidence.
func NewDocument(results []Result, ev Evidence) Document {
	verdicts := make([]Verdict, len(results))
	for i, r := range results {
		verdicts[i] = r.Verdict
	}
	d := Document{Schema: Schema, Verdict: Worst(verdicts...), AnomalyTypes: AnomalyTypes(results), Checks: results, Evidence: ev}
	if ev.Vacuous {
		d.Verdict = Worst(d.Verdict, Unknown)
	}
	d.Summary = d.summarise()
	return d
}

// summarise puts the verdict in one sentence.
func (d *Document) summarise() string {
	ops := 0
	for _, c := range d.Evidence.Ops {
		ops += c.Ok
	}
	switch {
	case d.Verdict == Invalid:
		return d.summariseInvalid()
	case d.Evidence.Vacuous:
		return "unknown: " + d.Evidence.Reason
	case d.Verdict == Unknown:
		for _, r := range d.Checks {
			if r.Verdict == Unknown {
				return fmt.Sprintf("unknown: %s could not be decided: %s", r.Name, firstLine(r.Reason))
			}
		}
		return "unknown: nothing was checked"
	}
	return fmt.Sprintf("valid: %s held over %d ok ops%s", checkNames(d.Checks), ops, d.faultPhrase())
}

func (d *Document) summariseInvalid() string {
	for _, r := range d.Checks {
		if r.Verdict != Invalid || len(r.Anomalies) == 0 {
			continue
		}
		a := r.Anomalies[0]
		text := a.Type
		if len(a.Witnesses) > 0 && a.Witnesses[0].Text != "" {
			text += ": " + firstLine(a.Witnesses[0].Text)
		}
		return fmt.Sprintf("invalid: %s is violated by %s", r.Name, text)
	}
	return "invalid"
}

func (d *Document) faultPhrase() string {
	n := 0
	for _, b := range d.Evidence.Faults {
		n += b.Effective
	}
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" under %d faults that bit", n)
}

func checkNames(results []Result) string {
	names := make([]string, len(results))
	for i, r := range results {
		names[i] = r.Name
	}
	if len(names) > 2 {
		return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
	}
	return strings.Join(names, " and ")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
