package longfork

import (
	"context"
	"fmt"

	"checker/check"
	"checker/history"
	"checker/models"
)

// The anomalies that this package finds.
const (
	LongFork   = "long-fork"        // two reads order two writes differently
	Unexpected = "unexpected-value" // a read has a value that was not written there
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: LongFork, Summary: "Two reads saw two writes in opposite orders: each has one and lacks the other.", Example: `client 1   [ write x 1 ]
client 2   [ write y 1 ]
client 3      [ read → {x 1, y nil} ]
client 4      [ read → {x nil, y 1} ]`},
		{Name: Unexpected, Summary: "A key that is written once was read with another value, or although its only write failed.", Example: `client 1   [ write x 1 ]
client 2                  [ read → {x 2} ]`},
	}
}

// Options direct the check. The zero value takes reads of any size.
type Options struct {
	Group     int // how many keys each read has; 0 is any number
	Witnesses int // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// New returns a checker for long forks.
func New(o Options) check.Checker { return checker{o} }

type checker struct{ options Options }

// Name is long-fork.
func (checker) Name() string { return "long-fork" }

// Check judges a history of single writes and group reads. A history in which no
// read saw only a part of its keys proves nothing and is unknown.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	r := &run{Options: c.options, h: h, found: check.NewFindings(c.Name(), h, c.options.Witnesses),
		values: models.NewValues(&h.Heap), writes: map[models.Datum]write{}, order: map[[2]models.Datum]history.Pair{}}
	var reads []history.Pair
	for _, p := range h.Pairs() {
		v := h.Ref(int(p.Inv))
		if !h.IsTxn(v) {
			return check.Result{}, fmt.Errorf("op %d: %s is not a transaction such as [[:w k v]] or [[:r k nil] …]", h.Witness(p), h.Value(v))
		}
		isRead, err := r.classify(p, v)
		if err != nil {
			return check.Result{}, err
		}
		if isRead && h.Outcome(p) == history.Ok {
			reads = append(reads, p)
		}
	}
	for i, p := range reads {
		if i%1024 == 0 && ctx.Err() != nil {
			return check.Result{}, fmt.Errorf("%d of %d reads judged: %w", i, len(reads), ctx.Err())
		}
		if err := r.read(p); err != nil {
			return check.Result{}, err
		}
	}
	r.found.Note("%d reads judged: %d saw nothing, %d saw all of their keys", len(reads), r.none, r.all)
	if len(reads) == r.none+r.all {
		r.found.Undecided("no read saw a part of its keys only, so no two writes could be told apart")
	}
	return r.found.Result, nil
}

// run is one call of Check.
type run struct {
	Options
	h         *history.History
	found     *check.Findings
	values    *models.Values
	writes    map[models.Datum]write           // by key
	order     map[[2]models.Datum]history.Pair // the first read that has one key and lacks the other
	written   bool                             // the history has writes
	none, all int                              // reads that saw nothing, or everything
}

// write is what is known of a key.
type write struct {
	op     history.Pair // that wrote it, or the first read that has it
	value  models.Datum
	failed bool
	read   bool // op is a read: the history does not show the write
}

// classify takes note of a write, and tells reads from writes.
func (r *run) classify(p history.Pair, v history.Ref) (isRead bool, err error) {
	for i := range r.h.Heap.Len(v) {
		m := r.h.MicroOp(v, i)
		if f := r.h.FName(m.F); f == "r" || f == "read" {
			isRead = true
			continue
		}
		if r.h.Heap.Len(v) > 1 {
			return false, fmt.Errorf("op %d: a transaction of a long-fork history only reads or has one write", r.h.Witness(p))
		}
		r.written = true
		key := r.values.Of(r.h.Key(m.Key))
		if before, twice := r.writes[key]; twice {
			return false, fmt.Errorf("op %d: key %s is written again after op %d; long forks are told by keys that are written once",
				r.h.Witness(p), r.values.Value(key), r.h.Witness(before.op))
		}
		r.writes[key] = write{op: p, value: r.values.Of(m.Value), failed: r.h.Outcome(p) == history.Fail}
	}
	return isRead, nil
}

// read compares a read with all before it.
func (r *run) read(p history.Pair) error {
	v := r.h.Ref(int(p.Comp))
	if !r.h.IsTxn(v) {
		return fmt.Errorf("op %d: %s is not a read of keys", r.h.Witness(p), r.h.Value(v))
	}
	n := r.h.Heap.Len(v)
	if r.Group > 0 && n != r.Group {
		return fmt.Errorf("op %d: a read of %d keys where the group size is %d", r.h.Witness(p), n, r.Group)
	}
	var has, lacks []models.Datum
	for i := range n {
		m := r.h.MicroOp(v, i)
		key := r.values.Of(r.h.Key(m.Key))
		if m.Value.IsNil() {
			lacks = append(lacks, key)
			continue
		}
		has = append(has, key)
		if err := r.value(p, key, r.values.Of(m.Value)); err != nil {
			return err
		}
	}
	switch {
	case len(has) == 0:
		r.none++
	case len(lacks) == 0:
		r.all++
	}
	for _, a := range has {
		for _, b := range lacks {
			r.orders(p, a, b)
		}
	}
	return nil
}

// value judges what a read has for a key.
func (r *run) value(p history.Pair, key, value models.Datum) error {
	w, known := r.writes[key]
	show := r.values.Value
	switch {
	case !known && r.written:
		r.found.Found(Unexpected, show(key).String(), []history.Pair{p}, "read (op %d) has %s for key %s, which nobody wrote", r.h.Witness(p), show(value), show(key))
	case !known:
		r.writes[key] = write{op: p, value: value, read: true}
	case w.read && w.value != value:
		return fmt.Errorf("op %d: key %s is %s here and was %s in op %d; long forks are told by keys that are written once",
			r.h.Witness(p), show(key), show(value), show(w.value), r.h.Witness(w.op))
	case w.value != value || w.failed:
		outcome := "wrote"
		if w.failed {
			outcome = "failed to write"
		}
		r.found.Found(Unexpected, show(key).String(), []history.Pair{w.op, p}, "read (op %d) has %s for key %s, but the only write (op %d) %s %s",
			r.h.Witness(p), show(value), show(key), r.h.Witness(w.op), outcome, show(w.value))
	}
	return nil
}

// orders notes that p has key a and lacks key b.
func (r *run) orders(p history.Pair, a, b models.Datum) {
	if _, known := r.order[[2]models.Datum{a, b}]; known {
		return
	}
	r.order[[2]models.Datum{a, b}] = p
	q, forked := r.order[[2]models.Datum{b, a}]
	if !forked {
		return
	}
	ops := []history.Pair{q, p}
	for _, key := range []models.Datum{a, b} {
		if w, known := r.writes[key]; known && !w.read {
			ops = append(ops, w.op)
		}
	}
	ka, kb := r.values.Value(a), r.values.Value(b)
	r.found.Found(LongFork, "", ops, "read (op %d) has key %s and not yet key %s, read (op %d) has key %s and not yet key %s: they saw two writes in opposite orders",
		r.h.Witness(q), kb, ka, r.h.Witness(p), ka, kb)
}
