package polygraph

import (
	"cmp"
	"slices"
)

// order keeps the nodes of a network in an order that agrees with the known
// edges and with the edges of the choices made, while choices come and go, after
// Pearce and Kelly: A Dynamic Topological Sort Algorithm for Directed Acyclic
// Graphs (JEA 2007). Taking edges away never spoils the order.
type order struct {
	*network
	rank  []int32
	made  []madeEdge // edges of choices, by number
	outOf [][]int32  // of each node, the edges of choices made that leave it
	into  [][]int32

	// One search at a time.
	dist   []int32
	parent []int32 // the edge by which a node was reached: known ones as they are numbered, then those of choices
	mark   []uint64
	stamp  uint64
	ahead  []int32 // nodes reached from the new edge's head
	behind []int32 // nodes that reach its tail
	steps  int64   // nodes and edges looked at, in all
}

// madeEdge is an edge of a side of a choice.
type madeEdge struct {
	edge
	lit literal
}

func newOrder(n *network, rank []int32) *order {
	return &order{
		network: n, rank: slices.Clone(rank),
		outOf: make([][]int32, n.nodes), into: make([][]int32, n.nodes),
		dist: make([]int32, n.nodes), parent: make([]int32, n.nodes), mark: make([]uint64, n.nodes),
	}
}

// insert adds an edge of a choice, or returns the edges of a path that it would
// close to a cycle, in order, from its head to its tail. Free tells which
// literals cost nothing on such a path; of the others it has as few as can be.
func (o *order) insert(e int32, free func(literal) bool) (path []int32, ok bool) {
	from, to := o.made[e].from, o.made[e].to
	if o.rank[from] > o.rank[to] || from == to {
		if path, cyclic := o.forward(to, from, free); cyclic {
			return path, false
		}
		o.backward(from, o.rank[to])
		o.reorder()
	}
	o.outOf[from] = append(o.outOf[from], e)
	o.into[to] = append(o.into[to], e)
	return nil, true
}

// closes returns the path that an edge would close to a cycle, if it would.
func (o *order) closes(e int32, free func(literal) bool) (path []int32, cyclic bool) {
	from, to := o.made[e].from, o.made[e].to
	if o.rank[from] < o.rank[to] || !o.reaches(to, from) {
		return nil, false
	}
	return o.forward(to, from, free)
}

// reaches looks for a path from v to goal from both ends in turn, so that it
// costs twice the smaller of what v reaches and what reaches goal.
func (o *order) reaches(v, goal int32) bool {
	if v == goal {
		return true
	}
	o.stamp += 2
	fore, back := o.stamp, o.stamp+1
	o.mark[v], o.mark[goal] = fore, back
	o.ahead, o.behind = append(o.ahead[:0], v), append(o.behind[:0], goal)
	low, high, met := o.rank[v], o.rank[goal], false
	visit := func(next int32, mine, other uint64, list *[]int32) {
		switch {
		case o.mark[next] == other:
			met = true
		case o.mark[next] != mine && o.rank[next] > low && o.rank[next] < high:
			o.mark[next] = mine
			*list = append(*list, next)
		}
	}
	for i := 0; i < len(o.ahead) && i < len(o.behind) && !met; i++ {
		at, before := o.ahead[i], o.behind[i]
		for _, e := range o.out.of(at) {
			visit(o.edges[e].to, fore, back, &o.ahead)
		}
		for _, e := range o.outOf[at] {
			visit(o.made[e].to, fore, back, &o.ahead)
		}
		for _, e := range o.in.of(before) {
			visit(o.edges[e].from, back, fore, &o.behind)
		}
		for _, e := range o.into[before] {
			visit(o.made[e].from, back, fore, &o.behind)
		}
		o.steps += int64(2 + len(o.out.of(at)) + len(o.outOf[at]) + len(o.in.of(before)) + len(o.into[before]))
	}
	return met
}

// remove takes an edge away that was inserted.
func (o *order) remove(e int32) {
	o.outOf[o.made[e].from] = without(o.outOf[o.made[e].from], e)
	o.into[o.made[e].to] = without(o.into[o.made[e].to], e)
}

