package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"checker/history"
)

// Measures of the drawing of a cycle, in the units of its drawing.
const (
	ringWidth  = 960.0
	ringBox    = 404.0 // of a transaction
	ringHead   = 25.0  // the line that names it
	ringLine   = 17.0  // one micro-op
	ringLeast  = 78.0  // of a box: two edges end on its side
	ringGap    = 52.0  // between boxes, for an edge and what it is called
	ringText   = 53    // characters that fit into a box
	ringLines  = 7     // micro-ops of a box; the rest are counted
	ringMost   = 20    // boxes; of a longer cycle the middle is folded
	ringStrip  = 24.0  // a process on the time axis
	ringLabels = 150.0 // the column that names processes
)

// box is a transaction in the drawing, or the fold of several.
type box struct {
	op     int // in ops of the witness; -1 for the fold
	folded int
	lines  []boxLine
	x, y   float64
	height float64
}

// boxLine is a micro-op, or what a plain op asked and was answered.
type boxLine struct {
	text    string
	concern bool // an edge of the cycle is about it
}

// ring draws transactions as boxes and below them the time in which each ran, by
// process. A cycle goes down the right side and up the left, so that no two edges
// cross, and every edge is a link to its sentence; transactions that contradict
// each other by themselves have no edges. It returns "" for steps that are no
// cycle and for ops that are no transactions.
func (v *view) ring(w *witness) template.HTML {
	order := ringOrder(*w)
	if order == nil {
		return ""
	}
	w.nameSteps()
	r := ring{witness: w, view: v, heads: heads(w.ID, w.Steps)}
	r.fill(order)
	r.arrange()
	return r.draw()
}

// ringOrder returns the ops of a cycle in the order of its steps, or those of a
// witness without steps as they are named, or nil.
func ringOrder(w witness) []int {
	if len(w.Steps) == 0 {
		return allTransactions(w)
	}
	if len(w.Steps) < 2 || len(w.Unknown) > 0 || len(w.Ops) != len(w.Steps) {
		return nil
	}
	var order []int
	txns := false
	for i, s := range w.Steps {
		at := slices.IndexFunc(w.Ops, func(o witnessOp) bool { return o.Index == s.From })
		if at < 0 || slices.Contains(order, at) || s.To != w.Steps[(i+1)%len(w.Steps)].From {
			return nil
		}
		order = append(order, at)
		txns = txns || w.Ops[at].txn
	}
	if !txns {
		return nil
	}
	return order
}

func allTransactions(w witness) []int {
	if len(w.Ops) > ringMost || slices.ContainsFunc(w.Ops, func(o witnessOp) bool { return !o.txn }) {
		return nil
	}
	var order []int
	for i := range len(w.Ops) + len(w.Unknown) {
		if at := slices.IndexFunc(w.Ops, func(o witnessOp) bool { return o.Name == fmt.Sprintf("T%d", i+1) }); at >= 0 {
			order = append(order, at)
		}
	}
	return order
}

type ring struct {
	*witness
	view   *view
	heads  string
	boxes  []box
	height float64
	b      strings.Builder
}

// fill makes the boxes; the middle of a long cycle becomes one.
func (r *ring) fill(order []int) {
	head, tail := len(order), len(order)
	if len(order) > ringMost {
		head, tail = ringMost/2, len(order)-ringMost/2+1
	}
	for i, at := range order {
		switch {
		case i == head:
			r.boxes = append(r.boxes, box{op: -1, folded: tail - head, height: ringLeast})
		case i > head && i < tail:
		default:
			b := box{op: at, lines: r.view.boxLines(r.Ops[at], r.keysOf(r.Ops[at].Index))}
			b.height = math.Max(ringLeast, ringHead+ringLine*float64(len(b.lines))+10)
			r.boxes = append(r.boxes, b)
		}
	}
}

// keysOf returns the keys that the edges of an op are about, or the witness is.
func (r *ring) keysOf(index string) map[string]bool {
	keys := map[string]bool{}
	if len(r.Steps) == 0 {
		keys[r.Key] = true
	}
	for _, s := range r.Steps {
		if s.Key != "" && (s.From == index || s.To == index) {
			keys[s.Key] = true
		}
	}
	return keys
}

