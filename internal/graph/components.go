package graph

// Components are the strongly connected components of a graph.
type Components struct {
	Of    []int32 // by node: its component
	Count int
}

// Components finds the strongly connected components of the subgraph of the
// edges that bear a label of mask, in linear time. They are numbered in reverse
// topological order: an edge between components goes from a higher number to a
// lower one.
func (g *Graph) Components(mask Kind) Components {
	n := int32(g.Len())
	s := search{graph: g, mask: mask, rank: make([]int32, n), last: n}
	for v := range n {
		if s.rank[v] == 0 {
			s.visit(v)
		}
	}
	for v, r := range s.rank {
		s.rank[v] = n - r
	}
	return Components{Of: s.rank, Count: int(n - s.last)}
}

// search is Tarjan's algorithm with the single array of Pearce (An improved
// algorithm for finding the strongly connected components of a directed graph,
// 2005) and a stack of its own. While a component is open, the rank of its
// nodes is the least number of a node that they are known to reach, numbers
// going up from 1; when it is closed, it is the component's own number, going
// down from n. The two never meet, since nodes of closed components give their
// numbers back.
type search struct {
	graph *Graph
	mask  Kind
	rank  []int32 // 0: not seen
	path  []frame
	open  []int32 // nodes that are done while their component is open
	seen  int32
	last  int32
}

type frame struct {
	node, edge int32
	root       bool // nothing is known to be reached that was seen before
}

func (s *search) enter(v int32) {
	s.seen++
	s.rank[v] = s.seen
	s.path = append(s.path, frame{v, s.graph.First[v], true})
}

func (s *search) visit(root int32) {
	s.enter(root)
	for len(s.path) > 0 {
		f := &s.path[len(s.path)-1]
		if w := s.advance(f); w >= 0 {
			s.enter(w)
			continue
		}
		s.leave(*f)
	}
}

// advance looks at edges of the node of f up to one that leads to a node not
// seen yet, which it returns; -1 when there is none. That edge is looked at
// again afterwards, for the rank that its end has got by then.
func (s *search) advance(f *frame) int32 {
	g, low := s.graph, s.rank[f.node]
	for end := g.First[f.node+1]; f.edge < end; f.edge++ {
		if g.Kind[f.edge]&s.mask == 0 {
			continue
		}
		w := g.To[f.edge]
		r := s.rank[w]
		if r == 0 {
			s.rank[f.node] = low
			return w
		}
		if r < low {
			low, f.root = r, false
		}
	}
	s.rank[f.node] = low
	return -1
}

// leave closes the component of f's node if that is its root.
func (s *search) leave(f frame) {
	s.path = s.path[:len(s.path)-1]
	if !f.root {
		s.open = append(s.open, f.node)
		return
	}
	low := s.rank[f.node]
	s.seen--
	for n := len(s.open); n > 0 && s.rank[s.open[n-1]] >= low; n-- {
		s.rank[s.open[n-1]] = s.last
		s.open = s.open[:n-1]
		s.seen--
	}
	s.rank[f.node] = s.last
	s.last--
}

// Cyclic returns the nodes of every component of more than one node, in the
// order of the nodes' numbers; the components are in the order of their first
// nodes.
func (c Components) Cyclic() [][]int32 {
	size := make([]int32, c.Count)
	for _, k := range c.Of {
		size[k]++
	}
	place := make([]int32, c.Count) // in groups, from 1
	var groups [][]int32
	for v, k := range c.Of {
		if size[k] < 2 {
			continue
		}
		if place[k] == 0 {
			groups = append(groups, make([]int32, 0, size[k]))
			place[k] = int32(len(groups))
		}
		g := &groups[place[k]-1]
		*g = append(*g, int32(v))
	}
	return groups
}
