package gen

import "checker/history"

// Reserve gives each part so many clients of its own: the first ones to the first
// part, and so on. The other threads are for rest, which may be nil. So ops of one
// kind cannot take all the threads when they begin to hang. Each part knows of its
// own threads only, and hears of their events.
//
// Clients are counted among those that are for Reserve itself, so that it can
// stand inside another one. Where there are too few of them, it panics with a
// [*Misuse]: the run would not do what it seems to.
func Reserve(parts []Part, rest Generator) Generator {
	gens := make([]Generator, 0, len(parts)+1)
	for _, p := range parts {
		gens = append(gens, p.Gen)
	}
	return &parted{gens: append(gens, rest), split: &split{cut: func(threads []Thread) []int {
		of := make([]int, 0, len(threads))
		for i, p := range parts {
			for range p.N {
				of = append(of, i)
			}
		}
		if clients := clientsIn(threads); len(of) > clients {
			panic(misuse("%d clients are reserved where there are only %d", len(of), clients))
		}
		for len(of) < len(threads) {
			of = append(of, len(parts))
		}
		return of
	}}}
}

// clientsIn counts the clients among threads in order, of which the nemesis is last.
func clientsIn(threads []Thread) int {
	n := len(threads)
	if n > 0 && threads[n-1] == NemesisThread {
		n--
	}
	return n
}

// EachThread gives each thread a generator of its own, all beginning as g. It knows
// of that thread only, and hears of its events. A [Rand] in g draws the same on
// every thread: see [EachThreadFunc].
func EachThread(g Generator) Generator {
	if g == nil {
		return nil
	}
	return EachThreadFunc(func(Thread) Generator { return g })
}

// EachThreadFunc gives each thread a generator of its own, the one f returns for it.
func EachThreadFunc(f func(Thread) Generator) Generator {
	return &parted{fresh: f, single: true, split: eachAlone()}
}

// EachProcess gives each process a generator of its own, beginning as g. When a
// process crashes, the one that replaces it begins anew: a generator that always
// crashes never ends.
func EachProcess(g Generator) Generator {
	if g == nil {
		return nil
	}
	return &parted{fresh: func(Thread) Generator { return g }, single: true, perProcess: true, split: eachAlone()}
}

// eachAlone makes each thread a part.
func eachAlone() *split {
	return &split{cut: func(threads []Thread) []int {
		of := make([]int, len(threads))
		for i := range threads {
			of[i] = i
		}
		return of
	}}
}

// parted has a generator for each part of the threads.
type parted struct {
	split      *split
	gens       []Generator            // by part; nil, if they are made by fresh, before the first question
	fresh      func(Thread) Generator // makes the generator of a thread
	single     bool                   // a part is a thread; one that is busy is not asked
	perProcess bool                   // a new process begins anew
	processes  []history.Process      // by part, for which the generators were made
}

func (g *parted) Next(ctx *Context) (Step, Generator) {
	outer := ctx.view
	draw := Rand(ctx.rand.Uint64())
	g = g.begun(ctx)
	now := states{gens: g.gens}
	first := askParts(ctx, g.split, draw, g.single, func(i int) (Step, Generator) {
		if i >= len(g.gens) || g.gens[i] == nil {
			return Step{}, nil
		}
		step, rest := g.gens[i].Next(ctx)
		if step.Kind != Emit {
			now.set(i, rest)
		}
		return step, rest
	})
	ctx.view = outer
	switch first.step.Kind {
	case Done:
		return Step{}, nil
	case Emit:
		now.set(first.index, first.rest)
	}
	return first.step, g.with(now)
}

// askParts asks for the soonest op of the parts of the threads; ask is called with
// the context narrowed to the part. An op that can be invoked at once cannot be
// beaten, so a free thread is drawn and its part is asked before the others: the
// draw makes each free thread as likely.
func askParts(ctx *Context, s *split, draw Rand, onlyFree bool, ask func(part int) (Step, Generator)) soonest {
	parts, all := s.within(ctx), ctx.members
	first := newSoonest(draw)
	asked := -1
	if n := ctx.FreeLen(); n > 0 {
		if asked = s.partOf[all.nth(first.rand.IntN(n), ctx.table.free)]; asked >= 0 {
			ctx.members = parts[asked]
			step, rest := ask(asked)
			first.offer(asked, step, rest, max(1, ctx.FreeLen()))
			if step.now(ctx) {
				return first
			}
		}
	}
	for i, part := range parts {
		if i == asked || part.size == 0 {
			continue
		}
		ctx.members = part
		free := ctx.FreeLen()
		if onlyFree && free == 0 {
			first.offer(i, untilEvent, nil, 1)
			continue
		}
		step, rest := ask(i)
		first.offer(i, step, rest, max(1, free))
	}
	first.settle()
	return first
}

// begun makes the generators of the threads, or those of new processes.
func (g *parted) begun(ctx *Context) *parted {
	if g.fresh == nil {
		return g
	}
	parts := g.split.within(ctx)
	now := states{gens: g.gens}
	processes := g.processes
	if g.gens == nil {
		now = states{gens: make([]Generator, len(parts)), own: true}
		for i, part := range parts {
			now.gens[i] = g.fresh(threadIn(ctx, part))
		}
	}
	if g.perProcess {
		processes = make([]history.Process, len(parts))
		for i, part := range parts {
			t := threadIn(ctx, part)
			processes[i] = ctx.Process(t)
			if g.processes != nil && g.processes[i] != processes[i] {
				now.set(i, g.fresh(t))
			}
		}
	}
	if !now.own {
		return g
	}
	return &parted{split: g.split, gens: now.gens, fresh: g.fresh, single: g.single, perProcess: g.perProcess, processes: processes}
}

// threadIn returns the first thread of a part.
func threadIn(ctx *Context, part *set) Thread {
	for bit := range part.all() {
		return ctx.table.thread(bit)
	}
	panic(misuse("a part without threads was asked"))
}

func (g *parted) with(now states) Generator {
	if !now.own {
		return g
	}
	return &parted{split: g.split, gens: now.gens, fresh: g.fresh, single: g.single, perProcess: g.perProcess, processes: g.processes}
}

func (g *parted) Update(ctx *Context, event history.Op) Generator {
	i := g.split.part(ctx, event.Process)
	if i < 0 {
		return g
	}
	g = g.begun(ctx)
	if g.gens[i] == nil {
		return g
	}
	now := states{gens: g.gens}
	outer := ctx.narrow(g.split.within(ctx)[i])
	now.set(i, g.gens[i].Update(ctx, event))
	ctx.view = outer
	return g.with(now)
}
