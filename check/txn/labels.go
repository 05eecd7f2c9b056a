package txn

import "checker/internal/graph"

// What an edge from one transaction to another says. Those of the first group
// are Adya's dependencies, those of the second the orders that clients saw.
const (
	ww  graph.Kind = 1 << iota // the other overwrote what the one wrote
	wr                         // the other read what the one wrote
	rw                         // the other overwrote what the one read
	via                        // the second part of an edge that passes through an auxiliary node

	process  // the same session did one after the other
	realtime // the one was complete before the other was invoked

	// Dependencies whose version order rests on something else. Each is true only
	// where a certain consistency model holds, so it may only be used to show that
	// this model, or a stronger one, is violated.
	wwFollows  // the other read what the one wrote: true at read committed
	wwTogether // a third transaction read from both, of this key from the other: true at consistent view
	wwProcess  // the session order of writes: true at strong session read uncommitted
	wwProcessRead
	wwProcessSeen
	wwRealtime // the real-time order of writes: true at strong read uncommitted
	wwRealtimeSeen
	rwProcess
	rwRealtime
)

// The versions of a key may be ordered because a transaction that wrote or read
// the first came before one that wrote the second (Read: the first was only
// read, which orders them at read committed with the order in question), or
// before one that read the second (Seen: they are ordered at snapshot isolation
// with the order in question).

// variant says which orders of clients a cycle may use.
type variant uint8

const (
	plain variant = iota
	withProcess
	withRealtime
	variants
)

var suffixes = [variants]string{"", "-process", "-realtime"}

// class is a type of cycle, from the worst on.
type class uint8

const (
	g0 class = iota
	g1c
	gSingle
	gNonadjacent
	g2
	classes
)

var classNames = [classes]string{"G0", "G1c", "G-single-item", "G-nonadjacent-item", "G2-item"}

// mask returns the edges of which cycles of a class are made, but for those that
// overwrite what was read.
func (c class) mask(v variant) graph.Kind {
	m := ww | via
	if c > g0 {
		m |= wr | wwFollows
	}
	if c > g1c {
		m |= wwTogether
	}
	add := func(order, writes, read, seen graph.Kind) {
		m |= order | writes
		if c > g0 {
			m |= read
		}
		if c > g1c {
			m |= seen
		}
	}
	if v >= withProcess {
		add(process, wwProcess, wwProcessRead, wwProcessSeen)
	}
	if v >= withRealtime {
		add(realtime, wwRealtime, 0, wwRealtimeSeen)
	}
	return m
}

// anti returns the edges that overwrite what was read.
func (v variant) anti() graph.Kind {
	return [variants]graph.Kind{rw, rw | rwProcess, rw | rwProcess | rwRealtime}[v]
}

// all returns every edge that a cycle of the variant may use.
func (v variant) all() graph.Kind { return g2.mask(v) | v.anti() }

// name returns Elle's name of a cycle.
func (c class) name(v variant) string { return classNames[c] + suffixes[v] }

// finds is a set of classes by variant.
type finds uint16

func bit(c class, v variant) finds { return 1 << (uint(v)*uint(classes) + uint(c)) }

// covers reports whether a cycle of class c in variant v is a case of, or
// entails, nothing that is not already known: whether one that was found entails
// it.
func (f finds) covers(c class, v variant) bool {
	for weaker := plain; weaker <= v; weaker++ {
		switch {
		case f&bit(c, weaker) != 0,
			c == g1c && f&bit(g0, weaker) != 0,
			c > gSingle && f&bit(gSingle, weaker) != 0,
			c > gNonadjacent && f&bit(gNonadjacent, weaker) != 0:
			return true
		}
	}
	return false
}
