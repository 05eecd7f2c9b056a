package brute

import "slices"

// commitAxiom says when t2, which writes a key, must have been committed before
// the transaction that t3's read number at reads that key from.
type commitAxiom func(c *commits, t2, t3, at int) bool

// commits is a commit order: a total order that contains session order and
// reads-from. Whoever reads a list reads from all whose appends it shows.
type commits struct {
	txns   []Txn
	rank   []int // place in the commit order
	reads  [][]read
	from   [][]int   // transaction → read → writer of the version
	shown  [][][]int // transaction → read → all that it reads from
	causal [][]bool  // the transitive closure of session order and reads-from
}

// axiomaticReadCommitted: t3 had read from t2 before it read this.
func axiomaticReadCommitted(c *commits, t2, t3, at int) bool {
	return slices.ContainsFunc(c.shown[t3][:at], func(from []int) bool { return slices.Contains(from, t2) })
}

// axiomaticReadAtomic: t3 follows t2 in its session, or reads from it anywhere.
func axiomaticReadAtomic(c *commits, t2, t3, _ int) bool {
	return session(c.txns[t2], c.txns[t3]) || axiomaticReadCommitted(c, t2, t3, len(c.from[t3]))
}

// causalConvergence: t2 happened before t3.
func causalConvergence(c *commits, t2, t3, _ int) bool { return c.causal[t2][t3] }

// explain reports whether some commit order satisfies the axiom.
func (a commitAxiom) explain(committed []Txn) bool {
	c := &commits{txns: committed}
	for _, t := range committed {
		reads, sawOwn := external(t)
		if !sawOwn {
			return false
		}
		c.reads = append(c.reads, reads)
	}
	return anyOrder(len(committed), func(order []int) bool { return c.readFrom(order) && c.ordered() && c.satisfies(a) })
}

// readFrom finds the writer of each read, if versions are made in this order.
func (c *commits) readFrom(order []int) bool {
	c.rank = make([]int, len(order))
	keys := map[int][]int{}
	for place, i := range order {
		c.rank[i] = place
		seen := map[int]bool{}
		for _, o := range c.txns[i].Ops {
			if o.Kind != Read && !seen[o.Key] {
				seen[o.Key] = true
				keys[o.Key] = append(keys[o.Key], i)
			}
		}
	}
	v := install(c.txns, keys)
	c.from, c.shown = make([][]int, len(c.txns)), make([][][]int, len(c.txns))
	for i := range c.txns {
		for _, r := range c.reads[i] {
			w, found := v.writer(i, r)
			if !found {
				return false
			}
			c.from[i] = append(c.from[i], w)
			c.shown[i] = append(c.shown[i], v.shows(w, r.key))
		}
	}
	return true
}

// ordered computes what happened before what and reports whether the commit
// order contains it.
func (c *commits) ordered() bool {
	n := len(c.txns)
	c.causal = square(n)
	for i := range n {
		for j := range n {
			c.causal[j][i] = session(c.txns[j], c.txns[i])
		}
		for _, from := range c.shown[i] {
			for _, w := range from {
				c.causal[w][i] = true
			}
		}
	}
	for i := range n {
		for j := range n {
			if c.causal[i][j] && c.rank[i] >= c.rank[j] {
				return false
			}
		}
	}
	closure(c.causal)
	return true
}

func (c *commits) satisfies(mustPrecede commitAxiom) bool {
	for t3 := range c.txns {
		for at, r := range c.reads[t3] {
			t1 := c.from[t3][at]
			for t2 := range c.txns {
				if t2 == t1 || t2 == t3 || !c.txns[t2].writes(r.key) || !mustPrecede(c, t2, t3, at) {
					continue
				}
				if t1 == nobody || c.rank[t2] > c.rank[t1] {
					return false
				}
			}
		}
	}
	return true
}

// anyOrder reports whether holds is true of some permutation of 0..n-1.
func anyOrder(n int, holds func(order []int) bool) bool {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return permute(order, 0, holds)
}

func permute(order []int, from int, holds func([]int) bool) bool {
	if from == len(order) {
		return holds(order)
	}
	for i := from; i < len(order); i++ {
		order[from], order[i] = order[i], order[from]
		found := permute(order, from+1, holds)
		order[from], order[i] = order[i], order[from]
		if found {
			return true
		}
	}
	return false
}

func square(n int) [][]bool {
	m := make([][]bool, n)
	for i := range m {
		m[i] = make([]bool, n)
	}
	return m
}

// closure makes a relation transitive.
func closure(m [][]bool) {
	for k := range m {
		for i := range m {
			for j := range m {
				m[i][j] = m[i][j] || m[i][k] && m[k][j]
			}
		}
	}
}
