package locks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"checker/check"
	"checker/history"
)

// LeaseOptions direct the check of locks under leases. The zero value trusts the
// clocks of servers to run as fast as the harness's own.
type LeaseOptions struct {
	Drift     float64 // by how much they may run faster: 0.01 is one part in a hundred
	States    int     // that the search for an order may hold at once; 0 is 4096
	Witnesses int     // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// NewLeased returns a checker of locks whose holders lose them when a lease is over.
func NewLeased(o LeaseOptions) check.Checker {
	o.States = cmp.Or(o.States, 1<<12)
	return leased{o}
}

type leased struct{ options LeaseOptions }

// Name is leased-mutex.
func (leased) Name() string { return "leased-mutex" }

// Check judges a history of acquire, refresh and release. It is unknown where times
// are missing or go backwards, and where no lock was granted twice.
func (c leased) Check(ctx context.Context, h *history.History) (check.Result, error) {
	if err := timed(h); err != nil {
		return check.Result{}, err
	}
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	grants, most := 0, 0
	for _, o := range check.Objects(h) {
		l := &leasedLock{LeaseOptions: c.options, h: h, object: o, found: found,
			held: map[history.Process]*hold{}, gone: map[history.Process]bool{}}
		if err := l.read(); err != nil {
			return check.Result{}, err
		}
		if err := l.judge(ctx); err != nil {
			return check.Result{}, fmt.Errorf("%d grants judged: %w", grants, err)
		}
		grants += len(l.holds)
		most = max(most, len(l.holds))
	}
	found.Note("%d grants judged", grants)
	if most < 2 {
		found.Undecided("nothing could collide: no lock was granted twice")
	}
	return found.Result, nil
}

// timed reports why the times of a history cannot be trusted, or nil.
func timed(h *history.History) error {
	if !h.HasTimes() || !h.HasRealTime() {
		return errors.New("a lease ends by a clock, and not every row says at what time it was")
	}
	for i := 1; i < h.Len(); i++ {
		if h.Time(i) < h.Time(i-1) {
			return fmt.Errorf("a lease ends by a clock, and time goes backwards at op %d", h.Index(i))
		}
	}
	return nil
}

// leasedLock is one object.
type leasedLock struct {
	LeaseOptions
	h      *history.History
	object check.Object
	found  *check.Findings
	holds  []*hold
	held   map[history.Process]*hold // that each process has not given up
	gone   map[history.Process]bool  // that have crashed
}

// read makes holds of the ops, in the order of each process.
func (l *leasedLock) read() error {
	for _, p := range l.object.Pairs {
		process, f, outcome := l.h.Process(int(p.Inv)), l.h.FName(l.h.F(int(p.Inv))), l.h.Outcome(p)
		switch {
		case f != "acquire" && f != "refresh" && f != "release":
			return fmt.Errorf("op %d: a leased-mutex knows acquire, refresh and release, not %q", l.h.Witness(p), f)
		case l.gone[process]:
			return fmt.Errorf("op %d: process %s goes on after an op that crashed, so nobody knows what it holds", l.h.Witness(p), l.h.ProcessName(process))
		}
		var err error
		switch {
		case outcome == history.Fail:
		case f == "release":
			l.release(p, process, outcome)
		case outcome == history.Info:
			err = l.crash(p, process, f)
		case f == "acquire":
			err = l.acquire(p, process)
		default:
			err = l.refresh(p, process)
		}
		if err != nil {
			return err
		}
		l.gone[process] = outcome == history.Info
	}
	return nil
}

func (l *leasedLock) acquire(p history.Pair, process history.Process) error {
	lease, err := l.leaseOf(p)
	if err != nil {
		return err
	}
	if lease == 0 {
		return fmt.Errorf("op %d: acquire does not say for how many ms", l.h.Witness(p))
	}
	l.held[process] = &hold{ops: []history.Pair{p}, process: l.h.ProcessName(process), lease: lease,
		asked: at(l.h, p.Inv), granted: at(l.h, p.Comp), refreshed: always, freed: never}
	l.holds = append(l.holds, l.held[process])
	return nil
}

// refresh lets the lease begin anew. That it could shows that it was not over.
func (l *leasedLock) refresh(p history.Pair, process history.Process) error {
	lease, err := l.leaseOf(p)
	if err != nil {
		return err
	}
	held := l.held[process]
	if held == nil {
		l.found.Found(RefreshUnheld, l.object.Key, []history.Pair{p}, "process %s refreshed its lease (op %d) without holding the lock", l.h.ProcessName(process), l.h.Witness(p))
		return nil
	}
	switch {
	case lease > 0:
		held.ops = held.ops[:1]
	case held.inherits:
		held.ops = held.ops[:len(held.ops)-1]
	}
	held.ops = append(held.ops, p)
	held.refreshed, held.lease, held.inherits = at(l.h, p.Inv), cmp.Or(lease, held.lease), lease == 0
	return nil
}

// release ends a hold. It may have done so as soon as it was invoked, and where it
// crashed that is best for all others. One that is ok after the lease was over tells
// nothing.
func (l *leasedLock) release(p history.Pair, process history.Process, outcome history.Type) {
	held := l.held[process]
	switch {
	case held != nil:
		held.freed = at(l.h, p.Inv)
		held.ops = append(held.ops, p)
		delete(l.held, process)
	case outcome == history.Ok:
		l.found.Found(ReleaseUnheld, l.object.Key, []history.Pair{p}, "process %s released the lock (op %d) without holding it", l.h.ProcessName(process), l.h.Witness(p))
	}
}

// crash notes the best for all others of an acquire or a refresh that crashed: the
// one did not happen, the other at most cut the lease short.
func (l *leasedLock) crash(p history.Pair, process history.Process, f string) error {
	held := l.held[process]
	if f == "acquire" || held == nil {
		return nil
	}
	lease, err := l.leaseOf(p)
	if err != nil || lease == 0 {
		return err
	}
	held.freed = at(l.h, p.Inv).plus(lease)
	held.ops = append(held.ops, p)
	return nil
}

// mostLease is how many ms a lease may last; 34 years.
const mostLease = 1 << 40

// leaseOf returns for how many ns by the clock of the harness an op is granted a
// lease at least: what it returned, else what it asked for, else 0.
func (l *leasedLock) leaseOf(p history.Pair) (int64, error) {
	v := l.object.In(l.h, p)
	if l.h.Outcome(p) == history.Ok && !l.object.Out(l.h, p).IsNil() {
		v = l.object.Out(l.h, p)
	}
	if v.IsNil() {
		return 0, nil
	}
	ms, ok := l.h.Int(v)
	if !ok || ms < 1 || ms > mostLease {
		return 0, fmt.Errorf("op %d: %s is not a lease in ms", l.h.Witness(p), l.h.Value(v))
	}
	ns := ms * time.Millisecond.Nanoseconds()
	if l.Drift > 0 {
		ns = int64(float64(ns) / (1 + l.Drift))
	}
	return ns, nil
}

// judge finds holds that no order keeps apart. After some were found, those that were
// granted before the last of them no longer count.
func (l *leasedLock) judge(ctx context.Context) error {
	slices.SortFunc(l.holds, func(a, b *hold) int { return a.granted.compare(b.granted) })
	for rest := l.holds; ; {
		fit, err := inARow(ctx, rest, l.States)
		switch {
		case errors.Is(err, errTooMany):
			l.found.Undecided("lock %s: %v, after %d of %d grants", l.object.Key, err, len(l.holds)-len(rest)+fit, len(l.holds))
			return nil
		case err != nil:
			return err
		case fit == len(rest):
			return nil
		}
		if l.found.Full(DoubleGrant) {
			l.found.Found(DoubleGrant, l.object.Key, nil, "")
		} else if err := l.contradict(ctx, rest[:fit+1]); err != nil {
			return err
		}
		rest = rest[fit:]
	}
}
