package txn

import (
	"cmp"
	"math/bits"
	"slices"

	"checker/internal/graph"
)

// reaches finds an edge of anti from whose end its start can be reached by edges
// of mask, and returns its start. Most such edges go forward in a topological
// order of the components of mask and need no search. The others are taken in
// batches of 64, a bit each, and every batch sweeps the part of that order
// between its edges' ends.
func reaches(g *graph.Graph, mask, anti graph.Kind) (start int32, ok bool) {
	c := g.Components(mask)
	var back []edge
	for v := range int32(g.Len()) {
		to, kinds := g.Out(v)
		for i, w := range to {
			if kinds[i]&anti == 0 || c.Of[w] < c.Of[v] {
				continue
			}
			if c.Of[w] == c.Of[v] {
				return v, true
			}
			back = append(back, edge{v, w})
		}
	}
	if len(back) == 0 {
		return 0, false
	}
	slices.SortFunc(back, func(a, b edge) int {
		return cmp.Or(cmp.Compare(c.Of[b.to], c.Of[a.to]), cmp.Compare(c.Of[b.from], c.Of[a.from]), cmp.Compare(a.from, b.from))
	})
	s := sweep{graph: g, mask: mask, of: c.Of, reached: make([]uint64, c.Count)}
	s.members(c)
	for batch := range slices.Chunk(back, 64) {
		if hit := s.run(batch); hit != 0 {
			return batch[bits.TrailingZeros64(hit)].from, true
		}
	}
	return 0, false
}

type edge struct{ from, to int32 }

// sweep carries sets of edges down the components of a graph.
type sweep struct {
	graph   *graph.Graph
	mask    graph.Kind
	of      []int32
	first   []int32 // by component: its first node in order
	order   []int32
	reached []uint64 // by component: which edges' ends reach it
}

// members sorts nodes by component.
func (s *sweep) members(c graph.Components) {
	s.first, s.order = make([]int32, c.Count+1), make([]int32, len(c.Of))
	for _, k := range c.Of {
		s.first[k+1]++
	}
	for k := range c.Count {
		s.first[k+1] += s.first[k]
	}
	at := slices.Clone(s.first)
	for v, k := range c.Of {
		s.order[at[k]] = int32(v)
		at[k]++
	}
}

// run returns those edges of a batch whose ends reach their starts.
func (s *sweep) run(batch []edge) (hit uint64) {
	high, low := s.of[batch[0].to], s.of[batch[0].from]
	for i, e := range batch {
		s.reached[s.of[e.to]] |= 1 << i
		low = min(low, s.of[e.from])
	}
	for k := high; k > low; k-- {
		if s.reached[k] == 0 {
			continue
		}
		for _, v := range s.order[s.first[k]:s.first[k+1]] {
			to, kinds := s.graph.Out(v)
			for i, w := range to {
				if kinds[i]&s.mask != 0 && s.of[w] >= low {
					s.reached[s.of[w]] |= s.reached[k]
				}
			}
		}
	}
	for i, e := range batch {
		hit |= s.reached[s.of[e.from]] & (1 << i)
	}
	clear(s.reached[low : high+1])
	return hit
}
