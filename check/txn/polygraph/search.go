package polygraph

import "container/heap"

// choice is a pair of chains of a key, one of which comes first.
type choice struct {
	key, a, b int32
}

// search decides by conflict-driven clause learning which chain of each choice
// comes first, with the order of the nodes as the theory: what would close a
// cycle is forbidden by a clause made of that cycle.
//
// A choice may turn out to follow from earlier ones after later ones were made.
// It then gets the level that it follows from and survives the later ones being
// taken back (chronological backtracking, Nadel and Ryvchin, SAT 2018).
type search struct {
	order   *order
	budget  *budget
	choices []choice
	known   map[choice]bool

	// By choice.
	value  []int8 // 1: a first; -1: b first; 0: open
	level  []int32
	reason []*clause // why it follows, nil where it was decided
	made   []bool    // its edges are in the order
	phase  []int8    // the value that it had last
	active []float64
	sides  [][2]span // numbers of its edges, by side

	watches [][]*clause // by literal
	learned []*clause
	trail   []literal // what holds, in the order in which it was found
	limits  []int     // of each level, where in the trail it begins
	heads   [2]int    // how much of the trail clauses, and the order, have seen
	open    activeHeap
	bump    float64
	free    func(literal) bool

	conflicts int64
	refuted   *clause // the empty clause, once it is derived
}

// span is a range of numbers.
type span struct{ from, to int32 }

// noPlace says that a choice is not in the heap.
const noPlace = -1

func newSearch(n *network, rank []int32, b *budget) *search {
	s := &search{order: newOrder(n, rank), budget: b, known: map[choice]bool{}, bump: 1}
	s.open.search = s
	s.free = func(l literal) bool { return s.level[l.choice()] == 0 }
	return s
}

// choose enters a choice. It returns false if it is there already.
func (s *search) choose(c choice) bool {
	if s.known[c] {
		return false
	}
	s.known[c] = true
	v := int32(len(s.choices))
	s.choices = append(s.choices, c)
	s.value, s.level = append(s.value, 0), append(s.level, 0)
	s.reason, s.made = append(s.reason, nil), append(s.made, false)
	s.phase, s.active = append(s.phase, 1), append(s.active, 0)
	s.watches = append(s.watches, nil, nil)
	var sides [2]span
	for i, edges := range [2][]edge{s.order.side(c.key, c.a, c.b), s.order.side(c.key, c.b, c.a)} {
		sides[i].from = int32(len(s.order.made))
		for _, e := range edges {
			s.order.made = append(s.order.made, madeEdge{e, literal(2*v + int32(i))})
		}
		sides[i].to = int32(len(s.order.made))
	}
	s.sides = append(s.sides, sides)
	s.open.place = append(s.open.place, noPlace)
	heap.Push(&s.open, v)
	return true
}

// run decides the choices that there are. When all are made without a cycle it
// asks more for further ones, and is done when there are none: then it returns
// true. It returns false when the choices cannot be made; refuted tells why. With
// a spent budget the answer means nothing.
func (s *search) run(more func()) bool {
	restart := int64(1)
	until := s.conflicts + luby(restart)*restartUnit
	for s.budget.afford(s) {
		if c := s.propagate(); c != nil {
			if !s.resolve(c) {
				return false
			}
			continue
		}
		if s.conflicts >= until {
			restart++
			until = s.conflicts + luby(restart)*restartUnit
			s.backtrack(0)
			if len(s.learned) > mostLearned {
				s.reduce()
			}
			continue
		}
		v, ok := s.nextOpen()
		if !ok {
			before := len(s.choices)
			more()
			if len(s.choices) == before {
				return true
			}
			continue
		}
		if c := s.decide(v); c != nil && !s.resolve(c) {
			return false
		}
	}
	return false
}

// A restart comes after so many conflicts, times Luby's sequence; more clauses
// than these are reduced then.
const (
	restartUnit = 128
	mostLearned = 20_000
)

// luby is the sequence 1 1 2 1 1 2 4 1 1 2 1 1 2 4 8…, from 1 (Luby, Sinclair,
// Zuckerman 1993).
func luby(i int64) int64 {
	for k := int64(1); ; k++ {
		if i == 1<<k-1 {
			return 1 << (k - 1)
		}
		if i < 1<<k-1 {
			return luby(i - (1<<(k-1) - 1))
		}
	}
}

func (s *search) nextOpen() (int32, bool) {
	for s.open.Len() > 0 {
		if v := heap.Pop(&s.open).(int32); s.value[v] == 0 {
			return v, true
		}
	}
	return 0, false
}

