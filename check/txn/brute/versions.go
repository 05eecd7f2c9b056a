package brute

import (
	"maps"
	"slices"
)

// serialization is Adya's direct serialization graph of one choice of version
// orders: its item edges between committed transactions.
type serialization struct {
	txns       []Txn
	ww, wr, rw [][]bool
}

// level says whether a graph shows none of the phenomena that it proscribes.
// Aborted and intermediate reads (G1a, G1b) have been excluded before.
type level func(g serialization) bool

// readCommitted is PL-2: no G1c, a cycle of ww and wr.
func readCommitted(g serialization) bool { return acyclic(union(g.ww, g.wr)) }

// consistentView is PL-2+: nor G-single, a cycle with exactly one rw.
func consistentView(g serialization) bool {
	depends := union(g.ww, g.wr)
	closure(depends)
	for i := range g.txns {
		for j := range g.txns {
			if depends[i][i] || g.rw[i][j] && depends[j][i] {
				return false
			}
		}
	}
	return true
}

// repeatableRead is PL-2.99: nor G2-item, a cycle with any rw.
func repeatableRead(g serialization) bool { return acyclic(union(g.ww, g.wr, g.rw)) }

// updateSerializable is PL-3U: no G1c, and no cycle with an rw among the
// transactions that write and any one that only reads.
func updateSerializable(g serialization) bool {
	if !readCommitted(g) {
		return false
	}
	all := union(g.ww, g.wr, g.rw)
	for reader := range g.txns {
		part := square(len(g.txns))
		for i, a := range g.txns {
			for j, b := range g.txns {
				part[i][j] = all[i][j] && (i == reader || updates(a)) && (j == reader || updates(b))
			}
		}
		if !acyclic(part) {
			return false
		}
	}
	return true
}

func updates(t Txn) bool {
	return slices.ContainsFunc(t.Ops, func(o Op) bool { return o.Kind != Read })
}

// snapshotIsolation is PL-SI as Fekete and others give it for graphs: in every
// cycle two rw follow each other.
func snapshotIsolation(g serialization) bool {
	depends := union(g.ww, g.wr)
	composed := union(depends)
	for i := range depends {
		for j := range depends {
			for k := range depends {
				composed[i][k] = composed[i][k] || depends[i][j] && g.rw[j][k]
			}
		}
	}
	return acyclic(composed)
}

// explain reports whether some version orders satisfy the level.
func (l level) explain(committed []Txn) bool {
	writers := map[int][]int{}
	for i, t := range committed {
		for _, o := range t.Ops {
			if o.Kind != Read && !slices.Contains(writers[o.Key], i) {
				writers[o.Key] = append(writers[o.Key], i)
			}
		}
	}
	keys := slices.Sorted(maps.Keys(writers))
	return anyVersions(committed, writers, keys, map[int][]int{}, l)
}

func anyVersions(txns []Txn, writers map[int][]int, keys []int, chosen map[int][]int, l level) bool {
	if len(keys) == 0 {
		g, readable := serialize(txns, install(txns, chosen))
		return readable && l(g)
	}
	key := keys[0]
	return anyOrder(len(writers[key]), func(order []int) bool {
		chosen[key] = make([]int, len(order))
		for i, at := range order {
			chosen[key][i] = writers[key][at]
		}
		return anyVersions(txns, writers, keys[1:], chosen, l)
	})
}

// serialize draws the graph, and reports whether every read saw a version that
// a committed transaction installed.
func serialize(txns []Txn, v versions) (serialization, bool) {
	n := len(txns)
	g := serialization{txns, square(n), square(n), square(n)}
	for _, order := range v.order {
		for i := 1; i < len(order); i++ {
			g.ww[order[i-1]][order[i]] = true
		}
	}
	for i, t := range txns {
		reads, _ := external(t)
		for _, r := range reads {
			w, found := v.writer(i, r)
			if !found {
				return g, false
			}
			if w != nobody {
				g.wr[w][i] = true
			}
			order := v.order[r.key]
			if next := slices.Index(order, w) + 1; next < len(order) && order[next] != i {
				g.rw[i][order[next]] = true
			}
		}
	}
	return g, true
}

func union(relations ...[][]bool) [][]bool {
	out := square(len(relations[0]))
	for _, m := range relations {
		for i := range m {
			for j := range m {
				out[i][j] = out[i][j] || m[i][j]
			}
		}
	}
	return out
}

func acyclic(m [][]bool) bool {
	m = union(m)
	closure(m)
	for i := range m {
		if m[i][i] {
			return false
		}
	}
	return true
}
