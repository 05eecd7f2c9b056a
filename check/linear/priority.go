package linear

import (
	"cmp"
	"fmt"
	"slices"

	"checker/models"
)

// leastFirst judges elements of which the least comes out first. An element can
// come out only in a gap in which no lesser one is surely inside. That is all:
// let each come out in the first such gap after it went in. It may then be inside
// longer than it surely is, but for that while lesser ones are, so no other
// element is held up by it.
func (c *container) leastFirst() *proof {
	slices.SortFunc(c.elements, c.byPriority())
	free := newGaps(c.time.end)
	for i := range c.elements {
		e := &c.elements[i]
		from := max(e.put.inv, e.take.inv)
		if free.from(from) >= e.take.res {
			row := c.rows[e.takeOp]
			return c.covered(c.opsOf(e), from, e.take.res, c.elements[:i],
				fmt.Sprintf("%s took %s, but a lesser one was inside all the time", c.say(row), c.show(e.value)))
		}
		free.take(e.inside())
	}
	for _, op := range c.empties {
		if s := c.time.spans[op]; free.from(s.inv) >= s.res {
			return c.covered(c.rows[op:op+1:op+1], s.inv, s.res, c.elements,
				fmt.Sprintf("%s found nothing, but something was inside all the time", c.say(c.rows[op])))
		}
	}
	return nil
}

// byPriority returns how to compare elements.
func (c *container) byPriority() func(a, b element) int {
	heap := &c.h.Heap
	for i := range c.elements {
		if _, ok := heap.Int(c.elements[i].value); !ok {
			return func(a, b element) int { return models.Compare(heap.Value(a.value), heap.Value(b.value)) }
		}
	}
	return func(a, b element) int {
		x, _ := heap.Int(a.value)
		y, _ := heap.Int(b.value)
		return cmp.Compare(x, y)
	}
}

// gaps finds the next gap that is not taken.
type gaps []int32 // by gap: itself when it is free, else one that is not before the next free one

func newGaps(end int32) gaps {
	g := make(gaps, end+2)
	for i := range g {
		g[i] = int32(i)
	}
	return g
}

// from returns the first free gap from at on.
func (g gaps) from(at int32) int32 {
	for g[at] != at {
		g[at] = g[g[at]]
		at = g[at]
	}
	return at
}

// take takes the gaps [from, to).
func (g gaps) take(from, to int32) {
	for at := from; at < to; at++ {
		if at = g.from(at); at < to {
			g[at] = to
		}
	}
}
