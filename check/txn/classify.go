package txn

import (
	"slices"

	"checker/internal/graph"
)

// group is a strongly connected part of the dependency graph, by the edges of
// one variant, in which there is a cycle of a class that no milder or lesser
// cycle in it entails.
type group struct {
	class   class
	variant variant
	graph   *graph.Graph // induced
	nodes   []int32      // of the dependency graph, by node of the induced one
	hint    int32        // a node of graph on such a cycle
	free    bool         // the cycle need not overwrite anything read
	unsure  bool         // the closed walk that is there may be no simple cycle
}

// classify finds the groups of a graph whose first txns nodes are transactions,
// in the order of variants and of their first nodes. Every class is decided
// exactly, in time linear in the graph but for [reaches].
func classify(g *graph.Graph, stop func() bool) []group {
	var cyclic []int32
	for _, nodes := range g.Components(graph.Any).Cyclic() {
		cyclic = append(cyclic, nodes...)
	}
	if len(cyclic) == 0 {
		return nil
	}
	slices.Sort(cyclic)
	place := make([]int32, g.Len())
	for v := range place {
		place[v] = -1
	}
	part := g.Induce(cyclic, graph.Any, place)
	known := make([]finds, len(cyclic))
	var groups []group
	for v := plain; v < variants; v++ {
		for _, nodes := range part.Components(v.all()).Cyclic() {
			if stop() {
				return groups
			}
			gr := group{variant: v, graph: part.Induce(nodes, v.all(), place), nodes: make([]int32, len(nodes))}
			var have finds
			for i, n := range nodes {
				gr.nodes[i] = cyclic[n]
				have |= known[n]
			}
			found := gr.classes(have)
			for _, one := range found {
				have |= bit(one.class, v)
			}
			for _, n := range nodes {
				known[n] = have
			}
			groups = append(groups, found...)
		}
	}
	return groups
}

// classes returns the classes of cycles in the group that what is known does not
// entail.
func (gr group) classes(known finds) []group {
	var found []group
	for c := g0; c < classes; c++ {
		if known.covers(c, gr.variant) {
			continue
		}
		one := gr
		one.class = c
		if one.exists(known) {
			found = append(found, one)
			known |= bit(c, gr.variant)
		}
	}
	return found
}

// exists reports whether there is a cycle of the group's class, and remembers
// where.
func (gr *group) exists(known finds) bool {
	circular := known.covers(g1c, gr.variant)
	switch gr.class {
	case g0, g1c:
		return gr.anyCycle()
	case gSingle:
		if hint, ok := reaches(gr.graph, gSingle.mask(gr.variant), gr.variant.anti()); ok {
			gr.hint = hint
			return true
		}
		gr.free = !circular && gr.anyCycle()
		return gr.free
	case gNonadjacent:
		gr.unsure = circular
		return gr.alternates()
	}
	return gr.anyAnti(gr.graph.Components(gr.variant.all()))
}

// timed is the group around a cycle of this one that the edges of real time make.
func (gr group) timed(whole *graph.Graph, cycle []hop) (group, bool) {
	start := cycle[0].from
	for _, nodes := range whole.Components(withRealtime.all()).Cyclic() {
		at := slices.Index(nodes, start)
		if at < 0 {
			continue
		}
		place := make([]int32, whole.Len())
		for v := range place {
			place[v] = -1
		}
		return group{
			class: gr.class, variant: withRealtime, free: gr.free,
			graph: whole.Induce(nodes, withRealtime.all(), place), nodes: nodes, hint: int32(at),
		}, true
	}
	return group{}, false
}

// anyCycle finds a cycle that overwrites nothing read.
func (gr *group) anyCycle() bool {
	cyclic := gr.graph.Components(gr.class.mask(gr.variant)).Cyclic()
	if len(cyclic) == 0 {
		return false
	}
	gr.hint = cyclic[0][0]
	return true
}

// anyAnti finds an edge within a component that overwrites what was read.
func (gr *group) anyAnti(c graph.Components) bool {
	anti := gr.variant.anti()
	for v := range int32(gr.graph.Len()) {
		to, kinds := gr.graph.Out(v)
		for i, w := range to {
			if kinds[i]&anti != 0 && c.Of[v] == c.Of[w] {
				gr.hint = v
				return true
			}
		}
	}
	return false
}

// alternates looks for a closed walk in which no two edges in a row overwrite
// what was read, but at least one does: by the components of a graph of two
// nodes for each, the second for having come by such an edge.
func (gr *group) alternates() bool {
	var e graph.Edges
	mask, anti := gNonadjacent.mask(gr.variant), gr.variant.anti()
	n := int32(gr.graph.Len())
	for v := range n {
		to, kinds := gr.graph.Out(v)
		for i, w := range to {
			switch k := kinds[i]; {
			case k&anti != 0:
				e.Add(v, n+w, anti)
			case k&via != 0:
				e.Add(v, w, via)
				e.Add(n+v, n+w, via)
			case k&mask != 0:
				e.Add(v, w, mask)
				e.Add(n+v, w, mask)
			}
		}
	}
	double := graph.New(int(2*n), &e)
	c := double.Components(graph.Any)
	for v := range n {
		to, kinds := double.Out(v)
		for i, w := range to {
			if kinds[i] == anti && c.Of[v] == c.Of[w] {
				gr.hint = v
				return true
			}
		}
	}
	return false
}
