package txn

import (
	"slices"

	"checker/internal/graph"
)

// hop is an edge of a cycle from one transaction to the next.
type hop struct {
	from, to int32
	kind     graph.Kind
}

// searcher finds short cycles of the class of a group. A position of its search
// is a node and whether the edge before overwrote what was read; an edge that
// passes through auxiliary nodes counts once.
type searcher struct {
	group
	txns   int32 // nodes of the dependency graph below this are transactions
	steps  int   // edges that may still be followed
	parent []int32
	kind   []graph.Kind // of the edge by which the position was reached
	seen   []int32
	now    []int32
	next   []int32
}

const nowhere = -1

// shortest returns a shortest cycle of the group, found within steps edges
// followed; when these run out, the shortest so far. It is nil when there is
// none.
func (gr group) shortest(txns int32, steps int) []hop {
	n := gr.graph.Len()
	s := searcher{group: gr, txns: txns, steps: steps, parent: make([]int32, 2*n), kind: make([]graph.Kind, 2*n)}
	for i := range s.parent {
		s.parent[i] = nowhere
	}
	s.steps = max(steps, 64*(len(gr.graph.To)+n)) // enough for one search at least
	best := s.through(s.hintTxn(), n+1)
	for v := int32(0); v < int32(n) && len(best) != 2 && s.steps > 0; v++ {
		if s.isTxn(v) {
			if c := s.through(v, s.limit(best)); c != nil {
				best = c
			}
		}
	}
	for i := range best {
		best[i].from, best[i].to = s.nodes[best[i].from], s.nodes[best[i].to]
	}
	return best
}

func (s *searcher) limit(best []hop) int {
	if best == nil {
		return s.graph.Len() + 1
	}
	return len(best)
}

func (s *searcher) isTxn(v int32) bool { return s.nodes[v] < s.txns }

// hintTxn returns a transaction on the cycle through the hint: itself, or one
// before it.
func (s *searcher) hintTxn() int32 {
	if s.isTxn(s.hint) {
		return s.hint
	}
	w := graph.Walker{Graph: s.graph}
	path, _ := w.Path(s.hint, s.hint, s.class.mask(s.variant), 0, nil)
	for _, v := range path {
		if s.isTxn(v) {
			return v
		}
	}
	return 0
}

// through returns a shortest cycle of fewer than limit edges through start, or
// nil.
func (s *searcher) through(start int32, limit int) []hop {
	defer s.forget()
	s.now = append(s.now[:0], s.position(start, false))
	for depth := 1; depth < limit && len(s.now) > 0 && s.steps > 0; depth++ {
		s.next = s.next[:0]
		for at := 0; at < len(s.now); at++ {
			if end := s.expand(s.now[at], start, depth == 1); end != nowhere {
				return s.tidy(s.back(end, start))
			}
		}
		s.now, s.next = s.next, s.now
	}
	return nil
}

func (s *searcher) position(v int32, anti bool) int32 {
	if anti {
		return 2*v + 1
	}
	return 2 * v
}

// expand follows the edges from a position. When one of them closes the cycle,
// it returns the position at its end.
func (s *searcher) expand(at, start int32, first bool) int32 {
	v, came := at/2, at&1 == 1
	inside := !s.isTxn(v)
	to, kinds := s.graph.Out(v)
	for i, w := range to {
		s.steps--
		anti, ok := s.allows(kinds[i], came, inside, first && v == start)
		if !ok {
			continue
		}
		p := s.position(w, anti)
		if w == start && (s.class != gNonadjacent || !anti) {
			if s.parent[p] == nowhere {
				s.seen = append(s.seen, p)
			}
			s.parent[p], s.kind[p] = at, kinds[i]
			return p
		}
		if w == start || s.parent[p] != nowhere {
			continue
		}
		s.parent[p], s.kind[p] = at, kinds[i]
		s.seen = append(s.seen, p)
		if s.isTxn(w) {
			s.next = append(s.next, p)
		} else {
			s.now = append(s.now, p) // on the way still
		}
	}
	return nowhere
}

// allows reports whether the next edge may be of kind k, and whether it counts
// as one that overwrites what was read.
func (s *searcher) allows(k graph.Kind, came, inside, first bool) (anti, ok bool) {
	if inside {
		return came, k&via != 0
	}
	anti = k&s.variant.anti() != 0
	if !anti && k&s.class.mask(s.variant) == 0 {
		return false, false
	}
	switch {
	case s.class <= g1c || s.free:
		return false, !anti
	case first:
		return anti, anti
	case s.class == gSingle:
		return false, !anti
	case s.class == gNonadjacent:
		return anti, !anti || !came
	}
	return anti, true
}

// back lists the edges of the cycle that ends at a position.
func (s *searcher) back(end, start int32) []hop {
	var hops []hop
	to, at := end/2, end
	for {
		from := s.parent[at]
		if v := from / 2; s.isTxn(v) {
			hops = append(hops, hop{v, to, s.kind[at]})
			to = v
			if v == start {
				break
			}
		}
		at = from
	}
	slices.Reverse(hops)
	return hops
}

func (s *searcher) forget() {
	for _, p := range s.seen {
		s.parent[p] = nowhere
	}
	s.seen = s.seen[:0]
}

// tidy makes a closed walk a simple cycle of the class: where it passes a
// transaction twice, one of the two parts is.
func (s *searcher) tidy(walk []hop) []hop {
	for {
		i, j := twice(walk)
		if j < 0 {
			return walk
		}
		inner := slices.Clone(walk[i:j])
		rest := append(slices.Clone(walk[:i]), walk[j:]...)
		switch {
		case s.fits(inner):
			walk = inner
		case s.fits(rest):
			walk = rest
		default:
			return nil
		}
	}
}

// twice returns two edges of a walk that leave the same transaction, j < 0 when
// there are none.
func twice(walk []hop) (i, j int) {
	at := map[int32]int{}
	for j, h := range walk {
		if i, seen := at[h.from]; seen {
			return i, j
		}
		at[h.from] = j
	}
	return 0, -1
}

func (s *searcher) fits(cycle []hop) bool {
	anti := s.variant.anti()
	for i, h := range cycle {
		if h.kind&anti != 0 && cycle[(i+1)%len(cycle)].kind&anti != 0 {
			return false
		}
	}
	return slices.ContainsFunc(cycle, func(h hop) bool { return h.kind&anti != 0 })
}
