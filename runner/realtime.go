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

// realTime drives a run on a real cluster: a goroutine for each thread that has had
// an op, one for each fault or sleep, and one, that of run, which alone talks to the
// interpreter.
type realTime struct {
	*session
	cluster targets.Real
	start   time.Time
	threads []realThread
	nextDue int64 // no op that is open is overdue before
	timer   *time.Timer
	done    chan completion
	running sync.WaitGroup // every goroutine, those left behind too
}

// realThread is a thread of a client and the op that it has open.
type realThread struct {
	worker *worker        // nil until there is an op
	client targets.Client // nil when it is to be opened
	op     history.Op
	due    int64 // when the op is to be over, client and all; 0 for no op
}

// completion is the end of an op or of a sleep.
type completion struct {
	thread gen.Thread
	op     history.Op
	worker *worker        // that executed it
	client targets.Client // that it was executed with
	slept  bool
	err    error // why the run cannot go on
}

func newRealTime(s *session, cluster targets.Real) *realTime {
	n := s.plan.Config.Concurrency
	return &realTime{session: s, cluster: cluster, threads: make([]realThread, n), nextDue: gen.Never, done: make(chan completion, 2*n+1)}
}

// now is the time of the run, by the monotonic clock.
func (r *realTime) now() int64 { return int64(time.Since(r.start)) }

func (r *realTime) run(ctx context.Context) (err error) {
	if err := r.prepare(ctx, targets.Preparer.Setup); err != nil {
		return fmt.Errorf("set-up of the workload: %w", err)
	}
	r.start, r.timer = time.Now(), time.NewTimer(0)
	defer r.timer.Stop()
	work, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		err = errors.Join(err, r.part())
		if ctx.Err() == nil {
			err = errors.Join(err, r.leave(ctx))
		}
	}()
	for {
		now := r.now()
		a, err := r.next(ctx, now)
		if err != nil {
			return err
		}
		switch a.kind {
		case actEnd:
			return nil
		case actWait:
			r.report(now)
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

// leave takes away what the workload needed. A run that was stopped has left recovery
// out, and its nodes may be about to start: they have the time that recovery may take.
func (r *realTime) leave(ctx context.Context) error {
	for end := time.Now().Add(RecoveryBound); ; {
		err := r.prepare(ctx, targets.Preparer.Teardown)
		if err == nil || r.stop == nil || ctx.Err() != nil || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(probeEvery):
		case <-ctx.Done():
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

// wait lets time pass until something completes or is overdue, at most until a
// moment. What else has completed by then goes before the next invocation, too.
func (r *realTime) wait(ctx context.Context, until int64) error {
	if len(r.done) == 0 {
		pause := int64(100 * time.Millisecond) // so that progress is reported
		r.timer.Reset(time.Duration(min(pause, min(until, r.nextDue)-r.now())))
		select {
		case c := <-r.done:
			r.complete(c)
		case <-r.timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for len(r.done) > 0 {
		r.complete(<-r.done)
	}
	r.giveUp(r.now()) // also when others complete all the time
	return ctx.Err()
}

func (r *realTime) sleep(ctx context.Context, a action) {
	r.running.Go(func() {
		timer := time.NewTimer(time.Duration(a.sleep))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
		}
		r.done <- completion{op: a.op, slept: true}
	})
}

// invoke begins an op in the goroutine of its thread. A thread has at most one open,
// and one that was given up just when it ended, so the channel never blocks it.
func (r *realTime) invoke(ctx context.Context, a action) {
	if a.thread == gen.NemesisThread {
		r.running.Go(func() { r.done <- r.strike(ctx, a) })
		return
	}
	t := &r.threads[a.thread]
	if t.worker == nil {
		t.worker = r.hire(ctx)
	}
	t.op, t.due = a.op, r.now()+OpTimeout+int64(grace)
	r.nextDue = min(r.nextDue, t.due)
	t.worker.tasks <- task{thread: a.thread, client: t.client, op: a.op}
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

// giveUp ends the ops whose clients have not come back in time. A client is left
// behind with its op, which is indeterminate, and the thread goes on without.
func (r *realTime) giveUp(now int64) {
	if now < r.nextDue {
		return
	}
	r.nextDue = gen.Never
	for i := range r.threads {
		t := &r.threads[i]
		switch {
		case t.due == 0:
		case now < t.due:
			r.nextDue = min(r.nextDue, t.due)
		default:
			t.worker.leave()
			t.worker, t.client = nil, nil
			late := t.op
			late.Type, late.Error = history.Info, history.Keyword("timeout")
			r.complete(completion{thread: gen.Thread(i), op: late})
		}
	}
}

func (r *realTime) complete(c completion) {
	if r.err == nil {
		r.err = c.err
	}
	switch {
	case c.slept:
		r.in.Awake(c.op.Process, r.now())
		return
	case c.thread == gen.NemesisThread:
		r.faulted(r.now(), c.op)
		return
	}
	t := &r.threads[c.thread]
	if c.worker != t.worker { // it was left behind a moment ago
		r.running.Go(func() { closeLate(c.client) })
		return
	}
	t.client, t.due = c.client, 0
	if r.completed(r.now(), c.op) && c.client != nil {
		t.client = nil
		if err := c.client.Close(); err != nil {
			r.log("closing the client of process %s: %v", c.op.Process, err)
		}
	}
}

// part waits for what is still open, records it, and closes the clients. Whoever
// does not let go even now is left behind for good; its op stays indeterminate.
func (r *realTime) part() error {
	for _, t := range r.threads {
		if t.worker != nil {
			t.worker.dismiss()
		}
	}
	ended := make(chan struct{})
	go func() {
		r.running.Wait()
		close(ended)
	}()
	patience, end := time.NewTimer(grace), time.NewTimer(farewell)
	defer patience.Stop()
	defer end.Stop()
	for waiting := true; waiting; {
		select {
		case c := <-r.done:
			r.complete(c)
		case <-patience.C:
			r.nextDue = 0
			r.giveUp(gen.Never)
		case <-ended:
			waiting = false
		case <-end.C:
			r.log("a client or the nemesis has not let go of its op within %s and is left behind", farewell)
			waiting = false
		}
	}
	for len(r.done) > 0 {
		r.complete(<-r.done)
	}
	var errs []error
	for _, t := range r.threads {
		if t.client != nil {
			errs = append(errs, t.client.Close())
		}
	}
	return errors.Join(errs...)
}
