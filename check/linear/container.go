package linear

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/history"
	"checker/models"
)

// container decides objects that elements are put in and taken from: queues, bags,
// stacks and priority queues. It applies where each element is put in once at most.
//
// An element was surely inside from the completion of its put to the invocation of
// its take, where one comes before the other; see element.inside. Everything that
// can go wrong is said in terms of these intervals, by the judge of each type.
//
// A put that crashed and whose element nobody took is left out: nobody misses it.
// A take that crashed may have taken any element, and then two other questions
// are asked. Is the history legal when no such take happened? Then it is legal. Is
// it illegal even when each element that was not seen to leave may have left at
// any time from the first such take on? Then it is illegal. Otherwise it depends on
// how many such takes there were; of queues and bags that is decided, too, and of
// others the search decides.
type container struct {
	*view
	judge   func(*container) *proof
	counts  bool // takes that crashed can be counted, see vanished
	ordered bool // what goes in first comes out first

	numbers  numbering
	time     timeline
	rows     []int32
	elements []element // those that count, by the time of their put
	empties  []int32   // takes that found nothing, in order
	lost     []int32   // takes that crashed, in order
	byNumber []int32   // by number of a value: its element plus one
	scratch  []int32
}

// element is a value that was put in.
type element struct {
	value     history.Ref
	put, take span
	putOp     int32
	takeOp    int32 // or nobody
}

// inside returns the first and the last but one of the gaps in which the element
// was surely inside: none when from >= to.
func (e *element) inside() (from, to int32) { return e.put.res, e.take.inv }

func (c *container) decide(ctx context.Context, obj object) (answer, *proof, object) {
	if !c.fresh() || ctx.Err() != nil {
		return undecided, nil, obj
	}
	c.rows = obj.rows
	c.time.start(c.view, obj.rows)
	c.number()
	if p, applies := c.collect(); p != nil {
		return illegal, p, obj
	} else if !applies {
		return undecided, nil, obj
	}
	if p := c.backwards(); p != nil {
		return illegal, p, obj
	}
	p := c.judge(c)
	switch {
	case p == nil:
		return legal, nil, obj
	case len(c.lost) == 0:
		return illegal, p, obj
	}
	for i := range c.elements {
		if e := &c.elements[i]; e.takeOp == nobody {
			e.take = span{c.time.spans[c.lost[0]].inv, c.time.end + 1}
		}
	}
	switch p = c.judge(c); {
	case p == nil && !c.counts:
		return undecided, nil, obj
	case p == nil:
		if p = c.vanished(); p == nil {
			return legal, nil, obj
		}
		return illegal, p, obj
	}
	for _, op := range c.lost[:min(len(c.lost), mostConfirmed/2)] {
		p.context = append(p.context, c.rows[op])
	}
	return illegal, p, obj
}

// number numbers the elements.
func (c *container) number() {
	c.numbers.begin(&c.h.Heap)
	for _, row := range c.rows {
		if c.function(int(row)) == models.QueueEnqueue {
			c.numbers.see(c.in(int(row)))
		}
	}
	c.numbers.ready()
}

// collect finds the elements. It is false when one was put in twice.
func (c *container) collect() (bad *proof, applies bool) {
	c.elements, c.empties, c.lost = c.elements[:0], c.empties[:0], c.lost[:0]
	c.byNumber = c.byNumber[:0]
	for i, row := range c.rows {
		if c.function(int(row)) != models.QueueEnqueue {
			continue
		}
		value := c.in(int(row))
		at := c.place(value)
		if *at != 0 || value.IsNil() {
			return nil, false
		}
		c.elements = append(c.elements, element{value: value, put: c.time.spans[i], putOp: int32(i), takeOp: nobody,
			take: span{c.time.end, c.time.end + 1}})
		*at = int32(len(c.elements))
	}
	for i, row := range c.rows {
		op := int32(i)
		switch {
		case c.function(int(row)) == models.QueueEnqueue:
			continue
		case c.time.crashed(op):
			c.lost = append(c.lost, op)
			continue
		}
		_, res := c.outcome(int(row))
		value := c.out(res)
		if value.IsNil() {
			c.empties = append(c.empties, op)
			continue
		}
		at := *c.place(value)
		if at == 0 {
			return because([]int32{row}, "%s took %s, which nobody put in.", c.say(row), c.show(value)), true
		}
		e := &c.elements[at-1]
		if e.takeOp != nobody {
			return because([]int32{c.rows[e.putOp], c.rows[e.takeOp], row}, "%s and %s both took %s, but only %s put it in.",
				c.say(c.rows[e.takeOp]), c.say(row), c.show(value), c.say(c.rows[e.putOp])), true
		}
		e.takeOp, e.take = op, c.time.spans[i]
	}
	c.elements = slices.DeleteFunc(c.elements, func(e element) bool { return e.takeOp == nobody && c.time.crashed(e.putOp) })
	return nil, true
}

// place is where the element of a value is kept.
func (c *container) place(value history.Ref) *int32 {
	n := int(c.numbers.of(value))
	for n >= len(c.byNumber) {
		c.byNumber = append(c.byNumber, 0)
	}
	return &c.byNumber[n]
}

// backwards finds an element that was taken before it was put in.
func (c *container) backwards() *proof {
	for i := range c.elements {
		if e := &c.elements[i]; e.take.res < e.put.inv {
			return because(c.opsOf(e), "%s completed before %s was invoked, the only one that put %s in.",
				c.say(c.rows[e.takeOp]), c.say(c.rows[e.putOp]), c.show(e.value))
		}
	}
	return nil
}

