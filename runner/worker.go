package runner

import (
	"context"
	"fmt"

	"checker/history"
	"checker/targets"
	"checker/workloads/gen"
)

// worker executes the ops of a thread, one at a time, in a goroutine of its own.
type worker struct {
	tasks     chan task // closed when there will be no more
	dismissed bool
	left      chan struct{} // closed when nobody waits for its answer any more
}

// task is an op to be executed.
type task struct {
	thread gen.Thread
	client targets.Client // nil when one is to be opened
	op     history.Op
}

// hire starts a worker.
func (r *realTime) hire(ctx context.Context) *worker {
	w := &worker{tasks: make(chan task, 1), left: make(chan struct{})}
	r.running.Go(func() {
		for t := range w.tasks {
			c := r.execute(ctx, t)
			c.worker = w
			select {
			case <-w.left:
				closeLate(c.client)
			default:
				r.done <- c // never full, see invoke
			}
		}
	})
	return w
}

// dismiss lets a worker end after its op.
func (w *worker) dismiss() {
	if !w.dismissed {
		w.dismissed = true
		close(w.tasks)
	}
}

// leave goes on without the answer of a worker that does not come back.
func (w *worker) leave() {
	w.dismiss()
	close(w.left)
}

// closeLate closes the client of an op that nobody waits for any more. What goes
// wrong there is of no interest, and must not end the harness.
func closeLate(c targets.Client) {
	defer func() { _ = recover() }()
	if c != nil {
		_ = c.Close()
	}
}

// execute executes an op, with a client opened for it if there is none. Without a
// client nothing was sent, so the op failed for certain.
func (r *realTime) execute(ctx context.Context, t task) (c completion) {
	ctx, cancel := context.WithTimeout(ctx, OpTimeout)
	defer cancel()
	op := t.op
	c = completion{thread: t.thread, client: t.client}
	defer func() {
		if p := recover(); p != nil {
			op.Type, op.Error = history.Info, history.String(fmt.Sprintf("the client panicked: %v", p))
			c.op = op
		}
	}()
	if c.client == nil {
		opened, err := r.cluster.OpenClient(ctx, targets.ClientConfig{Process: op.Process, Thread: int(t.thread), Node: op.Node})
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