// boxLines prints the micro-ops of a transaction. When there are too many, those
// that the cycle is about come before others.
func (v *view) boxLines(o witnessOp, keys map[string]bool) []boxLine {
	if !o.txn {
		return []boxLine{{text: clip(o.F+" "+o.Value, ringText), concern: true}}
	}
	var all []boxLine
	for i := range v.Heap.Len(o.ref) {
		m := v.Heap.MicroOp(o.ref, i)
		key := brief(&v.Heap, v.Heap.Key(m.Key), foldWord)
		text := v.FName(m.F) + " " + clip(key, 20) + " "
		text += v.tail(m.Value, ringText-len([]rune(text)))
		all = append(all, boxLine{clip(line(text, foldValue), ringText), keys[key]})
	}
	if len(all) <= ringLines {
		return all
	}
	kept := slices.Clone(all)
	for i := len(kept) - 1; i >= 0 && len(kept) > ringLines-1; i-- {
		if !kept[i].concern {
			kept = slices.Delete(kept, i, i+1)
		}
	}
	kept = kept[:min(len(kept), ringLines-1)]
	return append(kept, boxLine{text: fmt.Sprintf("… and %s", plural(len(all)-len(kept), "micro-op"))})
}

// tail prints a value in so many characters. Of a long list the end says most.
func (v *view) tail(r history.Ref, room int) string {
	text := brief(&v.Heap, r, foldValue)
	if len([]rune(text)) <= room || r.Kind() != history.KindVector {
		return clip(text, room)
	}
	end := "]"
	for i := v.Heap.Len(r) - 1; i >= 0; i-- {
		longer := " " + brief(&v.Heap, v.Heap.Elem(r, i), foldWord) + end
		if len([]rune(longer)) > room-2 {
			break
		}
		end = longer
	}
	return "[…" + end
}

// arrange places the boxes: the first at the upper left, the others down the
// right and up the left.
func (r *ring) arrange() {
	n := len(r.boxes)
	rows := (n + 1) / 2
	r.height = 10
	for row := range rows {
		tallest := 0.0
		if left := (n - row) % n; left == 0 || left > n/2 {
			b := &r.boxes[left]
			b.x, b.y, tallest = 6, r.height, b.height
		}
		if right := row + 1; right <= n/2 {
			b := &r.boxes[right]
			b.x, b.y, tallest = ringWidth-ringBox-6, r.height, math.Max(tallest, b.height)
		}
		r.height += tallest + ringGap
	}
	r.height -= ringGap - 16
}

