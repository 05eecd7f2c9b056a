package runner

import (
	"fmt"

	"checker/history"
	"checker/workloads/gen"
)

// OpTimeout is how long an op may take; after that it is indeterminate.
const OpTimeout = 5e9 // ns

// interpreter turns a generator into ops that begin and end. It knows nothing of
// time passing or of clients: a driver asks it what to do, does it, and tells it.
type interpreter struct {
	gen    gen.Generator
	ctx    *gen.Context
	record func(op history.Op, thread gen.Thread) error
	count  int
	err    error // why recording stopped
	node   func(gen.Thread) string
}

// action is what a driver is to do next.
type action struct {
	kind   actionKind
	until  int64 // wait: at the latest, or gen.Never
	thread gen.Thread
	op     history.Op
	sleep  int64 // ns
	text   string
}

type actionKind uint8

const (
	actInvoke actionKind = iota // begin op on thread
	actSleep                    // keep thread busy for sleep ns
	actLog                      // write text to the log
	actWait                     // let time pass until something completes
	actEnd                      // everything is done
)

// next says what to do at time now.
func (in *interpreter) next(now int64) action {
	in.ctx.Now = now
	if in.gen == nil {
		return in.rest()
	}
	step, rest := in.gen.Next(in.ctx)
	switch step.Kind {
	case gen.Done:
		in.gen = nil
		return in.rest()
	case gen.Pending:
		in.gen = rest
		return action{kind: actWait, until: step.At}
	}
	if step.At > now {
		return action{kind: actWait, until: step.At}
	}
	in.gen = rest
	return in.emit(step)
}

// rest waits for what is still open.
func (in *interpreter) rest() action {
	if in.ctx.AllFree() {
		return action{kind: actEnd}
	}
	return action{kind: actWait, until: gen.Never}
}

func (in *interpreter) emit(step gen.Step) action {
	thread, ok := in.ctx.Thread(step.Op.Process)
	if !ok {
		panic(fmt.Sprintf("runner: the generator emitted an op for process %s, which no thread executes", step.Op.Process))
	}
	switch step.Special {
	case gen.SleepStep:
		ns, _ := step.Op.Value.Int()
		in.ctx.Busy(thread)
		return action{kind: actSleep, thread: thread, sleep: ns}
	case gen.LogStep:
		return action{kind: actLog, text: step.Op.Value.Text()}
	}
	return action{kind: actInvoke, thread: thread, op: step.Op}
}

// invoked records the beginning of an op and returns it with its time.
func (in *interpreter) invoked(now int64, thread gen.Thread, op history.Op) history.Op {
	in.ctx.Busy(thread)
	op.Type = history.Invoke
	if thread == gen.NemesisThread {
		op.Type = history.Info
	}
	return in.event(now, thread, op)
}

// completed records the end of an op. An indeterminate op ends its process; crash
// says so.
func (in *interpreter) completed(now int64, thread gen.Thread, op history.Op) (crash bool) {
	in.ctx.Release(thread)
	in.event(now, thread, op)
	crash = op.Type == history.Info && thread != gen.NemesisThread
	if crash {
		in.ctx.Renew(thread)
	}
	return crash
}

// woke ends a thread's sleep.
func (in *interpreter) woke(thread gen.Thread) { in.ctx.Release(thread) }

func (in *interpreter) event(now int64, thread gen.Thread, op history.Op) history.Op {
	op.Time, op.Index = now, in.count
	op.Node = in.node(thread)
	in.count++
	in.ctx.Now = now
	if err := in.record(op, thread); err != nil && in.err == nil {
		in.err = err
	}
	if in.gen != nil {
		in.gen = in.gen.Update(in.ctx, op)
	}
	return op
}
