package weak

import "slices"

// What follows decides the models by their definitions, over all orders of a few
// transactions. It shares nothing with the code that it judges.

// bruteOp is a micro-op: a write of a value, or a read of values, one at most for
// registers, all of a list.
type bruteOp struct {
	write bool
	key   int
	value int
	read  []int
}

// bruteSessions is how many sessions there may be.
const bruteSessions = 3

type bruteTxn struct {
	session int
	ops     []bruteOp
}

// brute is a history with what follows from it at once.
type brute struct {
	lists  bool
	txns   []bruteTxn
	so, wr [][]bool
}

// external returns the elements that a read shows of others.
func (b *brute) external(t, i int) []int {
	op := b.txns[t].ops[i]
	var shown []int
	for _, v := range op.read {
		if b.writer(op.key, v) != t {
			shown = append(shown, v)
		}
	}
	return shown
}

// isExternal reports whether a micro-op is a read that tells of others.
func (b *brute) isExternal(t, i int) bool {
	if b.txns[t].ops[i].write {
		return false
	}
	for _, earlier := range b.txns[t].ops[:i] {
		if !b.lists && earlier.write && earlier.key == b.txns[t].ops[i].key {
			return false
		}
	}
	return true
}

func (b *brute) writer(key, value int) int {
	for t, txn := range b.txns {
		for _, op := range txn.ops {
			if op.write && op.key == key && op.value == value {
				return t
			}
		}
	}
	return -1
}

func (b *brute) writes(t, key int) bool {
	return slices.ContainsFunc(b.txns[t].ops, func(op bruteOp) bool { return op.write && op.key == key })
}

func (b *brute) isWriter(t int) bool {
	return slices.ContainsFunc(b.txns[t].ops, func(op bruteOp) bool { return op.write })
}

func matrix(n int) [][]bool {
	m := make([][]bool, n)
	for i := range m {
		m[i] = make([]bool, n)
	}
	return m
}

func newBrute(lists bool, txns []bruteTxn) *brute {
	b := &brute{lists: lists, txns: txns, so: matrix(len(txns)), wr: matrix(len(txns))}
	for t := range txns {
		for u := range t {
			b.so[u][t] = txns[u].session == txns[t].session
		}
		for i := range txns[t].ops {
			if b.isExternal(t, i) {
				for _, v := range b.external(t, i) {
					b.wr[b.writer(txns[t].ops[i].key, v)][t] = true
				}
			}
		}
	}
	return b
}

// closure returns the transitive closure of the union of relations.
func closure(rs ...[][]bool) [][]bool {
	n := len(rs[0])
	c := matrix(n)
	for i := range n {
		for j := range n {
			for _, r := range rs {
				c[i][j] = c[i][j] || r[i][j]
			}
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				c[i][j] = c[i][j] || c[i][k] && c[k][j]
			}
		}
	}
	return c
}

// then returns the composition of two relations; with reflexive, the second may
// also be skipped.
func then(r, s [][]bool, reflexive bool) [][]bool {
	c := matrix(len(r))
	for i := range r {
		for j := range r {
			c[i][j] = reflexive && r[i][j]
			for k := range r {
				c[i][j] = c[i][j] || r[i][k] && s[k][j]
			}
		}
	}
	return c
}

func union(r, s [][]bool) [][]bool {
	c := matrix(len(r))
	for i := range r {
		for j := range r {
			c[i][j] = r[i][j] || s[i][j]
		}
	}
	return c
}

// some reports whether f holds of some order of n things.
func some(n int, f func(position []int) bool) bool {
	position := make([]int, n)
	var place func(at int, used uint) bool
	place = func(at int, used uint) bool {
		if at == n {
			return f(position)
		}
		for i := range n {
			if used&(1<<i) == 0 {
				position[i] = at
				if place(at+1, used|1<<i) {
					return true
				}
			}
		}
		return false
	}
	return place(0, 0)
}

func contains(position []int, r [][]bool) bool {
	for i := range r {
		for j := range r {
			if r[i][j] && position[i] >= position[j] {
				return false
			}
		}
	}
	return true
}

// agreesWithLists reports whether every list read is a prefix of the elements of
// its key in the order of their transactions.
func (b *brute) agreesWithLists(position []int) bool {
	if !b.lists {
		return true
	}
	byPosition := make([]int, len(position))
	for t, p := range position {
		byPosition[p] = t
	}
	for t := range b.txns {
		for _, op := range b.txns[t].ops {
			if op.write {
				continue
			}
			var all []int
			for _, u := range byPosition {
				for _, w := range b.txns[u].ops {
					if w.write && w.key == op.key {
						all = append(all, w.value)
					}
				}
			}
			if len(op.read) > len(all) || !slices.Equal(op.read, all[:len(op.read)]) {
				return false
			}
		}
	}
	return true
}

