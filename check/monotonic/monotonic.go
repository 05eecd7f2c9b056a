package monotonic

import (
	"context"
	"fmt"

	"checker/check"
	"checker/history"
)

// The anomalies that this package finds.
const (
	Nonmonotonic = "nonmonotonic"          // a process saw a number go back
	Realtime     = "nonmonotonic-realtime" // an op saw less than one that had completed before
	Duplicate    = "duplicate-increment"   // two increments made the same number
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: Nonmonotonic, Summary: "A number that only grows went back in the eyes of one client.", Example: `client 1   [ read → 2 ]  [ read → 1 ]`},
		{Name: Realtime, Summary: "An op saw less of a number that only grows than another that had completed before it was invoked.", Example: `client 1   [ inc → 2 ]
client 2                [ read → 1 ]`},
		{Name: Duplicate, Summary: "Two increments of one number made the same: one of them was lost.", Example: `client 1   [ inc → 2 ]
client 2    [ inc → 2 ]`},
	}
}

// Options direct the check. The zero value looks at each process alone.
type Options struct {
	Realtime  bool // compare with all that had completed before
	Witnesses int  // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// New returns a checker of numbers that only grow.
func New(o Options) check.Checker { return checker{o} }

type checker struct{ options Options }

// Name is monotonic.
func (checker) Name() string { return "monotonic" }

// Check judges a history of inc and read. Without two ok ops on a number it is
// unknown.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	seen, most := 0, 0
	for _, o := range check.Objects(h) {
		if err := ctx.Err(); err != nil {
			return check.Result{}, fmt.Errorf("%d ops judged: %w", seen, err)
		}
		n := &number{Options: c.options, h: h, object: o, found: found, own: map[history.Process]sight{}, made: map[int64]history.Pair{}}
		if err := n.judge(); err != nil {
			return check.Result{}, err
		}
		seen += n.seen
		most = max(most, n.seen)
	}
	found.Note("%d ops judged", seen)
	if most < 2 {
		found.Undecided("nothing to compare: no number was seen twice")
	}
	return found.Result, nil
}

// number is one object.
type number struct {
	Options
	h      *history.History
	object check.Object
	found  *check.Findings
	own    map[history.Process]sight // the last of each process
	made   map[int64]history.Pair    // by increments
	seen   int
}

// sight is what an op saw.
type sight struct {
	op    history.Pair
	value int64
	inc   bool // it made the value
}

// judge goes through the rows: completions are learned in their order, and an op
// is compared with what was known at its invocation.
func (n *number) judge() error {
	var sights []sight
	for _, p := range n.object.Pairs {
		s, ok, err := n.sight(p)
		if err != nil {
			return err
		}
		if ok {
			sights = append(sights, s)
		}
	}
	n.seen = len(sights)
	known := floors(sights)
	for i, s := range sights {
		process := n.h.Process(int(s.op.Inv))
		before, has := n.own[process]
		n.own[process] = s
		if top := known[i]; n.Realtime && top.op != (history.Pair{}) && (!has || top.value > before.value) {
			before, has = top, true
		}
		if has && goesBack(before, s) {
			n.report(before, s)
		}
		if !s.inc {
			continue
		}
		if first, twice := n.made[s.value]; twice {
			n.found.Found(Duplicate, n.object.Key, []history.Pair{first, s.op}, "op %d and op %d both incremented the number to %d", n.h.Witness(first), n.h.Witness(s.op), s.value)
		} else {
			n.made[s.value] = s.op
		}
	}
	return nil
}

// goesBack: an increment makes more than was there, a read sees no less.
func goesBack(before, s sight) bool {
	return s.value < before.value || s.inc && s.value == before.value && !before.inc
}

func (n *number) report(before, s sight) {
	kind, who := Realtime, "another client"
	if n.h.Process(int(before.op.Inv)) == n.h.Process(int(s.op.Inv)) {
		kind, who = Nonmonotonic, "the same client"
	}
	n.found.Found(kind, n.object.Key, []history.Pair{before.op, s.op}, "op %d saw %d after op %d, of %s, had seen %d and completed",
		n.h.Witness(s.op), s.value, n.h.Witness(before.op), who, before.value)
}

// sight reads an op. ok is false for one that saw nothing.
func (n *number) sight(p history.Pair) (s sight, ok bool, err error) {
	f := n.h.FName(n.h.F(int(p.Inv)))
	if f != "inc" && f != "read" {
		return s, false, fmt.Errorf("op %d: a number that only grows knows inc and read, not %q", n.h.Witness(p), f)
	}
	if in := n.object.In(n.h, p); f == "inc" && !in.IsNil() {
		if by, isInt := n.h.Int(in); !isInt || by <= 0 {
			return s, false, fmt.Errorf("op %d: inc by %s, which is not a whole number above 0", n.h.Witness(p), n.h.Value(in))
		}
	}
	if n.h.Outcome(p) != history.Ok {
		return s, false, nil
	}
	out := n.object.Out(n.h, p)
	if out.IsNil() {
		return s, false, nil
	}
	value, isInt := n.h.Int(out)
	if !isInt {
		return s, false, fmt.Errorf("op %d: %s is not a whole number", n.h.Witness(p), n.h.Value(out))
	}
	return sight{p, value, f == "inc"}, true, nil
}