func (r *ring) draw() template.HTML {
	strips := r.strips()
	total := r.height + 30 + ringStrip*float64(len(strips))
	label := fmt.Sprintf("a cycle of %d ops; its edges are links to the list, which says the same", len(r.Steps))
	if len(r.Steps) == 0 {
		label = plural(len(r.Ops), "transaction") + "; the table says the same"
	}
	fmt.Fprintf(&r.b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" class="drawing" role="group" aria-label="%s">`, ringWidth, total, label)
	r.b.WriteString(r.heads)
	for _, b := range r.boxes {
		r.box(b)
	}
	if len(r.Steps) > 0 {
		for i := range r.boxes {
			r.edge(i)
		}
	}
	r.axis(strips)
	r.b.WriteString(`</svg>`)
	return template.HTML(r.b.String())
}

func (r *ring) box(b box) {
	if b.op < 0 {
		fmt.Fprintf(&r.b, `<g class="box fold"><rect x="%g" y="%g" width="%g" height="%g" rx="7"/><text x="%g" y="%g">… %s, in the list below</text></g>`,
			b.x, b.y, ringBox, b.height, b.x+14, b.y+b.height/2+4, plural(b.folded, "more op"))
		return
	}
	o := r.Ops[b.op]
	who := fmt.Sprintf("#%s · process %s", o.Index, o.Process)
	if o.Node != "" {
		who += " · " + o.Node
	}
	fmt.Fprintf(&r.b, `<g class="box %s"><title>%s</title><rect x="%g" y="%g" width="%g" height="%g" rx="7"/>`,
		o.Outcome, template.HTMLEscapeString(o.Name+" = "+clip(o.Value, 300)), b.x, b.y, ringBox, b.height)
	fmt.Fprintf(&r.b, `<text x="%g" y="%g"><tspan class="name">%s</tspan> <tspan class="soft">%s</tspan></text>`,
		b.x+12, b.y+18, o.Name, template.HTMLEscapeString(clip(who, 40)))
	fmt.Fprintf(&r.b, `<text class="soft" text-anchor="end" x="%g" y="%g">%s</text>`, b.x+ringBox-12, b.y+18, o.Outcome)
	for i, l := range b.lines {
		class := ""
		if l.concern {
			class = ` class="concern"`
		}
		fmt.Fprintf(&r.b, `<text%s x="%g" y="%g">%s</text>`, class, b.x+12, b.y+ringHead+14+ringLine*float64(i), template.HTMLEscapeString(l.text))
	}
	r.b.WriteString(`</g>`)
}

// edge draws the edge that leaves box i, as a link to its sentence.
func (r *ring) edge(i int) {
	n := len(r.boxes)
	from, to := r.boxes[i], r.boxes[(i+1)%n]
	var path string
	var x, y float64 // of its name
	inner, outer := ringBox+8, ringWidth-ringBox-8
	switch rows := (n + 1) / 2; {
	case i == 0:
		y = from.y + 20
		path, x = fmt.Sprintf("M%g %gH%g", inner, y, outer), ringWidth/2
	case i == n/2 && n%2 == 0:
		y = max(from.y, to.y) + ringLeast - 22
		path, x = fmt.Sprintf("M%g %gH%g", outer, y, inner), ringWidth/2
	case i == n/2 && rows > 1:
		x, y = from.x+ringBox/2, to.y+20
		path = fmt.Sprintf("M%g %gV%gQ%g %g %g %gH%g", x, from.y+from.height+2, y-10, x, y, x-10, y, inner)
		x = (x + inner) / 2
	case i < n/2:
		x, y = from.x+ringBox/2, (from.y+from.height+to.y)/2
		path = fmt.Sprintf("M%g %gV%g", x, from.y+from.height+2, to.y-3)
	default:
		x, y = from.x+ringBox/2, (to.y+to.height+from.y)/2
		path = fmt.Sprintf("M%g %gV%g", x, from.y-2, to.y+to.height+3)
	}
	if from.op < 0 {
		fmt.Fprintf(&r.b, `<path class="edge other" marker-end="url(#%s-other)" d="%s"/>`, r.ID, path)
		return
	}
	at := slices.IndexFunc(r.Steps, func(s witnessStep) bool { return s.From == r.Ops[from.op].Index })
	r.b.WriteString(edgeLink(r.ID, r.Steps[at], path, x, y))
}

// edgeLink draws an edge with its name at a place, as a link to its sentence.
func edgeLink(id string, s witnessStep, path string, x, y float64) string {
	name := clip(s.Edge, edgeName)
	if s.Key != "" {
		name += " " + clip(s.Key, 12)
	}
	width := 7.4*float64(len([]rune(name))) + 14
	return fmt.Sprintf(`<a class="edge %[1]s" href="#%[2]s"><title>%[3]s</title><path class="wide" d="%[4]s"/><path marker-end="url(#%[5]s-%[1]s)" d="%[4]s"/>`+
		`<rect x="%.1[6]f" y="%.1[7]f" width="%.1[8]f" height="20" rx="10"/><text x="%.1[9]f" y="%.1[10]f">%[11]s</text></a>`,
		s.Kind, s.ID, template.HTMLEscapeString(clip(fmt.Sprintf("%s before %s, %s: %s", s.FromName, s.ToName, s.Edge, s.Why), 400)), path, id,
		x-width/2, y-10, width, x, y+4, template.HTMLEscapeString(name))
}

// strips groups the ops by process, in the order of their first one.
func (r *ring) strips() [][]witnessOp {
	var all [][]witnessOp
	for _, o := range r.Ops[:min(len(r.Ops), 2*ringMost)] {
		at := slices.IndexFunc(all, func(lane []witnessOp) bool { return lane[0].Process == o.Process })
		if at < 0 {
			all = append(all, []witnessOp{o})
		} else {
			all[at] = append(all[at], o)
		}
	}
	return all
}

// axis draws when each transaction ran, a line for each process.
func (r *ring) axis(strips [][]witnessOp) {
	scale := newWarp(r.Ops, ringLabels+8, ringWidth-10)
	y := r.height + 22
	unit := "time →"
	if !r.view.timed {
		unit = "rows →"
	}
	fmt.Fprintf(&r.b, `<text class="soft" x="8" y="%g">%s</text><text class="soft" x="%g" y="%g">%s</text><text class="soft" text-anchor="end" x="%g" y="%g">%s</text>`,
		y-8, unit, ringLabels, y-8, r.view.about(r.from), ringWidth-10, y-8, r.view.about(r.to))
	for _, lane := range strips {
		fmt.Fprintf(&r.b, `<line class="lane" x1="%g" x2="%g" y1="%g" y2="%g"/><text class="soft" x="8" y="%g">%s</text>`,
			ringLabels, ringWidth-10, y+ringStrip/2, y+ringStrip/2, y+ringStrip/2+4, template.HTMLEscapeString(clip("process "+lane[0].Process, 19)))
		for _, o := range lane {
			left, right := scale.ends(o)
			right = math.Max(right, left+26)
			fmt.Fprintf(&r.b, `<g class="span %s"><rect x="%.1f" y="%g" width="%.1f" height="18" rx="4"/><text x="%.1f" y="%g">%s</text></g>`,
				o.Outcome, left, y+3, right-left, (left+right)/2, y+16.5, o.Name)
		}
		y += ringStrip
	}
}
