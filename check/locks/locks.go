package locks

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
)

// Options choose the check. The zero value is lock.
type Options struct {
	Fenced    bool // fenced-lock: holders are known by tokens, and may lose the lock
	Witnesses int  // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// New returns a checker of locks.
func New(o Options) check.Checker { return checker{o} }

type checker struct{ options Options }

// Name is lock or fenced-lock.
func (c checker) Name() string {
	if c.options.Fenced {
		return "fenced-lock"
	}
	return "lock"
}

// Check judges a history of acquire and release, and of guarded writes where the
// lock is fenced. One in which no lock was granted twice is unknown: nothing could
// collide.
func (c checker) Check(ctx context.Context, h *history.History) (check.Result, error) {
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	grants, most := 0, 0
	for _, o := range check.Objects(h) {
		if err := ctx.Err(); err != nil {
			return check.Result{}, fmt.Errorf("%d grants judged: %w", grants, err)
		}
		l := &lock{Options: c.options, h: h, object: o, found: found, held: map[history.Process]int{}}
		if err := l.read(); err != nil {
			return check.Result{}, err
		}
		l.judge()
		grants += l.granted
		most = max(most, l.granted)
	}
	found.Note("%d grants judged", grants)
	if most < 2 {
		found.Undecided("nothing could collide: no lock was granted twice")
	}
	return found.Result, nil
}

// lock is one object.
type lock struct {
	Options
	h       *history.History
	object  check.Object
	found   *check.Findings
	tenures []tenure
	held    map[history.Process]int // the tenure that each process is in
	granted int
	grants  []tokened // acquires that returned a token
	writes  []tokened
}

// tokened is an op that is ok and carries a token.
type tokened struct {
	op      history.Pair
	token   int64
	granted int32 // the row after which it took effect
}

// read makes tenures of the ops, in the order of each process.
func (l *lock) read() error {
	for _, p := range l.object.Pairs {
		outcome := l.h.Outcome(p)
		switch f := l.h.FName(l.h.F(int(p.Inv))); {
		case f != "acquire" && f != "release" && (f != "write" || !l.Fenced):
			return fmt.Errorf("op %d: a %s does not know %q", l.h.Witness(p), checker{l.Options}.Name(), f)
		case outcome == history.Fail:
		case f == "acquire" && outcome == history.Ok:
			if err := l.acquire(p); err != nil {
				return err
			}
		case f == "release":
			l.release(p, outcome)
		case f == "write" && outcome == history.Ok:
			token, _, _ := l.h.Heap.Pair(l.object.In(l.h, p))
			n, ok := l.h.Int(token)
			if !ok {
				return fmt.Errorf("op %d: a write of %s is not [token value]", l.h.Witness(p), l.h.Value(l.object.In(l.h, p)))
			}
			l.writes = append(l.writes, tokened{p, n, p.Inv})
		}
	}
	return nil
}

func (l *lock) acquire(p history.Pair) error {
	l.granted++
	process := l.h.Process(int(p.Inv))
	l.held[process] = len(l.tenures)
	l.tenures = append(l.tenures, tenure{from: p.Comp, to: forever, ops: []history.Pair{p}, who: "process " + l.h.ProcessName(process)})
	v := l.object.Out(l.h, p)
	token, ok := l.h.Int(v)
	switch {
	case ok:
		l.grants = append(l.grants, tokened{p, token, p.Inv})
	case l.Fenced:
		return fmt.Errorf("op %d: acquire returned %s, which is not a token", l.h.Witness(p), l.h.Value(v))
	}
	return nil
}

// release ends a tenure. Who is not in one, and released all the same, held nothing:
// a crash would have ended the process.
func (l *lock) release(p history.Pair, outcome history.Type) {
	process := l.h.Process(int(p.Inv))
	if i, holds := l.held[process]; holds {
		l.tenures[i].to = p.Inv
		l.tenures[i].ops = append(l.tenures[i].ops, p)
		delete(l.held, process)
		return
	}
	if outcome == history.Ok && !l.Fenced {
		l.found.Found(ReleaseUnheld, l.object.Key, []history.Pair{p}, "process %s released the lock (op %d) without holding it", l.h.ProcessName(process), l.h.Witness(p))
	}
}

func (l *lock) judge() {
	if !l.Fenced {
		both := overlaps(l.tenures)
		for _, t := range both {
			a, b := t[0], t[1]
			l.found.Found(DoubleGrant, l.object.Key, append(slices.Clone(a.ops), b.ops...),
				"%s held the lock (op %d)%s when it was granted to %s (op %d)", a.who, l.h.Witness(a.ops[0]), l.until(a), b.who, l.h.Witness(b.ops[0]))
		}
		if len(both) == 0 {
			l.oneByOne()
		}
	}
	seen := map[int64]history.Pair{}
	for _, g := range l.grants {
		if before, twice := seen[g.token]; twice {
			l.found.Found(DuplicateToken, l.object.Key, []history.Pair{before, g.op}, "token %d was given out by op %d and again by op %d", g.token, l.h.Witness(before), l.h.Witness(g.op))
			continue
		}
		seen[g.token] = g.op
	}
	l.inOrder(FencingOrder, l.grants, "op %d was granted token %d after op %d had been granted %d")
	l.inOrder(StaleToken, l.writes, "op %d wrote with token %d after op %d had written with %d")
}

// oneByOne puts grants in the order of their completions and narrows each one to that
// moment: where nobody takes a lock from its holder, the next one got it after the one
// before had it, even if both had asked for it by then.
func (l *lock) oneByOne() {
	slices.SortFunc(l.grants, func(a, b tokened) int { return cmp.Compare(a.op.Comp, b.op.Comp) })
	for i := range l.grants {
		l.grants[i].granted = l.grants[i].op.Comp
	}
}

// until says when a tenure ended.
func (l *lock) until(t tenure) string {
	if t.to == forever {
		return " and never released it"
	}
	return fmt.Sprintf(" and had not begun to release it (op %d)", l.h.Witness(t.ops[1]))
}

// inOrder finds ops whose token is smaller than that of one which had completed
// before they were invoked.
func (l *lock) inOrder(kind string, ops []tokened, format string) {
	for i, top := range largestBefore(ops) {
		if top < 0 || ops[top].token <= ops[i].token {
			continue
		}
		l.found.Found(kind, l.object.Key, []history.Pair{ops[top].op, ops[i].op}, format,
			l.h.Witness(ops[i].op), ops[i].token, l.h.Witness(ops[top].op), ops[top].token)
	}
}
