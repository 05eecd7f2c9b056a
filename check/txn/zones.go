package txn

import (
	"slices"

	"checker/check/txn/micro"
	"checker/internal/graph"
)

// zones order versions by real time: one is before another if something that
// wrote or read the first was complete before something that wrote or read the
// second was invoked. For each version only the first completion and the last
// invocation of such transactions matter, so one sweep over the history finds
// the orders. It keeps, by key, those completed versions that no other completed
// one is known to follow; there are never more of them than transactions at the
// same time.
type zones struct {
	*registers
	done   []int32 // by version: row of the first completion
	begun  []int32 // by version: row of the last invocation, -1 for none
	wDone  []int32 // the same of the write alone
	wBegun []int32
	mark   []int32 // see replace
	now    int32
}

func newZones(r *registers) *zones {
	n := r.versions()
	z := &zones{registers: r, done: make([]int32, n), begun: make([]int32, n), wDone: make([]int32, n), wBegun: make([]int32, n), mark: make([]int32, n)}
	for v := range n {
		z.done[v], z.begun[v], z.wDone[v], z.wBegun[v] = micro.Never, -1, micro.Never, -1
	}
	for x := range int32(r.Len()) {
		if !r.Happened(x) {
			continue
		}
		end := r.End(x)
		r.touches(x, func(_, v int32, write bool) {
			z.done[v], z.begun[v] = min(z.done[v], end), max(z.begun[v], r.Inv[x])
			if write {
				z.wDone[v], z.wBegun[v] = end, r.Inv[x]
			}
		})
	}
	return z
}

// sweep orders versions by everything that met them, and by the writes alone.
func (z *zones) sweep() {
	z.run(z.done, z.begun, func(a, b int32) graph.Kind {
		if z.wDone[a] < z.wBegun[b] {
			return wwRealtime
		}
		return wwRealtimeSeen
	})
	z.run(z.wDone, z.wBegun, func(a, b int32) graph.Kind { return wwRealtime })
}

func (z *zones) run(done, begun []int32, kind func(a, b int32) graph.Kind) {
	open := make([][]int32, z.Keys())
	ends := endsByRow(z.Txns)
	from := make([]int32, z.versions()) // where the orders of a version begin in z.order
	size := make([]int32, z.versions())
	for row := range int32(z.History.Len()) {
		x, end := ends.at(row)
		if x < 0 || !z.Happened(x) {
			continue
		}
		z.touches(x, func(key, v int32, _ bool) {
			f := &open[key]
			if !end && begun[v] == row {
				from[v] = int32(len(z.order.first))
				for _, u := range *f {
					z.order.add(u, v, kind(u, v))
				}
				size[v] = int32(len(z.order.first)) - from[v]
				if done[v] < row {
					z.replace(f, z.order.first[from[v]:from[v]+size[v]])
				}
			}
			if end && done[v] == row {
				*f = append(*f, v)
				if begun[v] < row {
					z.replace(f, z.order.first[from[v]:from[v]+size[v]])
				}
			}
		})
	}
}

// replace takes versions out of a frontier that are known to come before another
// in it.
func (z *zones) replace(open *[]int32, before []int32) {
	z.now++
	for _, u := range before {
		z.mark[u] = z.now
	}
	*open = slices.DeleteFunc(*open, func(u int32) bool { return z.mark[u] == z.now })
}

// rowEnds says which transaction is invoked or completed at a row.
type rowEnds struct {
	*micro.Txns
	owner []int32
}

func endsByRow(t *micro.Txns) rowEnds {
	e := rowEnds{t, make([]int32, t.History.Len())}
	for row := range e.owner {
		e.owner[row] = -1
	}
	for x := range int32(t.Len()) {
		e.owner[t.Inv[x]] = x
		if end := t.End(x); end != micro.Never {
			e.owner[end] = x
		}
	}
	return e
}

// at returns the transaction that is invoked at a row, or completes there as ok,
// in which case end is true; x is -1 for none.
func (e rowEnds) at(row int32) (x int32, end bool) {
	x = e.owner[row]
	return x, x >= 0 && e.Inv[x] != row
}
