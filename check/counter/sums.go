package counter

import (
	"slices"
	"sort"
)

// mostSums bounds the table of sums by which a read is decided.
const mostSums = 1 << 20

// coins are the sizes of adds of which each may have happened or not.
type coins struct {
	unit int64   // a divisor of them all
	span int64   // every multiple of the unit up to here is a sum of some of them
	rest []int64 // those beyond a gap, in ascending order
}

// add adds an add of that size, which is above 0.
func (c *coins) add(size int64) {
	i, _ := slices.BinarySearch(c.rest, size)
	c.rest = slices.Insert(c.rest, i, size)
	for len(c.rest) > 0 && c.rest[0] <= c.span+c.unit {
		c.span += c.rest[0]
		c.rest = c.rest[1:]
	}
}

// with returns the coins and some more.
func (c coins) with(sizes []int64) coins {
	c.rest = slices.Clone(c.rest)
	for _, size := range sizes {
		c.add(size)
	}
	return c
}

// makes reports whether some of the coins add up to sum. known is false where that
// is too much work.
func (c coins) makes(sum int64) (yes, known bool) {
	total := int64(0)
	for _, size := range c.rest {
		total += size
	}
	switch {
	case sum < 0 || sum > c.span+total || sum%c.unit != 0:
		return false, true
	case sum <= c.span || sum >= total: // the rest whole, and the span beside it
		return true, true
	case total/c.unit >= mostSums:
		return false, false
	}
	reached := make([]bool, total/c.unit+1)
	reached[0] = true
	top := int64(0)
	for _, size := range c.rest {
		step := size / c.unit
		for s := top; s >= 0; s-- {
			if reached[s] {
				reached[s+step] = true
			}
		}
		top += step
	}
	first := max(0, sum-c.span+c.unit-1) / c.unit
	for s := first; s <= min(top, sum/c.unit); s++ {
		if reached[s] {
			return true, true
		}
	}
	return false, true
}

// optional are the adds that may have happened or not, as the rows go by.
type optional struct {
	crashed coins
	open    []int64 // of adds that are under way and will be ok
	done    []done  // of adds that are ok, in the order of their completions
}

// done is an add that is ok, and the row at which it completed.
type done struct {
	row  int32
	size int64
}

// begin takes an add that is invoked.
func (o *optional) begin(e *event, ok bool) {
	switch {
	case e.delta == 0:
	case ok:
		o.open = append(o.open, magnitude(e.delta))
	default:
		o.crashed.add(magnitude(e.delta))
	}
}

// end takes an add that completed as ok.
func (o *optional) end(e *event) {
	if e.delta == 0 {
		return
	}
	i := slices.Index(o.open, magnitude(e.delta))
	o.open = slices.Delete(o.open, i, i+1)
	o.done = append(o.done, done{e.pair.Comp, magnitude(e.delta)})
}

// at returns the adds that a read invoked at row may have seen or not.
func (o *optional) at(row int32) coins {
	from := sort.Search(len(o.done), func(i int) bool { return o.done[i].row > row })
	sizes := slices.Clone(o.open)
	for _, d := range o.done[from:] {
		sizes = append(sizes, d.size)
	}
	return o.crashed.with(sizes)
}

func magnitude(n int64) int64 { return max(n, -n) }
