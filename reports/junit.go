package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"checker/check"
	"checker/rundir"
)

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property,omitempty"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitOutcome `xml:"failure,omitempty"`
	Error   *junitOutcome `xml:"error,omitempty"`
	Skipped *junitOutcome `xml:"skipped,omitempty"`
}

type junitOutcome struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes a test suite: the run is the suite, each check a test case, each
// consistency model that a check was asked about another. An anomaly is a
// failure with the witness as its text. What could not be decided, too little
// evidence and a run that failed are errors, not skips: CI shows a skip in
// green. Only a consistency model that an invalid check leaves open is skipped.
func JUnit(w io.Writer, in Input) error {
	in = in.sound()
	suite := newSuite(in)
	for _, c := range suite.Cases {
		suite.Tests++
		switch {
		case c.Failure != nil:
			suite.Failures++
		case c.Error != nil:
			suite.Errors++
		case c.Skipped != nil:
			suite.Skipped++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suites: []junitSuite{suite}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func newSuite(in Input) junitSuite {
	d := in.Document
	suite := junitSuite{Name: line(in.Title, foldWord), Time: "0"}
	property := func(name, value string) {
		if value != "" {
			suite.Properties = append(suite.Properties, junitProperty{name, line(value, foldText)})
		}
	}
	property("verdict", d.Verdict.String())
	property("summary", d.Summary)
	if r := in.Run; r != nil {
		suite.Time = fmt.Sprintf("%.3f", float64(r.WallNS)/1e9)
		suite.Timestamp = line(r.Start, foldWord)
		property("seed", fmt.Sprint(r.Seed))
		property("env", r.Config.Env)
		property("nemesis", strings.Join(r.Config.Nemesis, ","))
	}
	property("reproduce", d.Reproduce)
	class := "checker." + strings.ReplaceAll(strings.ReplaceAll(suite.Name, " · ", "."), " ", "_")
	suite.Cases = append(suite.Cases, junitCase{Name: "the run came to its end and tested something", Class: class, Error: runError(in)})
	for _, r := range d.Checks {
		suite.Cases = append(suite.Cases, checkCases(class, r, d.Reproduce)...)
	}
	red := func(c junitCase) bool { return c.Failure != nil || c.Error != nil }
	if d.Verdict != check.Valid && !slices.ContainsFunc(suite.Cases, red) {
		suite.Cases[0].Error = &junitOutcome{Type: d.Verdict.String(), Message: line(d.Summary, foldText)}
	}
	return suite
}

// runError is nil for a run that ended and has enough evidence.
func runError(in Input) *junitOutcome {
	ev := in.Document.Evidence
	switch {
	case in.Run != nil && in.Run.Status == rundir.StatusFailed:
		return &junitOutcome{Type: "failed", Message: status(in.Run)}
	case ev.Vacuous:
		return &junitOutcome{Type: "vacuous", Message: line(ev.Reason, foldText)}
	case len(in.Document.Checks) == 0:
		return &junitOutcome{Type: "unknown", Message: "nothing was checked"}
	case in.Run != nil && in.Run.Status != rundir.StatusComplete && in.Document.Verdict == check.Unknown:
		return &junitOutcome{Type: "unknown", Message: status(in.Run)}
	}
	return nil
}

func checkCases(class string, r check.Result, reproduce string) []junitCase {
	name := line(r.Name, foldWord)
	cases := []junitCase{{Name: name, Class: class}}
	switch r.Verdict {
	case check.Invalid:
		cases[0].Failure = failure(r, reproduce)
	case check.Unknown:
		cases[0].Error = undecided(r)
	}
	if r.ConsistencyModels == nil {
		return cases
	}
	for _, model := range r.ConsistencyModels.Requested {
		cases = append(cases, modelCase(class, name, model, r))
	}
	return cases
}

func undecided(r check.Result) *junitOutcome {
	return &junitOutcome{Type: "unknown", Message: "could not be decided: " + line(r.Reason, foldText)}
}

// modelCase judges a requested consistency model by what the check says of it.
func modelCase(class, name, model string, r check.Result) junitCase {
	c := junitCase{Name: name + ": " + line(model, foldWord), Class: class}
	m := r.ConsistencyModels
	switch {
	case slices.Contains(m.Not, model) || slices.Contains(m.AlsoNot, model):
		c.Failure = &junitOutcome{Type: "consistency-model", Message: "violated by " + joinAnd(lines(anomalyTypes(r), foldWord))}
	case r.Verdict == check.Valid || slices.Contains(m.Holds, model):
	case r.Verdict == check.Unknown:
		c.Error = undecided(r)
	default:
		c.Skipped = &junitOutcome{Message: "the check is invalid and does not say whether this model holds"}
	}
	return c
}

func anomalyTypes(r check.Result) []string { return check.AnomalyTypes([]check.Result{r}) }

// failure tells every anomaly with its first witness.
func failure(r check.Result, reproduce string) *junitOutcome {
	var b strings.Builder
	for _, a := range r.Anomalies {
		fmt.Fprintf(&b, "%s, %s\n", line(a.Type, foldWord), countWitnesses(a.Count, min(len(a.Witnesses), 1)))
		if len(a.Witnesses) > 0 {
			b.WriteString(tellWitness(a.Witnesses[0]))
		}
	}
	if reproduce != "" {
		fmt.Fprintf(&b, "reproduce: %s\n", line(reproduce, foldText))
	}
	return &junitOutcome{Type: line(strings.Join(anomalyTypes(r), ","), foldWord),
		Message: "violated by " + joinAnd(lines(anomalyTypes(r), foldWord)), Text: "\n" + b.String()}
}

// tellWitness puts a witness in plain words.
func tellWitness(w check.Witness) string {
	var b strings.Builder
	if w.Text != "" {
		fmt.Fprintf(&b, "%s\n", visible(w.Text, foldText))
	}
	if len(w.Ops) > 0 {
		ops := make([]string, len(w.Ops))
		for i, index := range w.Ops {
			ops[i] = fmt.Sprint(index)
		}
		fmt.Fprintf(&b, "ops %s\n", joinAnd(ops))
	}
	for _, s := range w.Steps {
		fmt.Fprintf(&b, "op %d before op %d (%s): %s\n", s.From, s.To, line(s.Edge, foldWord), visible(s.Why, foldText))
	}
	return b.String()
}
