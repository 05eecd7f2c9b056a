package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"sort"
	"strings"
	"time"

	"checker/history"
)

// Bounds on what is drawn of nodes.
const (
	maxGroups    = 6
	maxRows      = 12 // of a figure
	maxReigns    = 300
	maxReadings  = 300
	clockLinear  = 1e6 // ns; offsets beyond it are drawn by their logarithm
	clockRowHigh = 40.0
)

// nodeCharts are the pictures of what nodes did: clocks, leaders, doubt.
type nodeCharts struct {
	Levels  []chart // in flight, in doubt
	Figures []laneFigure
	Clocks  []clockRow
	Reigns  []reignRow
	More    string // of reigns than the table has
	Notes   []string
}

// laneFigure is a picture of several rows with the same axis.
type laneFigure struct {
	Title, Unit string
	High        bool // its rows need room up and down
	Rows        []strip
}

type clockRow struct{ When, Op, Node, Before, After string }

type reignRow struct{ Group, Node, Term, From, Until, Lasted, Ended string }

// nodeCharts draws what is known of nodes, and how many ops were in flight.
func (p *page) nodeCharts(fig *figures) nodeCharts {
	var out nodeCharts
	fig.inFlight = p.view.inFlight(*fig)
	out.Levels = append(out.Levels, p.levelChart(*fig, "ops in flight", "the most at a time", fig.inFlight))
	if readings := p.view.clockReadings(); len(readings) > 0 {
		out.Figures = append(out.Figures, p.clockFigure(readings))
		out.Clocks = p.clockRows(readings)
	}
	if p.tale == nil {
		return out
	}
	if len(p.tale.reigns) > 0 {
		p.leaders(&out)
	}
	if p.tale.told["voted-yes"] {
		fig.inDoubt = levels(p.tale.doubts, *fig)
		out.Levels = append(out.Levels, p.levelChart(*fig, "participants in doubt", "the most at a time: voted yes, outcome not yet carried out", fig.inDoubt))
		out.Notes = append(out.Notes, p.tellDoubts())
	}
	if p.tale.note != "" {
		out.Notes = append(out.Notes, p.tale.note)
	}
	return out
}

// inFlight returns by bin how many ops of clients had been invoked and not yet
// completed, at most.
func (v *view) inFlight(fig figures) []int {
	most := make([]int, fig.bins)
	n, last := 0, 0
	for i := range v.Len() {
		if !v.Process(i).IsClient() {
			continue
		}
		bin := min(max(int(v.at(i)/fig.width), last), fig.bins-1)
		for b := last + 1; b <= bin; b++ {
			most[b] = n
		}
		last = bin
		switch {
		case v.Type(i) == history.Invoke:
			n++
		case v.Pair(i) >= 0:
			n--
		}
		most[bin] = max(most[bin], n)
	}
	for b := last + 1; b < fig.bins; b++ {
		most[b] = n
	}
	return most
}

// levels returns by bin how many of the spans overlapped, at most.
func levels(spans []span, fig figures) []int {
	type edge struct {
		at   int64
		step int
	}
	var edges []edge
	for _, s := range spans {
		edges = append(edges, edge{s.from, 1}, edge{s.to, -1})
	}
	slices.SortStableFunc(edges, func(a, b edge) int { return int(min(max(a.at-b.at, -1), 1)) })
	most := make([]int, fig.bins)
	n, last := 0, 0
	for _, e := range edges {
		bin := min(max(int(e.at/fig.width), 0), fig.bins-1)
		for b := last + 1; b <= bin; b++ {
			most[b] = n
		}
		last = bin
		n += e.step
		most[bin] = max(most[bin], n)
	}
	return most
}

func (p *page) levelChart(fig figures, title, unit string, ns []int) chart {
	most := slices.Max(ns)
	top := niceAbove(math.Max(float64(most+1), float64(most)*1.05)) // a line on the edge is not seen
	var b strings.Builder
	p.open(&b, fmt.Sprintf("%s over time, %d at most; the table of numbers over time says the same", title, most))
	height := func(n int) float64 { return chartHeight * (1 - float64(n)/top) }
	fmt.Fprintf(&b, `<path class="line q95" d="%s"/></svg>`, p.steps(fig, ns, height))
	return chart{Title: title, Unit: unit, Top: short(top), Bottom: "0", SVG: template.HTML(b.String())}
}

func (p *page) tellDoubts() string {
	lengths := make([]int64, len(p.tale.doubts))
	for i, d := range p.tale.doubts {
		lengths[i] = d.to - d.from
	}
	slices.Sort(lengths)
	return fmt.Sprintf("Participants were in doubt %s: half of them up to %s, 99 %% up to %s, the longest %s.",
		plural(len(lengths), "time"), duration(quantile(lengths, 0.5)), duration(quantile(lengths, 0.99)), duration(quantile(lengths, 1)))
}

// reading is what an op of the nemesis saw of a node's clock, before and after it.
type reading struct {
	op            operation
	verb, node    string
	before, after time.Duration
}

// clockReadings collects what completions of clock faults say: n1=0s..-287ms.
func (v *view) clockReadings() []reading {
	var all []reading
	for i := range v.Len() {
		if v.Process(i) != history.Nemesis || v.Pair(i) < 0 || v.Pair(i) > i {
			continue
		}
		verb := v.FName(v.F(i))
		if !strings.HasPrefix(verb, "clock-") {
			continue
		}
		for _, word := range strings.Fields(v.valueText(i)) {
			node, offsets, _ := strings.Cut(word, "=")
			first, second, _ := strings.Cut(offsets, "..")
			before, err := time.ParseDuration(first)
			after, err2 := time.ParseDuration(second)
			if err == nil && err2 == nil {
				all = append(all, reading{v.operation(i), line(verb, 40), line(node, 40), before, after})
			}
		}
	}
	return all
}

