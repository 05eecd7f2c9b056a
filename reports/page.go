package reports

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"checker/check"
)

//go:embed assets
var assets embed.FS

// scripts are the parts of the page's script, in order.
var scripts = []string{"assets/payload.js", "assets/lanes.js", "assets/raster.js", "assets/picture.js", "assets/optable.js", "assets/timeline.js", "assets/spacetime.js", "assets/page.js"}

// styles are the parts of the page's style, in order.
var styles = []string{"assets/page.css", drawingStyle, "assets/spacetime.css"}

// drawingStyle is what the pictures of witnesses need besides the colours.
const drawingStyle = "assets/drawing.css"

var pageTemplate = template.Must(template.New("page.tmpl").ParseFS(assets, "assets/*.tmpl"))

// page is everything that the template shows. All of its text has been made
// visible and bounded; the template escapes it.
type page struct {
	Policy  string
	Style   template.CSS
	Script  template.JS
	Payload template.JS // of the timeline, see [payload]; empty when there is nothing to draw

	Title     string
	Headline  headline
	Anomalies []anomaly
	Belief    []string // why one may believe it: what was tried and what held
	Limits    []string // what it does not show
	Timeline  timelineNote
	Charts    charts
	Messages  *messages // nil without any
	Evidence  evidence
	Checks    []checkRow
	Setup     *setup
	Warnings  []string

	in      Input
	view    *view // nil without a history
	faults  []fault
	tale    *tale    // nil without a trace
	flights *flights // nil without witnesses
}

// timelineNote is what stands beside the drawing.
type timelineNote struct {
	Why    string // there is none
	Bars   int
	Merged int
}

// Drawn says how much is in the drawing.
func (n timelineNote) Drawn() string { return plural(n.Bars, "bar") + "." }

// HTML writes the report as one self-contained page: no file beside it, no
// request, and a policy that allows nothing but its own style and script.
func HTML(w io.Writer, in Input) error {
	p := newPage(in)
	p.flights = p.newFlights()
	p.tale = p.newTale()
	p.Messages = p.messages()
	p.Charts = p.charts()
	if err := p.drawTimeline(); err != nil {
		return err
	}
	if err := p.addAssets(); err != nil {
		return err
	}
	return pageTemplate.Execute(w, p)
}

// newPage computes everything but the pictures.
func newPage(in Input) *page {
	in = in.sound()
	p := &page{in: in, Title: line(in.Title, foldWord)}
	if in.History != nil && in.History.Len() > 0 {
		p.view = newView(in.History)
		p.faults = p.view.faults()
	}
	p.Headline = p.headline()
	p.Anomalies = p.anomalies(in.Document.Checks)
	p.sayOnce()
	p.Evidence = p.evidence()
	p.Belief, p.Limits = p.belief(), p.limits()
	for _, r := range in.Document.Checks {
		p.Checks = append(p.Checks, newCheckRow(r))
	}
	p.Setup = p.setup()
	p.Warnings = p.warnings()
	return p
}

func (p *page) drawTimeline() error {
	if p.view == nil {
		p.Timeline.Why = "There is no history to draw."
		return nil
	}
	concurrency := 0
	if p.in.Run != nil {
		concurrency = p.in.Run.Config.Concurrency
	}
	d := p.timeline(concurrency)
	p.Timeline = timelineNote{Bars: len(d.Bars.Lane), Merged: d.Merged}
	if p.Timeline.Bars+len(d.Faults) == 0 {
		p.Timeline.Why = "The history has no ops of clients and no faults to draw."
		return nil
	}
	text, err := d.encode()
	p.Payload = template.JS(`"` + text + `"`)
	return err
}

// addAssets puts style and script into the page and their digests into its
// policy.
func (p *page) addAssets() error {
	style, err := join(styles)
	if err != nil {
		return err
	}
	script, err := join(scripts)
	if err != nil {
		return err
	}
	p.Style, p.Script = template.CSS(style), template.JS(script)
	p.Policy = fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'",
		digest(style), digest(script))
	return nil
}

// join puts assets together.
func join(names []string) (string, error) {
	var all strings.Builder
	for _, name := range names {
		text, err := assets.ReadFile(name)
		if err != nil {
			return "", err
		}
		all.Write(text)
	}
	return all.String(), nil
}

// digest names text in a content security policy.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// warnings returns those of the document and those of the history, each once.
func (p *page) warnings() []string {
	seen := map[string]bool{}
	var all []string
	add := func(text string) {
		if !seen[text] {
			seen[text] = true
			all = append(all, visible(text, foldText))
		}
	}
	for _, text := range p.in.Document.Warnings {
		add(text)
	}
	if p.in.History != nil {
		kept, dropped := p.in.History.Warnings()
		for _, w := range kept {
			add(w.String())
		}
		if dropped > 0 {
			add(fmt.Sprintf("and %s of the history", plural(dropped, "further warning")))
		}
	}
	return all
}

// checkRow is a check in the table of checks.
type checkRow struct {
	Name, Verdict, Symbol, Reason string
	Found                         string
	Requested, Broken, AlsoBroken []string
	Holds, Notes                  []string
}

func newCheckRow(r check.Result) checkRow {
	row := checkRow{Name: line(r.Name, foldWord), Verdict: r.Verdict.String(), Symbol: symbol(r.Verdict),
		Reason: visible(r.Reason, foldText), Notes: lines(r.Notes, foldText)}
	var found []string
	for _, a := range r.Anomalies {
		found = append(found, fmt.Sprintf("%s × %s", line(a.Type, foldWord), count(max(a.Count, len(a.Witnesses)))))
	}
	row.Found = strings.Join(found, ", ")
	if m := r.ConsistencyModels; m != nil {
		row.Requested, row.Broken = lines(m.Requested, foldWord), lines(m.Not, foldWord)
		row.AlsoBroken, row.Holds = lines(m.AlsoNot, foldWord), lines(m.Holds, foldWord)
	}
	return row
}

// lines makes each of several texts visible.
func lines(texts []string, limit int) []string {
	var all []string
	for _, text := range texts {
		all = append(all, line(text, limit))
	}
	return all
}

// symbol is a sign beside a verdict, so that its colour is not needed.
func symbol(v check.Verdict) string {
	switch v {
	case check.Valid:
		return "✓"
	case check.Invalid:
		return "✕"
	}
	return "?"
}
