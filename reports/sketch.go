package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"checker/history"
)

// Measures of a sketch, in the units of its drawing.
const (
	sketchWidth  = 960.0
	sketchLabels = 250.0 // the column of names
	sketchTop    = 8.0
	sketchBar    = 20.0
	sketchRow    = 34.0 // from one bar to the next
	sketchArrows = 92.0 // the same where arrows need room between them
	sketchOps    = 16   // more ops than this are for the table and the timeline
)

// sketch draws the ops of a witness as bars over time with its steps as arrows.
// Moments stand in their order, with gaps drawn by the logarithm of their
// length: one slow op must not squeeze the rest into a line. The table of ops
// and the list of steps say the same in words.
func (v *view) sketch(w witness) template.HTML {
	if len(w.Ops) == 0 || len(w.Ops) > sketchOps {
		return ""
	}
	s := sketch{witness: w, warp: newWarp(w.Ops, sketchLabels+10, sketchWidth-16), row: sketchRow}
	if len(w.Steps) > 0 {
		s.row = sketchArrows
	}
	height := s.top(len(w.Ops)-1) + sketchBar + sketchTop
	fmt.Fprintf(&s.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" class="drawing sketch" role="group" aria-label="%s">`, sketchWidth, height,
		template.HTMLEscapeString(fmt.Sprintf("%s of the witness over time, with %s; the table and the list say the same", plural(len(w.Ops), "op"), plural(len(w.Steps), "step"))))
	s.b.WriteString(heads(w.ID, w.Steps))
	for i, o := range w.Ops {
		s.bar(o, s.top(i))
	}
	for _, step := range w.Steps {
		s.step(step)
	}
	s.b.WriteString(`</svg>`)
	return template.HTML(s.b.String())
}

// sketch is a drawing in progress.
type sketch struct {
	witness
	warp
	row float64 // from one bar to the next
	b   strings.Builder
}

// top is the upper edge of bar i.
func (s *sketch) top(i int) float64 { return sketchTop + s.row*float64(i) }

// bar draws an op: a full bar for ok, a crossed outline for fail, a dashed bar
// open to the right for info.
func (s *sketch) bar(o witnessOp, y float64) {
	left, right := s.ends(o)
	name := template.HTMLEscapeString(fmt.Sprintf("#%s p%s %s %s", o.Index, o.Process, o.F, o.Value))
	short := template.HTMLEscapeString(clip(fmt.Sprintf("#%s p%s %s %s", o.Index, o.Process, o.F, o.Value), 30))
	fmt.Fprintf(&s.b, `<line class="lane" x1="%g" x2="%g" y1="%g" y2="%g"/>`, sketchLabels, sketchWidth, y+sketchBar/2, y+sketchBar/2)
	fmt.Fprintf(&s.b, `<text class="name" x="0" y="%g">%s</text>`, y+sketchBar-6, short)
	fmt.Fprintf(&s.b, `<g class="bar %s"><title>%s</title>`, o.Outcome, name)
	switch o.op.outcome {
	case history.Ok:
		fmt.Fprintf(&s.b, `<rect x="%.1f" y="%g" width="%.1f" height="%g" rx="3"/>`, left, y, right-left, sketchBar)
	case history.Fail:
		fmt.Fprintf(&s.b, `<rect x="%.1f" y="%g" width="%.1f" height="%g"/>`, left, y, right-left, sketchBar)
		fmt.Fprintf(&s.b, `<path d="M%.1f %gl10 10m0 -10l-10 10"/>`, (left+right)/2-5, y+sketchBar/2-5)
	default:
		fmt.Fprintf(&s.b, `<path d="M%.1f %gH%.1fV%gH%.1f"/>`, right, y, left, y+sketchBar, right)
	}
	s.b.WriteString(`</g>`)
}

// step draws an arrow between the bars of two ops, down by their later part and
// up by their earlier part, with its name near its beginning, so that the arrows
// of a cycle of two and their names stand apart.
func (s *sketch) step(step witnessStep) {
	named := func(index string) int {
		return slices.IndexFunc(s.Ops, func(o witnessOp) bool { return o.Index == index })
	}
	from, to := named(step.From), named(step.To)
	if from < 0 || to < 0 || from == to {
		return
	}
	part := 0.2
	if from < to {
		part = 0.8
	}
	x1, y1 := s.anchor(s.Ops[from], part), s.top(from)
	x2, y2 := s.anchor(s.Ops[to], part), s.top(to)
	if from < to {
		y1 += sketchBar
		y2 -= 2
	} else {
		y2 += sketchBar + 2
	}
	bend := (y2 - y1) / 2
	path := fmt.Sprintf("M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f", x1, y1, x1, y1+bend, x2, y2-bend, x2, y2)
	// 0.061 and 0.195 are where this curve is after 15 hundredths of its way.
	s.b.WriteString(edgeLink(s.ID, step, path, x1+0.061*(x2-x1), y1+0.195*(y2-y1)))
}

// warp maps moments to places: monotonic, with each gap as wide as the
// logarithm of its length.
type warp struct {
	moments []int64
	places  []float64
	right   float64
}

func newWarp(ops []witnessOp, left, right float64) warp {
	w := warp{right: right}
	for _, o := range ops {
		w.moments = append(w.moments, o.op.start)
		if o.op.comp >= 0 {
			w.moments = append(w.moments, o.op.end)
		}
	}
	slices.Sort(w.moments)
	w.moments = slices.Compact(w.moments)
	total := 1.0
	gaps := make([]float64, len(w.moments))
	for i := 1; i < len(w.moments); i++ {
		gaps[i] = 3 + math.Log2(1+float64(w.moments[i]-w.moments[i-1])/1e3)
		total += gaps[i]
	}
	at := 0.0
	for _, gap := range gaps {
		at += gap
		w.places = append(w.places, left+(right-30-left)*at/total)
	}
	return w
}

func (w warp) place(t int64) float64 {
	i, _ := slices.BinarySearch(w.moments, t)
	return w.places[min(i, len(w.places)-1)]
}

// ends returns the ends of an op's bar. One that never completed, or whose
// completion says nothing about its end, runs to the edge.
func (w warp) ends(o witnessOp) (left, right float64) {
	left = w.place(o.op.start)
	if o.op.comp < 0 || o.op.outcome == history.Info {
		return left, w.right
	}
	return left, math.Max(w.place(o.op.end), left+8)
}

func (w warp) anchor(o witnessOp, part float64) float64 {
	left, right := w.ends(o)
	return left + (right-left)*part
}

// clip shortens text for a place of about that many characters.
func clip(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:most-1]) + "…"
}
