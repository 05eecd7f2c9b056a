package polygraph

import (
	"cmp"
	"slices"
)

// lesson says that a transaction must commit before another whose version of a
// key comes behind its own. It was drawn from a circle of demands.
type lesson struct {
	pair
	others  []pair    // which would have broken the circle too, the next best first
	because []*lesson // that led to the circle, or left no other way to break it
	circle  []int32   // the transactions on the circle
	void    bool
}

// pair is two transactions of which the second should have waited for the first.
type pair struct{ first, then int32 }

// repair is called when a point is demanded that waits for what demands it. On
// such a circle some transaction waits since another had written its key, or
// begun to. Had it come first, it would not wait. So the other is taken back, with
// all that was placed since, and will not be placed before. Where several pairs
// are to blame that is a guess, to be revised when it leads to a circle in which
// none is. It returns false when there is nothing to blame, and then knows the
// core of it, or too much was taken back.
func (d *draft) repair(closing demand) bool {
	l := d.blame(closing)
	for _, n := range d.stack {
		d.state[n.point] = unplaced
	}
	d.stack = d.stack[:0]
	if len(l.others) == 0 && !d.revise(l) {
		d.core = d.rests(l)
		return false
	}
	l.pair, l.others = l.others[0], l.others[1:]
	d.lessons = append(d.lessons, l)
	d.learnt[l.then] = append(d.learnt[l.then], l)
	if from := d.begins(l.then); d.state[from] == placed {
		for keep := int(d.at[from]); len(d.points) > keep; d.left-- {
			d.unset()
		}
	}
	d.left--
	return d.left >= 0
}

// blame makes a lesson of a circle, of which no pair is chosen yet.
func (d *draft) blame(closing demand) *lesson {
	l := &lesson{}
	waiting := closing
	for i := len(d.stack) - 1; ; i-- {
		by := d.stack[i].point / 2
		l.circle = append(l.circle, by)
		if x := waiting.after; x < 0 {
			l.because = append(l.because, d.taught(waiting.point/2, by)...)
		} else if taught := d.taught(x, by); len(taught) > 0 {
			l.because = append(l.because, taught...)
		} else if !d.mustPrecede(x, by) {
			l.others = append(l.others, pair{by, x})
		}
		waiting = d.stack[i]
		if waiting.point == closing.point {
			break
		}
	}
	slices.SortStableFunc(l.others, func(a, b pair) int { return cmp.Compare(d.at[d.begins(b.then)], d.at[d.begins(a.then)]) })
	return l
}

// revise voids the latest guess that a lesson without a pair rests on, and with it
// all that was concluded from it. The lesson takes its place.
func (d *draft) revise(l *lesson) bool {
	below := l.below()
	for i, guess := range slices.Backward(d.lessons) {
		if !below[guess] || len(guess.others) == 0 {
			continue
		}
		guess.void = true
		for _, later := range d.lessons[i:] {
			later.void = later.void || slices.ContainsFunc(later.because, func(b *lesson) bool { return b.void })
			if later.void {
				d.learnt[later.then] = slices.DeleteFunc(d.learnt[later.then], func(b *lesson) bool { return b.void })
			}
		}
		d.lessons = slices.DeleteFunc(d.lessons, func(b *lesson) bool { return b.void })
		l.because = append(l.because, guess)
		l.others, guess.others = guess.others, nil
		l.settle()
		return true
	}
	return false
}

// below returns the lessons that a lesson rests on.
func (l *lesson) below() map[*lesson]bool {
	below := map[*lesson]bool{}
	for open := slices.Clone(l.because); len(open) > 0; {
		b := open[len(open)-1]
		open = open[:len(open)-1]
		if !below[b] {
			below[b] = true
			open = append(open, b.because...)
		}
	}
	return below
}

// settle makes a lesson rest on what void ones rested on, instead of those.
func (l *lesson) settle() {
	open := l.because
	l.because = nil
	for seen := map[*lesson]bool{}; len(open) > 0; {
		b := open[len(open)-1]
		open = open[:len(open)-1]
		switch {
		case seen[b]:
		case b.void:
			open = append(open, b.because...)
			l.circle = append(l.circle, b.circle...)
		default:
			l.because = append(l.because, b)
		}
		seen[b] = true
	}
	slices.Sort(l.circle)
	l.circle = slices.Compact(l.circle)
}

