package linear

import (
	"context"
	"slices"

	"checker/history"
	"checker/models"
)

// log decides lists that grow at their end and are read whole. It applies where
// each element is appended once at most.
//
// Reads must be beginnings of the longest of them, which is then the order of what
// was appended: append of the first element, reads of one element, append of the
// second… What was appended and never read comes after all that; if it crashed, it
// is left out.
type log struct {
	*view
	numbers numbering
	time    timeline
	rows    []int32
	writers []int32 // by number of an element: the op that appended it, plus one
	reads   []int32
	ranks   []ranked
	place   []int32 // by number of an element: its place in the longest read, from 1
}

func (l *log) decide(ctx context.Context, obj object) (answer, *proof, object) {
	if !l.fresh() || ctx.Err() != nil || !l.collect(obj.rows) {
		return undecided, nil, obj
	}
	l.time.start(l.view, obj.rows)
	longest, p := l.line()
	if p == nil {
		p = l.rank(longest)
	}
	if p != nil {
		return illegal, p, obj
	}
	return legal, nil, obj
}

// collect finds who appended what. It is false when an element was appended twice,
// or a read is no list.
func (l *log) collect(rows []int32) bool {
	l.rows, l.reads, l.writers = rows, l.reads[:0], l.writers[:0]
	l.numbers.begin(&l.h.Heap)
	for _, row := range rows {
		if l.function(int(row)) == models.LogAppend {
			l.numbers.see(l.in(int(row)))
		}
	}
	l.numbers.ready()
	for i, row := range rows {
		if l.function(int(row)) == models.LogAppend {
			at := l.writer(l.in(int(row)))
			if *at != 0 {
				return false
			}
			*at = int32(i) + 1
		} else if _, res := l.outcome(int(row)); res != never {
			if !l.isList(l.out(res)) {
				return false
			}
			l.reads = append(l.reads, int32(i))
		}
	}
	return true
}

func (v *view) isList(x history.Ref) bool {
	switch x.Kind() {
	case history.KindVector, history.KindList, history.KindNil:
		return !v.h.Heap.IsTxn(x)
	}
	return false
}

// writer is where the op, plus one, that appended an element is kept.
func (l *log) writer(element history.Ref) *int32 {
	n := int(l.numbers.of(element))
	for n >= len(l.writers) {
		l.writers = append(l.writers, 0)
	}
	return &l.writers[n]
}

// seen returns what a read returned.
func (l *log) seen(op int32) history.Ref {
	_, res := l.outcome(int(l.rows[op]))
	return l.out(res)
}

// line compares every read with the longest one, which it returns, or nobody.
func (l *log) line() (longest int32, bad *proof) {
	longest = nobody
	for _, op := range l.reads {
		if longest == nobody || l.h.Heap.Len(l.seen(op)) > l.h.Heap.Len(l.seen(longest)) {
			longest = op
		}
	}
	if longest == nobody {
		return nobody, nil
	}
	order := l.seen(longest)
	if p := l.elements(longest, order); p != nil {
		return longest, p
	}
	for _, op := range l.reads {
		read := l.seen(op)
		if l.begins(read, order) {
			continue
		}
		for i := range l.h.Heap.Len(read) {
			if !l.h.Equal(l.h.Heap.Elem(read, i), l.h.Heap.Elem(order, i)) {
				p := because([]int32{l.rows[op], l.rows[longest]}, "%s is not a beginning of %s: they differ in element %d, which is %s and %s.",
					l.say(l.rows[op]), l.say(l.rows[longest]), i+1, l.show(l.h.Heap.Elem(read, i)), l.show(l.h.Heap.Elem(order, i)))
				p.context = append(l.appends(read), l.appends(order)...)
				return longest, p
			}
		}
	}
	return longest, nil
}

// begins reports whether order surely begins with read, where both are vectors of
// small integers.
func (l *log) begins(read, order history.Ref) bool {
	a, ok := l.h.Heap.Ints(read)
	b, also := l.h.Heap.Ints(order)
	return ok && also && slices.Equal(a, b[:len(a)])
}

// elements checks that the longest read has what was appended, once each, and
// notes the place of each element.
func (l *log) elements(longest int32, order history.Ref) *proof {
	l.place = append(l.place[:0], make([]int32, len(l.writers))...)
	row := l.rows[longest]
	for i := range l.h.Heap.Len(order) {
		e := l.h.Heap.Elem(order, i)
		w := *l.writer(e)
		switch n := l.numbers.of(e); {
		case w == 0:
			p := because([]int32{row}, "%s has %s, which nobody appended.", l.say(row), l.show(e))
			p.context = l.appends(order)
			return p
		case l.place[n] != 0:
			p := because([]int32{row, l.rows[w-1]}, "%s has %s twice, but only %s appended it.", l.say(row), l.show(e), l.say(l.rows[w-1]))
			p.context = l.appends(order)
			return p
		default:
			l.place[n] = int32(i) + 1
		}
	}
	return nil
}

// appends returns the rows of the ops that appended what a read returned.
func (l *log) appends(read history.Ref) []int32 {
	var rows []int32
	for i := range l.h.Heap.Len(read) {
		if w := *l.writer(l.h.Heap.Elem(read, i)); w > 0 {
			rows = append(rows, l.rows[w-1])
		}
		if len(rows) > mostConfirmed {
			break
		}
	}
	return rows
}

// rank puts all ops in line.
func (l *log) rank(longest int32) *proof {
	l.ranks = l.ranks[:0]
	for _, op := range l.reads {
		l.ranks = append(l.ranks, ranked{rank: int32(2 * l.h.Heap.Len(l.seen(op))), op: op})
	}
	for i, row := range l.rows {
		if l.function(int(row)) != models.LogAppend {
			continue
		}
		place := int32(0)
		if longest != nobody {
			place = l.place[l.numbers.of(l.in(int(row)))]
		}
		switch {
		case place > 0:
			l.ranks = append(l.ranks, ranked{rank: 2*place - 1, op: int32(i)})
		case !l.time.crashed(int32(i)):
			l.ranks = append(l.ranks, ranked{rank: 1 << 30, op: int32(i)})
		}
	}
	high, low, found := l.time.outOfRank(l.ranks)
	if !found {
		return nil
	}
	return l.explainRanks(high, low)
}

// explainRanks: high completed before low was invoked, which must come before it.
// If low is an append then the shortest read that has its element tells: it has
// the element of high later, or not at all.
func (l *log) explainRanks(high, low ranked) *proof {
	x, y := l.rows[high.op], l.rows[low.op]
	rows := []int32{x, y}
	why := "it has not the element that the former appended"
	switch reads := l.function(int(x)) == models.LogRead; {
	case l.function(int(y)) == models.LogAppend && reads:
		why = "the former has what the latter appended"
	case l.function(int(y)) == models.LogAppend:
		shortest := nobody
		for _, op := range l.reads {
			n := int32(l.h.Heap.Len(l.seen(op)))
			if 2*n > low.rank && (shortest == nobody || n < int32(l.h.Heap.Len(l.seen(shortest)))) {
				shortest = op
			}
		}
		rows = append(rows, l.rows[shortest])
		why = "the element of the latter stands first in " + l.say(l.rows[shortest])
	case reads:
		why = "the latter has fewer elements"
	}
	p := because(rows, "%s completed before %s was invoked, but %s.", l.say(x), l.say(y), why)
	for _, row := range rows {
		if l.function(int(row)) == models.LogRead {
			_, res := l.outcome(int(row))
			p.context = append(p.context, l.appends(l.out(res))...)
		}
	}
	return p
}
