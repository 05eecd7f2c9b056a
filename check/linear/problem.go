package linear

import (
	"fmt"

	"checker/models"
)

// call is an op in a search.
type call struct {
	row      int32 // of its invocation
	res      int32 // row of its completion, or never
	op       models.Op
	visible  bool // its effect, if any, may be observed
	required bool // the search is about this one: minimising keeps it
}

// problem is the history of one object, ready to be searched.
type problem struct {
	model  *models.Model
	values *models.Values
	starts []models.Datum // the states that the object may have begun in
	calls  []call
	asked  int // see mostObservations

	porcupine bool // Porcupine decides it, not the sweep
}

// searched is how a search ended.
type searched struct {
	answer   answer
	why      string // it stopped early, or ""
	steps    int64
	furthest int32          // row of the latest op that some order reached, or -1
	culprit  int32          // the call, plus one, at whose completion no order was left or at which the model panicked; or 0
	states   []models.Datum // that the ops up to furthest may have led to, where known
}

// pose makes a problem of an object's ops: crashed ops that only read are left
// out, and so are crashed ops that nobody observed.
func (v *view) pose(obj object, engine Engine) (*problem, error) {
	p := &problem{porcupine: engine == Porcupine, model: v.model, values: models.NewValues(&v.h.Heap)}
	start, err := v.model.Start(p.values)
	if err != nil {
		return nil, err
	}
	p.starts = []models.Datum{start}
	for _, row := range obj.rows {
		_, res := v.outcome(int(row))
		out := v.in(int(row))
		if res != never {
			out = v.out(res)
		}
		op, err := v.model.Op(p.values, v.function(int(row)), v.in(int(row)), out, res != never)
		if err != nil {
			return nil, fmt.Errorf("op %d: %w", v.index(row), err)
		}
		if v.model.Owned {
			op.By = models.Datum(v.h.Process(int(row)))
		}
		if op.Known || !op.Pure {
			p.calls = append(p.calls, call{row: row, res: res, op: op})
		}
	}
	p.calls = p.dropUnobserved(p.calls)
	return p, nil
}

// dropUnobserved leaves out crashed ops whose effect no remaining op observes.
func (p *problem) dropUnobserved(calls []call) []call {
	if p.model.Observes == nil {
		return calls
	}
	p.asked = 0
	for i := range calls {
		calls[i].visible = calls[i].op.Known
	}
	for grew := true; grew; {
		grew = false
		for i := range calls {
			if !calls[i].visible && p.observed(calls, i) {
				calls[i].visible, grew = true, true
			}
		}
	}
	kept := calls[:0:0]
	for _, c := range calls {
		if c.visible {
			kept = append(kept, c)
		}
	}
	return kept
}

// mostObservations bounds how often ops are asked what they observe. Beyond it
// crashed ops stay in the search, which is always right.
const mostObservations = 1 << 26

// observed reports whether a visible call observes the effect of call i, or
// whether there is no time to find out.
func (p *problem) observed(calls []call, i int) bool {
	if p.asked += len(calls); p.asked > mostObservations {
		return true
	}
	for j := range calls {
		if j != i && calls[j].visible && p.model.Observes(p.values, calls[j].op, calls[i].op) {
			return true
		}
	}
	return false
}

// split returns a problem for each group of parts of the object that ops touch
// together, or p alone.
func (p *problem) split() []*problem {
	if p.model.Parts == nil {
		return []*problem{p}
	}
	groups := make([]int, 0, len(p.calls)) // by group: the group that it was joined to, or itself
	find := func(g int) int {
		for groups[g] != g {
			groups[g] = groups[groups[g]]
			g = groups[g]
		}
		return g
	}
	first := map[models.Datum]int{} // by part: a group that has it
	var parts []models.Datum
	for i := range p.calls {
		groups = append(groups, i)
		var some bool
		if parts, some = p.model.Parts(p.values, p.calls[i].op, parts[:0]); !some {
			return []*problem{p}
		}
		for _, part := range parts {
			if g, known := first[part]; known {
				groups[find(i)] = find(g)
			}
			first[part] = i
		}
	}
	var problems []*problem
	at := map[int]int{} // by group: its problem
	for i, c := range p.calls {
		g := find(i)
		if _, known := at[g]; !known {
			at[g] = len(problems)
			one := *p
			one.calls = nil
			problems = append(problems, &one)
		}
		one := problems[at[g]]
		one.calls = append(one.calls, c)
	}
	return problems
}
