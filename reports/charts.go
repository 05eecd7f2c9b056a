package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"sort"
	"strings"

	"checker/history"
)

// Measures of a chart. It is stretched to the width of the page, so all text
// stands beside it.
const (
	chartWidth  = 1000.0
	chartHeight = 100.0
	maxPanels   = 8
	maxTwinRows = 40
	maxTicks    = 8
)

// chart is a picture with its axes in words.
type chart struct {
	Title  string
	Unit   string
	Top    string // label of the upper edge
	Bottom string
	Grid   int // lines between the edges
	SVG    template.HTML
}

// charts is the section of rates and latencies.
type charts struct {
	Why     string // there are none
	Ticks   template.HTML
	Strips  []strip // faults, one row a family
	Rates   []chart
	Hidden  int // functions beyond those drawn
	Latency *chart
	Bin     string
	Table   []latencyRow
	Twin    []rateRow // the charts in numbers
	TwinOf  []string  // the functions that it tells of one by one
	Doubt   bool      // the twin tells of participants in doubt
	Nodes   nodeCharts
}

type strip struct {
	Family string
	SVG    template.HTML
}

type latencyRow struct{ F, N, P50, P95, P99, Max string }

// rateRow is a stretch of time in numbers: completions of all functions, of each
// by outcome, and quantiles of the latency of ok ops.
type rateRow struct {
	When, Ok, Info, Fail, InFlight, InDoubt string
	ByF                                     []string // "ok / info / fail"
	Latency                                 []string // as [quantiles], the least first; nil where no op was ok
}

// charts draws rates and latencies over time.
func (p *page) charts() charts {
	v := p.view
	if v == nil || !v.timed {
		return charts{Why: "The history carries no times, so there are no rates and latencies to draw."}
	}
	fig := v.figures()
	if len(fig.functions) == 0 {
		return charts{Why: "No client op completed, so there are no rates and latencies to draw."}
	}
	out := charts{Bin: duration(fig.width)}
	out.Ticks = p.ticks()
	for _, name := range families(p.faults) {
		out.Strips = append(out.Strips, strip{name, p.strip(name)})
	}
	sort.SliceStable(fig.functions, func(i, j int) bool { return sum(fig.functions[i].total) > sum(fig.functions[j].total) })
	out.Hidden = max(0, len(fig.functions)-maxPanels)
	for _, ff := range fig.functions {
		if len(out.Rates) < maxPanels {
			out.Rates = append(out.Rates, p.rateChart(fig, ff))
		}
		out.Table = append(out.Table, latencyRow{ff.name, count(len(ff.latency)), duration(quantile(ff.latency, 0.5)),
			duration(quantile(ff.latency, 0.95)), duration(quantile(ff.latency, 0.99)), duration(quantile(ff.latency, 1))})
	}
	out.Latency = p.latencyChart(fig)
	out.Nodes = p.nodeCharts(&fig)
	out.Twin, out.Doubt = fig.twin(), fig.inDoubt != nil
	if len(fig.functions) > 1 {
		for _, ff := range fig.functions[:min(len(fig.functions), maxPanels)] {
			out.TwinOf = append(out.TwinOf, ff.name)
		}
	}
	return out
}