// opsOf returns the rows of an element's ops.
func (c *container) opsOf(e *element) []int32 {
	rows := []int32{c.rows[e.putOp]}
	if e.takeOp != nobody {
		rows = append(rows, c.rows[e.takeOp])
	}
	return rows
}

// sayStay tells how long an element was surely inside.
func (c *container) sayStay(e *element) string {
	text := fmt.Sprintf("%s was inside from the completion of %s", c.show(e.value), c.say(c.rows[e.putOp]))
	switch {
	case e.takeOp != nobody:
		return text + fmt.Sprintf(" to the invocation of %s", c.say(c.rows[e.takeOp]))
	case len(c.lost) == 0:
		return text + " on, since nobody took it"
	}
	return text + fmt.Sprintf(" at least to the invocation of %s, the first op that may have taken it", c.say(c.rows[c.lost[0]]))
}

// neverEmpty finds a take that found nothing though an element was surely inside
// at every moment of it.
func (c *container) neverEmpty() *proof {
	if len(c.empties) == 0 {
		return nil
	}
	change := c.changes()
	inside, free := int32(0), int32(0) // free: the last gap in which maybe nothing was inside
	for tick := int32(1); tick < c.time.end; tick++ {
		if event := c.time.order[tick]; event&1 == 1 {
			if op := event >> 1; change[tick] == foundNothing && free < c.time.spans[op].inv {
				return c.covered(c.rows[op:op+1:op+1], c.time.spans[op].inv, tick, c.elements,
					fmt.Sprintf("%s found nothing, but something was inside all the time", c.say(c.rows[op])))
			}
		}
		if change[tick] != foundNothing {
			inside += change[tick]
		}
		if inside == 0 {
			free = tick
		}
	}
	return nil
}

// foundNothing marks the completion of a take that found nothing, among changes.
const foundNothing int32 = 1 << 30

// changes returns, by tick, how many elements more are surely inside after it.
func (c *container) changes() []int32 {
	c.scratch = slices.Grow(c.scratch[:0], int(c.time.end)+2)[:c.time.end+2]
	clear(c.scratch)
	for i := range c.elements {
		if from, to := c.elements[i].inside(); from < to {
			c.scratch[from]++
			c.scratch[to]--
		}
	}
	for _, op := range c.empties {
		c.scratch[c.time.spans[op].res] = foundNothing
	}
	return c.scratch
}

// covered proves what cannot be because in each of the gaps [from, to) one among
// some elements was inside. It names as few of these as it takes.
func (c *container) covered(rows []int32, from, to int32, among []element, what string) *proof {
	var said []string
	for from < to {
		var best *element
		end := from
		for i := range among {
			if a, b := among[i].inside(); a <= from && b > end {
				best, end = &among[i], b
			}
		}
		if best == nil {
			panic("linear: a gap that nothing covers")
		}
		rows = append(rows, c.opsOf(best)...)
		if len(said) < mostListed {
			said = append(said, c.sayStay(best))
		}
		from = end
	}
	return because(rows, "%s:\n  %s.", what, strings.Join(said, ";\n  "))
}

// bag judges elements that may come out in any order. Put and take of each have a
// moment outside of all gaps that the takes which found nothing need, so those are
// all that can go wrong.
func (c *container) bag() *proof { return c.neverEmpty() }

// fifo judges elements that come out in the order in which they went in. Besides,
// no element may come out before one that surely went in before it (Henzinger,
// Sezgin and Vafeiadis 2013 show that this is all).
func (c *container) fifo() *proof {
	if p := c.neverEmpty(); p != nil {
		return p
	}
	if len(c.elements) == 0 {
		return nil
	}
	byPut := c.byNumber[:0] // by tick: the element, plus one, whose put completed then
	byPut = slices.Grow(byPut, int(c.time.end)+2)[:c.time.end+2]
	clear(byPut)
	for i := range c.elements {
		if e := &c.elements[i]; e.put.res < c.time.end {
			byPut[e.put.res] = int32(i) + 1
		}
	}
	c.byNumber = byPut
	var first *element // of those put in so far, the one whose take was invoked last
	tick := int32(1)
	for i := range c.elements {
		b := &c.elements[i]
		for ; tick < b.put.inv; tick++ {
			if at := byPut[tick]; at > 0 && (first == nil || c.elements[at-1].take.inv > first.take.inv) {
				first = &c.elements[at-1]
			}
		}
		if first != nil && b.take.res < first.take.inv {
			return c.overtaken(first, b)
		}
	}
	return nil
}

// overtaken proves that b came out before a, which went in before it.
func (c *container) overtaken(a, b *element) *proof {
	left := "nobody took " + c.show(a.value)
	switch {
	case a.takeOp != nobody:
		left = fmt.Sprintf("%s completed before %s was invoked", c.say(c.rows[b.takeOp]), c.say(c.rows[a.takeOp]))
	case len(c.lost) > 0:
		left = fmt.Sprintf("%s completed before %s was invoked, the first op that may have taken %s",
			c.say(c.rows[b.takeOp]), c.say(c.rows[c.lost[0]]), c.show(a.value))
	}
	return because(append(c.opsOf(a), c.opsOf(b)...), "%s went in before %s, since %s completed before %s was invoked, but %s.",
		c.show(a.value), c.show(b.value), c.say(c.rows[a.putOp]), c.say(c.rows[b.putOp]), left)
}
