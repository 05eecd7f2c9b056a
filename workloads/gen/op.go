package gen

import (
	"time"

	"checker/history"
)

// Op returns an op that a generator can emit: a function and its argument.
func Op(f string, v history.Value) history.Op { return history.Op{F: f, Value: v} }

// Invoke emits f with an argument, once.
func Invoke(f string, v history.Value) Generator { return One(Op(f, v)) }

// One emits an op, once, on whichever of its threads is free.
func One(op history.Op) Generator { return &one{op: op} }

// Sleep keeps one thread from doing anything else for a while, once. It is a
// [SleepStep] and in no history. In a phase of its own, it is a pause. A
// [TimeLimit] does not cut it short.
func Sleep(d time.Duration) Generator {
	return &one{op: Op("sleep", history.Int(ns(d))), special: SleepStep}
}

// Log says something in the log of the run, once. It is a [LogStep] and in no
// history.
func Log(message string) Generator {
	return &one{op: Op("log", history.String(message)), special: LogStep}
}

type one struct {
	op      history.Op
	special Special
}

func (g *one) Next(ctx *Context) (Step, Generator) {
	step := ctx.Fill(g.op)
	if step.Kind == Pending {
		return step, g
	}
	step.Special = g.special
	return step, nil
}

func (g *one) Update(*Context, history.Op) Generator { return g }

// Ops emits ops without end: f returns the next one from a state, and the state
// after it. The state is a value such as a counter or a [Rand]; f is called again
// with the same one where its op was not invoked.
//
//	gen.Ops(gen.NewRand(seed, "writes"), func(r gen.Rand) (history.Op, gen.Rand) {
//		return gen.Op("write", history.Int(r.Int64N(5))), r
//	})
func Ops[S any](state S, f func(S) (history.Op, S)) Generator {
	return &ops[S]{state: state, f: f}
}

type ops[S any] struct {
	state S
	f     func(S) (history.Op, S)
}

func (g *ops[S]) Next(ctx *Context) (Step, Generator) {
	if !ctx.AnyFree() {
		return untilEvent, g
	}
	op, state := g.f(g.state)
	return ctx.Fill(op), &ops[S]{state: state, f: g.f}
}

func (g *ops[S]) Update(*Context, history.Op) Generator { return g }

// Unique emits f without end, with the integers from first upwards.
func Unique(f string, first int64) Generator {
	return Ops(first, func(n int64) (history.Op, int64) { return Op(f, history.Int(n)), n + 1 })
}

// Fn is a function as a generator: what f returns is used up, then f is called
// again. It ends when f returns nil. f gets a state, such as a counter or a
// [Rand], and returns the state for the next call; it is called with the same one
// again where nothing of what it returned was invoked. It is not called before a
// thread is free, so it may look at the context.
func Fn[S any](state S, f func(ctx *Context, state S) (Generator, S)) Generator {
	return &fn[S]{state: state, f: f}
}

type fn[S any] struct {
	state   S
	f       func(*Context, S) (Generator, S)
	current Generator
}

// futile bounds how often in a row a generator is begun anew that has no op.
const futile = 1000

func (g *fn[S]) Next(ctx *Context) (Step, Generator) {
	current, state := g.current, g.state
	for range futile {
		step, rest := next(current, ctx)
		switch {
		case step.Kind == Pending && same(rest, g.current):
			return step, g
		case step.Kind != Done:
			return step, &fn[S]{state: state, f: g.f, current: rest}
		}
		if !ctx.AnyFree() {
			return untilEvent, &fn[S]{state: state, f: g.f}
		}
		if current, state = g.f(ctx, state); current == nil {
			return Step{}, nil
		}
	}
	panic(misuse("a function returned %d generators in a row that had no op", futile))
}

func (g *fn[S]) Update(ctx *Context, event history.Op) Generator {
	current := update(g.current, ctx, event)
	if same(current, g.current) {
		return g
	}
	return &fn[S]{state: g.state, f: g.f, current: current}
}
