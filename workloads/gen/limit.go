package gen

import (
	"slices"
	"time"

	"checker/history"
)

// Once emits one op of a generator.
func Once(g Generator) Generator { return Limit(1, g) }

// Limit emits at most n ops of a generator. Sleeps and log lines count.
func Limit(n int, g Generator) Generator {
	if n <= 0 || g == nil {
		return nil
	}
	return &limit{n: n, gen: g}
}

type limit struct {
	n   int
	gen Generator
}

func (g *limit) Next(ctx *Context) (Step, Generator) {
	step, rest := g.gen.Next(ctx)
	switch step.Kind {
	case Done:
		return step, nil
	case Emit:
		return step, Limit(g.n-1, rest)
	}
	return step, g.with(rest)
}

func (g *limit) with(inner Generator) Generator {
	if same(inner, g.gen) {
		return g
	}
	return Limit(g.n, inner)
}

func (g *limit) Update(ctx *Context, event history.Op) Generator {
	return g.with(g.gen.Update(ctx, event))
}

// TimeLimit emits the ops of a generator that are due less than d after the first
// one. It does not end before that time unless the generator does: where the next
// op known comes too late, an event may yet bring one in time.
func TimeLimit(d time.Duration, g Generator) Generator {
	if d <= 0 || g == nil {
		return nil
	}
	return &timeLimit{length: ns(d), gen: g}
}

// Until emits the ops of a generator that are due before a moment, counted from
// the start of the run.
func Until(end time.Duration, g Generator) Generator {
	if end <= 0 || g == nil {
		return nil
	}
	return &timeLimit{end: ns(end), begun: true, gen: g}
}

type timeLimit struct {
	length int64
	end    int64 // once begun
	begun  bool
	gen    Generator
}

func (g *timeLimit) Next(ctx *Context) (Step, Generator) {
	if g.begun && ctx.Now >= g.end {
		return Step{}, nil
	}
	step, rest := g.gen.Next(ctx)
	end := g.end
	if !g.begun {
		end = later(step.At, g.length)
	}
	switch {
	case step.Kind == Done:
		return step, nil
	case step.Kind == Emit && step.At >= end:
		return Step{Kind: Pending, At: end}, g
	case step.Kind == Emit && rest == nil:
		return step, nil
	case step.Kind == Emit:
		return step, &timeLimit{length: g.length, end: end, begun: true, gen: rest}
	case g.begun:
		step = step.before(end)
	}
	return step, g.with(rest)
}

func (g *timeLimit) with(inner Generator) Generator {
	switch {
	case inner == nil:
		return nil
	case same(inner, g.gen):
		return g
	}
	return &timeLimit{length: g.length, end: g.end, begun: g.begun, gen: inner}
}

func (g *timeLimit) Update(ctx *Context, event history.Op) Generator {
	return g.with(g.gen.Update(ctx, event))
}

// ProcessLimit emits ops as long as no more than n distinct client processes could
// have executed them. All processes of the threads count, also those that got no
// op: else the last of them would go on alone while the others have crashed.
func ProcessLimit(n int, g Generator) Generator {
	if n <= 0 || g == nil {
		return nil
	}
	return &processLimit{n: n, gen: g}
}

type processLimit struct {
	n    int
	seen []history.Process // sorted
	gen  Generator
}

func (g *processLimit) Next(ctx *Context) (Step, Generator) {
	step, rest := g.gen.Next(ctx)
	switch step.Kind {
	case Done:
		return step, nil
	case Pending:
		return step, g.with(rest)
	}
	seen := g.seen
	for t := range ctx.Threads() {
		p := ctx.Process(t)
		if i, known := slices.BinarySearch(seen, p); !known && p.IsClient() {
			seen = slices.Insert(slices.Clip(seen), i, p)
		}
	}
	if len(seen) > g.n {
		return Step{}, nil
	}
	if rest == nil {
		return step, nil
	}
	return step, &processLimit{n: g.n, seen: seen, gen: rest}
}

func (g *processLimit) with(inner Generator) Generator {
	switch {
	case inner == nil:
		return nil
	case same(inner, g.gen):
		return g
	}
	return &processLimit{n: g.n, seen: g.seen, gen: inner}
}

func (g *processLimit) Update(ctx *Context, event history.Op) Generator {
	return g.with(g.gen.Update(ctx, event))
}

// ConcurrencyLimit emits ops while fewer than n threads are busy.
func ConcurrencyLimit(n int, g Generator) Generator {
	if n <= 0 || g == nil {
		return nil
	}
	return &concurrencyLimit{n: n, gen: g}
}

type concurrencyLimit struct {
	n   int
	gen Generator
}

func (g *concurrencyLimit) Next(ctx *Context) (Step, Generator) {
	if ctx.Len()-ctx.FreeLen() >= g.n {
		return untilEvent, g
	}
	step, rest := g.gen.Next(ctx)
	return step, g.with(rest)
}

func (g *concurrencyLimit) with(inner Generator) Generator {
	if same(inner, g.gen) {
		return g
	}
	return ConcurrencyLimit(g.n, inner)
}

func (g *concurrencyLimit) Update(ctx *Context, event history.Op) Generator {
	return g.with(g.gen.Update(ctx, event))
}

// UntilOk emits the ops of a generator until one of them was ok.
func UntilOk(g Generator) Generator {
	if g == nil {
		return nil
	}
	return &untilOk{gen: g}
}

type untilOk struct {
	gen  Generator         // nil when it is exhausted
	open []history.Process // that execute an op of the generator
}

func (g *untilOk) Next(ctx *Context) (Step, Generator) {
	step, rest := next(g.gen, ctx)
	switch {
	case step.Kind == Done:
		return step, nil
	case step.Kind == Emit && step.Special == NotSpecial:
		return step, &untilOk{gen: rest, open: append(slices.Clip(g.open), step.Op.Process)}
	case same(rest, g.gen):
		return step, g
	}
	return step, &untilOk{gen: rest, open: g.open}
}

func (g *untilOk) Update(ctx *Context, event history.Op) Generator {
	open := g.open
	if i := slices.Index(open, event.Process); i >= 0 && completes(ctx, event) {
		if event.Type == history.Ok {
			return nil
		}
		open = slices.Delete(slices.Clone(open), i, i+1)
	}
	inner := update(g.gen, ctx, event)
	if len(open) == len(g.open) && same(inner, g.gen) {
		return g
	}
	return &untilOk{gen: inner, open: open}
}

// completes reports whether an event is the end of an op. The type does not tell,
// since a fault is info when it begins as well; but then its thread is busy.
func completes(ctx *Context, event history.Op) bool {
	t, ok := ctx.Thread(event.Process)
	return ok && ctx.Free(t)
}
