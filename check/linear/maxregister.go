package linear

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"checker/history"
	"checker/models"
)

// maxRegister decides cells that keep the largest number written. It always
// applies, but for values that are no numbers.
//
// Reads come in the order of what they saw. Of the writes of a number that was
// read, one comes right before those reads; it may as well be the one that was
// invoked first. Every other write only has to come after the reads of less: later
// it shows nowhere. What crashed and shows nowhere is left out.
type maxRegister struct {
	*view
	time  timeline
	rows  []int32
	ops   []sized
	ranks []ranked
}

// sized is an op with its number.
type sized struct {
	number int64
	op     int32
	reads  bool
}

// nothing is what a max-register has before anything was written: less than any
// number.
const nothing = -1 << 63

func (m *maxRegister) decide(ctx context.Context, obj object) (answer, *proof, object) {
	if ctx.Err() != nil || !m.collect(obj.rows) {
		return undecided, nil, obj
	}
	m.time.start(m.view, obj.rows)
	initial, _ := m.number(m.model.Initial)
	if p := m.rank(initial); p != nil {
		return illegal, p, obj
	}
	if high, low, found := m.time.outOfRank(m.ranks); found {
		return illegal, m.explain(high, low), obj
	}
	return legal, nil, obj
}

func (m *maxRegister) number(x history.Value) (int64, bool) {
	if x.IsNil() {
		return nothing, true
	}
	n, ok := x.Int()
	return n, ok && n != nothing
}

// collect sorts the ops by number, writes first. It is false when one has none.
func (m *maxRegister) collect(rows []int32) bool {
	m.rows, m.ops = rows, m.ops[:0]
	for i, row := range rows {
		o := sized{op: int32(i), reads: m.function(int(row)) == models.MaxRead}
		value := m.in(int(row))
		if o.reads {
			_, res := m.outcome(int(row))
			if res == never {
				continue
			}
			value = m.out(res)
		}
		n, ok := m.h.Heap.Int(value)
		if value.IsNil() && o.reads {
			n, ok = nothing, true
		}
		if o.number = n; !ok || n == nothing && !value.IsNil() {
			return false
		}
		m.ops = append(m.ops, o)
	}
	slices.SortFunc(m.ops, bySize)
	return true
}

func bySize(a, b sized) int {
	switch {
	case a.number != b.number:
		return cmp.Compare(a.number, b.number)
	case a.reads != b.reads && b.reads:
		return -1
	case a.reads != b.reads:
		return 1
	}
	return cmp.Compare(a.op, b.op)
}

// rank gives every op its rank, or finds a read that nothing explains.
func (m *maxRegister) rank(initial int64) *proof {
	m.ranks = m.ranks[:0]
	rank := int32(0)
	for from := 0; from < len(m.ops); rank += 2 {
		to, first := from, m.ops[from]
		for to < len(m.ops) && m.ops[to].number == first.number {
			to++
		}
		read := m.ops[to-1] // one if there are any
		switch row := m.rows[read.op]; {
		case !read.reads:
		case first.number < initial:
			return because([]int32{row}, "%s saw less than what was there at first.", m.say(row))
		case first.reads && first.number != initial:
			return because([]int32{row}, "%s saw a number that nobody wrote.", m.say(row))
		}
		for i, o := range m.ops[from:to] {
			r := ranked{rank: rank, op: o.op, late: i > 0 || !read.reads || first.number == initial}
			if o.reads {
				r.rank, r.late = rank+1, false
			}
			m.ranks = append(m.ranks, r)
		}
		from = to
	}
	return nil
}

// first returns the first op of a number, a write if there is one, and the first
// read of it.
func (m *maxRegister) first(number int64) (any, read sized) {
	at, _ := slices.BinarySearchFunc(m.ops, sized{number: number, op: -1}, bySize)
	any = m.ops[at]
	for !m.ops[at].reads {
		at++
	}
	return any, m.ops[at]
}

// explain: high completed before low was invoked, which must come before it.
func (m *maxRegister) explain(high, low ranked) *proof {
	x, y := m.rows[high.op], m.rows[low.op]
	rows := []int32{x, y}
	var context []int32
	seen := func(row int32) (any, read sized) {
		_, res := m.outcome(int(row))
		n, ok := m.h.Heap.Int(m.out(res))
		if !ok {
			n = nothing
		}
		any, read = m.first(n)
		context = append(context, m.rows[any.op])
		return any, read
	}
	if m.function(int(x)) == models.MaxRead {
		seen(x)
	}
	why := fmt.Sprintf("%s saw less", m.say(y))
	if m.function(int(y)) == models.MaxRead {
		seen(y)
	} else if n, _ := m.h.Heap.Int(m.in(int(y))); true {
		_, read := m.first(n)
		if row := m.rows[read.op]; row != x {
			rows = append(rows, row)
			why = fmt.Sprintf("no write of %d was invoked earlier and %s saw it, which is less", n, m.say(row))
		} else {
			why = "nobody wrote it earlier"
		}
	}
	p := because(rows, "%s completed before %s was invoked, but %s.", m.say(x), m.say(y), why)
	p.context = context
	return p
}
