package broadcast

import (
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
	"checker/models"
	"checker/models/consistency"
)

// Options direct the check.
type Options struct {
	Require   []string // of [Guarantees]; none is the first
	Witnesses int      // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// New returns a checker of broadcasts.
func New(o Options) check.Checker {
	if len(o.Require) == 0 {
		o.Require = Guarantees()[:1]
	}
	return checker{o}
}

type checker struct{ options Options }

// Name is broadcast.
func (checker) Name() string { return "broadcast" }

// Check judges a history of broadcast, deliver and crash. One in which nothing was
// delivered by anyone but its sender is unknown, unless it is invalid.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	r := &run{Options: c.options, h: h, found: check.NewFindings(c.Name(), h, c.options.Witnesses),
		values: models.NewValues(&h.Heap), messages: map[models.Datum]*message{}, processes: map[history.Process]*process{}, broken: map[string]bool{}}
	for _, p := range h.Pairs() {
		if err := r.read(p); err != nil {
			return check.Result{}, err
		}
	}
	for _, q := range r.all {
		slices.SortFunc(q.events, func(a, b event) int { return int(a.row) - int(b.row) })
	}
	for _, step := range []func(){r.deliveries, r.agreement, r.senders, r.total} {
		if err := ctx.Err(); err != nil {
			return check.Result{}, fmt.Errorf("%d messages and %d processes read, and not all judged: %w", len(r.order), len(r.all), err)
		}
		step()
	}
	r.conclude()
	return r.found.Result, nil
}

// run is one call of Check.
type run struct {
	Options
	h         *history.History
	found     *check.Findings
	values    *models.Values
	messages  map[models.Datum]*message
	order     []*message // by first mention
	processes map[history.Process]*process
	all       []*process
	broken    map[string]bool // guarantees
	shared    int             // deliveries by others than the sender
}

// message is one message.
type message struct {
	datum  models.Datum
	sent   history.Pair
	sender *process // nil while nobody broadcast it
	failed bool
}

// process is one participant.
type process struct {
	name   string
	faulty bool
	events []event // its broadcasts and deliveries, in order
	at     map[*message]int
	ops    map[*message]history.Pair // by which it delivered
	count  int                       // deliveries
}

// event is a broadcast or a delivery.
type event struct {
	row       int32
	message   *message
	broadcast bool
	op        history.Pair
}

func (r *run) process(p history.Pair) *process {
	id := r.h.Process(int(p.Inv))
	q := r.processes[id]
	if q == nil {
		q = &process{name: "process " + r.h.ProcessName(id), at: map[*message]int{}, ops: map[*message]history.Pair{}}
		r.processes[id] = q
		r.all = append(r.all, q)
	}
	return q
}

func (r *run) message(v history.Ref) *message {
	d := r.values.Of(v)
	m := r.messages[d]
	if m == nil {
		m = &message{datum: d}
		r.messages[d] = m
		r.order = append(r.order, m)
	}
	return m
}

// read takes note of one op.
func (r *run) read(p history.Pair) error {
	q, outcome := r.process(p), r.h.Outcome(p)
	q.faulty = q.faulty || outcome == history.Info
	switch f := r.h.FName(r.h.F(int(p.Inv))); f {
	case "crash":
		q.faulty = true
	case "broadcast":
		m := r.message(r.h.Ref(int(p.Inv)))
		if m.sender != nil {
			return fmt.Errorf("op %d: %s is broadcast again after op %d; each message may be broadcast once", r.h.Witness(p), r.show(m), r.h.Witness(m.sent))
		}
		m.sender, m.sent, m.failed = q, p, outcome == history.Fail
		if !m.failed {
			q.events = append(q.events, event{p.Inv, m, true, p})
		}
	case "deliver":
		if outcome != history.Ok {
			return nil
		}
		v := r.h.Ref(int(p.Comp))
		if v.IsNil() {
			return nil
		}
		q.events = append(q.events, event{p.Comp, r.message(v), false, p})
	default:
		return fmt.Errorf("op %d: a broadcast knows broadcast, deliver and crash, not %q", r.h.Witness(p), f)
	}
	return nil
}

func (r *run) show(m *message) string { return r.values.Value(m.datum).String() }

// report counts an anomaly if what it breaks was asked for, or is implied by that.
func (r *run) report(kind string, ops []history.Pair, format string, args ...any) {
	r.broken[breaks[kind]] = true
	for _, name := range r.Require {
		if consistency.Implies(name, breaks[kind]) {
			r.found.Found(kind, "", ops, format, args...)
			return
		}
	}
}

// conclude tells which guarantees hold.
func (r *run) conclude() {
	m := &check.ConsistencyModels{Requested: r.Require, Not: []string{}, AlsoNot: []string{}, Holds: []string{}}
	var not, holds []string
	for _, name := range Guarantees() {
		broken := false
		for weaker := range r.broken {
			broken = broken || consistency.Implies(name, weaker)
		}
		if broken {
			not = append(not, name)
		} else {
			holds = append(holds, name)
		}
	}
	m.Not, m.Holds = consistency.Weakest(not...), consistency.Strongest(holds...)
	for _, name := range not {
		if !slices.Contains(m.Not, name) {
			m.AlsoNot = append(m.AlsoNot, name)
		}
	}
	r.found.ConsistencyModels = m
	faulty := 0
	for _, q := range r.all {
		if q.faulty {
			faulty++
		}
	}
	r.found.Note("%d messages, %d processes, %d of them faulty", len(r.order), len(r.all), faulty)
	if r.shared == 0 {
		r.found.Undecided("nothing to check: no process delivered a message of another")
	}
}
