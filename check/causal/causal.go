package causal

import (
	"context"
	"fmt"

	"checker/check"
	"checker/history"
	"checker/models"
	"checker/models/consistency"
)

// Options direct the check. The zero value is sensible.
type Options struct {
	Clocks    int // most entries of vector clocks; 0 is DefaultClocks
	Witnesses int // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// DefaultClocks bounds vector clocks to 1 GiB.
const DefaultClocks = 1 << 28

// New returns a checker of causal consistency.
func New(o Options) check.Checker {
	if o.Clocks == 0 {
		o.Clocks = DefaultClocks
	}
	return checker{o}
}

type checker struct{ options Options }

// Name is causal.
func (checker) Name() string { return "causal" }

// Check judges a history of reads and writes. One without an ok read is unknown.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	r := &run{Options: c.options, ctx: ctx, h: h, found: check.NewFindings(c.Name(), h, c.options.Witnesses), values: models.NewValues(&h.Heap),
		writers: map[cell]*op{}, sessions: map[history.Process]*session{}, at: map[int64]*op{}}
	objects := check.Objects(h)
	for i := range objects {
		if err := r.read(&objects[i]); err != nil {
			return check.Result{}, err
		}
	}
	r.inSessions()
	if n := len(r.ops) * len(r.list); n > r.Clocks {
		return check.Result{}, fmt.Errorf("%d ops of %d sessions need %d entries of vector clocks, more than %d", len(r.ops), len(r.list), n, r.Clocks)
	}
	reads := r.sources()
	if r.clocks() {
		if err := r.judge(); err != nil {
			return check.Result{}, err
		}
	}
	r.found.Note("%d reads judged, in %d sessions", reads, len(r.list))
	if r.found.Verdict == check.Invalid {
		r.found.ConsistencyModels = &check.ConsistencyModels{Requested: []string{c.Name()}, Not: []string{c.Name()}, AlsoNot: consistency.Above(c.Name()), Holds: []string{}}
	}
	if reads == 0 {
		r.found.Undecided("nothing to check: no read is ok")
	}
	return r.found.Result, nil
}

// run is one call of Check.
type run struct {
	Options
	ctx      context.Context
	h        *history.History
	found    *check.Findings
	values   *models.Values
	ops      []*op // in the order of their invocations
	writers  map[cell]*op
	sessions map[history.Process]*session
	list     []*session
	at       map[int64]*op // by position
}

// cell is a value of a key.
type cell struct {
	key   string
	value models.Datum
}

// session is the ops of a process, in their order.
type session struct {
	id     int
	ops    []*op
	writes map[string][]int32 // places of the writes to each key
}

// op is a read that is ok, or a write that did not fail.
type op struct {
	history.Pair
	cell
	write   bool
	initial bool // a read of the initial value
	session *session
	place   int32   // in its session, from 1
	from    *op     // the write that it read
	link    *op     // the op that it says it comes after
	clock   []int32 // of each session, how many ops come before or are this one
}

// read takes note of the ops of one register.
func (r *run) read(o *check.Object) error {
	for _, p := range o.Pairs {
		f, outcome := r.h.FName(r.h.F(int(p.Inv))), r.h.Outcome(p)
		x := &op{Pair: p, write: f == "write"}
		x.key = o.Key
		switch {
		case f != "write" && f != "read" && f != "read-init":
			return fmt.Errorf("op %d: causal registers know read, read-init and write, not %q", r.h.Witness(p), f)
		case x.write:
			x.value = r.values.Of(o.In(r.h, p))
			if before := r.writers[x.cell]; before != nil {
				return fmt.Errorf("op %d: %s is written to key %q again after op %d; each value may be written once", r.h.Witness(p), r.values.Value(x.value), x.key, r.h.Witness(before.Pair))
			}
			r.writers[x.cell] = x
			if outcome == history.Fail {
				continue
			}
		case outcome != history.Ok:
			continue
		default:
			x.value = r.values.Of(o.Out(r.h, p))
		}
		r.ops = append(r.ops, x)
	}
	return nil
}
