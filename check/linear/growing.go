package linear

import (
	"fmt"
	"slices"

	"checker/history"
	"checker/models"
)

// growing decides sets that are only added to and read whole, where each element
// is added once at most.
//
// Of two reads one must have all that the other has. So the reads, by size, stand
// in line, and the elements that a read has first were added right before it. What
// was added and never read comes last; if its add crashed, it is left out.
type growing struct {
	*view
	numbers numbering
	time    timeline
	rows    []int32
	adds    []int32 // by number of an element: the op that added it, plus one
	group   []int32 // by number: the rank of the first read that has it
	reads   []int32
	ranks   []ranked
}

func (g *growing) decide(v *view, obj object) (answer, *proof, object) {
	g.view, g.rows = v, obj.rows
	if !g.collect() {
		return undecided, nil, obj
	}
	g.time.start(v, obj.rows)
	p := g.line()
	if p == nil {
		p = g.rank()
	}
	if p != nil {
		return illegal, p, obj
	}
	return legal, nil, obj
}

// collect finds who added what. It is false when the method does not apply.
func (g *growing) collect() bool {
	g.adds, g.reads = g.adds[:0], g.reads[:0]
	g.numbers.begin(&g.h.Heap)
	for _, row := range g.rows {
		if g.function(int(row)) == models.SetAdd {
			g.numbers.see(g.in(int(row)))
		}
	}
	g.numbers.ready()
	for i, row := range g.rows {
		switch _, res := g.outcome(int(row)); g.function(int(row)) {
		case models.SetAdd:
			at := g.add(g.in(int(row)))
			if *at != 0 {
				return false
			}
			*at = int32(i) + 1
		case models.SetRead:
			if res == never {
				continue
			}
			if read := g.out(res); read.Kind() != history.KindSet && !g.isList(read) {
				return false
			}
			g.reads = append(g.reads, int32(i))
		default:
			return false
		}
	}
	return true
}

// add is where the op, plus one, that added an element is kept.
func (g *growing) add(element history.Ref) *int32 {
	n := int(g.numbers.of(element))
	for n >= len(g.adds) {
		g.adds = append(g.adds, 0)
	}
	return &g.adds[n]
}

func (g *growing) seen(op int32) history.Ref {
	_, res := g.outcome(int(g.rows[op]))
	return g.out(res)
}

func (g *growing) size(op int32) int { return g.h.Heap.Len(g.seen(op)) }

// line puts the reads in line.
func (g *growing) line() *proof {
	slices.SortStableFunc(g.reads, func(a, b int32) int { return g.size(a) - g.size(b) })
	g.group = append(g.group[:0], make([]int32, len(g.adds))...)
	g.ranks = g.ranks[:0]
	mark := make([]int32, len(g.adds)) // by number: the last read that has it
	known := 0
	for i, op := range g.reads {
		rank := int32(2*i + 2)
		if i > 0 && g.size(g.reads[i-1]) == g.size(op) {
			rank = g.ranks[i-1].rank
		}
		g.ranks = append(g.ranks, ranked{rank: rank, op: op})
		read, row, old := g.seen(op), g.rows[op], 0
		for j := range g.h.Heap.Len(read) {
			e := g.h.Heap.Elem(read, j)
			w := *g.add(e)
			n := g.numbers.of(e)
			switch {
			case w == 0:
				return g.about(because([]int32{row}, "%s has %s, which nobody added.", g.say(row), g.show(e)), op)
			case mark[n] == int32(i)+1:
				return g.about(because([]int32{row}, "%s has %s twice.", g.say(row), g.show(e)), op)
			case g.group[n] != 0:
				old++
			default:
				g.group[n] = rank
			}
			mark[n] = int32(i) + 1
		}
		if old < known {
			return g.differ(g.reads[i-1], op)
		}
		known = g.h.Heap.Len(read)
	}
	return nil
}

// differ proves that two reads each have what the other has not, where not all of
// the first is in the second, which is as large at least.
func (g *growing) differ(a, b int32) *proof {
	var only [2]history.Ref
	for side, pair := range [2][2]int32{{a, b}, {b, a}} {
		has := map[int32]bool{}
		other := g.seen(pair[1])
		for j := range g.h.Heap.Len(other) {
			has[g.numbers.of(g.h.Heap.Elem(other, j))] = true
		}
		for j := range g.size(pair[0]) {
			if e := g.h.Heap.Elem(g.seen(pair[0]), j); !has[g.numbers.of(e)] {
				only[side] = e
				break
			}
		}
	}
	x, y := g.rows[a], g.rows[b]
	return g.about(because([]int32{x, y}, "%s has %s, which %s has not, and the other way about %s, but nothing is ever removed.",
		g.say(x), g.show(only[0]), g.say(y), g.show(only[1])), a, b)
}

// about adds to a proof who added what reads have.
func (g *growing) about(p *proof, reads ...int32) *proof {
	for _, op := range reads {
		read := g.seen(op)
		for j := range min(g.h.Heap.Len(read), mostConfirmed+1) {
			if w := *g.add(g.h.Heap.Elem(read, j)); w > 0 {
				p.context = append(p.context, g.rows[w-1])
			}
		}
	}
	return p
}

// rank puts all ops in line.
func (g *growing) rank() *proof {
	for n, w := range g.adds {
		switch {
		case w == 0:
		case g.group[n] > 0:
			g.ranks = append(g.ranks, ranked{rank: g.group[n] - 1, op: w - 1})
		case !g.time.crashed(w - 1):
			g.ranks = append(g.ranks, ranked{rank: 1 << 30, op: w - 1})
		}
	}
	high, low, found := g.time.outOfRank(g.ranks)
	if !found {
		return nil
	}
	x, y := g.rows[high.op], g.rows[low.op]
	rows, about := []int32{x, y}, []int32{}
	why := "it has not what the former added"
	switch added, reads := g.function(int(y)) == models.SetAdd, g.function(int(x)) == models.SetRead; {
	case added && reads:
		why = "the former has what the latter added"
	case added:
		read := g.firstWith(low.rank + 1)
		about = append(about, read)
		rows = append(rows, g.rows[read])
		why = fmt.Sprintf("%s has what the latter added and not what the former did", g.say(g.rows[read]))
	case reads:
		why = "the former has more"
	}
	for _, op := range []int32{high.op, low.op} {
		if g.function(int(g.rows[op])) == models.SetRead {
			about = append(about, op)
		}
	}
	return g.about(because(rows, "%s completed before %s was invoked, but %s.", g.say(x), g.say(y), why), about...)
}

// firstWith returns a read of a rank.
func (g *growing) firstWith(rank int32) int32 {
	for _, r := range g.ranks {
		if r.rank == rank && g.function(int(g.rows[r.op])) == models.SetRead {
			return r.op
		}
	}
	panic("linear: elements that no read has first")
}
