package kafka

import (
	"context"
	"fmt"

	"checker/check"
	"checker/history"
	"checker/models"
)

// Options direct the check. The zero value tells of what logs without isolation
// allow, and calls the rest anomalies, as Jepsen does.
type Options struct {
	Serializable bool // skipped sends, G0, and what subscriptions allow are anomalies too
	Witnesses    int  // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_            struct{}
}

// New returns a checker of partitioned logs.
func New(o Options) check.Checker { return checker{o} }

type checker struct{ options Options }

// Name is kafka.
func (checker) Name() string { return "kafka" }

// Check judges a history of sends and polls. One in which nothing was polled is
// unknown, and so is one in which acknowledged records lie behind all that was.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	r := &run{Options: c.options, h: h, found: check.NewFindings(c.Name(), h, c.options.Witnesses),
		values: models.NewValues(&h.Heap), logs: map[string]*log{}, allowed: map[string]int{}}
	for i, p := range h.Pairs() {
		if i%1024 == 0 && ctx.Err() != nil {
			return check.Result{}, fmt.Errorf("%d ops read: %w", i, ctx.Err())
		}
		if err := r.read(p); err != nil {
			return check.Result{}, err
		}
	}
	for _, step := range []func(){r.rank, r.records, r.orderInOps, r.orderInProcesses, r.cycles} {
		if err := ctx.Err(); err != nil {
			return check.Result{}, fmt.Errorf("%d ops read, and not all of their order judged: %w", len(r.ops), err)
		}
		step()
	}
	r.conclude()
	return r.found.Result, nil
}

// run is one call of Check.
type run struct {
	Options
	h          *history.History
	found      *check.Findings
	values     *models.Values
	ops        []*op // in the order of their invocations
	logs       map[string]*log
	order      []*log // in the order in which they were first met
	subscribed bool
	allowed    map[string]int // anomalies that are only told
	polled     int            // records
	sends      bool           // the history has sends
	unseen     int            // acknowledged records behind all that was polled
}

// op is one op that sends, polls or says what to poll.
type op struct {
	history.Pair
	process history.Process
	outcome history.Type
	mops    []mop
	keeps   map[*log]bool // of assign: the logs in which the position stays
	resets  bool          // it moves the consumer
	asks    bool          // it may have polled
}

// mop is one record that an op sent or polled.
type mop struct {
	send   bool
	rec    *record
	offset int64 // -1 for unknown
}

// log is one key.
type log struct {
	key     string
	records map[models.Datum]*record
	first   []*record // in the order in which they were first met
	offsets map[int64][]*record
	ranks   []int64       // offsets in order
	rankOf  map[int64]int // of an offset
	atRank  []*record
}

// record is one value of a log.
type record struct {
	log     *log
	value   models.Datum
	sender  *op
	offsets []int64 // distinct ones
	polls   []*op
}

// certain reports whether a record was surely written: its sender is ok, or
// another record of the transaction was polled.
func (rec *record) certain() bool {
	if len(rec.polls) > 0 {
		return true
	}
	if rec.sender == nil || rec.sender.outcome == history.Fail {
		return false
	}
	if rec.sender.outcome == history.Ok {
		return true
	}
	for _, m := range rec.sender.mops {
		if m.send && len(m.rec.polls) > 0 {
			return true
		}
	}
	return false
}

func (r *run) show(rec *record) string {
	return fmt.Sprintf("%s of key %s", r.values.Value(rec.value), rec.log.key)
}

// report is an anomaly; may says that it is only told where the log may do so.
func (r *run) report(kind string, may bool, rec *record, ops []history.Pair, format string, args ...any) {
	if may && !r.Serializable {
		r.allowed[kind]++
		return
	}
	r.found.Found(kind, rec.log.key, ops, format, args...)
}

func (r *run) conclude() {
	r.found.Note("%d logs, %d records polled", len(r.order), r.polled)
	for _, kind := range []string{IntSendSkip, PollSkip, PollBack, G0, G0 + process} {
		if n := r.allowed[kind]; n > 0 {
			r.found.Note("%s × %d, which a log without isolation may do", kind, n)
		}
	}
	if r.polled == 0 {
		r.found.Undecided("nothing to check: no record was polled")
	}
	if r.unseen > 0 {
		r.found.Undecided("%d acknowledged records lie behind all that was polled: nobody knows if they would have come", r.unseen)
	}
}
