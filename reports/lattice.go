package reports

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"checker/check"
	"checker/models/consistency"
)

// Measures of the drawing of the lattice, in the units of its drawing.
const (
	latticeRow    = 58.0
	latticeHeight = 26.0
	latticeMost   = 3  // models beside each other
	latticeModels = 40 // more are for the table
)

// latticeModel is a consistency model in the drawing.
type latticeModel struct {
	name      string
	state     string // broken, falls, holds or open
	requested bool
	layer     int
	x, y      float64
}

// stateSigns stand before a model's name, so that its colour is not needed.
var stateSigns = map[string]string{"broken": "✕ ", "falls": "✕ ", "holds": "✓ ", "open": "? "}

// lattice draws the consistency models that a result bears on, the stronger ones
// above, joined to those that they imply. It returns "" when fewer than two are
// known.
func lattice(r check.Result) template.HTML {
	models := newLatticeModels(r)
	if len(models) < 2 || len(models) > latticeModels {
		return ""
	}
	height := arrangeLattice(models)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" class="drawing lattice" role="img" aria-label="%s">`, ringWidth, height,
		template.HTMLEscapeString(fmt.Sprintf("%d consistency models, the stronger above; the table of checks says the same", len(models))))
	for i, from := range models {
		for j, to := range models {
			if i != j && implied(models, i, j) {
				fmt.Fprintf(&b, `<path class="implies" d="M%.1f %gC%.1f %g %.1f %g %.1f %g"/>`, from.x, from.y+latticeHeight,
					from.x, from.y+latticeHeight+16, to.x, to.y-16, to.x, to.y)
			}
		}
	}
	for _, m := range models {
		label := stateSigns[m.state] + m.name
		class := "model-" + m.state
		if m.requested {
			label += " (asked for)"
			class += " asked"
		}
		width := 7.3*float64(len([]rune(label))) + 18
		known, _ := consistency.Parse(m.name)
		fmt.Fprintf(&b, `<g class="%s"><title>%s</title><rect x="%.1f" y="%g" width="%.1f" height="%g" rx="13"/><text text-anchor="middle" x="%.1f" y="%g">%s</text></g>`,
			class, template.HTMLEscapeString(known.Summary), m.x-width/2, m.y, width, latticeHeight, m.x, m.y+17, template.HTMLEscapeString(label))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// newLatticeModels lists the models that a result names, in the lattice's order.
// Names that the lattice does not have are for the table.
func newLatticeModels(r check.Result) []latticeModel {
	c := r.ConsistencyModels
	if c == nil {
		return nil
	}
	states := map[string]string{}
	requested := map[string]bool{}
	note := func(names []string, state string) {
		for _, name := range names {
			if m, err := consistency.Parse(name); err == nil {
				states[m.Name] = state
			}
		}
	}
	unsaid := "open"
	if r.Verdict == check.Valid {
		unsaid = "holds"
	}
	note(c.Requested, unsaid)
	note(c.Holds, "holds")
	note(c.AlsoNot, "falls")
	note(c.Not, "broken")
	for _, name := range c.Requested {
		if m, err := consistency.Parse(name); err == nil {
			requested[m.Name] = true
		}
	}
	var models []latticeModel
	for _, m := range consistency.All() {
		if state := states[m.Name]; state != "" {
			models = append(models, latticeModel{name: m.Name, state: state, requested: requested[m.Name]})
		}
	}
	return models
}

// implied reports whether model i implies model j with none of the others between.
func implied(models []latticeModel, i, j int) bool {
	if !consistency.Implies(models[i].name, models[j].name) {
		return false
	}
	for k := range models {
		if k != i && k != j && consistency.Implies(models[i].name, models[k].name) && consistency.Implies(models[k].name, models[j].name) {
			return false
		}
	}
	return true
}

// arrangeLattice puts each model below all that imply it, and in its row near
// them. It returns the height of the drawing.
func arrangeLattice(models []latticeModel) float64 {
	rows := [][]int{}
	for j := range models { // those that imply it come before it
		layer := 0
		for i := range j {
			if consistency.Implies(models[i].name, models[j].name) {
				layer = max(layer, models[i].layer+1)
			}
		}
		for layer < len(rows) && len(rows[layer]) >= latticeMost {
			layer++
		}
		models[j].layer = layer
		for layer >= len(rows) {
			rows = append(rows, nil)
		}
		rows[layer] = append(rows[layer], j)
	}
	for layer, row := range rows {
		slices.SortStableFunc(row, func(a, b int) int { return cmp.Compare(above(models, a), above(models, b)) })
		for at, j := range row {
			models[j].x = ringWidth * (float64(at) + 0.5) / float64(len(row))
			models[j].y = 6 + latticeRow*float64(layer)
		}
	}
	return 6 + latticeRow*float64(len(rows)-1) + latticeHeight + 6
}

// above returns the middle of the models above that imply model j.
func above(models []latticeModel, j int) float64 {
	sum, n := ringWidth/2, 1.0
	for i := range j {
		if models[i].layer < models[j].layer && implied(models, i, j) {
			sum, n = sum+models[i].x, n+1
		}
	}
	return sum / n
}