// rests returns the transactions that a lesson rests on.
func (d *draft) rests(l *lesson) []int32 {
	txns := slices.Clone(l.circle)
	for b := range l.below() {
		txns = append(txns, b.circle...)
	}
	if d.zones != nil {
		for _, t := range txns {
			for _, v := range d.writes.of(t) {
				txns = append(txns, d.zones.metBy[v][:]...)
			}
		}
	}
	slices.Sort(txns)
	return slices.Compact(txns)
}

// taught returns the lesson that a comes before b, if there is one.
func (d *draft) taught(a, b int32) []*lesson {
	for i, l := range d.learnt[b] {
		if l.first == a {
			return d.learnt[b][i : i+1]
		}
	}
	return nil
}

// mustPrecede reports whether a is known to come before b, at first sight.
func (d *draft) mustPrecede(a, b int32) bool {
	if d.Session && d.session[b] == a || d.Realtime && d.Txns[a].End < d.Txns[b].Inv || slices.Contains(d.earlier.of(b), a) {
		return true
	}
	return slices.ContainsFunc(d.reads.of(b), func(v int32) bool { return d.writer[v] == a })
}

// zones tell which versions of a key are known to come before others in real
// time: one that a transaction wrote or read which had ended when another was
// invoked that wrote or read the other.
type zones struct {
	*columns
	ended   []int32    // by version: the first end of those who met it
	begun   []int32    // by version: the last invocation of those
	metBy   [][2]int32 // by version: whose end, and whose invocation
	order   []int32    // the versions of each key but the first, where first says, by ended
	place   []int32    // by version: where it is in order
	written []bool     // by version
	open    []int32    // by key: a place in order, all before which are written
}

func newZones(c *columns) *zones {
	n := len(c.key)
	z := &zones{columns: c, ended: make([]int32, n), begun: make([]int32, n), metBy: make([][2]int32, n), order: make([]int32, n), place: make([]int32, n), written: make([]bool, n)}
	for v := range int32(n) {
		z.ended[v], z.begun[v] = Never, -1
		if w := c.writer[v]; w != Nobody {
			z.meet(v, w)
		}
		for _, x := range c.readers.of(v) {
			z.meet(v, x)
		}
		z.order[v] = v
	}
	z.open = make([]int32, len(c.Keys))
	for k := range c.Keys {
		z.open[k] = c.first[k] + 1
		slices.SortFunc(z.order[z.open[k]:c.first[k+1]], func(a, b int32) int {
			return cmp.Or(cmp.Compare(z.ended[a], z.ended[b]), cmp.Compare(a, b))
		})
	}
	for i, v := range z.order {
		z.place[v] = int32(i)
	}
	return z
}

// meet says that a transaction wrote or read a version.
func (z *zones) meet(v, t int32) {
	if end := z.Txns[t].End; end < z.ended[v] || z.begun[v] < 0 {
		z.ended[v], z.metBy[v][0] = end, t
	}
	if inv := z.Txns[t].Inv; inv > z.begun[v] {
		z.begun[v], z.metBy[v][1] = inv, t
	}
}

// before returns the writer of a version that comes before v and is not written,
// or Nobody.
func (z *zones) before(v int32) int32 {
	k := z.key[v]
	for z.open[k] < z.first[k+1] && z.written[z.order[z.open[k]]] {
		z.open[k]++
	}
	for _, u := range z.order[z.open[k]:z.first[k+1]] {
		if z.ended[u] >= z.begun[v] {
			break
		}
		if u != v && !z.written[u] {
			return z.writer[u]
		}
	}
	return Nobody
}

func (z *zones) met(v int32) { z.written[v] = true }

func (z *zones) forget(v int32) {
	z.written[v] = false
	z.open[z.key[v]] = min(z.open[z.key[v]], z.place[v])
}
