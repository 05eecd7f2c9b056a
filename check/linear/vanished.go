package linear

import (
	"fmt"
	"strings"
)

// vanished decides whether takes that crashed can have taken the elements that are
// missed, in a queue or a bag: elements that nobody was seen to take, yet that must
// have left. It is asked when all else is well.
//
// A take that crashed may have happened at any time after its invocation, so it
// serves any element that must leave by a deadline after that. Deadlines can be met
// if and only if up to each of them at least as many such takes were invoked as
// there are elements to leave (Hall).
//
//   - In a queue, an element must leave before the first completed take of one that
//     surely went in after it.
//   - For a take to find nothing in some gap, all that surely went in before that gap
//     must leave by then. Whether a gap will do depends on nothing but the deadlines
//     of the rest: up to each later one there must be takes for these elements and
//     for those with a deadline. So it does not matter what gap is chosen for another
//     take that found nothing.
func (c *container) vanished() *proof {
	end := c.time.end
	deadline := c.deadlines()
	var want tree // by deadline: elements that must have left, less the takes there are for them
	numbers := make([]int32, end+1)
	for _, op := range c.lost {
		numbers[c.time.spans[op].inv+1]--
	}
	for at := 1; at < len(numbers); at++ {
		numbers[at] += numbers[at-1]
	}
	want.build(numbers)
	for _, at := range deadline {
		if at < end {
			want.add(at, end+1, 1)
		}
	}
	if at := want.next(0, end+1, func(_, most int32) bool { return most > 0 }); at <= end {
		return c.missing(at, func(i int) bool { return deadline[i] <= at }, "these must have come out before what %s took")
	}
	change := c.seenChanges()
	inside, gone, free := int32(0), int32(0), int32(0)
	for tick := int32(1); tick < end; tick++ {
		op := c.time.order[tick] >> 1
		switch {
		case change[tick] == foundNothing:
			if free < c.time.spans[op].inv {
				return c.missing(tick, func(i int) bool { return c.elements[i].put.res < tick }, "all these were inside before %s found nothing, which leaves it no moment")
			}
		default:
			inside += change[tick]
		}
		if at := c.byNumber[tick]; at > 0 { // an element that nobody was seen to take is surely in
			gone++
			if d := deadline[at-1]; d < end {
				want.add(d, end+1, -1)
			}
		}
		if inside == 0 && want.next(tick+1, end+1, func(_, most int32) bool { return most+gone > 0 }) > end {
			free = tick
		}
	}
	return nil
}

// missing is a proof that too few takes crashed for the elements that must have
// left until the completion at a tick.
func (c *container) missing(tick int32, left func(i int) bool, what string) *proof {
	row := c.rows[c.time.order[tick]>>1]
	rows := []int32{row}
	var puts, takes []string
	for i := range c.elements {
		if e := &c.elements[i]; e.takeOp == nobody && left(i) && len(puts) < mostListed {
			rows = append(rows, c.rows[e.putOp])
			puts = append(puts, c.say(c.rows[e.putOp]))
		}
	}
	for _, op := range c.lost {
		if c.time.spans[op].inv < tick && len(takes) < mostListed {
			rows = append(rows, c.rows[op])
			takes = append(takes, c.say(c.rows[op]))
		}
	}
	p := because(rows, "Nobody was seen to take the elements of %s, yet %s. Only %s may have taken them, which are too few or came too late.",
		strings.Join(puts, ", "), fmt.Sprintf(what, c.say(row)), strings.Join(takes, ", "))
	p.context = c.rows // deadlines come from anywhere
	return p
}

// deadlines returns, by element, the tick before which it must have left though
// nobody was seen to take it, or the end. It leaves, by tick, the element plus one
// of these whose put completed then in byNumber.
func (c *container) deadlines() []int32 {
	end := c.time.end
	deadline := make([]int32, len(c.elements))
	begun := make([]int32, end+1) // by tick: the element, plus one, whose put was invoked then
	done := make([]int32, end+1)
	for i := range c.elements {
		deadline[i] = end
		e := &c.elements[i]
		if e.takeOp == nobody {
			done[e.put.res] = int32(i) + 1
		} else {
			begun[e.put.inv] = int32(i) + 1
		}
	}
	first := end // completion of a take of an element whose put was invoked later
	for tick := end - 1; tick > 0 && c.ordered; tick-- {
		if at := begun[tick]; at > 0 {
			first = min(first, c.elements[at-1].take.res)
		}
		if at := done[tick]; at > 0 {
			deadline[at-1] = first
		}
	}
	c.byNumber = done
	return deadline
}

// seenChanges is changes for the elements that somebody was seen to take.
func (c *container) seenChanges() []int32 {
	all := c.elements
	defer func() { c.elements = all }()
	c.elements = nil
	for _, e := range all {
		if e.takeOp != nobody {
			c.elements = append(c.elements, e)
		}
	}
	return c.changes()
}
