package counter

import (
	"context"
	"fmt"

	"checker/check"
	"checker/history"
	"checker/models"
)

// Options direct the check. The zero value is sensible.
type Options struct {
	Initial   int64 // what a fresh counter reads
	Witnesses int   // examples kept of each anomaly; 0 is 3
	_         struct{}
}

// The anomalies that this package finds.
const (
	OutOfBounds = "counter-out-of-bounds" // a read outside of what can have been added
	Unreachable = "counter-unreachable"   // a read within the bounds that no sum of adds makes
)

// New returns a checker of counters.
func New(o Options) check.Checker {
	if o.Witnesses == 0 {
		o.Witnesses = 3
	}
	return &checker{options: o}
}

type checker struct{ options Options }

// Name is counter.
func (c *checker) Name() string { return "counter" }

// Check judges a history of reads, adds, incs and decs. One without any client
// op is unknown.
func (c *checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	pairs := h.Pairs()
	result := check.Result{Name: c.Name(), Verdict: check.Valid}
	if len(pairs) == 0 {
		result.Verdict, result.Reason = check.Unknown, "nothing to check: the history has no client ops"
		return result, nil
	}
	r := &run{ctx: ctx, options: c.options, h: h, spec: models.Counter(), result: result}
	r.values = models.NewValues(&h.Heap)
	groups := [][]history.Pair{pairs}
	if r.keyed = r.spec.Independent(h); r.keyed {
		_, groups, _ = h.ByKey(pairs)
		r.result.Notes = append(r.result.Notes, fmt.Sprintf("%d independent counters, by key", len(groups)))
	}
	for _, group := range groups {
		if err := r.judge(group); err != nil {
			return check.Result{}, err
		}
	}
	r.result.Notes = append(r.result.Notes, fmt.Sprintf("%d reads judged", r.reads))
	if r.undecided > 0 && r.result.Verdict == check.Valid {
		r.result.Verdict = check.Unknown
		r.result.Reason = fmt.Sprintf("%d reads are within their bounds, but the adds that may have happened make too many sums to tell if theirs is among them", r.undecided)
	}
	return r.result, nil
}

// run is one call of Check.
type run struct {
	ctx     context.Context
	options Options
	h       *history.History
	values  *models.Values
	spec    models.Model
	keyed   bool
	result  check.Result
	reads   int

	undecided int // reads within their bounds for which too many sums were possible
}

// event is one end of an op on a counter.
type event struct {
	pair    history.Pair
	delta   int64 // of an add
	value   int64 // of a read that is ok
	read    bool
	outcome history.Type
}

// sums are what has been added up to a row.
type sums struct {
	surePlus, sureLess int64 // by adds that are ok and have completed: the positive and the negative ones
	plus, less         int64 // by adds that were invoked
}

// judge goes through the rows of one counter.
func (r *run) judge(pairs []history.Pair) error {
	events, size, err := r.events(pairs)
	if err != nil {
		return err
	}
	var now sums
	maybe := optional{crashed: coins{unit: size}}
	before := map[int32]sums{} // at the invocations of open reads
	for i, row := range inOrder(events) {
		if i%4096 == 0 && r.ctx.Err() != nil {
			return fmt.Errorf("%d reads judged: %w", r.reads, r.ctx.Err())
		}
		e, begins := &events[row.event], row.begins
		switch {
		case e.read && begins:
			before[e.pair.Inv] = now
		case e.read:
			b := before[e.pair.Inv]
			delete(before, e.pair.Inv)
			r.read(e, bounds{
				sure:  r.options.Initial + b.surePlus + b.sureLess,
				lower: r.options.Initial + b.surePlus + now.less,
				upper: r.options.Initial + now.plus + b.sureLess,
				maybe: maybe.at(e.pair.Inv),
			})
		case begins:
			maybe.begin(e, e.outcome == history.Ok)
			now.plus, now.less = now.plus+max(e.delta, 0), now.less+min(e.delta, 0)
		default:
			maybe.end(e)
			now.surePlus, now.sureLess = now.surePlus+max(e.delta, 0), now.sureLess+min(e.delta, 0)
		}
	}
	return nil
}

// bounds are what a read may return.
type bounds struct {
	sure         int64 // what had surely been added when it was invoked
	lower, upper int64
	maybe        coins // the adds between the two
}

func (r *run) read(e *event, b bounds) {
	r.reads++
	w := check.Witness{Ops: []int{r.h.Witness(e.pair)}}
	if r.keyed {
		key, _, _ := r.h.Heap.Pair(r.h.Ref(int(e.pair.Inv)))
		w.Key = r.h.Value(key).String()
	}
	switch {
	case e.value < b.lower || e.value > b.upper:
		w.Text = fmt.Sprintf("read → %d (op %d), but the counter was at least %d and at most %d: %d had surely been added when the read was invoked",
			e.value, w.Ops[0], b.lower, b.upper, b.sure-r.options.Initial)
		r.result.Add(OutOfBounds, w, r.options.Witnesses)
	case b.maybe.unit > 0:
		yes, known := b.maybe.makes(e.value - b.lower)
		if !known {
			r.undecided++
		} else if !yes {
			w.Text = fmt.Sprintf("read → %d (op %d), but no choice among the adds that may have happened leads there from %d, the sum of those that surely had", e.value, w.Ops[0], b.sure)
			r.result.Add(Unreachable, w, r.options.Witnesses)
		}
	}
}
