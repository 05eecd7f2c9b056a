package sets

import (
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
	"checker/models"
)

// Options choose the check. The zero value is Jepsen's set.
type Options struct {
	Full         bool // judge every read (set-full), not only the last
	Linearizable bool // with Full: stale elements are a violation
	Witnesses    int  // examples kept of each anomaly; 0 is 3
	_            struct{}
}

// The anomalies that this package finds.
const (
	Lost       = "lost"       // a known element is missing for good
	Unexpected = "unexpected" // a read has an element that nobody added
	Duplicated = "duplicated" // a read has an element twice
	Stale      = "stale"      // a read lacks an element that was known, and a later one has it
)

// New returns a checker of sets.
func New(o Options) check.Checker {
	if o.Witnesses == 0 {
		o.Witnesses = 3
	}
	return &checker{options: o}
}

type checker struct{ options Options }

// Name is set or set-full.
func (c *checker) Name() string {
	if c.options.Full {
		return "set-full"
	}
	return "set"
}

// Check judges a history of adds and reads. One in which nothing was ever read,
// or for set-full no element became stable, is unknown.
func (c *checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	pairs, err := ops(h)
	if err != nil {
		return check.Result{}, err
	}
	if len(pairs) == 0 {
		return check.Result{Name: c.Name(), Verdict: check.Unknown, Reason: "nothing to check: the history has no client ops"}, nil
	}
	r := &run{ctx: ctx, options: c.options, h: h, values: models.NewValues(&h.Heap)}
	r.result = check.Result{Name: c.Name(), Verdict: check.Valid}
	spec := models.Set()
	keys, groups := []history.Ref{0}, [][]history.Pair{pairs}
	if spec.Independent(h) {
		r.keyed = true
		keys, groups, _ = h.ByKey(pairs)
	}
	for i, key := range keys {
		if r.keyed {
			r.key = h.Value(key).String()
		}
		if err := r.judge(groups[i]); err != nil {
			return check.Result{}, fmt.Errorf("set %d of %d: %w", i+1, len(keys), err)
		}
	}
	r.conclude(len(keys))
	return r.result, nil
}

// ops returns the client ops of h, or an error when some are neither add nor
// read.
func ops(h *history.History) ([]history.Pair, error) {
	pairs := h.Pairs()
	for _, p := range pairs {
		if f := h.FName(h.F(int(p.Inv))); f != "add" && f != "read" && h.Outcome(p) != history.Fail {
			return nil, fmt.Errorf("op %d: a set of this kind knows add and read, not %q", h.Witness(p), f)
		}
	}
	return pairs, nil
}

// run is one call of Check.
type run struct {
	ctx     context.Context
	options Options
	h       *history.History
	values  *models.Values
	keyed   bool
	key     string // of the set being judged
	result  check.Result
	tally
}

// tally counts over all sets.
type tally struct {
	unread                            int // sets never read
	attempts, acknowledged, recovered int
	stable, late, neverRead           int
	stableAfter, lostAfter            []int64 // ns
}

// element is what is known of one element of one set.
type element struct {
	datum   models.Datum
	add     history.Pair // the first add that did not fail, else the first
	tried   bool         // some add did not fail
	acked   bool         // some add is ok
	known   int32        // row from which it surely exists, or -1
	present int32        // invocation of the last read with it, or -1
	absent  int32        // invocation of the last read without it, or -1
}

// read is one completed read.
type read struct {
	history.Pair
	elems []models.Datum
}

// object is one set: its elements in the order of their adds, and its reads in
// the order of their completions.
type object struct {
	elements []*element
	byDatum  map[models.Datum]*element
	reads    []read
}

func (r *run) judge(pairs []history.Pair) error {
	o := &object{byDatum: map[models.Datum]*element{}}
	for _, p := range pairs {
		if r.h.FName(r.h.F(int(p.Inv))) == "add" {
			o.add(r.h, r.values.Of(r.value(p.Inv)), p)
			continue
		}
		if r.h.Outcome(p) == history.Ok {
			elems, err := r.elems(p)
			if err != nil {
				return err
			}
			o.reads = append(o.reads, read{p, elems})
		}
	}
	slices.SortFunc(o.reads, func(a, b read) int { return int(a.Comp) - int(b.Comp) })
	for _, e := range o.elements {
		if e.tried {
			r.attempts++
		}
		if e.acked {
			r.acknowledged++
		}
	}
	if len(o.reads) == 0 {
		r.unread++
		return nil
	}
	if !r.options.Full {
		o.reads = o.reads[len(o.reads)-1:]
	}
	if err := r.contents(o); err != nil {
		return err
	}
	if r.options.Full {
		r.full(o)
	} else {
		r.final(o)
	}
	return nil
}

