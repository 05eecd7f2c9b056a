package gen

import "checker/history"

// Clients leaves a generator to the clients alone.
func Clients(g Generator) Generator {
	return OnThreads(func(t Thread) bool { return t != NemesisThread }, g)
}

// NemesisOnly leaves a generator to the nemesis alone.
func NemesisOnly(g Generator) Generator {
	return OnThreads(func(t Thread) bool { return t == NemesisThread }, g)
}

// ClientsAndNemesis lets the clients and the nemesis go on beside each other.
func ClientsAndNemesis(clients, nemesis Generator) Generator {
	return Any(Clients(clients), NemesisOnly(nemesis))
}

// OnThreads leaves a generator to some of the threads. It knows of no others, and
// hears only of their events. An op that it emits for a thread that is busy, as a
// generator does that names its process itself, waits until the thread is free.
func OnThreads(which func(Thread) bool, g Generator) Generator {
	if g == nil {
		return nil
	}
	return &onThreads{gen: g, split: &split{cut: func(threads []Thread) []int {
		parts := make([]int, len(threads))
		for i, t := range threads {
			if !which(t) {
				parts[i] = -1
			}
		}
		return parts
	}}}
}

type onThreads struct {
	gen   Generator
	split *split // into the threads of the generator and none
}

func (g *onThreads) with(inner Generator) Generator {
	switch {
	case inner == nil:
		return nil
	case same(inner, g.gen):
		return g
	}
	return &onThreads{gen: inner, split: g.split}
}

func (g *onThreads) Next(ctx *Context) (Step, Generator) {
	parts := g.split.within(ctx)
	if len(parts) == 0 {
		return Step{}, nil
	}
	outer := ctx.narrow(parts[0])
	step, rest := g.gen.Next(ctx)
	free := step.Kind != Emit || ctx.FreeProcess(step.Op.Process)
	ctx.view = outer
	if !free {
		return untilEvent, g
	}
	return step, g.with(rest)
}

func (g *onThreads) Update(ctx *Context, event history.Op) Generator {
	if g.split.part(ctx, event.Process) != 0 {
		return g
	}
	outer := ctx.narrow(g.split.within(ctx)[0])
	inner := g.gen.Update(ctx, event)
	ctx.view = outer
	return g.with(inner)
}
