package txn

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/check/txn/micro"
	"checker/history"
	"checker/internal/graph"
	"checker/models/consistency"
)

// Options direct a check. The zero value judges lists for strict
// serializability.
type Options struct {
	Model micro.Model

	// ConsistencyModels must hold, and Anomalies must not occur whatever the
	// models say. When both are empty, the model is strict-serializable. Names are
	// those of models/consistency.
	ConsistencyModels []string
	Anomalies         []string

	// Where registers may take the order of a key's versions from, besides what
	// follows from the models in question: that a transaction writes behind what it
	// read, that every session meets versions in their order, that everybody does
	// in real time, and the order of transactions by their completions' indexes.
	WFRKeys          bool
	SequentialKeys   bool
	LinearizableKeys bool
	TransactionOrder map[int]int

	// Memory bounds what the search for an order of versions may take, in bytes; 0
	// is 4 GiB.
	Memory int64

	// Witnesses bounds how many examples of each anomaly are kept; 0 is 8.
	Witnesses int

	// Steps bounds how long a shorter cycle is looked for than the first one
	// found, in edges followed per cycle; 0 is 4 million.
	Steps int

	// Progress, if given, is told what begins.
	Progress func(what string)

	_ struct{}
}

const (
	defaultWitnesses = 8
	defaultSteps     = 4 << 20
	defaultModel     = "strict-serializable"
)

// New returns a checker of transactions on lists or registers.
func New(o Options) (check.Checker, error) {
	for i, name := range o.ConsistencyModels {
		m, err := consistency.Parse(name)
		if err != nil {
			return nil, err
		}
		o.ConsistencyModels = slices.Clone(o.ConsistencyModels)
		o.ConsistencyModels[i] = m.Name
	}
	known := consistency.Anomalies()
	for _, name := range o.Anomalies {
		if !known[name] {
			return nil, fmt.Errorf("no anomaly of transactions is called %q%s", name, consistency.DidYouMean(name, names(known)))
		}
	}
	if len(o.ConsistencyModels) == 0 && len(o.Anomalies) == 0 {
		o.ConsistencyModels = []string{defaultModel}
	}
	if o.Witnesses == 0 {
		o.Witnesses = defaultWitnesses
	}
	if o.Steps == 0 {
		o.Steps = defaultSteps
	}
	return &checker{o, consistency.Prohibited(o.ConsistencyModels, o.Anomalies)}, nil
}

