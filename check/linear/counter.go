package linear

import (
	"context"
	"fmt"

	"checker/models"
)

// counter decides counters to which every op adds the same, which is not 0. Ops
// that add nothing do not matter.
//
// Adds differ only in when they were open, so nothing is lost by keeping the count
// as low as can be for as long as can be: an add is put in order at its completion
// or, where a read completes that saw more, before that read, those adds first that
// would complete first. A read is legal if the count has not gone past what it saw
// when it is invoked, and can get there until it completes.
type counter struct {
	*view
	time  timeline
	rows  []int32
	start int64
	step  int64
	adds  []bool // by op: it adds, otherwise it reads or does nothing
	reads []bool
	saw   []int64 // by op that reads: how many adds it saw
	used  []bool
	open  queue
}

func (c *counter) decide(ctx context.Context, obj object) (answer, *proof, object) {
	var ok bool
	if c.start, ok = c.model.Initial.Int(); !ok || ctx.Err() != nil {
		return undecided, nil, obj
	}
	c.rows = obj.rows
	c.time.start(c.view, obj.rows)
	if !c.collect() {
		return undecided, nil, obj
	}
	for i := range c.rows {
		if p := c.stray(int32(i)); p != nil {
			return illegal, p, obj
		}
	}
	if p := c.sweep(); p != nil {
		return illegal, p, obj
	}
	return legal, nil, obj
}

// collect reads the ops. It is false when they do not all add the same.
func (c *counter) collect() bool {
	n := len(c.rows)
	c.adds, c.reads = append(c.adds[:0], make([]bool, n)...), append(c.reads[:0], make([]bool, n)...)
	c.used, c.saw = append(c.used[:0], make([]bool, n)...), append(c.saw[:0], make([]int64, n)...)
	c.step = 0
	for i, row := range c.rows {
		f := c.function(int(row))
		if f == models.CounterRead {
			if _, res := c.outcome(int(row)); res != never {
				var ok bool
				if c.saw[i], ok = c.h.Heap.Int(c.out(res)); !ok {
					return false
				}
				c.reads[i] = true
			}
			continue
		}
		by, ok := int64(1), true
		if in := c.in(int(row)); !in.IsNil() || f == models.CounterAdd {
			by, ok = c.h.Heap.Int(in)
		}
		if f == models.CounterDec {
			by = -by
		}
		if !ok || c.step != 0 && by != 0 && by != c.step {
			return false
		}
		if by != 0 {
			c.step, c.adds[i] = by, true
		}
	}
	return c.small()
}

// small makes the results of reads numbers of adds, where they are. It is false
// when numbers are so large that differences of them may not be numbers.
func (c *counter) small() bool {
	const large = 1 << 61
	for i := range c.saw {
		if c.saw[i] > large || c.saw[i] < -large || c.start > large || c.start < -large {
			return false
		}
	}
	return true
}

// stray finds out whether a read saw what no number of adds makes, and otherwise
// counts the adds.
func (c *counter) stray(op int32) *proof {
	if !c.reads[op] {
		return nil
	}
	row, by := c.rows[op], c.saw[op]-c.start
	switch {
	case c.step == 0 && by != 0:
		return because([]int32{row}, "%s saw a change from %d, but nobody added anything.", c.say(row), c.start)
	case c.step == 0:
	case by%c.step != 0:
		return because([]int32{row}, "%s saw what no number of adds makes: the counter began at %d and every op added %d.", c.say(row), c.start, c.step)
	case by/c.step < 0:
		return because([]int32{row}, "%s saw what no number of adds makes: the counter began at %d and every op added %d.", c.say(row), c.start, c.step)
	default:
		c.saw[op] = by / c.step
	}
	return nil
}

// sweep goes through the events with the least count that is possible.
func (c *counter) sweep() *proof {
	c.open.reset()
	count := int64(0)
	for _, event := range c.time.order[1:] {
		op := event >> 1
		switch begins := event&1 == 0; {
		case c.adds[op] && begins:
			c.open.add(c.time.spans[op].res, op)
		case c.adds[op] && !c.used[op]:
			c.used[op] = true
			count++
		case c.reads[op] && begins && count > c.saw[op]:
			return c.tooFew(op)
		case c.reads[op] && !begins:
			for ; count < c.saw[op]; count++ {
				next, ok := c.unused()
				if !ok {
					return c.tooMany(op)
				}
				c.used[next] = true
			}
		}
	}
	return nil
}

func (c *counter) unused() (op int32, ok bool) {
	for {
		op, ok = c.open.pop()
		if !ok || !c.used[op] {
			return op, ok
		}
	}
}

// tooFew proves that there were more adds before a read than it saw: those that
// completed before it, or what an earlier read saw and the adds between the two.
// The least count is always one of these: if an add that an earlier read needs is
// still open, then every add that counts beyond that was invoked after that read.
func (c *counter) tooFew(op int32) *proof {
	s := c.time.spans[op]
	var between []int32 // adds that were invoked later and completed before the read
	for tick := s.inv - 1; tick > 0; tick-- {
		event := c.time.order[tick]
		before := event >> 1
		switch {
		case event&1 == 0 && c.adds[before] && c.time.spans[before].res < s.inv:
			between = append(between, c.rows[before])
		case event&1 == 1 && c.reads[before] && c.saw[before]+int64(len(between)) > c.saw[op]:
			return c.since(before, op, between, fmt.Sprintf("%d adds completed in between", len(between)))
		}
	}
	rows := append(between[max(0, int64(len(between))-c.saw[op]-1):], c.rows[op])
	return because(rows, "%s saw %d adds, but %d completed before it was invoked.", c.say(c.rows[op]), c.saw[op], len(between))
}

// since proves something of a read by an earlier one and the adds since.
func (c *counter) since(before, op int32, adds []int32, what string) *proof {
	p := because(append([]int32{c.rows[before], c.rows[op]}, adds...), "%s completed before %s was invoked, and %s.",
		c.say(c.rows[before]), c.say(c.rows[op]), what)
	from := models.Datum(c.start + c.step*c.saw[before])
	p.from = &from
	return p
}

// tooMany proves that a read saw more adds than there can be: all that were
// invoked before it completed, or those that an earlier read saw and those that
// may have come since.
func (c *counter) tooMany(op int32) *proof {
	res := c.time.spans[op].res
	for tick := c.time.spans[op].inv - 1; tick > 0; tick-- {
		event := c.time.order[tick]
		before := event >> 1
		if event&1 == 0 || !c.reads[before] {
			continue
		}
		if late := c.possible(c.time.spans[before].inv, res); c.saw[before]+int64(len(late)) < c.saw[op] {
			return c.since(before, op, late, fmt.Sprintf("at most %d adds can have happened in between", len(late)))
		}
		break
	}
	all := c.possible(0, res)
	return because(append(all, c.rows[op]), "%s saw %d adds, but only %d were invoked before it completed.", c.say(c.rows[op]), c.saw[op], len(all))
}

// possible returns the adds that can have happened between two ticks.
func (c *counter) possible(from, to int32) []int32 {
	var rows []int32
	for i, s := range c.time.spans {
		if c.adds[i] && s.inv < to && s.res > from {
			rows = append(rows, c.rows[i])
		}
	}
	return rows
}
