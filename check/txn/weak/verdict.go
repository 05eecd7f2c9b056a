package weak

import (
	"context"

	"checker/internal/graph"
)

// cycleSteps bounds the search for the shortest cycle of a witness.
const cycleSteps = 1 << 22

// convergent decides the models with one order of commits for all.
func (j *judge) convergent(ctx context.Context, model string) (bool, error) {
	base := j.base()
	before := graph.New(j.len(), base)
	if groups := before.Components(graph.Any).Cyclic(); len(groups) > 0 {
		j.cycles(model, before, nil, groups, initial)
		return false, nil
	}
	var c *constraints
	var err error
	switch model {
	case ReadCommitted:
		c, err = j.readCommitted(ctx)
	case ReadAtomic:
		c, err = j.readAtomic(ctx)
	default:
		c, err = j.past().causal(ctx)
	}
	if err != nil {
		return false, err
	}
	for _, m := range c.miss {
		j.missed(model, m)
	}
	if len(c.miss) > 0 {
		return false, nil
	}
	if c.edges.Len() == 0 {
		return true, nil
	}
	g := graph.New(j.len(), base, &c.edges)
	groups := g.Components(graph.Any).Cyclic()
	j.cycles(model, g, nil, groups, initial)
	return len(groups) == 0, nil
}

// perSession decides the models in which each session orders all transactions
// for itself.
func (j *judge) perSession(ctx context.Context, model string) (bool, error) {
	p := j.past()
	if p.cyclic && model == CausalMemory {
		g := p.graph()
		j.cycles(model, g, nil, g.Components(graph.Any).Cyclic(), initial)
		return false, nil
	}
	m := p.memory(model == CausalMemory)
	holds := true
	for s := range int32(j.sessions()) {
		if err := m.view(ctx, s); err != nil {
			return false, err
		}
		if m.forward() {
			continue
		}
		g := m.graph()
		if groups := g.Components(graph.Any).Cyclic(); len(groups) > 0 {
			j.cycles(model, g, m.touched, groups, s)
			holds = false
		}
	}
	return holds, nil
}

// viewed decides a session guarantee: whether in any one view there is a cycle.
// If there is none in all of them together, there is none in any.
func (j *judge) viewed(v *views, model string) bool {
	for _, m := range v.miss {
		j.missed(model, m)
	}
	if len(v.miss) > 0 {
		return false
	}
	g := graph.New(int(v.nodes), &v.base, &v.edges)
	all := g.Components(graph.Any)
	holds := true
	for _, group := range all.Cyclic() {
		for _, s := range v.viewsIn(all, all.Of[group[0]]) {
			part, nodes := v.part(all, all.Of[group[0]], group, s)
			if groups := part.Components(graph.Any).Cyclic(); len(groups) > 0 {
				j.cycles(model, part, nodes, groups, s)
				holds = false
			}
		}
	}
	return holds
}

// viewsIn returns the views that have an edge in a component, and one without
// any of its own, all in order.
func (v *views) viewsIn(all graph.Components, component int32) []int32 {
	in := make([]bool, v.sessions())
	for i, a := range v.edges.From {
		if all.Of[a] == component && all.Of[v.edges.To[i]] == component {
			in[v.view[i]] = true
		}
	}
	list := []int32{initial}
	for s, has := range in {
		if has {
			list = append(list, int32(s))
		}
	}
	return list
}

// part returns the graph of a view within a component, whose nodes are numbered
// as in group, which it returns as well.
func (v *views) part(all graph.Components, component int32, group []int32, view int32) (*graph.Graph, []int32) {
	number := make(map[int32]int32, len(group))
	for i, n := range group {
		number[n] = int32(i)
	}
	e := &graph.Edges{}
	add := func(from *graph.Edges, i int) {
		if a, b := from.From[i], from.To[i]; all.Of[a] == component && all.Of[b] == component {
			e.Add(number[a], number[b], from.Kind[i])
		}
	}
	for i := range v.base.From {
		add(&v.base, i)
	}
	for i := range v.edges.From {
		if v.view[i] == view {
			add(&v.edges, i)
		}
	}
	return graph.New(len(group), e), group
}

// cycles reports one shortest cycle of each group, a strongly connected
// component of g, whose node i is called nodes[i]; nil says that it is called i.
func (j *judge) cycles(model string, g *graph.Graph, nodes []int32, groups [][]int32, view int32) {
	w := graph.Walker{Graph: g}
	for i, group := range groups {
		if i == maxMisses {
			return
		}
		cycle, _ := w.ShortestCycle(group, graph.Any, cycleSteps)
		j.cycle(model, j.path(g, nodes, cycle), view)
	}
}
