package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"checker/history"
	"checker/targets"
	"checker/workloads/gen"
)

const (
	// grace is how long a client may take to come back when its op has timed out
	// or the run is over. After that it is left behind, and its thread goes on.
	grace = time.Second
	// farewell is how long the end of the run waits for who was left behind.
	farewell = 5 * time.Second
)

// realTime drives a run on a real cluster: a goroutine per open op, and one, that
// of run, which alone talks to the interpreter.
type realTime struct {
	*session
	cluster targets.Real
	clients []targets.Client // by thread; nil when it is to be opened
	start   time.Time
	done    chan completion
	open    sync.WaitGroup // ops, faults and sleeps
	strays  sync.WaitGroup // clients that were left behind
}

// completion is the end of an op or of a sleep.
type completion struct {
	thread gen.Thread
	op     history.Op
	client targets.Client // that the op was executed with
	slept  bool
	err    error // why the run cannot go on
}

func newRealTime(s *session, cluster targets.Real) *realTime {
	n := s.plan.Config.Concurrency
	return &realTime{session: s, cluster: cluster, clients: make([]targets.Client, n), done: make(chan completion, n+1)}
}

// now is the time of the run, by the monotonic clock.
func (r *realTime) now() int64 { return int64(time.Since(r.start)) }

func (r *realTime) run(ctx context.Context) (err error) {
	if err := r.prepare(ctx, targets.Preparer.Setup); err != nil {
		return fmt.Errorf("set-up of the workload: %w", err)
	}
	r.start = time.Now()
	work, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		err = errors.Join(err, r.part())
		if ctx.Err() == nil {
			err = errors.Join(err, r.prepare(ctx, targets.Preparer.Teardown))
		}
	}()
	for {
		r.report(r.now())
		a, err := r.next(ctx, r.now())
		if err != nil {
			return err
		}
		switch a.kind {
		case actEnd:
			return nil
		case actWait:
			if err := r.wait(ctx, a.until); err != nil {
				return err
			}
		case actSleep:
			r.sleep(work, a)
		case actInvoke:
			r.invoke(work, a)
		}
	}
}

// prepare calls one end of a workload's life on a client of its own, for targets
// whose clients have one.
func (r *realTime) prepare(ctx context.Context, end func(targets.Preparer, context.Context) error) error {
	c, err := r.cluster.OpenClient(ctx, targets.ClientConfig{Process: history.Process(r.plan.Config.Concurrency), Node: r.nodes[0]})
	if err != nil {
		return cmp.Or(ctx.Err(), err)
	}
	defer c.Close()
	if p, ok := c.(targets.Preparer); ok {
		err = end(p, ctx)
	}
	return cmp.Or(ctx.Err(), err)
}

// wait lets time pass until something completes, at most until a moment.
func (r *realTime) wait(ctx context.Context, until int64) error {
	pause := 100 * time.Millisecond // so that progress is reported
	if until != gen.Never {
		pause = min(pause, time.Duration(until-r.now()))
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case c := <-r.done:
		r.complete(c)
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (r *realTime) sleep(ctx context.Context, a action) {
	r.open.Go(func() {
		timer := time.NewTimer(time.Duration(a.sleep))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		r.done <- completion{op: a.op, slept: true}
	})
}

// invoke begins an op in a goroutine of its own. A thread has at most one open,
// so the channel, which has room for one of each thread, never blocks it.
func (r *realTime) invoke(ctx context.Context, a action) {
	if a.thread == gen.NemesisThread {
		r.open.Go(func() { r.done <- r.strike(ctx, a) })
		return
	}
	client := r.clients[a.thread]
	r.open.Go(func() { r.done <- r.call(ctx, a.thread, client, a.op) })
}

// strike executes a fault. A nemesis that panics ends the run: nobody knows in
// which state it left the nodes.
func (r *realTime) strike(ctx context.Context, a action) (c completion) {
	c = completion{thread: a.thread, op: a.op}
	defer func() {
		if p := recover(); p != nil {
			c.err = fmt.Errorf("panic in the nemesis: %v\n%s", p, debug.Stack())
			c.op.Type, c.op.Error = history.Info, history.String(fmt.Sprintf("the nemesis panicked: %v", p))
		}
	}()
	c.op = r.fault(ctx, a.op)
	return c
}

// call executes an op and sees to it that it ends. A client that does not come
// back in time is left behind with it: what it does is indeterminate.
func (r *realTime) call(ctx context.Context, thread gen.Thread, client targets.Client, op history.Op) completion {
	limited, cancel := context.WithTimeout(ctx, OpTimeout)
	answer := make(chan completion, 1)
	r.strays.Go(func() {
		defer cancel()
		answer <- r.execute(limited, thread, client, op)
	})
	select {
	case c := <-answer:
		return c
	case <-limited.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case c := <-answer:
		return c
	case <-timer.C:
	}
	r.strays.Go(func() { closeLate(<-answer) })
	late := op // the goroutine still reads op
	late.Type, late.Error = history.Info, history.Keyword("timeout")
	return completion{thread: thread, op: late}
}

// closeLate closes the client of an op that nobody waits for any more. What goes
// wrong there is of no interest, and must not end the harness.
func closeLate(c completion) {
	defer func() { _ = recover() }()
	if c.client != nil {
		_ = c.client.Close()
	}
}

// execute executes an op, with a client opened for it if there is none. Without a
// client nothing was sent, so the op failed for certain.
func (r *realTime) execute(ctx context.Context, thread gen.Thread, client targets.Client, op history.Op) (c completion) {
	c = completion{thread: thread, client: client}
	defer func() {
		if p := recover(); p != nil {
			op.Type, op.Error = history.Info, history.String(fmt.Sprintf("the client panicked: %v", p))
			c.op = op
		}
	}()
	if client == nil {
		opened, err := r.cluster.OpenClient(ctx, targets.ClientConfig{Process: op.Process, Thread: int(thread), Node: op.Node})
		if err != nil {
			op.Type, op.Error = history.Fail, history.Vector(history.Keyword("no-client"), history.String(err.Error()))
			c.op = op
			return c
		}
		c.client = opened
	}
	c.op = validate(op, c.client.Invoke(ctx, op))
	return c
}

func (r *realTime) complete(c completion) {
	if r.err == nil {
		r.err = c.err
	}
	switch {
	case c.slept:
		r.in.Awake(c.op.Process, r.now())
	case c.thread == gen.NemesisThread:
		r.faulted(r.now(), c.op)
	default:
		r.clients[c.thread] = c.client
		if r.completed(r.now(), c.op) && c.client != nil {
			r.clients[c.thread] = nil
			if err := c.client.Close(); err != nil {
				r.log("closing the client of process %s: %v", c.op.Process, err)
			}
		}
	}
}

// part waits for what is still open, records it, and closes the clients. Whoever
// does not let go even now is left behind for good; its op stays indeterminate.
func (r *realTime) part() error {
	ended := make(chan struct{})
	go func() {
		r.open.Wait()
		r.strays.Wait()
		close(ended)
	}()
	timer := time.NewTimer(farewell)
	defer timer.Stop()
	for waiting := true; waiting; {
		select {
		case c := <-r.done:
			r.complete(c)
		case <-ended:
			waiting = false
		case <-timer.C:
			r.log("a client or the nemesis has not let go of its op within %s and is left behind", farewell)
			waiting = false
		}
	}
	for len(r.done) > 0 {
		r.complete(<-r.done)
	}
	var errs []error
	for _, c := range r.clients {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}