// clockFigure draws how far each node's clock was off, on one scale.
func (p *page) clockFigure(readings []reading) laneFigure {
	most := 1.0
	var nodes []string
	for _, r := range readings {
		most = max(most, math.Abs(float64(r.before)), math.Abs(float64(r.after)))
		if !slices.Contains(nodes, r.node) {
			nodes = append(nodes, r.node)
		}
	}
	sort.Strings(nodes)
	place := func(d time.Duration) float64 {
		y := math.Log1p(math.Abs(float64(d))/clockLinear) / math.Log1p(most/clockLinear)
		return clockRowHigh/2 - math.Copysign(y, float64(d))*(clockRowHigh/2-2)
	}
	f := laneFigure{Title: "clock offsets", High: true,
		Unit: fmt.Sprintf("of wall clocks, up ahead and down behind by at most %s, logarithmic beyond 1 ms; straight between two readings", duration(int64(most)))}
	for _, node := range nodes[:min(len(nodes), maxRows)] {
		var b strings.Builder
		fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" preserveAspectRatio="none" role="img" aria-label="clock of %s over time; the table of clock readings says the same">`, chartWidth, clockRowHigh, template.HTMLEscapeString(node))
		for _, s := range merge(slices.DeleteFunc(slices.Clone(p.faults), func(f fault) bool { return f.family != "clock" })) {
			p.rect(&b, "band", s.from, s.to, clockRowHigh, "")
		}
		fmt.Fprintf(&b, `<path class="grid" d="M0 %gH%g"/><path class="line q95" d="M0 %.1f`, clockRowHigh/2, chartWidth, place(0))
		last := time.Duration(0)
		for _, r := range readings {
			if r.node == node {
				fmt.Fprintf(&b, "L%.1f %.1fL%.1f %.1f", p.scaleX(r.op.start), place(r.before), p.scaleX(r.op.end), place(r.after))
				last = r.after
			}
		}
		fmt.Fprintf(&b, `L%g %.1f"/></svg>`, chartWidth, place(last))
		f.Rows = append(f.Rows, strip{node, template.HTML(b.String())})
	}
	return f
}

func (p *page) clockRows(readings []reading) []clockRow {
	var rows []clockRow
	for _, r := range readings[:min(len(readings), maxReadings)] {
		rows = append(rows, clockRow{p.view.about(r.op.start), r.verb, r.node, duration(int64(r.before)), duration(int64(r.after))})
	}
	return rows
}

// leaders draws, a figure each group, which nodes took themselves for its leader,
// and the highest term that any of its nodes had told of.
func (p *page) leaders(out *nodeCharts) {
	byGroup := map[string][]reign{}
	for _, r := range p.tale.reigns {
		byGroup[r.group] = append(byGroup[r.group], r)
	}
	groups := sortedKeys(byGroup)
	for _, group := range groups[:min(len(groups), maxGroups)] {
		f := laneFigure{Title: "leader", Unit: "a node's row is full while it took itself for the leader"}
		if group != "" {
			f.Title = "leader of " + line(group, 40)
		}
		byNode := map[string][]reign{}
		for _, r := range byGroup[group] {
			byNode[r.node] = append(byNode[r.node], r)
		}
		nodes := sortedKeys(byNode)
		for _, node := range nodes[:min(len(nodes), maxRows)] {
			f.Rows = append(f.Rows, strip{line(node, 40), p.reignStrip(byNode[node])})
		}
		f.Rows = append(f.Rows, p.termStrip(group))
		out.Figures = append(out.Figures, f)
	}
	if left := len(groups) - maxGroups; left > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf("The leaders of %s more are in the table only.", plural(left, "group")))
	}
	for _, r := range p.tale.reigns[:min(len(p.tale.reigns), maxReigns)] {
		row := reignRow{line(r.group, foldWord), line(r.node, foldWord), count(int(r.term)), p.view.about(r.from), "the end", duration(r.to - r.from), r.ended}
		if r.ended != "" {
			row.Until = p.view.about(r.to)
		}
		out.Reigns = append(out.Reigns, row)
	}
	if left := len(p.tale.reigns) - maxReigns; left > 0 {
		out.More = fmt.Sprintf("%s more are in the trace.", count(left))
	}
}

func (p *page) reignStrip(reigns []reign) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g 10" preserveAspectRatio="none" aria-hidden="true">`, chartWidth)
	p.bands(&b, 10)
	for _, r := range reigns {
		p.rect(&b, "reign", r.from, r.to, 10, fmt.Sprintf("%s, term %d, from %s for %s", line(r.node, 40), r.term, p.view.about(r.from), duration(r.to-r.from)))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

func (p *page) termStrip(group string) strip {
	var b, path strings.Builder
	highest := uint64(0)
	for _, s := range p.tale.terms {
		if s.group == group {
			highest = s.term
		}
	}
	place := func(term uint64) float64 { return 9.5 - 9*float64(term)/float64(max(highest, 1)) }
	fmt.Fprintf(&path, "M0 %.2f", place(0))
	for _, s := range p.tale.terms {
		if s.group == group {
			fmt.Fprintf(&path, "H%.1fV%.2f", p.scaleX(s.at), place(s.term))
		}
	}
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g 10" preserveAspectRatio="none" aria-hidden="true">`, chartWidth)
	p.bands(&b, 10)
	fmt.Fprintf(&b, `<path class="line q95" d="%sH%g"/></svg>`, path.String(), chartWidth)
	return strip{fmt.Sprintf("term\u00a0≤%s", count(int(highest))), template.HTML(b.String())}
}