// decide makes a choice, or finds that it follows from those made. It returns a
// clause that cannot hold when neither side is possible.
func (s *search) decide(v int32) *clause {
	first, second := literal(2*v), literal(2*v+1)
	path, cyclic := s.wouldClose(v, 0)
	if other, too := s.wouldClose(v, 1); cyclic && too {
		c := s.forbid(append(path, other...))
		c.proof = append(c.proof, premise{choice: v})
		heap.Push(&s.open, v)
		return c
	} else if cyclic {
		s.assign(second, s.forbid(path, first))
		return nil
	} else if too {
		s.assign(first, s.forbid(other, second))
		return nil
	}
	s.limits = append(s.limits, len(s.trail))
	if s.phase[v] < 0 {
		first = second
	}
	s.assign(first, nil)
	return nil
}

func (s *search) wouldClose(v int32, side int) (path []int32, cyclic bool) {
	for e := s.sides[v][side].from; e < s.sides[v][side].to; e++ {
		if path, cyclic := s.order.closes(e, s.free); cyclic {
			return path, true
		}
	}
	return nil, false
}

// assign makes a literal hold, by decision or since it is the only one of a
// clause that can.
func (s *search) assign(l literal, why *clause) {
	v := l.choice()
	s.value[v] = 1
	if l&1 == 1 {
		s.value[v] = -1
	}
	s.reason[v] = why
	s.level[v] = int32(len(s.limits))
	if why != nil {
		s.level[v] = 0
		for _, other := range why.lits {
			if other != l {
				s.level[v] = max(s.level[v], s.level[other.choice()])
			}
		}
	}
	s.trail = append(s.trail, l)
}

// propagate draws the conclusions of what holds. It returns a clause that cannot
// hold, if it finds one.
func (s *search) propagate() *clause {
	for {
		for s.heads[0] < len(s.trail) {
			l := s.trail[s.heads[0]]
			s.heads[0]++
			if c := s.visit(l.not()); c != nil {
				return c
			}
		}
		if s.heads[1] == len(s.trail) {
			return nil
		}
		l := s.trail[s.heads[1]]
		s.heads[1]++
		if c := s.insert(l); c != nil {
			return c
		}
	}
}

// insert puts the edges of a literal into the order.
func (s *search) insert(l literal) *clause {
	v := l.choice()
	if s.made[v] {
		return nil
	}
	edges := s.sides[v][l&1]
	for e := edges.from; e < edges.to; e++ {
		if path, ok := s.order.insert(e, s.free); !ok {
			for done := edges.from; done < e; done++ {
				s.order.remove(done)
			}
			return s.forbid(path, l)
		}
	}
	s.made[v] = true
	return nil
}

// backtrack takes back all that depends on a level above the one named.
func (s *search) backtrack(level int32) {
	if int(level) >= len(s.limits) {
		return
	}
	from := s.limits[level]
	kept := s.trail[:from]
	for _, l := range s.trail[from:] {
		v := l.choice()
		if s.level[v] <= level {
			kept = append(kept, l)
			continue
		}
		if s.made[v] {
			edges := s.sides[v][l&1]
			for e := edges.from; e < edges.to; e++ {
				s.order.remove(e)
			}
			s.made[v] = false
		}
		s.phase[v], s.value[v], s.reason[v] = s.value[v], 0, nil
		if s.open.place[v] == noPlace {
			heap.Push(&s.open, v)
		}
	}
	s.trail, s.limits = kept, s.limits[:level]
	for i := range s.heads {
		s.heads[i] = min(s.heads[i], from)
	}
}

// activeHeap is the choices that may be open, those of recent conflicts first.
type activeHeap struct {
	*search
	list  []int32
	place []int
}

// Len, Less, Swap, Push and Pop are container/heap's.
func (h *activeHeap) Len() int { return len(h.list) }

func (h *activeHeap) Less(i, j int) bool {
	a, b := h.list[i], h.list[j]
	if h.active[a] != h.active[b] {
		return h.active[a] > h.active[b]
	}
	return a < b
}

func (h *activeHeap) Swap(i, j int) {
	h.list[i], h.list[j] = h.list[j], h.list[i]
	h.place[h.list[i]], h.place[h.list[j]] = i, j
}

func (h *activeHeap) Push(v any) {
	h.place[v.(int32)] = len(h.list)
	h.list = append(h.list, v.(int32))
}

func (h *activeHeap) Pop() any {
	last := h.list[len(h.list)-1]
	h.list = h.list[:len(h.list)-1]
	h.place[last] = noPlace
	return last
}
