package bank

import (
	"math"
	"slices"
	"sort"

	"checker/check"
	"checker/history"
)

// changes are all that open, or all that close, one account.
type changes struct {
	done  []mark // those that are ok, by when they were complete; reach is the latest invocation so far
	maybe []mark // those that may have happened, by invocation; reach is the latest completion so far
}

type mark struct {
	at, reach int32
	by        history.Pair
}

// never is the completion of what nobody knows to be complete.
const never = math.MaxInt32

// beginning is when the accounts were opened that there are at first.
var beginning = mark{at: -1, reach: -1, by: history.Pair{Inv: -1, Comp: -1}}

// add takes an op in the order of invocations.
func (c *changes) add(p history.Pair, outcome history.Type) {
	end := int32(never)
	switch outcome {
	case history.Fail:
		return
	case history.Ok:
		end = p.Comp
		c.done = append(c.done, mark{p.Comp, p.Inv, p})
	}
	if n := len(c.maybe); n > 0 {
		end = max(end, c.maybe[n-1].reach)
	}
	c.maybe = append(c.maybe, mark{p.Inv, end, p})
}

// seal ends the adding.
func (c *changes) seal() {
	slices.SortStableFunc(c.done, func(a, b mark) int { return int(a.at) - int(b.at) })
	for i := 1; i < len(c.done); i++ {
		if before := c.done[i-1]; before.reach > c.done[i].reach {
			c.done[i].reach, c.done[i].by = before.reach, before.by
		}
	}
}

// last returns the last mark before a row.
func last(marks []mark, row int32) (mark, bool) {
	n := sort.Search(len(marks), func(i int) bool { return marks[i].at >= row })
	if n == 0 {
		return mark{}, false
	}
	return marks[n-1], true
}

// since tells whether a change was complete before a read began, and which, after which none of the other kind can
// have happened before the read was complete.
func (c *changes) since(p history.Pair, other *changes) (mark, bool) {
	done, any := last(c.done, p.Inv)
	if !any {
		return done, false
	}
	undone, any := last(other.maybe, p.Comp)
	return done, !any || undone.reach < done.reach
}

// account is what opens and closes one.
type account struct {
	first         bool // it is there from the beginning
	opens, closes changes
}

// judgeAccounts compares the accounts that a read shows with those that there can be.
func (r *run) judgeAccounts(p history.Pair, shown map[string]bool) {
	op := r.h.Witness(p)
	for _, name := range r.names {
		a := r.accounts[name]
		if shown[name] {
			if c, gone := a.closes.since(p, &a.opens); gone {
				r.found.Found(ClosedAccount, name, []history.Pair{c.by, p}, "op %d closed account %s, and read (op %d), which began later, has it", r.h.Witness(c.by), name, op)
			}
			continue
		}
		switch o, there := a.opens.since(p, &a.closes); {
		case !there:
		case o.by.Inv < 0:
			r.report(MissingAccount, p, "read (op %d) lacks account %s, which is there from the beginning and which nobody can have closed", op, name)
		default:
			r.found.Found(MissingAccount, name, []history.Pair{o.by, p}, "op %d opened account %s, and read (op %d), which began later, lacks it", r.h.Witness(o.by), name, op)
		}
	}
}

// exists tells whether an account can have been there when a read was complete.
func (r *run) exists(name string, p history.Pair) bool {
	a := r.accounts[name]
	if a == nil || a.first {
		return a != nil
	}
	_, opened := last(a.opens.maybe, p.Comp)
	return opened
}

// Kinds of accounts that come and go.
var accountKinds = []check.Kind{
	{Name: ClosedAccount, Summary: "A read has an account that was closed before it began.", Example: `client 1   [ close a, with all that it has to b: ok ]
client 2                                               [ read → {a 5, b 5} ]`},
	{Name: MissingAccount, Summary: "A read lacks an account that was opened before it began.", Example: `client 1   [ open c with 5 of a: ok ]
client 2                              [ read → {a 5, b 0} ]`},
}
