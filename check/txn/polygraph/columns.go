package polygraph

import (
	"cmp"
	"slices"
)

// rows are lists of numbers in one array: list i is items[first[i]:first[i+1]].
type rows struct{ first, items []int32 }

func (r rows) of(i int32) []int32 { return r.items[r.first[i]:r.first[i+1]] }

// collect makes n rows of what each adds, calling it twice.
func collect(n int32, each func(add func(row, item int32))) rows {
	r := rows{first: make([]int32, n+2)}
	each(func(row, _ int32) { r.first[row+2]++ })
	for i := range n {
		r.first[i+2] += r.first[i+1]
	}
	r.items = make([]int32, r.first[n+1])
	each(func(row, item int32) {
		r.items[r.first[row+1]] = item
		r.first[row+1]++
	})
	r.first = r.first[:n+1]
	return r
}

// columns are a problem in flat arrays. The versions of a key have numbers from
// first[key] on: what it held at first, then one for each writer.
type columns struct {
	*Problem
	first   []int32 // by key, with one more entry at the end
	key     []int32 // by version
	writer  []int32 // by version, Nobody for the first of a key
	writes  rows    // by transaction: the versions that it installed
	reads   rows    // by transaction: those that it read
	readers rows    // by version
	earlier rows    // by transaction: some whose version of a key is known to come before its own
	session []int32 // by transaction: the one before it in its session, or -1
	ended   []int32 // transactions in the order of their ends; last those without, in the order of their invocations
	place   []int32 // by transaction: where it is in ended

	cores map[Guarantee][]int32 // what drafts got stuck on: transactions, ascending
}

func newColumns(p *Problem) *columns {
	c := &columns{Problem: p, first: make([]int32, len(p.Keys)+1), cores: map[Guarantee][]int32{}}
	for k, key := range p.Keys {
		c.first[k+1] = c.first[k] + 1 + int32(len(key.Writers))
	}
	versions := c.first[len(p.Keys)]
	c.key, c.writer = make([]int32, versions), make([]int32, versions)
	for k, key := range p.Keys {
		at := c.first[k]
		c.key[at], c.writer[at] = int32(k), Nobody
		for i, w := range key.Writers {
			c.key[at+1+int32(i)], c.writer[at+1+int32(i)] = int32(k), w
		}
	}
	c.writes = collect(int32(len(p.Txns)), func(add func(txn, version int32)) {
		for v, w := range c.writer {
			if w != Nobody {
				add(w, int32(v))
			}
		}
	})
	c.collectReads()
	c.collectOrders()
	c.collectSessions()
	c.ended = p.inOrder(func(t Txn) int32 { return t.End })
	c.place = make([]int32, len(p.Txns))
	for i, t := range c.ended {
		c.place[t] = int32(i)
	}
	return c
}

func (c *columns) collectReads() {
	read := make([]int32, 0, len(c.key)) // versions, read by read
	by := make([]int32, len(c.Txns))     // of the key at hand: by writer, its version
	for k, key := range c.Keys {
		for v := c.first[k] + 1; v < c.first[k+1]; v++ {
			by[c.writer[v]] = v
		}
		for _, r := range key.Reads {
			v := c.first[k]
			if r.Writer != Nobody {
				v = by[r.Writer]
			}
			read = append(read, v)
		}
	}
	each := func(f func(txn, version int32)) {
		i := 0
		for k := range c.Keys {
			for _, r := range c.Keys[k].Reads {
				f(r.Txn, read[i])
				i++
			}
		}
	}
	c.reads = collect(int32(len(c.Txns)), each)
	c.readers = collect(int32(len(c.key)), func(add func(version, txn int32)) {
		each(func(txn, version int32) { add(version, txn) })
	})
}

func (c *columns) collectOrders() {
	first := make([]int32, len(c.Txns)) // by transaction: the key whose prefix it was last found in
	for t := range first {
		first[t] = -1
	}
	c.earlier = collect(int32(len(c.Txns)), func(add func(txn, before int32)) {
		for k, key := range c.Keys {
			for _, pair := range key.Order {
				add(pair[1], pair[0])
			}
			if len(key.Prefix) == 0 {
				continue
			}
			for i, w := range key.Prefix {
				first[w] = int32(k)
				if i > 0 {
					add(w, key.Prefix[i-1])
				}
			}
			last := key.Prefix[len(key.Prefix)-1]
			for _, w := range key.Writers {
				if first[w] != int32(k) {
					add(w, last)
				}
			}
		}
	})
}

func (c *columns) collectSessions() {
	c.session = make([]int32, len(c.Txns))
	last := map[int32]int32{}
	for _, t := range c.inOrder(func(t Txn) int32 { return t.Inv }) {
		c.session[t] = -1
		s := c.Txns[t].Session
		if s < 0 {
			continue
		}
		if earlier, ok := last[s]; ok {
			c.session[t] = earlier
		}
		last[s] = t
	}
}

// inOrder returns the transactions sorted by a position, of the same by their
// invocations.
func (p *Problem) inOrder(by func(Txn) int32) []int32 {
	order := make([]int32, len(p.Txns))
	for t := range order {
		order[t] = int32(t)
	}
	compare := func(a, b int32) int {
		x, y := p.Txns[a], p.Txns[b]
		return cmp.Or(cmp.Compare(by(x), by(y)), cmp.Compare(x.Inv, y.Inv), cmp.Compare(a, b))
	}
	if !slices.IsSortedFunc(order, compare) {
		slices.SortFunc(order, compare)
	}
	return order
}
