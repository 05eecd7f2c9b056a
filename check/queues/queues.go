package queues

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
	"checker/models"
)

// The anomalies that this package finds.
const (
	Lost       = "lost-message"       // an acknowledged message never came out
	Unexpected = "unexpected-message" // a message came out that nobody put in
	Duplicated = "duplicated-message" // a message came out more often than it was put in
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: Lost, Summary: "An acknowledged message never came out of a queue that was seen empty afterwards.", Example: `client 1   [ enqueue 1, ok ]
client 2                      [ dequeue → empty ]`},
		{Name: Unexpected, Summary: "A message came out that nobody had tried to put in by then, or whose enqueue failed for certain.", Example: `client 1   [ enqueue 1 → fail ]
client 2                         [ dequeue → 1 ]`},
		{Name: Duplicated, Summary: "A message came out more often than it was put in.", Example: `client 1   [ enqueue 1, ok ]
client 2                      [ dequeue → 1 ]
client 3                       [ dequeue → 1 ]`},
	}
}

// Options choose the check. The zero value is Jepsen's queue.
type Options struct {
	Total     bool // every message must come out in the end (total-queue)
	Once      bool // with Total: a message that comes out twice is an anomaly too
	Witnesses int  // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// New returns a checker of queues.
func New(o Options) check.Checker { return checker{o} }

type checker struct{ options Options }

// Name is queue or total-queue.
func (c checker) Name() string {
	if c.options.Total {
		return "total-queue"
	}
	return "queue"
}

// Check judges a history of enqueues, dequeues and drains. One in which no message
// came out is unknown.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	r := &run{Options: c.options, h: h, found: check.NewFindings(c.Name(), h, c.options.Witnesses), values: models.NewValues(&h.Heap)}
	for _, o := range check.Objects(h) {
		if err := ctx.Err(); err != nil {
			return check.Result{}, fmt.Errorf("%d of %d messages came out so far: %w", r.out, r.in, err)
		}
		q := &queue{run: r, object: o, messages: map[models.Datum]*message{}, empty: -1}
		if err := q.read(); err != nil {
			return check.Result{}, err
		}
		q.judge()
	}
	r.found.Note("%d messages put in for sure, %d came out; %d recovered, whose enqueues had crashed; %d dequeues crashed", r.in, r.out, r.recovered, r.crashed)
	if c.options.Total && !c.options.Once {
		r.found.Note("%d came out more than once", r.again)
	}
	if r.out == 0 {
		r.found.Undecided("nothing to check: no message came out")
	}
	return r.found.Result, nil
}

// run is one call of Check.
type run struct {
	Options
	h      *history.History
	found  *check.Findings
	values *models.Values

	in, out, recovered, crashed, again int
}

// queue is one object.
type queue struct {
	*run
	object   check.Object
	order    []*message
	messages map[models.Datum]*message
	empty    int32 // the invocation of the last op that found the queue empty, or -1
	swallow  int   // dequeues that crashed
	drains   int   // drains that crashed: they may have taken anything
}

// message is what is known of one message, or of several that are equal.
type message struct {
	datum models.Datum
	puts  []history.Pair // enqueues that did not fail
	sure  []history.Pair // those that are ok
	fails []history.Pair
	takes []history.Pair // ops that it came out of, once for each time
}

func (q *queue) message(v history.Ref) *message {
	d := q.values.Of(v)
	m := q.messages[d]
	if m == nil {
		m = &message{datum: d}
		q.messages[d] = m
		q.order = append(q.order, m)
	}
	return m
}

// read sorts the ops by message.
func (q *queue) read() error {
	for _, p := range q.object.Pairs {
		outcome := q.h.Outcome(p)
		switch f := q.h.FName(q.h.F(int(p.Inv))); f {
		case "enqueue":
			m := q.message(q.object.In(q.h, p))
			switch outcome {
			case history.Fail:
				m.fails = append(m.fails, p)
				continue
			case history.Ok:
				m.sure = append(m.sure, p)
			}
			m.puts = append(m.puts, p)
		case "dequeue":
			q.dequeue(p, outcome)
		case "drain":
			if err := q.drain(p, outcome); err != nil {
				return err
			}
		default:
			return fmt.Errorf("op %d: a queue knows enqueue, dequeue and drain, not %q", q.h.Witness(p), f)
		}
	}
	return nil
}

func (q *queue) dequeue(p history.Pair, outcome history.Type) {
	v := q.object.Out(q.h, p)
	switch {
	case outcome == history.Ok && !v.IsNil():
		m := q.message(v)
		m.takes = append(m.takes, p)
	case outcome == history.Ok || outcome == history.Fail && q.saysEmpty(p):
		q.empty = max(q.empty, p.Inv)
	case outcome == history.Info:
		q.swallow++
	}
}

