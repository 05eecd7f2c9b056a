package locks

import (
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
)

// ElectionOptions direct the check of elections. The zero value trusts no answer to
// be up to date.
type ElectionOptions struct {
	Linearizable bool // answers of leader are true at some moment between invocation and completion
	Witnesses    int  // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_            struct{}
}

// NewElection returns a checker of leader elections.
func NewElection(o ElectionOptions) check.Checker { return election{o} }

type election struct{ options ElectionOptions }

// Name is leader-election.
func (election) Name() string { return "leader-election" }

// Check judges a history of leader, elect and resign. One without a leader is
// unknown.
func (c election) Check(ctx context.Context, h *history.History) (check.Result, error) {
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	terms := 0
	for _, o := range check.Objects(h) {
		if err := ctx.Err(); err != nil {
			return check.Result{}, fmt.Errorf("%d terms judged: %w", terms, err)
		}
		e := &office{ElectionOptions: c.options, h: h, object: o, found: found,
			leaders: map[int64]*reign{}, reigns: map[reignKey]*reign{}, own: map[history.Process]int{}}
		if err := e.read(); err != nil {
			return check.Result{}, err
		}
		e.judge()
		terms += len(e.leaders)
	}
	found.Note("%d terms had a leader", terms)
	if terms == 0 {
		found.Undecided("nothing to check: no leader was ever seen")
	}
	return found.Result, nil
}

// office is one object: one election after another.
type office struct {
	ElectionOptions
	h       *history.History
	object  check.Object
	found   *check.Findings
	leaders map[int64]*reign // the first one seen of each term
	reigns  map[reignKey]*reign
	order   []*reign
	elected []tenure
	own     map[history.Process]int // the tenure that each process is in
}

type reignKey struct {
	term   int64
	leader string
}

// reign is all that was seen of one leader in one term.
type reign struct {
	reignKey
	first, last history.Pair // the one that completed first, the one that was invoked last
}

func (e *office) read() error {
	for _, p := range e.object.Pairs {
		outcome := e.h.Outcome(p)
		process := e.h.Process(int(p.Inv))
		f := e.h.FName(e.h.F(int(p.Inv)))
		switch {
		case f != "leader" && f != "elect" && f != "resign":
			return fmt.Errorf("op %d: an election knows leader, elect and resign, not %q", e.h.Witness(p), f)
		case f == "resign":
			e.resign(p, outcome)
		case outcome != history.Ok:
		default:
			term, who, err := e.leader(p)
			switch {
			case err != nil:
				return err
			case who == "" && f == "elect":
				return fmt.Errorf("op %d: elect returned %s, which is not [term leader]", e.h.Witness(p), e.h.Value(e.object.Out(e.h, p)))
			case who == "":
				continue
			case f == "elect":
				e.own[process] = len(e.elected)
				e.elected = append(e.elected, tenure{from: p.Comp, to: p.Inv, ops: []history.Pair{p}, who: fmt.Sprintf("%s in term %d", who, term)})
			}
			e.saw(p, term, who)
		}
	}
	return nil
}

// resign ends a tenure. Only one that is ok shows that the process led until then:
// an office may be lost unnoticed.
func (e *office) resign(p history.Pair, outcome history.Type) {
	process := e.h.Process(int(p.Inv))
	if i, holds := e.own[process]; holds && outcome == history.Ok {
		e.elected[i].to = p.Inv
		e.elected[i].ops = append(e.elected[i].ops, p)
	}
	delete(e.own, process)
}

// leader reads [term leader]; who is "" where there is none.
func (e *office) leader(p history.Pair) (term int64, who string, err error) {
	v := e.object.Out(e.h, p)
	if v.IsNil() {
		return 0, "", nil
	}
	t, name, ok := e.h.Heap.Pair(v)
	term, isInt := e.h.Int(t)
	if !ok || !isInt {
		return 0, "", fmt.Errorf("op %d: %s is not [term leader]", e.h.Witness(p), e.h.Value(v))
	}
	if name.IsNil() {
		return term, "", nil
	}
	return term, e.h.Value(name).String(), nil
}

// saw notes who leads a term.
func (e *office) saw(p history.Pair, term int64, who string) {
	key := reignKey{term, who}
	r := e.reigns[key]
	if r == nil {
		r = &reign{key, p, p}
		e.reigns[key] = r
		e.order = append(e.order, r)
	}
	if p.Comp < r.first.Comp {
		r.first = p
	}
	r.last = p
	before := e.leaders[term]
	if before == nil {
		e.leaders[term] = r
	} else if before != r && r.first == p && r.last == p {
		e.found.Found(TwoLeaders, e.object.Key, []history.Pair{before.first, p}, "term %d is led by %s (op %d) and by %s (op %d)",
			term, before.leader, e.h.Witness(before.first), who, e.h.Witness(p))
	}
}

// judge looks for two that lead at one time.
func (e *office) judge() {
	tenures := e.elected
	if e.Linearizable {
		for _, r := range e.order {
			tenures = append(tenures, tenure{from: r.first.Comp, to: r.last.Inv, ops: []history.Pair{r.first, r.last}, who: fmt.Sprintf("%s in term %d", r.leader, r.term)})
		}
	}
	for _, both := range overlaps(tenures) {
		a, b := both[0], both[1]
		if a.who == b.who {
			continue
		}
		e.found.Found(AtOnce, e.object.Key, append(slices.Clone(a.ops), b.ops...), "%s led %s, and %s %s: both at one time", a.who, e.when(a), b.who, e.when(b))
	}
}

func (e *office) when(t tenure) string {
	if t.from < t.to {
		return fmt.Sprintf("from op %d to op %d", e.h.Witness(t.ops[0]), e.h.Witness(t.ops[len(t.ops)-1]))
	}
	return fmt.Sprintf("at some moment of op %d", e.h.Witness(t.ops[0]))
}
