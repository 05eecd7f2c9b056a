package linear

import "math"

// stack judges elements of which the last comes out first.
//
// In a gap in which no element is surely inside the stack may as well be empty:
// what lies there in some legal order either went in late enough to go in after
// that gap, or can come out before it. So the stretches of gaps in which something
// is inside are judged one by one. An element that is nowhere surely inside goes
// in and comes out at one moment, which harms nobody.
//
// Throughout a stretch the stack is never empty, so one element lies below all
// others: it can go in before any other must have, and come out after any other
// may have come out last. If no element can, the history is illegal. If one can,
// it may as well be that one, since it is then in nobody's way: take it out, and
// judge the stretches that are left.
func (c *container) stack() *proof {
	if p := c.neverEmpty(); p != nil {
		return p
	}
	s := newPile(c)
	todo := s.stretches(0, s.end, nil)
	for len(todo) > 0 {
		st := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		e := s.bottom(st)
		if e == nil {
			return c.covered(nil, st.inv, st.res, s.left(),
				"something was always inside, so one element lay below all others, but each of these went in after another had or came out before another did")
		}
		s.remove(e)
		todo = s.stretches(st.inv, st.res, todo)
	}
	return nil
}

// pile holds the elements that are not yet taken out, by time.
type pile struct {
	elements []element
	end      int32
	byPut    []int32 // by tick: the element, plus one, whose put completed then
	depth    tree    // by gap: how many elements are surely inside
	begun    tree    // by tick of a put's completion: when the put was invoked
}

func newPile(c *container) *pile {
	s := &pile{elements: c.elements, end: c.time.end, byPut: make([]int32, c.time.end+2)}
	depth := make([]int32, s.end)
	begun := make([]int32, s.end)
	for i := range begun {
		begun[i] = math.MaxInt32
	}
	for i := range s.elements {
		e := &s.elements[i]
		from, to := e.inside()
		if from >= to {
			continue
		}
		s.byPut[from] = int32(i) + 1
		begun[from] = e.put.inv
		depth[from]++
		if to < s.end {
			depth[to]--
		}
	}
	for i := 1; i < len(depth); i++ {
		depth[i] += depth[i-1]
	}
	s.depth.build(depth)
	s.begun.build(begun)
	return s
}

// stretches appends the longest runs of gaps among [from, to) in which something
// is inside.
func (s *pile) stretches(from, to int32, list []span) []span {
	for from < to {
		first := s.depth.next(from, to, func(least, most int32) bool { return most > 0 })
		if first >= to {
			break
		}
		from = s.depth.next(first, to, func(least, most int32) bool { return least <= 0 })
		list = append(list, span{first, from})
	}
	return list
}

// bottom returns an element that may lie below all others of a stretch.
func (s *pile) bottom(st span) *element {
	early := func(least, _ int32) bool { return least <= st.inv }
	for at := s.begun.next(st.inv, st.res, early); at < st.res; at = s.begun.next(at+1, st.res, early) {
		if e := &s.elements[s.byPut[at]-1]; e.take.res >= st.res {
			return e
		}
	}
	return nil
}

// left returns the elements that were not taken out.
func (s *pile) left() []element {
	var left []element
	for _, at := range s.byPut {
		if at > 0 {
			left = append(left, s.elements[at-1])
		}
	}
	return left
}

func (s *pile) remove(e *element) {
	from, to := e.inside()
	s.byPut[from] = 0
	s.depth.add(from, to, -1)
	s.begun.set(from, math.MaxInt32)
}

// tree finds, among numbers that change, the next one in a range that fits.
type tree struct {
	size        int32
	least, most []int32 // by node, of all below it and of what was added to it
	added       []int32 // by node, to all below it
}

func (t *tree) build(numbers []int32) {
	t.size = 1
	for int(t.size) < len(numbers) {
		t.size *= 2
	}
	t.least, t.most, t.added = make([]int32, 2*t.size), make([]int32, 2*t.size), make([]int32, 2*t.size)
	copy(t.least[t.size:], numbers)
	copy(t.most[t.size:], numbers)
	for n := t.size - 1; n > 0; n-- {
		t.pull(n)
	}
}

func (t *tree) pull(n int32) {
	t.least[n] = min(t.least[2*n], t.least[2*n+1]) + t.added[n]
	t.most[n] = max(t.most[2*n], t.most[2*n+1]) + t.added[n]
}

// add adds d to the numbers in [from, to).
func (t *tree) add(from, to, d int32) {
	l, r := from+t.size, to+t.size
	for a, b := l, r; a < b; a, b = a/2, b/2 {
		if a&1 == 1 {
			t.addTo(a, d)
			a++
		}
		if b&1 == 1 {
			b--
			t.addTo(b, d)
		}
	}
	for n := l / 2; n > 0; n /= 2 {
		t.pull(n)
	}
	for n := (r - 1) / 2; n > 0; n /= 2 {
		t.pull(n)
	}
}

func (t *tree) addTo(n, d int32) {
	t.least[n] += d
	t.most[n] += d
	if n < t.size {
		t.added[n] += d
	}
}

// set sets a number in a tree that nothing is added to.
func (t *tree) set(at, x int32) {
	n := at + t.size
	t.least[n], t.most[n] = x, x
	for n /= 2; n > 0; n /= 2 {
		t.pull(n)
	}
}

// next returns the place of the first number in [from, to) that fits, or to. A
// range of numbers may hold such a one if it fits by its least and its most.
func (t *tree) next(from, to int32, fits func(least, most int32) bool) int32 {
	if from >= to {
		return to
	}
	above := int32(0)
	n := from + t.size
	for a := n / 2; a > 0; a /= 2 {
		above += t.added[a]
	}
	for {
		if fits(t.least[n]+above, t.most[n]+above) {
			for n < t.size {
				above += t.added[n]
				if n *= 2; !fits(t.least[n]+above, t.most[n]+above) {
					n++
				}
			}
			return min(n-t.size, to)
		}
		for n&1 == 1 { // up until there is a neighbour to the right
			if n /= 2; n <= 1 {
				return to
			}
			above -= t.added[n]
		}
		n++
	}
}
