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
	clients []targets.AsyncClient // by thread; nil when it is to be opened
	calls   []uint64              // by thread, counts its ops, so that a late answer is told from the right one
	changed bool                  // something happened that the interpreter should be asked about
	wake    int64                 // the latest moment that the world was asked to wake us at
	steps   int
}

func newSimulation(s *session, cluster targets.Simulated) *simulation {
	n := s.plan.Config.Concurrency
	return &simulation{session: s, cluster: cluster, clients: make([]targets.AsyncClient, n), calls: make([]uint64, n), wake: -1}
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
			s.cluster.At(s.cluster.Now()+a.sleep, func() {
				s.in.Awake(a.op.Process, s.cluster.Now())
				s.changed = true
			})
		case actInvoke:
			s.invoke(ctx, a)
		}
	}
}

// advance lets virtual time pass until something happens, at most until a moment.
// What else was due at that moment happens first: completions go before
// invocations, whichever of the two woke us, or a schedule would not repeat the
// run that it was recorded from.
func (s *simulation) advance(ctx context.Context, until int64) error {
	s.changed = false
	if until != gen.Never && until != s.wake {
		s.wake = until
		s.cluster.At(until, func() { s.changed = true })
	}
	if err := s.stepUntil(ctx, &s.changed); err != nil {
		return err
	}
	over := false
	s.cluster.At(s.cluster.Now(), func() { over = true })
	return s.stepUntil(ctx, &over)
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

func (s *simulation) invoke(ctx context.Context, a action) {
	if a.thread == gen.NemesisThread {
		s.faulted(s.cluster.Now(), s.fault(ctx, a.op))
		return
	}
	client := s.clients[a.thread]
	if client == nil {
		client = s.cluster.OpenAsync(targets.ClientConfig{Process: a.op.Process, Thread: int(a.thread), Node: a.op.Node})
		s.clients[a.thread] = client
	}
	s.calls[a.thread]++
	call := s.calls[a.thread]
	done := func(result history.Op) {
		if s.calls[a.thread] == call {
			s.complete(a, result)
		}
	}
	s.cluster.At(a.op.Time+OpTimeout, func() {
		timeout := a.op
		timeout.Type, timeout.Error = history.Info, history.Keyword("timeout")
		done(timeout)
	})
	client.Invoke(a.op, done)
}

// complete ends the op that is open on a thread.
func (s *simulation) complete(a action, result history.Op) {
	s.calls[a.thread]++
	s.changed = true
	if s.completed(s.cluster.Now(), validate(a.op, result)) {
		s.clients[a.thread].Close()
		s.clients[a.thread] = nil
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
