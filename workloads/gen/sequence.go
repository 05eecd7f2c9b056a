package gen

import (
	"slices"

	"checker/history"
)

// Seq emits everything from the first generator, then everything from the second,
// and so on. An op may begin while those before it are still running: see
// [Phases]. Only the generator whose turn it is hears of events.
func Seq(gens ...Generator) Generator {
	gens = slices.DeleteFunc(slices.Clone(gens), func(g Generator) bool { return g == nil })
	switch len(gens) {
	case 0:
		return nil
	case 1:
		return gens[0]
	}
	return &seq{head: gens[0], tail: gens[1:]}
}

type seq struct {
	head Generator // may be nil
	tail []Generator
}

func (g *seq) Next(ctx *Context) (Step, Generator) {
	head, tail := g.head, g.tail
	for {
		step, rest := next(head, ctx)
		switch {
		case step.Kind != Done && len(tail) == 0:
			return step, rest
		case step.Kind != Done && len(tail) == len(g.tail) && same(rest, g.head):
			return step, g
		case step.Kind != Done:
			return step, &seq{head: rest, tail: tail}
		case len(tail) == 0:
			return step, nil
		}
		head, tail = tail[0], tail[1:]
	}
}

func (g *seq) Update(ctx *Context, event history.Op) Generator {
	head := update(g.head, ctx, event)
	if same(head, g.head) {
		return g
	}
	return &seq{head: head, tail: g.tail}
}

// Phases emits everything from each generator in turn. Each waits until all
// threads are free, so that everything before it is over.
func Phases(gens ...Generator) Generator {
	phases := make([]Generator, len(gens))
	for i, g := range gens {
		phases[i] = Synchronize(g)
	}
	return Seq(phases...)
}

// Then emits everything from first, waits until all threads are free, and then
// emits everything from second.
func Then(first, second Generator) Generator { return Seq(first, Synchronize(second)) }

// Synchronize waits until all threads are free before it begins: all those that
// are for it, so that inside [Clients] it does not wait for the nemesis.
func Synchronize(g Generator) Generator {
	if g == nil {
		return nil
	}
	return &synchronize{g}
}

type synchronize struct{ gen Generator }

func (g *synchronize) Next(ctx *Context) (Step, Generator) {
	if !ctx.AllFree() {
		return untilEvent, g
	}
	return g.gen.Next(ctx)
}

func (g *synchronize) Update(ctx *Context, event history.Op) Generator {
	inner := g.gen.Update(ctx, event)
	if same(inner, g.gen) {
		return g
	}
	return Synchronize(inner)
}

// Repeat emits the first op of a generator again and again: the generator stays as
// it is, apart from what events do to it. It ends if the generator does. A
// generator that draws from a [Rand] would draw the same again: see [Fn].
func Repeat(g Generator) Generator {
	if g == nil {
		return nil
	}
	return &repeat{g}
}

// RepeatN is [Repeat] for n ops.
func RepeatN(n int, g Generator) Generator { return Limit(n, Repeat(g)) }

type repeat struct{ gen Generator }

func (g *repeat) Next(ctx *Context) (Step, Generator) {
	step, rest := g.gen.Next(ctx)
	switch step.Kind {
	case Done:
		return step, nil
	case Pending:
		if !same(rest, g.gen) {
			return step, &repeat{rest}
		}
	}
	return step, g
}

func (g *repeat) Update(ctx *Context, event history.Op) Generator {
	inner := g.gen.Update(ctx, event)
	if same(inner, g.gen) {
		return g
	}
	return Repeat(inner)
}

// Cycle emits everything from a generator, then begins it anew, without end. It
// ends if the generator has no op to begin with. Events reach the current round
// only. Each round draws the same from a [Rand] in the generator: see [Fn].
func Cycle(g Generator) Generator { return cycleOf(-1, g) }

// CycleN is [Cycle] for n rounds.
func CycleN(n int, g Generator) Generator { return cycleOf(n, g) }

func cycleOf(rounds int, g Generator) Generator {
	if g == nil || rounds == 0 {
		return nil
	}
	return &cycle{rounds: rounds, fresh: g, gen: g}
}

type cycle struct {
	rounds     int // that remain with the current one; below 0 without end
	fresh, gen Generator
}

func (g *cycle) Next(ctx *Context) (Step, Generator) {
	step, rest := next(g.gen, ctx)
	if step.Kind != Done {
		return step, g.with(rest)
	}
	if g.rounds == 1 {
		return Step{}, nil
	}
	if step, rest = g.fresh.Next(ctx); step.Kind == Done {
		return Step{}, nil
	}
	return step, &cycle{rounds: g.rounds - 1, fresh: g.fresh, gen: rest}
}

func (g *cycle) with(inner Generator) Generator {
	if same(inner, g.gen) {
		return g
	}
	return &cycle{rounds: g.rounds, fresh: g.fresh, gen: inner}
}

func (g *cycle) Update(ctx *Context, event history.Op) Generator {
	return g.with(update(g.gen, ctx, event))
}