func names(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for name := range set {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}

type checker struct {
	Options
	prohibited []string // anomalies
}

// Name returns the name of the data model, as elle-cli calls it.
func (c *checker) Name() string {
	if c.Model == micro.Lists {
		return "list-append"
	}
	return "rw-register"
}

// Check judges a history.
func (c *checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	r := run{checker: c, ctx: ctx, found: &findings{most: c.Witnesses}, drafted: map[string]bool{}}
	r.begin("reading transactions")
	t, err := micro.Of(h, c.Model)
	if err != nil {
		return check.Result{}, err
	}
	r.txns = t
	if err := r.infer(); err != nil {
		return check.Result{}, err
	}
	if r.graph != nil {
		r.cycles()
		r.assume()
		r.decide()
	}
	return r.conclude(), nil
}

// run is one call of Check.
type run struct {
	*checker
	ctx       context.Context
	txns      *micro.Txns
	found     *findings
	versions  versions
	graph     *graph.Graph
	posed     *posed          // see problem
	drafted   map[string]bool // models of which a schedule was drafted, and whether that came to an end
	linked    bool            // some transaction depends on another
	hold      []string        // models known to
	broken    []string        // models that anomalies in other do not fit
	other     []check.Anomaly // of models with names of their own
	undecided []string        // reasons
	notes     []string
}

// versions are the inferred version orders of a data model.
type versions interface {
	// scan looks for the anomalies that single reads show.
	scan(*findings)
	// infer orders versions, and adds the anomalies met on the way.
	infer(*findings)
	// addEdges adds the dependencies between transactions.
	addEdges(*builder)
	// why says why a comes before b by an edge of the kind; first and second are
	// their names. key is -1 when there is none to name.
	why(a, b int32, kind graph.Kind, first, second string) (key int32, why string)
	// problem poses what is known, for orders of versions that are not.
	problem() *posed
	// judged are the models that hold when no anomaly is found that they forbid.
	judged() []string
}

func (r *run) begin(what string) {
	if r.Progress != nil {
		r.Progress(what)
	}
}

// infer finds version orders, anomalies that need no graph, and the graph; the
// latter is left out where a strictly serializable schedule is found at once: all
// its edges would agree with that, whatever the order of versions is inferred from.
func (r *run) infer() error {
	r.begin("ordering versions")
	if r.Model == micro.Lists {
		r.versions = newLists(r.txns)
	} else {
		r.versions = newRegisters(r.txns, r.Options)
	}
	r.versions.scan(r.found)
	if r.isPlain() && r.draft("strict-serializable") {
		r.linked = true
		return r.ctx.Err()
	}
	r.versions.infer(r.found)
	r.posed = nil // without what is taken for granted since
	if err := r.ctx.Err(); err != nil {
		return err
	}
	r.begin("linking transactions")
	b := newBuilder(r.txns)
	r.versions.addEdges(b)
	r.linked = b.edges.Len() > 0
	b.sessions()
	b.realTime()
	r.graph = b.build()
	return r.ctx.Err()
}

// cycles finds, classifies and explains cycles.
func (r *run) cycles() {
	r.begin("looking for cycles")
	groups := classify(r.graph, func() bool { return r.ctx.Err() != nil })
	slices.SortStableFunc(groups, func(a, b group) int { return len(a.nodes) - len(b.nodes) })
	kept := map[string]int{}
	for _, g := range groups {
		name := g.class.name(g.variant)
		if g.unsure || kept[name] < r.Witnesses {
			cycle := r.show(g)
			if cycle == nil {
				continue
			}
			kept[name]++
			r.found.add(name, func() check.Witness { return r.explain(g, cycle) })
			r.shorten(g, cycle)
			continue
		}
		r.found.add(name, func() check.Witness { return check.Witness{} })
	}
	if err := r.ctx.Err(); err != nil {
		r.undecided = append(r.undecided, "the search for cycles ended early: "+err.Error())
	}
}

// legible is how many transactions of a cycle one reads gladly.
const legible = 8

// shorten adds the same anomaly by the order of real time, though the one that is
// there entails it, where its cycle is so much shorter that it explains more: what a
// session learns by a long way round, the clock mostly tells at once.
func (r *run) shorten(g group, cycle []hop) {
	if len(cycle) <= legible || g.variant == withRealtime {
		return
	}
	timed, ok := g.timed(r.graph, cycle)
	if !ok {
		return
	}
	if short := r.show(timed); short != nil && 2*len(short) <= len(cycle) {
		name := timed.class.name(timed.variant)
		r.found.add(name, func() check.Witness { return r.explain(timed, short) })
		r.found.lead(name, g.class.name(g.variant))
	}
}

func (r *run) show(g group) []hop {
	steps := r.Steps
	if r.ctx.Err() != nil {
		steps = 0
	}
	return g.shortest(int32(r.txns.Len()), steps)
}

// conclude turns what was found into a verdict.
func (r *run) conclude() check.Result {
	res := check.Result{Name: r.Name(), Verdict: check.Valid}
	var others []string
	for _, a := range r.found.sorted() {
		if slices.Contains(r.prohibited, a.Type) {
			res.Anomalies = append(res.Anomalies, a)
		} else {
			others = append(others, fmt.Sprintf("%s (%d)", a.Type, a.Count))
		}
	}
	res.Anomalies = append(res.Anomalies, r.other...)
	if len(res.Anomalies) > 0 {
		res.Verdict = check.Invalid
	}
	if len(others) > 0 {
		r.notes = append(r.notes, "also found, though nothing asked for forbids it: "+strings.Join(others, ", "))
	}
	r.doubts()
	if len(r.undecided) > 0 {
		res.Verdict = check.Worst(res.Verdict, check.Unknown)
		res.Reason = strings.Join(r.undecided, "; ")
	}
	not, _ := consistency.Broken(r.found.names()...)
	not = consistency.Weakest(append(not, r.broken...)...)
	res.ConsistencyModels = &check.ConsistencyModels{
		Requested: append([]string{}, r.ConsistencyModels...), Not: not, AlsoNot: consistency.Above(not...), Holds: []string{},
	}
	if !r.blind() {
		res.ConsistencyModels.Holds = consistency.Strongest(r.hold...)
	}
	res.Notes = r.notes
	return res
}

// blind reports whether so little can be told from the history that the absence
// of anomalies proves nothing.
func (r *run) blind() bool {
	return len(r.txns.Twice()) > 0 || !r.linked && len(r.found.types) == 0 || r.ctx.Err() != nil
}

// doubts are reasons why the absence of anomalies would prove nothing.
func (r *run) doubts() {
	t := r.txns
	if twice := t.Twice(); len(twice) > 0 {
		v := twice[0]
		r.undecided = append(r.undecided, fmt.Sprintf("values were written more than once, so that it cannot be told who was read: %d, the first of them %s of key %s",
			len(twice), t.ValueText(v), t.KeyText(t.KeyOf(v))))
	}
	if !r.linked && len(r.found.types) == 0 {
		r.undecided = append(r.undecided, "nothing to check: no transaction depends on another")
	}
	for _, m := range r.ConsistencyModels {
		switch {
		case r.settled(m):
		case aboutRealTime(m) && !t.History.HasRealTime():
			r.undecided = append(r.undecided, "the history has no real time, which "+m+" is about")
		default:
			r.undecided = append(r.undecided, m+" is not decided: no anomaly was found that it forbids, but nothing else shows that it holds")
		}
	}
}

func aboutRealTime(model string) bool {
	return consistency.Implies(model, "strong-read-uncommitted") || consistency.Implies(model, "linearizable")
}

// assume remembers the models that hold since no anomaly was found that they
// forbid.
func (r *run) assume() {
	for _, m := range r.versions.judged() {
		if r.openOrder(m) {
			continue
		}
		if !r.isBroken(m) && (!aboutRealTime(m) || r.txns.History.HasRealTime()) {
			r.hold = append(r.hold, m)
		}
	}
}

// openOrder reports whether a model of snapshots may fail for an order of
// versions that is not known, though no cycle of known dependencies says so. Of
// lists, that is so where several appends to a key were never read, unless the
// history is serializable: then any serial order is one of versions too.
func (r *run) openOrder(m string) bool {
	l, ok := r.versions.(*lists)
	if !ok || !consistency.Implies(m, "consistent-view") {
		return false
	}
	if !r.isBroken("strict-serializable") || consistency.Implies(m, "serializable") {
		return false
	}
	return slices.ContainsFunc(l.unread, func(values []int32) bool { return len(values) > 1 })
}