// returnsLast reports whether a read returns the last of the visible writes.
func (b *brute) returnsLast(position []int, t, i int, visible func(t2 int) bool) bool {
	key := b.txns[t].ops[i].key
	shown := b.external(t, i)
	from := -1
	if len(shown) > 0 {
		from = b.writer(key, shown[len(shown)-1])
	}
	for t2 := range b.txns {
		if t2 == t || t2 == from || !b.writes(t2, key) || !visible(t2) {
			continue
		}
		if from < 0 || position[t2] > position[from] {
			return false
		}
	}
	return true
}

// oneOrder decides a model with one order of commits.
func (b *brute) oneOrder(visible func(t2, t, i int) bool) bool {
	return some(len(b.txns), func(position []int) bool {
		if !contains(position, b.so) || !contains(position, b.wr) || !b.agreesWithLists(position) {
			return false
		}
		for t := range b.txns {
			for i := range b.txns[t].ops {
				if b.isExternal(t, i) && !b.returnsLast(position, t, i, func(t2 int) bool { return visible(t2, t, i) }) {
					return false
				}
			}
		}
		return true
	})
}

// orderEach decides a session guarantee.
func (b *brute) orderEach(base, visible [][]bool) bool {
	for s := range bruteSessions {
		ok := some(len(b.txns), func(position []int) bool {
			if !contains(position, base) || !b.agreesWithLists(position) {
				return false
			}
			for t := range b.txns {
				for i := range b.txns[t].ops {
					if b.txns[t].session == s && b.isExternal(t, i) &&
						!b.returnsLast(position, t, i, func(t2 int) bool { return visible[t2][t] }) {
						return false
					}
				}
			}
			return true
		})
		if !ok {
			return false
		}
	}
	return true
}

// replayEach decides PRAM and causal memory: every session can replay its own
// transactions among the writes of all.
func (b *brute) replayEach(base [][]bool) bool {
	for s := range bruteSessions {
		ok := some(len(b.txns), func(position []int) bool { return contains(position, base) && b.replays(position, s) })
		if !ok {
			return false
		}
	}
	return true
}

func (b *brute) replays(position []int, s int) bool {
	byPosition := make([]int, len(position))
	for t, p := range position {
		byPosition[p] = t
	}
	state := map[int][]int{}
	for _, t := range byPosition {
		for _, op := range b.txns[t].ops {
			now := state[op.key]
			switch {
			case op.write && b.lists:
				state[op.key] = append(slices.Clone(now), op.value)
			case op.write:
				state[op.key] = []int{op.value}
			case b.txns[t].session == s && !slices.Equal(now, op.read):
				return false
			}
		}
	}
	return true
}

// compatible reports whether of every two lists of a key one is a prefix of the
// other, without which nothing holds.
func (b *brute) compatible() bool {
	lists := map[int][][]int{}
	for _, txn := range b.txns {
		for _, op := range txn.ops {
			if op.write {
				continue
			}
			for _, other := range lists[op.key] {
				if n := min(len(op.read), len(other)); !slices.Equal(op.read[:n], other[:n]) {
					return false
				}
			}
			lists[op.key] = append(lists[op.key], op.read)
		}
	}
	return true
}

// holds decides a model.
func (b *brute) holds(model string) bool {
	if b.lists && !b.compatible() {
		return false
	}
	hb := closure(b.so, b.wr)
	for t := range hb {
		if hb[t][t] && (model == CausalMemory) {
			return false
		}
	}
	nothing := matrix(len(b.txns))
	switch model {
	case ReadCommitted:
		return b.oneOrder(func(t2, t, i int) bool {
			for j := range i {
				if b.isExternal(t, j) && slices.ContainsFunc(b.external(t, j), func(v int) bool { return b.writer(b.txns[t].ops[j].key, v) == t2 }) {
					return true
				}
			}
			return false
		})
	case ReadAtomic:
		return b.oneOrder(func(t2, t, _ int) bool { return b.so[t2][t] || b.wr[t2][t] })
	case CausalConvergence:
		return b.oneOrder(func(t2, t, _ int) bool { return hb[t2][t] })
	case CausalMemory:
		return b.replayEach(hb)
	case PRAM:
		return b.replayEach(b.so)
	case ReadYourWrites:
		return b.orderEach(nothing, b.so)
	case MonotonicReads:
		return b.orderEach(nothing, then(b.wr, b.so, false))
	case MonotonicWrites:
		return b.orderEach(b.writersOnly(b.so), then(b.so, b.wr, false))
	default:
		follows := then(b.wr, b.so, true)
		return b.orderEach(b.writersOnly(follows), then(follows, b.wr, false))
	}
}

// writersOnly leaves out what does not lead to a transaction that writes.
func (b *brute) writersOnly(r [][]bool) [][]bool {
	c := matrix(len(r))
	for i := range r {
		for j := range r {
			c[i][j] = r[i][j] && b.isWriter(i) && b.isWriter(j)
		}
	}
	return c
}
