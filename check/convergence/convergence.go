package convergence

import (
	"context"
	"slices"
	"strings"

	"checker/check"
	"checker/history"
)

// The anomalies that this package finds.
const (
	Diverged      = "diverged"       // two replicas hold something else in the end
	DivergedOrder = "diverged-order" // they hold the same elements in another order
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: Diverged, Summary: "When all was over, two replicas held something else.", Example: `n1   [ write 1, ok ]                 [ read → 1 ]
n2                     all is well   [ read → nil ]`},
		{Name: DivergedOrder, Summary: "When all was over, two replicas held the same elements in another order.", Example: `n1   all is well   [ read → [1 2] ]
n2   all is well   [ read → [2 1] ]`},
	}
}

// Options direct the check. The zero value is sensible.
type Options struct {
	Unordered bool // vectors are compared whatever their order
	Witnesses int  // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// New returns a checker of convergence.
func New(o Options) check.Checker { return checker{o} }

type checker struct{ options Options }

// Name is convergence.
func (checker) Name() string { return "convergence" }

// Check compares the final reads. With those of fewer than two replicas of any
// object it is unknown.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	most, reads := 0, 0
	begin := recovery(h)
	for _, o := range check.Objects(h) {
		if err := ctx.Err(); err != nil {
			return check.Result{}, err
		}
		last := finalReads(h, &o, begin)
		most, reads = max(most, len(last)), reads+len(last)
		for i := 1; i < len(last); i++ {
			c.compare(h, &o, found, last[0], last[i])
		}
	}
	found.Note("%d final reads compared", reads)
	if most < 2 {
		found.Undecided("nothing to compare: after the last change there are final reads of %d replicas", most)
	}
	return found.Result, nil
}

// recovery returns the row after which the faults are over, or -1.
func recovery(h *history.History) int32 {
	f, ok := h.LookupF("phase")
	if !ok {
		return -1
	}
	for i := h.Len() - 1; i >= 0; i-- {
		if h.Process(i) == history.Nemesis && h.F(i) == f && h.Text(h.Ref(i)) == "recovery" {
			return int32(i)
		}
	}
	return -1
}

// final is the last final read of a replica.
type final struct {
	replica string
	op      history.Pair
}

// finalReads returns the last final read of each replica, in the order in which the
// replicas first had one.
func finalReads(h *history.History, o *check.Object, begin int32) []final {
	for _, p := range o.Pairs {
		if h.FName(h.F(int(p.Inv))) != "read" && h.Outcome(p) != history.Fail {
			begin = max(begin, p.Inv)
			if h.Outcome(p) == history.Ok {
				begin = max(begin, p.Comp)
			}
		}
	}
	var last []final
	for _, p := range o.Pairs {
		if h.FName(h.F(int(p.Inv))) != "read" || h.Outcome(p) != history.Ok || p.Inv < begin {
			continue
		}
		replica := h.Node(int(p.Comp))
		if replica == "" {
			replica = h.Node(int(p.Inv))
		}
		if replica == "" {
			replica = "process " + h.ProcessName(h.Process(int(p.Inv)))
		}
		if i := slices.IndexFunc(last, func(f final) bool { return f.replica == replica }); i >= 0 {
			last[i].op = p
		} else {
			last = append(last, final{replica, p})
		}
	}
	return last
}

func (c checker) compare(h *history.History, o *check.Object, found *check.Findings, a, b final) {
	va, vb := h.Value(o.Out(h, a.op)), h.Value(o.Out(h, b.op))
	if text(va, c.options.Unordered) == text(vb, c.options.Unordered) {
		return
	}
	kind := Diverged
	if text(va, true) == text(vb, true) {
		kind = DivergedOrder
	}
	found.Found(kind, o.Key, []history.Pair{a.op, b.op}, "in the end %s held %s (op %d) and %s held %s (op %d)", a.replica, va, h.Witness(a.op), b.replica, vb, h.Witness(b.op))
}

// text prints a value such that equal ones print the same: the elements of sets, the
// entries of maps and, if so asked, the elements of the outermost vector in order.
func text(v history.Value, unordered bool) string {
	elems := v.Elems()
	var parts []string
	switch v.Kind() {
	case history.KindMap:
		for i := 0; i < len(elems); i += 2 {
			parts = append(parts, text(elems[i], false)+" "+text(elems[i+1], false))
		}
		unordered = true
	case history.KindSet, history.KindVector, history.KindList:
		for _, e := range elems {
			parts = append(parts, text(e, false))
		}
		unordered = unordered || v.Kind() == history.KindSet
	default:
		return v.String()
	}
	if unordered {
		slices.Sort(parts)
	}
	return "(" + strings.Join(parts, ", ") + ")"
}
