package gen

import (
	"fmt"

	"checker/history"
)

// Map changes every op that a generator emits. Sleeps and log lines stay.
func Map(f func(history.Op) history.Op, g Generator) Generator {
	if g == nil {
		return nil
	}
	return &mapped{f: f, gen: g}
}

// FMap gives the ops of a generator other names, as composed nemeses need: an op
// whose f is a key of the map gets the f that it maps to.
func FMap(names map[string]string, g Generator) Generator {
	return Map(func(op history.Op) history.Op {
		if f, ok := names[op.F]; ok {
			op.F = f
		}
		return op
	}, g)
}

type mapped struct {
	f   func(history.Op) history.Op
	gen Generator
}

func (g *mapped) Next(ctx *Context) (Step, Generator) {
	step, rest := g.gen.Next(ctx)
	if step.Kind == Emit && step.Special == NotSpecial {
		step.Op = g.f(step.Op)
	}
	return step, g.with(rest)
}

func (g *mapped) with(inner Generator) Generator {
	if same(inner, g.gen) {
		return g
	}
	return Map(g.f, inner)
}

func (g *mapped) Update(ctx *Context, event history.Op) Generator {
	return g.with(g.gen.Update(ctx, event))
}

// Filter emits those ops of a generator that f accepts, and all sleeps and log
// lines. A million ops in a row that f does not accept are a [*Misuse].
func Filter(f func(history.Op) bool, g Generator) Generator {
	if g == nil {
		return nil
	}
	return &filtered{f: f, gen: g}
}

type filtered struct {
	f   func(history.Op) bool
	gen Generator
}

func (g *filtered) Next(ctx *Context) (Step, Generator) {
	inner := g.gen
	for range 1_000_000 {
		step, rest := next(inner, ctx)
		if step.Kind != Emit || step.Special != NotSpecial || g.f(step.Op) {
			return step, g.with(rest)
		}
		inner = rest
	}
	panic(misuse("a filter dropped a million ops in a row"))
}

func (g *filtered) with(inner Generator) Generator {
	if same(inner, g.gen) {
		return g
	}
	return Filter(g.f, inner)
}

func (g *filtered) Update(ctx *Context, event history.Op) Generator {
	return g.with(g.gen.Update(ctx, event))
}

// OnUpdate lets f decide what an event makes of a generator. f gets the generator
// before the event and returns the one to go on with, nil to end; it passes the
// event on with the generator's Update if it is to be heard.
func OnUpdate(f func(ctx *Context, event history.Op, g Generator) Generator, g Generator) Generator {
	if g == nil {
		return nil
	}
	return &onUpdate{f: f, gen: g}
}

type onUpdate struct {
	f   func(*Context, history.Op, Generator) Generator
	gen Generator
}

func (g *onUpdate) Next(ctx *Context) (Step, Generator) {
	step, rest := g.gen.Next(ctx)
	return step, g.with(rest)
}

func (g *onUpdate) with(inner Generator) Generator {
	if same(inner, g.gen) {
		return g
	}
	return OnUpdate(g.f, inner)
}

func (g *onUpdate) Update(ctx *Context, event history.Op) Generator {
	return g.with(g.f(ctx, event, g.gen))
}

// IgnoreUpdates keeps all events from a generator.
func IgnoreUpdates(g Generator) Generator {
	return OnUpdate(func(_ *Context, _ history.Op, g Generator) Generator { return g }, g)
}

// Validate checks that a generator keeps the laws, and panics with a [*Misuse]
// that says which one it breaks and in what context: an op for a thread that is
// not free, a time that is over, another answer to the same question.
func Validate(g Generator) Generator {
	if g == nil {
		return nil
	}
	return &validated{g}
}

type validated struct{ gen Generator }

func (g *validated) Next(ctx *Context) (Step, Generator) {
	before := *ctx
	step, rest := g.gen.Next(ctx)
	if problem := ctx.problem(step); problem != "" {
		panic(misuse("%s (%s)", problem, ctx.describe()))
	}
	if *ctx != before {
		panic(misuse("it left the context changed (%s)", ctx.describe()))
	}
	if again, _ := g.gen.Next(ctx); stepText(again) != stepText(step) {
		panic(misuse("asked twice it answered %s, then %s (%s)", stepText(step), stepText(again), ctx.describe()))
	}
	return step, Validate(rest)
}

func (g *validated) Update(ctx *Context, event history.Op) Generator {
	return Validate(g.gen.Update(ctx, event))
}

// Trace tells a function what a generator is asked and answers, a line each time
// that begins with a name.
func Trace(name string, tell func(line string), g Generator) Generator {
	if g == nil {
		return nil
	}
	return &traced{name: name, tell: tell, gen: g}
}

type traced struct {
	name string
	tell func(string)
	gen  Generator
}

func (g *traced) Next(ctx *Context) (Step, Generator) {
	step, rest := g.gen.Next(ctx)
	g.tell(fmt.Sprintf("%s: next: %s (%s)", g.name, stepText(step), ctx.describe()))
	return step, Trace(g.name, g.tell, rest)
}

func (g *traced) Update(ctx *Context, event history.Op) Generator {
	inner := g.gen.Update(ctx, event)
	end := ""
	if inner == nil {
		end = ", exhausted"
	}
	g.tell(fmt.Sprintf("%s: update: %v %v %s %v%s (%s)", g.name, event.Process, event.Type, event.F, event.Value, end, ctx.describe()))
	return Trace(g.name, g.tell, inner)
}

// stepText prints a step for people.
func stepText(s Step) string {
	switch {
	case s.Kind == Done:
		return "done"
	case s.Kind == Pending && s.At == Never:
		return "pending"
	case s.Kind == Pending:
		return fmt.Sprintf("pending until %d", s.At)
	}
	return fmt.Sprintf("%v %v %s %v at %d", s.Op.Process, s.Op.Type, s.Op.F, s.Op.Value, s.At)
}

// describe prints the context for people.
func (c *Context) describe() string {
	free := []Thread{}
	for t := range c.Threads() {
		if c.Free(t) {
			free = append(free, t)
		}
	}
	return fmt.Sprintf("at %d, free of %d threads: %v", c.Now, c.Len(), free)
}
