package locks

import (
	"cmp"
	"math"

	"checker/history"
)

// instant is a moment by the clock of the harness. Rows of one time are told apart by
// their order.
type instant struct {
	ns  int64
	row int32
}

// The ends of time.
var (
	always = instant{ns: math.MinInt64}
	never  = instant{ns: math.MaxInt64}
)

func at(h *history.History, row int32) instant { return instant{h.Time(int(row)), row} }

func (t instant) compare(u instant) int {
	return cmp.Or(cmp.Compare(t.ns, u.ns), cmp.Compare(t.row, u.row))
}

func (t instant) after(u instant) bool { return t.compare(u) > 0 }

// plus returns the instant that many ns later.
func (t instant) plus(ns int64) instant {
	if t.ns > math.MaxInt64-ns {
		return never
	}
	return instant{t.ns + ns, t.row}
}

func earlier(t, u instant) instant {
	if t.after(u) {
		return u
	}
	return t
}

func later(t, u instant) instant {
	if t.after(u) {
		return t
	}
	return u
}

// hold is one time that a process had a lock under a lease. It began at some instant
// from asked to granted.
type hold struct {
	ops            []history.Pair // that show it: the acquire, refreshes, the release
	process        string
	asked, granted instant
	lease          int64   // ns that it lasted at least from that instant on, or from its last refresh
	refreshed      instant // when it was refreshed at the earliest; always if it never was
	inherits       bool    // the lease of that refresh is the one of before
	freed          instant // when the process may have given it up; never if it did not
}

// ends returns when a hold that began at an instant is over at the earliest. The
// later it began, the later it ends, or as late.
func (h *hold) ends(began instant) instant {
	return earlier(h.freed, later(began, h.refreshed).plus(h.lease))
}