// ticks draws the time axis of all charts: round moments, at their places.
func (p *page) ticks() template.HTML {
	var b strings.Builder
	b.WriteString(`<svg class="ticks" aria-hidden="true">`)
	step := binWidth(p.view.end, maxTicks)
	for t := int64(0); t <= p.view.end; t += step {
		at, anchor := 100*float64(t)/float64(p.view.end), "middle"
		switch {
		case t == 0:
			anchor = "start"
		case at > 96:
			anchor = "end"
		}
		fmt.Fprintf(&b, `<text x="%.2f%%" y="13" text-anchor="%s">%s</text>`, at, anchor, duration(t))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

func sum(ns [4]int) int { return ns[0] + ns[1] + ns[2] + ns[3] }

// scaleX maps a moment to a place in a chart.
func (p *page) scaleX(t int64) float64 { return chartWidth * float64(t) / float64(p.view.end) }

// strip draws when faults of a family were in force.
func (p *page) strip(family string) template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g 10" preserveAspectRatio="none" aria-hidden="true">`, chartWidth)
	for _, f := range p.faults {
		if f.family == family {
			p.rect(&b, "fault", f.start, f.end, 10, f.label())
		}
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

func (p *page) rect(b *strings.Builder, class string, from, to int64, height float64, title string) {
	x := p.scaleX(from)
	fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="0" width="%.1f" height="%g">`, class, x, math.Max(p.scaleX(to)-x, 1.5), height)
	if title != "" {
		fmt.Fprintf(b, `<title>%s</title>`, template.HTMLEscapeString(title))
	}
	b.WriteString(`</rect>`)
}

// open begins a chart with the times of faults shaded, whatever their family.
func (p *page) open(b *strings.Builder, label string) {
	fmt.Fprintf(b, `<svg viewBox="0 0 %g %g" preserveAspectRatio="none" role="img" aria-label="%s">`,
		chartWidth, chartHeight, template.HTMLEscapeString(label))
	p.bands(b, chartHeight)
}

// bands shades the times of faults.
func (p *page) bands(b *strings.Builder, height float64) {
	for _, s := range merge(p.faults) {
		p.rect(b, "band", s.from, s.to, height, "")
	}
}

// rateChart draws completions per second of one function.
func (p *page) rateChart(fig figures, ff functionFigures) chart {
	perSecond := 1e9 / float64(fig.width)
	most := 0
	for _, t := range []history.Type{history.Ok, history.Info, history.Fail} {
		for _, n := range ff.rate[t] {
			most = max(most, n)
		}
	}
	top := niceAbove(float64(most) * perSecond)
	var b strings.Builder
	p.open(&b, fmt.Sprintf("rate of %s over time: %d ok, %d info, %d fail in all", ff.name,
		ff.total[history.Ok], ff.total[history.Info], ff.total[history.Fail]))
	for _, t := range []history.Type{history.Ok, history.Info, history.Fail} {
		if ff.total[t] == 0 {
			continue
		}
		height := func(n int) float64 { return chartHeight * (1 - float64(n)*perSecond/top) }
		fmt.Fprintf(&b, `<path class="line %s" d="%s"/>`, t, p.steps(fig, ff.rate[t], height))
	}
	b.WriteString(`</svg>`)
	return chart{Title: ff.name, Unit: "ops/s", Top: short(top), Bottom: "0", SVG: template.HTML(b.String())}
}

// steps is the path of a number in each bin.
func (p *page) steps(fig figures, ns []int, height func(int) float64) string {
	var path strings.Builder
	fmt.Fprintf(&path, "M0 %.1f", height(ns[0]))
	for i := 1; i < len(ns); i++ {
		if ns[i] != ns[i-1] {
			fmt.Fprintf(&path, "H%.1fV%.1f", p.scaleX(int64(i)*fig.width), height(ns[i]))
		}
	}
	fmt.Fprintf(&path, "H%g", chartWidth)
	return path.String()
}

// niceAbove returns the smallest number with one or two digits before its zeros
// that reads well on an axis and is at least x.
func niceAbove(x float64) float64 {
	if x <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, step := range []float64{1, 1.2, 1.5, 2, 3, 4, 5, 6, 8} {
		if step*power >= x*(1-1e-9) {
			return step * power
		}
	}
	return 10 * power
}

// quantiles are those drawn, with the name of their line.
var quantiles = []struct {
	q     float64
	class string
}{{1, "q100"}, {0.99, "q99"}, {0.95, "q95"}, {0.5, "q50"}}

// latencyChart draws quantiles of the latency of ok ops on a logarithmic scale.
// It is nil when no op was ok.
func (p *page) latencyChart(fig figures) *chart {
	least, most := int64(math.MaxInt64), int64(0)
	for _, ls := range fig.latency {
		if len(ls) > 0 {
			least, most = min(least, quantile(ls, 0.5)), max(most, ls[len(ls)-1])
		}
	}
	if most == 0 {
		return nil
	}
	low, high := math.Floor(math.Log10(float64(max(least, 1)))), math.Ceil(math.Log10(float64(most)))
	if high <= low {
		high = low + 1
	}
	var b strings.Builder
	p.open(&b, "latency of ok ops over time, the table below says it by function")
	for decade := low + 1; decade < high; decade++ {
		y := chartHeight * (high - decade) / (high - low)
		fmt.Fprintf(&b, `<path class="grid" d="M0 %.1fH%g"/>`, y, chartWidth)
	}
	for _, q := range quantiles {
		fmt.Fprintf(&b, `<path class="line %s" d="%s"/>`, q.class, p.quantilePath(fig, q.q, low, high))
	}
	b.WriteString(`</svg>`)
	return &chart{Title: "all functions", Unit: "logarithmic", Top: duration(int64(math.Pow(10, high))),
		Bottom: duration(int64(math.Pow(10, low))), SVG: template.HTML(b.String())}
}

// quantilePath leaves a gap where no op was ok.
func (p *page) quantilePath(fig figures, q, low, high float64) string {
	var path strings.Builder
	command := "M"
	for i, ls := range fig.latency {
		if len(ls) == 0 {
			command = "M"
			continue
		}
		y := chartHeight * (high - math.Log10(float64(max(quantile(ls, q), 1)))) / (high - low)
		fmt.Fprintf(&path, "%s%.1f %.1fH%.1f", command, p.scaleX(int64(i)*fig.width), math.Min(y, chartHeight),
			math.Min(p.scaleX(int64(i+1)*fig.width), chartWidth))
		command = "L"
	}
	return path.String()
}

// twin gives what the charts draw in numbers, in bins wide enough for a table.
func (fig figures) twin() []rateRow {
	group := 1 + (fig.bins-1)/maxTwinRows
	var rows []rateRow
	for from := 0; from < fig.bins; from += group {
		to := min(from+group, fig.bins)
		row := rateRow{When: duration(int64(from)*fig.width) + " – " + duration(int64(to)*fig.width), InFlight: count(slices.Max(fig.inFlight[from:to]))}
		var all [4]int
		for i, ff := range fig.functions {
			var n [4]int
			for t := range n {
				for _, k := range ff.rate[t][from:to] {
					n[t] += k
				}
				all[t] += n[t]
			}
			if i < maxPanels {
				row.ByF = append(row.ByF, fmt.Sprintf("%s / %s / %s", count(n[history.Ok]), count(n[history.Info]), count(n[history.Fail])))
			}
		}
		row.Ok, row.Info, row.Fail = count(all[history.Ok]), count(all[history.Info]), count(all[history.Fail])
		if fig.inDoubt != nil {
			row.InDoubt = count(slices.Max(fig.inDoubt[from:to]))
		}
		if latency := slices.Concat(fig.latency[from:to]...); len(latency) > 0 {
			slices.Sort(latency)
			for _, q := range slices.Backward(quantiles) {
				row.Latency = append(row.Latency, duration(quantile(latency, q.q)))
			}
		}
		rows = append(rows, row)
	}
	return rows
}