func (r *run) value(row int32) history.Ref {
	if r.keyed {
		return r.h.Inner(int(row))
	}
	return r.h.Ref(int(row))
}

func (r *run) elems(p history.Pair) ([]models.Datum, error) {
	v := r.value(p.Comp)
	switch v.Kind() {
	case history.KindVector, history.KindList, history.KindSet, history.KindNil:
	default:
		return nil, fmt.Errorf("op %d: a read of %s is not a collection of elements", r.h.Witness(p), r.h.Value(v))
	}
	if r.h.IsTxn(v) {
		return nil, fmt.Errorf("op %d: a read of %s is a transaction, not a collection of elements", r.h.Witness(p), r.h.Value(v))
	}
	elems := make([]models.Datum, r.h.Heap.Len(v))
	for i := range elems {
		elems[i] = r.values.Of(r.h.Elem(v, i))
	}
	return elems, nil
}

func (o *object) add(h *history.History, d models.Datum, p history.Pair) {
	e := o.byDatum[d]
	if e == nil {
		e = &element{datum: d, add: p, known: -1, present: -1, absent: -1}
		o.byDatum[d] = e
		o.elements = append(o.elements, e)
	}
	switch h.Outcome(p) {
	case history.Fail:
		return
	case history.Ok:
		e.acked = true
		if e.known < 0 || p.Comp < e.known {
			e.known = p.Comp
		}
	}
	if !e.tried {
		e.tried, e.add = true, p
	}
}

// contents looks for elements that a read should not have, or not twice.
func (r *run) contents(o *object) error {
	count := map[models.Datum]int{}
	for i, rd := range o.reads {
		if err := r.ctx.Err(); err != nil {
			return fmt.Errorf("%d of %d reads judged: %w", i, len(o.reads), err)
		}
		clear(count)
		for _, d := range rd.elems {
			if count[d]++; count[d] == 2 {
				r.add(Duplicated, []history.Pair{rd.Pair}, "read (op %d) has %s more than once", r.h.Witness(rd.Pair), r.show(d))
			}
			if count[d] > 1 {
				continue
			}
			switch e := o.byDatum[d]; {
			case e == nil:
				r.add(Unexpected, []history.Pair{rd.Pair}, "read (op %d) has %s, which nobody added", r.h.Witness(rd.Pair), r.show(d))
			case !e.tried:
				r.add(Unexpected, []history.Pair{e.add, rd.Pair}, "read (op %d) has %s, whose add (op %d) failed",
					r.h.Witness(rd.Pair), r.show(d), r.h.Witness(e.add))
			case e.add.Inv > rd.Comp:
				r.add(Unexpected, []history.Pair{rd.Pair, e.add}, "read (op %d) completed with %s before its add (op %d) was invoked",
					r.h.Witness(rd.Pair), r.show(d), r.h.Witness(e.add))
			}
		}
	}
	return nil
}

// final judges the one read left.
func (r *run) final(o *object) {
	last := o.reads[0]
	in := map[models.Datum]bool{}
	for _, d := range last.elems {
		in[d] = true
	}
	for _, e := range o.elements {
		switch {
		case in[e.datum] && e.tried && !e.acked:
			r.recovered++
		case !in[e.datum] && e.known >= 0 && e.known < last.Inv:
			r.add(Lost, []history.Pair{e.add, last.Pair}, "%s was added (op %d) before the last read (op %d) was invoked, which lacks it",
				r.show(e.datum), r.h.Witness(e.add), r.h.Witness(last.Pair))
		}
	}
}

func (r *run) show(d models.Datum) string { return r.values.Value(d).String() }

// add counts an anomaly and keeps the first ones as witnesses.
func (r *run) add(kind string, ops []history.Pair, format string, args ...any) {
	w := check.Witness{Key: r.key}
	for _, p := range ops {
		w.Ops = append(w.Ops, r.h.Witness(p))
	}
	w.Text = fmt.Sprintf(format, args...)
	r.result.Add(kind, w, r.options.Witnesses)
}
