package session_test

import "slices"

// What follows decides the models by their definitions, over all orders of a few ops.
// It shares nothing with the code that it judges.

// act is an op.
type act struct {
	session, key int
	f            string // read, write or cas
	seen, made   int    // 0 is the initial value
	inv, res     int    // times in ms; res is forever unless ok
	ok           bool   // else it crashed
}

const forever = 1 << 20

func (a act) reads() bool  { return a.f != "write" && (a.ok || a.f == "cas") }
func (a act) writes() bool { return a.f != "read" }

// oracle is a choice of which ops happened.
type oracle struct{ acts []act }

// some reports whether f is true of all ok ops with some of the crashed ones.
func some(acts []act, f func(o oracle) bool) bool {
	var try func(i int, chosen []act) bool
	try = func(i int, chosen []act) bool {
		if i == len(acts) {
			return f(oracle{slices.Clone(chosen)})
		}
		if !acts[i].ok && try(i+1, chosen) {
			return true
		}
		return try(i+1, append(chosen, acts[i]))
	}
	return try(0, nil)
}

// relation says what must come before what.
type relation func(a, b int) bool

func (o oracle) realtime(a, b int) bool { return o.acts[a].res < o.acts[b].inv }
func (o oracle) program(a, b int) bool {
	return o.acts[a].session == o.acts[b].session && o.acts[a].inv < o.acts[b].inv
}

// readsFrom reports whether b read what a wrote.
func (o oracle) readsFrom(a, b int) bool {
	x, y := o.acts[a], o.acts[b]
	return x.writes() && y.reads() && x.key == y.key && x.made == y.seen
}

func none(int, int) bool { return false }

// closure is the transitive closure of relations.
func (o oracle) closure(rs ...relation) [][]bool {
	n := len(o.acts)
	c := make([][]bool, n)
	for i := range n {
		c[i] = make([]bool, n)
		for j := range n {
			c[i][j] = i != j && slices.ContainsFunc(rs, func(r relation) bool { return r(i, j) })
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

// order reports whether good is true of some order of the ops in a set that agrees with
// a relation.
func (o oracle) order(in func(i int) bool, before relation, good func(order []int) bool) bool {
	var all []int
	for i := range o.acts {
		if in(i) {
			all = append(all, i)
		}
	}
	var place func(order, left []int) bool
	place = func(order, left []int) bool {
		if len(left) == 0 {
			return good(order)
		}
		for n, i := range left {
			if slices.ContainsFunc(left, func(j int) bool { return before(j, i) }) {
				continue // also where it would have to come before itself
			}
			if place(append(slices.Clone(order), i), slices.Delete(slices.Clone(left), n, n+1)) {
				return true
			}
		}
		return false
	}
	return place(nil, all)
}

func (o oracle) every(int) bool { return true }

// legal reports whether the reads that count return one of the last k values.
func (o oracle) legal(order []int, k int, counts func(i int) bool) bool {
	last := map[int][]int{}
	for _, i := range order {
		a := o.acts[i]
		values := last[a.key]
		if values == nil {
			values = []int{0}
		}
		if a.reads() && counts(i) && !slices.Contains(values[max(0, len(values)-k):], a.seen) {
			return false
		}
		if a.writes() {
			last[a.key] = append(slices.Clone(values), a.made)
		}
	}
	return true
}

func (o oracle) ordered(before relation, k int) bool {
	return o.order(o.every, before, func(order []int) bool { return o.legal(order, k, o.every) })
}

// eachSession reports whether every session has an order of its ops and of all writes.
func (o oracle) eachSession(before relation) bool {
	for s := range 3 {
		own := func(i int) bool { return o.acts[i].session == s }
		in := func(i int) bool { return own(i) || o.acts[i].writes() }
		if !o.order(in, before, func(order []int) bool { return o.legal(order, 1, own) }) {
			return false
		}
	}
	return true
}

// views reports whether every session has an order of all writes that agrees with a
// relation, in which each of its reads returns the last write visible to it.
func (o oracle) views(before, visible relation) bool {
	for s := range 3 {
		if !o.order(func(i int) bool { return o.acts[i].writes() }, before, func(order []int) bool {
			for r, a := range o.acts {
				if a.session != s || !a.reads() {
					continue
				}
				value := 0
				for _, w := range order {
					if w != r && o.acts[w].key == a.key && (visible(w, r) || o.readsFrom(w, r)) {
						value = o.acts[w].made
					}
				}
				if value != a.seen {
					return false
				}
			}
			return true
		}) {
			return false
		}
	}
	return true
}

// then is one relation after another; with reflexive the second may be skipped.
func (o oracle) then(r, s relation, reflexive bool) relation {
	return func(a, b int) bool {
		if reflexive && r(a, b) {
			return true
		}
		for c := range o.acts {
			if r(a, c) && s(c, b) {
				return true
			}
		}
		return false
	}
}

// explained reports whether the read of an op is that of some order of it and of all
// writes that agrees with real time.
func (o oracle) explained(r int) bool {
	return o.order(func(i int) bool { return i == r || o.acts[i].writes() }, o.realtime, func(order []int) bool {
		return o.legal(order, 1, func(i int) bool { return i == r })
	})
}

// bruteHolds decides a model.
func bruteHolds(acts []act, model string) bool {
	switch model {
	case "regular", "safe":
		return bruteReads(acts, model == "safe")
	}
	return some(acts, func(o oracle) bool {
		causal := o.closure(o.program, o.readsFrom)
		happensBefore := func(a, b int) bool { return causal[a][b] }
		follows := o.then(o.readsFrom, o.program, true)
		switch model {
		case "linearizable":
			return o.ordered(o.realtime, 1)
		case "sequential":
			return o.ordered(o.program, 1)
		case "causal-memory":
			return o.eachSession(happensBefore)
		case "PRAM":
			return o.eachSession(o.program)
		case "read-your-writes":
			return o.views(none, o.program)
		case "monotonic-reads":
			return o.views(none, o.then(o.readsFrom, o.program, false))
		case "monotonic-writes":
			return o.views(o.program, o.then(o.program, o.readsFrom, false))
		}
		return o.views(follows, o.then(follows, o.readsFrom, false))
	})
}

// bruteReads judges each read on its own: all reads must be there that surely
// happened, so crashed ops count where somebody needs them.
func bruteReads(acts []act, safe bool) bool {
	return some(acts, func(o oracle) bool {
		for r, a := range o.acts {
			overlapped := slices.ContainsFunc(acts, func(w act) bool {
				return w.writes() && w != a && w.key == a.key && w.inv < a.res && a.inv < w.res
			})
			if a.reads() && !(safe && overlapped) && !o.explained(r) {
				return false
			}
		}
		return true
	})
}

// bruteVersions returns the least k, or 0 if there is none.
func bruteVersions(acts []act) int {
	for k := 1; k <= len(acts)+1; k++ {
		if some(acts, func(o oracle) bool { return o.ordered(o.realtime, k) }) {
			return k
		}
	}
	return 0
}

// bruteDelay returns the least Δ in ms, or -1 if there is none.
func bruteDelay(acts []act) int {
	for ms := range 4 * forever {
		early := slices.Clone(acts)
		for i := range early {
			if early[i].f == "read" {
				early[i].inv -= ms
			}
		}
		if bruteHolds(early, "linearizable") {
			return ms
		}
		if ms > 64 {
			break
		}
	}
	return -1
}
