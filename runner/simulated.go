package runner

import (
	"context"
	"errors"
	"fmt"

	"checker/history"
	"checker/targets"
	"checker/workloads/gen"
)

// stepsBetweenLooks is how many events of a simulation pass between two looks at
// whether the user has interrupted it.
const stepsBetweenLooks = 4096

// simulation drives a run on virtual time, in one goroutine.
type simulation struct {
	*session
	cluster targets.Simulated
	threads []simulatedThread
	changed bool  // something happened that the interpreter should be asked about
	over    bool  // all that was due at this moment has happened
	wake    int64 // the latest moment that the world was asked to wake us at
	steps   int

	// What the world is asked to call, made once.
	change, pass func()
}

// simulatedThread is a thread of a client and the op that it has open.
type simulatedThread struct {
	client  targets.AsyncClient // nil when it is to be opened
	op      history.Op
	call    uint64 // counts ops begun and ended, so that a late answer is told from the right one
	timer   bool   // the world was asked to call timeout
	timeout func()
}

func newSimulation(s *session, cluster targets.Simulated) *simulation {
	sim := &simulation{session: s, cluster: cluster, threads: make([]simulatedThread, s.plan.Config.Concurrency), wake: -1}
	sim.change = func() { sim.changed = true }
	sim.pass = func() { sim.over = true }
	for i := range sim.threads {
		t := &sim.threads[i]
		t.timeout = func() { sim.timeOut(t) }
	}
	return sim
}

// run goes on until the generator has ended and every op is over.
func (s *simulation) run(ctx context.Context) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		a, err := s.next(ctx, s.cluster.Now())
		if err != nil {
			return err
		}
		switch a.kind {
		case actEnd:
			return s.settle(ctx)
		case actWait:
			if err := s.advance(ctx, a.until); err != nil {
				return err
			}
		case actSleep:
			s.sleep(a.op.Process, a.sleep)
		case actInvoke:
			s.invoke(ctx, a.thread, a.op)
		}
	}
}

// sleep ends the sleep of a process after a while.
func (s *simulation) sleep(process history.Process, ns int64) {
	s.cluster.At(s.cluster.Now()+ns, func() {
		s.in.Awake(process, s.cluster.Now())
		s.changed = true
	})
}

// advance lets virtual time pass until something happens, at most until a moment.
// What else was due at that moment happens first: completions go before
// invocations, whichever of the two woke us, or a schedule would not repeat the
// run that it was recorded from.
func (s *simulation) advance(ctx context.Context, until int64) error {
	s.changed = false
	if until != gen.Never && until != s.wake {
		s.wake = until
		s.cluster.At(until, s.change)
	}
	if err := s.stepUntil(ctx, &s.changed); err != nil {
		return err
	}
	s.over = false
	s.cluster.At(s.cluster.Now(), s.pass)
	return s.stepUntil(ctx, &s.over)
}

// stepUntil executes events until one of them has set done.
func (s *simulation) stepUntil(ctx context.Context, done *bool) error {
	for !*done {
		if !s.cluster.Step() {
			if err := s.cluster.Err(); err != nil {
				return err
			}
			return errors.New("the simulation came to a standstill with ops open")
		}
		if s.steps++; s.steps%stepsBetweenLooks == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			s.report(s.cluster.Now())
		}
	}
	return nil
}

// settle lets time pass until every node has caught up, or should have.
func (s *simulation) settle(ctx context.Context) error {
	for end := s.settleBy(); !s.caughtUp(s.cluster.Now()) && s.cluster.Now() < end; {
		if err := s.advance(ctx, min(end, s.cluster.Now()+settleStep)); err != nil {
			return err
		}
	}
	return nil
}

func (s *simulation) invoke(ctx context.Context, thread gen.Thread, op history.Op) {
	if thread == gen.NemesisThread {
		s.faulted(s.cluster.Now(), s.fault(ctx, op))
		return
	}
	t := &s.threads[thread]
	if t.client == nil {
		t.client = s.cluster.OpenAsync(targets.ClientConfig{Process: op.Process, Thread: int(thread), Node: op.Node})
	}
	t.op = op
	t.call++
	call := t.call
	s.watch(t)
	t.client.Invoke(op, func(result history.Op) {
		if t.call == call {
			s.complete(t, result)
		}
	})
}

// watch sees to it that the op of a thread is timed out. One timer goes from op to
// op: nearly all of them are over long before.
func (s *simulation) watch(t *simulatedThread) {
	if !t.timer {
		t.timer = true
		s.cluster.At(t.op.Time+OpTimeout, t.timeout)
	}
}

// timeOut ends the op that is open on a thread, if it began long enough ago.
func (s *simulation) timeOut(t *simulatedThread) {
	t.timer = false
	switch {
	case t.call%2 == 0: // no op is open
	case s.cluster.Now() < t.op.Time+OpTimeout:
		s.watch(t)
	default:
		late := t.op
		late.Type, late.Error = history.Info, history.Keyword("timeout")
		s.complete(t, late)
	}
}

// complete ends the op that is open on a thread.
func (s *simulation) complete(t *simulatedThread, result history.Op) {
	t.call++
	s.changed = true
	if s.completed(s.cluster.Now(), validate(t.op, result)) {
		t.client.Close()
		t.client = nil
	}
}

// validate holds a client to its contract: a completion is ok, fail or info, of
// the same process and function. Whatever else comes back is indeterminate.
func validate(op, result history.Op) history.Op {
	switch result.Type {
	case history.Ok, history.Fail, history.Info:
		if result.Process == op.Process && result.F == op.F {
			return result
		}
	}
	op.Error = history.String(fmt.Sprintf("the client broke its contract: it completed %s of process %s with %s %s of process %s",
		op.F, op.Process, result.Type, result.F, result.Process))
	op.Type = history.Info
	return op
}
