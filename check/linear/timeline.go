package linear

import "slices"

// span is when an op happened: after the tick of its invocation and before that
// of its completion.
type span struct{ inv, res int32 }

// timeline is when the ops of one object happened, counted in ticks from 1 on:
// one for each invocation and one for each completion. So time is dense whatever
// else the history holds. Between two ticks lies a gap, which has the number of
// the tick before it: an op happened in one of the gaps from inv to res-1.
type timeline struct {
	spans []span  // by op, which is its place in the object's rows
	order []int32 // by tick: twice the op, plus one where it ended
	end   int32   // the tick after the last; an op that crashed ends after that
	byRow []int32 // scratch
}

// sparse is how many rows of a history may go on one of an object for the rows to
// be looked up in a table.
const sparse = 8

// start reads the times of an object's ops.
func (t *timeline) start(v *view, rows []int32) {
	t.spans = slices.Grow(t.spans[:0], len(rows))[:len(rows)]
	t.order = append(slices.Grow(t.order[:0], 2*len(rows)+1), 0)
	t.end = 1
	if len(rows) == 0 {
		return
	}
	first, last := rows[0], rows[len(rows)-1]
	for i, row := range rows {
		_, res := v.outcome(int(row))
		if t.spans[i] = (span{row, res}); res != never {
			last = max(last, res)
		}
	}
	if int(last-first) < sparse*len(rows) {
		t.table(first, last)
	} else {
		t.merge()
	}
	for i := range t.spans {
		if t.spans[i].res == never {
			t.spans[i].res = t.end + 1
		}
	}
}

// tick gives the next tick to an event.
func (t *timeline) tick(event int32) {
	if op := event >> 1; event&1 == 0 {
		t.spans[op].inv = t.end
	} else {
		t.spans[op].res = t.end
	}
	t.order = append(t.order, event)
	t.end++
}

// table orders events by writing them down at their rows.
func (t *timeline) table(first, last int32) {
	n := int(last-first) + 1
	t.byRow = slices.Grow(t.byRow[:0], n)[:n]
	clear(t.byRow)
	for i, s := range t.spans {
		t.byRow[s.inv-first] = int32(2*i) + 1
		if s.res != never {
			t.byRow[s.res-first] = int32(2*i+1) + 1
		}
	}
	for _, event := range t.byRow {
		if event > 0 {
			t.tick(event - 1)
		}
	}
}

// merge orders events by sorting the completions.
func (t *timeline) merge() {
	var ends []int64
	for i, s := range t.spans {
		if s.res != never {
			ends = append(ends, int64(s.res)<<32|int64(i))
		}
	}
	slices.Sort(ends)
	invs := make([]int32, len(t.spans))
	for i, s := range t.spans {
		invs[i] = s.inv
	}
	begun := 0
	for _, e := range ends {
		for ; begun < len(invs) && invs[begun] < int32(e>>32); begun++ {
			t.tick(int32(2 * begun))
		}
		t.tick(int32(2*(e&(1<<32-1)) + 1))
	}
	for ; begun < len(invs); begun++ {
		t.tick(int32(2 * begun))
	}
}

// crashed reports whether nobody knows if an op happened.
func (t *timeline) crashed(op int32) bool { return t.spans[op].res > t.end }
