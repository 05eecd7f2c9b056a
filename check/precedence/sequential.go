package precedence

import (
	"context"
	"fmt"

	"checker/check"
	"checker/history"
)

// NewSequential returns the check called sequential.
func NewSequential(o Options) check.Checker { return sequential{o} }

type sequential struct{ options Options }

// Name is sequential.
func (sequential) Name() string { return "sequential" }

// Check judges a history of writes of keys, subkey by subkey, and reads of all
// subkeys of a key in the opposite order. One in which no read saw some subkeys
// and not others, or all of them, is unknown.
func (c sequential) Check(ctx context.Context, h *history.History) (check.Result, error) {
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	all, some, none := 0, 0, 0
	for i, p := range h.Pairs() {
		if i%4096 == 0 && ctx.Err() != nil {
			return check.Result{}, fmt.Errorf("%d reads judged: %w", all+some+none, ctx.Err())
		}
		f := h.FName(h.F(int(p.Inv)))
		if f != "read" && f != "write" {
			return check.Result{}, fmt.Errorf("op %d: this kind of history knows write and read, not %q", h.Witness(p), f)
		}
		if f == "write" || h.Outcome(p) != history.Ok {
			continue
		}
		v := h.Ref(int(p.Comp))
		key, subkeys, ok := h.Heap.Pair(v)
		if k := subkeys.Kind(); !ok || k != history.KindVector && k != history.KindList || h.IsTxn(subkeys) {
			return check.Result{}, fmt.Errorf("op %d: a read of %s is not [key [value …]]", h.Witness(p), h.Value(v))
		}
		n := h.Heap.Len(subkeys)
		there, gap := 0, -1
		for i := range n {
			switch {
			case !h.Elem(subkeys, i).IsNil():
				there++
			case there > 0 && gap < 0:
				gap = i
			}
		}
		switch {
		case there == 0:
			none++
		case there == n:
			all++
		default:
			some++
		}
		if gap >= 0 {
			k := h.Value(key)
			found.Found(MissingEarlier, k.String(), []history.Pair{p}, "read (op %d) of key %s lacks subkey %d of %d, but has one that is written after it: %s", h.Witness(p), k, n-gap, n, h.Value(subkeys))
		}
	}
	found.Note("reads: %d saw all subkeys, %d some, %d none", all, some, none)
	if all+some == 0 {
		found.Undecided("nothing to check: no read saw a subkey")
	}
	return found.Result, nil
}
