package gen

import (
	"time"

	"checker/history"
)

// Stagger spreads the ops of a generator over time: from one to the next it takes
// between 0 and 2d, each length as likely, so d on average. That is the rate of all
// threads in sum.
//
// The times are a schedule. An op that comes late, because all threads are busy or
// because the driver is, does not shift those after it: they catch up, and the rate
// holds. Only what was missed for more than a second (or d) while a thread was free
// is forgiven: then the generator had nothing to offer or nobody asked it, as
// outside of its time in [CycleTimes].
func Stagger(r Rand, d time.Duration, g Generator) Generator {
	return paceOf(&pace{gap: ns(d), rand: r, random: true, gen: g})
}

// Delay emits the ops of a generator d apart. Like those of [Stagger], the times
// are a schedule, and ops that come late catch up.
func Delay(d time.Duration, g Generator) Generator {
	return paceOf(&pace{gap: ns(d), gen: g})
}

// forgiven is how much of a schedule is made up for where no thread was busy, ns.
const forgiven = int64(time.Second)

func paceOf(p *pace) Generator {
	if p.gen == nil {
		return nil
	}
	return p
}

type pace struct {
	gap     int64 // ns on average
	random  bool
	rand    Rand
	begun   bool
	due     int64 // of the next op, once begun
	blocked bool  // all threads were busy when it was due
	gen     Generator
}

// Next does not ask the generator before an op is due: it would have to ask again.
func (g *pace) Next(ctx *Context) (Step, Generator) {
	if g.begun && g.due > ctx.Now {
		return Step{Kind: Pending, At: g.due}, g
	}
	step, rest := g.gen.Next(ctx)
	switch {
	case step.Kind != Emit:
		return step, g.with(rest)
	case rest == nil:
		return step, nil
	}
	then := *g
	then.gen, then.begun = rest, true
	switch late := ctx.Now - g.due; {
	case !g.begun || step.At > ctx.Now:
		then.due = step.At
	case !g.blocked && late > max(forgiven, g.gap):
		then.due = ctx.Now
	}
	gap := g.gap
	if g.random {
		gap = then.rand.Int64N(2*g.gap + 1)
	}
	then.due = later(then.due, gap)
	then.blocked = g.blocked && then.due < ctx.Now
	return step, &then
}

func (g *pace) with(inner Generator) Generator {
	switch {
	case inner == nil:
		return nil
	case same(inner, g.gen):
		return g
	}
	then := *g
	then.gen = inner
	return &then
}

func (g *pace) Update(ctx *Context, event history.Op) Generator {
	inner := g.gen.Update(ctx, event)
	// If the only free thread has just become free, all were busy until now.
	if g.begun && !g.blocked && g.due < ctx.Now && ctx.FreeLen() == 1 && completes(ctx, event) && inner != nil {
		then := *g
		then.gen, then.blocked = inner, true
		return &then
	}
	return g.with(inner)
}

// Slot is a generator with its time in [CycleTimes].
type Slot struct {
	For time.Duration
	Gen Generator
}

// CycleTimes lets generators take turns: each emits ops for its time, and after the
// last comes the first again, where it left off. It ends when one that is asked is
// exhausted. The first turn begins with the first op. All hear of events.
func CycleTimes(slots ...Slot) Generator {
	g := &cycleTimes{}
	for _, s := range slots {
		if s.For <= 0 {
			panic(misuse("a slot of %v: expected a time above 0", s.For))
		}
		g.lengths = append(g.lengths, ns(s.For))
		g.gens = append(g.gens, s.Gen)
		g.period += ns(s.For)
	}
	if len(slots) == 0 {
		return nil
	}
	return g
}

type cycleTimes struct {
	lengths []int64
	period  int64
	begun   bool
	start   int64
	gens    []Generator
}

// turn returns whose turn it is at a moment, and when it began.
func (g *cycleTimes) turn(now, start int64) (i int, began int64) {
	began = now - (now-start)%g.period
	for now >= began+g.lengths[i] {
		began += g.lengths[i]
		i++
	}
	return i, began
}

// Next asks the generator whose turn it is; if it has nothing to do before its turn
// is over, it asks the next one what it will do when its own begins.
func (g *cycleTimes) Next(ctx *Context) (Step, Generator) {
	start := g.start
	if !g.begun {
		start = ctx.Now
	}
	now := ctx.Now
	i, began := g.turn(now, start)
	for range len(g.gens) {
		end := began + g.lengths[i]
		ctx.Now = max(now, began)
		step, rest := next(g.gens[i], ctx)
		ctx.Now = now
		switch {
		case step.Kind == Done:
			return step, nil
		case step.Kind == Pending && began > now:
			// What it waits for may come before its turn does.
			return Step{Kind: Pending, At: began}, g.with(start, i, g.gens[i])
		case step.Kind == Pending:
			return step.before(end), g.with(start, i, rest)
		case step.At < end:
			return step, g.with(start, i, rest)
		}
		i, began = (i+1)%len(g.gens), end
	}
	return Step{Kind: Pending, At: began}, g.with(start, i, g.gens[i])
}

func (g *cycleTimes) with(start int64, i int, inner Generator) Generator {
	now := states{gens: g.gens}
	now.set(i, inner)
	if g.begun && !now.own {
		return g
	}
	return &cycleTimes{lengths: g.lengths, period: g.period, begun: true, start: start, gens: now.gens}
}

func (g *cycleTimes) Update(ctx *Context, event history.Op) Generator {
	now := states{gens: g.gens}
	for i, inner := range g.gens {
		now.set(i, update(inner, ctx, event))
	}
	if !now.own {
		return g
	}
	then := *g
	then.gens = now.gens
	return &then
}