func without(list []int32, e int32) []int32 {
	i := slices.Index(list, e)
	list[i] = list[len(list)-1]
	return list[:len(list)-1]
}

// forward visits what v reaches in ranks up to goal's, those that are reached
// with fewer choices first, until it meets goal. Otherwise ahead is what it met.
func (o *order) forward(v, goal int32, free func(literal) bool) (path []int32, found bool) {
	o.stamp += 2 // reached, and settled
	o.ahead = o.ahead[:0]
	limit := o.rank[goal]
	near, far := []int32{v}, []int32(nil)
	o.mark[v], o.dist[v], o.parent[v] = o.stamp, 0, -1
	reach := func(to, e, dist int32) bool {
		if o.rank[to] > limit || o.mark[to] >= o.stamp && (o.mark[to] > o.stamp || o.dist[to] <= dist) {
			return false
		}
		o.mark[to], o.dist[to], o.parent[to] = o.stamp, dist, e
		return true
	}
	for dist := int32(0); len(near) > 0; dist++ {
		for len(near) > 0 {
			at := near[len(near)-1]
			near = near[:len(near)-1]
			if o.mark[at] > o.stamp || o.dist[at] != dist {
				continue
			}
			if at == goal {
				return o.path(v, goal), true
			}
			o.mark[at] = o.stamp + 1
			o.ahead = append(o.ahead, at)
			for _, e := range o.out.of(at) {
				if to := o.edges[e].to; reach(to, e, dist) {
					near = append(near, to)
				}
			}
			for _, e := range o.outOf[at] {
				to, number := o.made[e].to, int32(len(o.edges))+e
				if free(o.made[e].lit) {
					if reach(to, number, dist) {
						near = append(near, to)
					}
				} else if reach(to, number, dist+1) {
					far = append(far, to)
				}
			}
			o.steps += int64(1 + len(o.out.of(at)) + len(o.outOf[at]))
		}
		near, far = far, near[:0]
	}
	return nil, false
}

// path follows the parents back from goal to v.
func (o *order) path(v, goal int32) []int32 {
	var path []int32
	for at := goal; at != v; {
		e := o.parent[at]
		path = append(path, e)
		at = o.edge(e).from
	}
	slices.Reverse(path)
	return path
}

// edge returns an edge of a path, known or chosen.
func (o *order) edge(e int32) edge {
	if int(e) < len(o.edges) {
		return o.edges[e]
	}
	return o.made[int(e)-len(o.edges)].edge
}

// literal returns the choice that an edge of a path belongs to.
func (o *order) literal(e int32) (l literal, chosen bool) {
	if int(e) < len(o.edges) {
		return 0, false
	}
	return o.made[int(e)-len(o.edges)].lit, true
}

// backward collects in behind what reaches v from ranks down to floor.
func (o *order) backward(v, floor int32) {
	o.stamp += 2
	o.behind = append(o.behind[:0], v)
	o.mark[v] = o.stamp
	for i := 0; i < len(o.behind); i++ {
		at := o.behind[i]
		reach := func(from int32) {
			if o.mark[from] != o.stamp && o.rank[from] >= floor {
				o.mark[from] = o.stamp
				o.behind = append(o.behind, from)
			}
		}
		for _, e := range o.in.of(at) {
			reach(o.edges[e].from)
		}
		for _, e := range o.into[at] {
			reach(o.made[e].from)
		}
		o.steps += int64(1 + len(o.in.of(at)) + len(o.into[at]))
	}
}

// reorder gives the nodes behind and ahead of a new edge the ranks that they have
// together, those behind first, each in the order that they had.
func (o *order) reorder() {
	byRank := func(a, b int32) int { return cmp.Compare(o.rank[a], o.rank[b]) }
	slices.SortFunc(o.behind, byRank)
	slices.SortFunc(o.ahead, byRank)
	nodes := append(o.behind, o.ahead...)
	ranks := make([]int32, len(nodes))
	for i, v := range nodes {
		ranks[i] = o.rank[v]
	}
	slices.Sort(ranks)
	for i, v := range nodes {
		o.rank[v] = ranks[i]
	}
	o.behind = nodes[:0]
}