// saysEmpty reports whether a dequeue failed because the queue was empty.
func (q *queue) saysEmpty(p history.Pair) bool {
	why := q.h.Error(int(p.Comp))
	switch q.h.Text(why) {
	case "empty", "exhausted":
		return true
	}
	return why.IsNil()
}

func (q *queue) drain(p history.Pair, outcome history.Type) error {
	if outcome == history.Info {
		q.drains++
	}
	if outcome != history.Ok {
		return nil
	}
	v := q.object.Out(q.h, p)
	switch v.Kind() {
	case history.KindVector, history.KindList, history.KindSet, history.KindNil:
	default:
		return fmt.Errorf("op %d: a drain of %s is not a collection of messages", q.h.Witness(p), q.h.Value(v))
	}
	if q.h.IsTxn(v) {
		return fmt.Errorf("op %d: a drain of %s is a transaction, not a collection of messages", q.h.Witness(p), q.h.Value(v))
	}
	q.empty = max(q.empty, p.Inv)
	for i := range q.h.Heap.Len(v) {
		m := q.message(q.h.Elem(v, i))
		m.takes = append(m.takes, p)
	}
	return nil
}

// judge compares what went in with what came out.
func (q *queue) judge() {
	var missing []history.Pair
	for _, m := range q.order {
		q.in += len(m.sure)
		q.out += len(m.takes)
		q.recovered += min(len(m.takes), len(m.puts)) - min(len(m.takes), len(m.sure))
		slices.SortFunc(m.takes, func(a, b history.Pair) int { return cmp.Compare(a.Comp, b.Comp) })
		q.cameOut(m)
		if short := len(m.sure) - len(m.takes); short > 0 {
			missing = append(missing, m.sure[len(m.sure)-short:]...)
		}
	}
	q.crashed += q.swallow + q.drains
	switch {
	case q.Total && q.drains == 0:
		q.missing(missing)
	case q.Total && len(missing) > 0:
		q.found.Undecided("%d acknowledged messages never came out; a drain crashed and may have taken them", len(missing))
	}
}

// cameOut judges the times that a message came out, in their order. The first one
// that no enqueue explains tells enough.
func (q *queue) cameOut(m *message) {
	for i, take := range m.takes {
		if i < len(m.puts) && m.puts[i].Inv < take.Comp {
			continue
		}
		show := q.values.Value(m.datum)
		switch {
		case len(m.puts) == 0 && len(m.fails) > 0:
			q.report(Unexpected, []history.Pair{m.fails[0], take}, "%s came out (op %d), but its enqueue (op %d) failed", show, q.h.Witness(take), q.h.Witness(m.fails[0]))
		case len(m.puts) == 0:
			q.report(Unexpected, []history.Pair{take}, "%s came out (op %d), and nobody put it in", show, q.h.Witness(take))
		case i == 0:
			q.report(Unexpected, []history.Pair{take, m.puts[0]}, "%s came out (op %d) before its enqueue (op %d) was invoked", show, q.h.Witness(take), q.h.Witness(m.puts[0]))
		default:
			q.again += len(m.takes) - i
			if q.Total && !q.Once {
				return
			}
			ops := append(slices.Clone(m.puts[:min(i, len(m.puts))]), m.takes[:i+1]...)
			q.report(Duplicated, ops, "%s came out %d times by op %d, and had been put in %d times at most", show, i+1, q.h.Witness(take), min(i, len(m.puts)))
		}
		return
	}
}

// missing judges messages that are in for sure and never came out.
func (q *queue) missing(missing []history.Pair) {
	slices.SortFunc(missing, func(a, b history.Pair) int { return cmp.Compare(a.Comp, b.Comp) })
	gone, _ := slices.BinarySearchFunc(missing, q.empty, func(p history.Pair, row int32) int { return cmp.Compare(p.Comp, row) })
	empty := history.Pair{Inv: q.empty}
	if gone > 0 {
		empty.Comp = int32(q.h.Pair(int(q.empty)))
	}
	for _, p := range missing[min(gone, q.swallow):gone] {
		also := ""
		if q.swallow > 0 {
			also = fmt.Sprintf("; %d dequeues crashed and may have taken one each, but %d messages are missing", q.swallow, gone)
		}
		q.report(Lost, []history.Pair{p, empty}, "%s was put in (op %d) and never came out, though the queue was seen empty later (op %d)%s",
			q.h.Value(q.object.In(q.h, p)), q.h.Witness(p), q.h.Witness(empty), also)
	}
	switch left := len(missing) - gone; {
	case left > 0 && gone <= q.swallow:
		q.found.Undecided("%d acknowledged messages never came out, and the queue was not seen empty after they were put in", left)
	case gone > 0 && gone <= q.swallow:
		q.found.Note("%d messages are missing; as many dequeues crashed and may have taken them", gone)
	}
}

func (q *queue) report(kind string, ops []history.Pair, format string, args ...any) {
	q.found.Found(kind, q.object.Key, ops, format, args...)
}
