package nemesis

import (
	"math/rand/v2"

	"checker/history"
	"checker/workloads/gen"
)

// Generator emits the faults of all packages as they fall due, resolved or not and
// without end. Faults of different families overlap. It must be told of the ops
// that were recorded: a flapping partition comes back with the links that it had.
func (s Schedule) Generator() gen.Generator {
	all := make([]gen.Generator, len(s.Packages))
	for i, p := range s.Packages {
		all[i] = p.Generator()
	}
	return gen.NemesisOnly(gen.Any(all...))
}

// undoing is the order in which faults are ended: a paused process must run before
// it can be started anew, and the network must be whole for nodes to catch up.
// Disks are to be well before anybody starts from them, and the group is changed
// last, when it can agree on it.
var undoing = []string{"pause", "disk", "kill", "partition", "packet", "clock", "membership"}

// Final ends all that the schedule may have begun. It does no harm where nothing
// is to be ended.
func (s Schedule) Final() gen.Generator {
	var ends []gen.Generator
	for _, family := range undoing {
		for _, p := range s.Packages {
			if p.Family == family {
				ends = append(ends, p.Final())
			}
		}
	}
	return gen.NemesisOnly(gen.Seq(ends...))
}

// Generator emits the faults of the package alone, for the nemesis thread.
func (p Package) Generator() gen.Generator {
	g := turns{pkg: &p, rng: gen.NewRand(p.Seed, "turns")}
	r := rand.New(&g.rng)
	g.begin(r)
	g.due = p.Gap.draw(r)
	return &g
}

// Final ends whatever the package may have begun.
func (p Package) Final() gen.Generator { return gen.One(ender(p.Family).Op()) }

// turns is a package at some moment.
type turns struct {
	pkg      *Package
	rng      gen.Rand
	due      int64 // when next is to happen, ns since the start
	next     Fault
	last     Fault // the fault before, as it was recorded if we were told
	flapping bool  // it comes and goes quickly
	move     Move  // that drew it
	follow   int   // how often it will strike again, drawn anew, before its end
	repeat   int   // how often it will come back yet
}

// Next emits the next fault when it is due, or at once if that is over. Until then
// it is pending, since what comes after the fault costs more to draw than asking
// again.
func (g *turns) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	if g.due > ctx.Now {
		return gen.Step{Kind: gen.Pending, At: g.due}, g
	}
	step := gen.Step{Kind: gen.Emit, At: ctx.Now, Op: g.next.Op()}
	after := *g
	after.advance(step.At)
	return step, &after
}

// Update keeps the links of a partition that will come back.
func (g *turns) Update(_ *gen.Context, event history.Op) gen.Generator {
	if g.repeat == 0 || event.F != string(Partition) || event.Process != history.Nemesis {
		return g
	}
	f, err := OfOp(event)
	if err != nil || !f.Concrete() {
		return g
	}
	told := *g
	told.last = f
	return &told
}

// advance settles what is to happen after next has happened at a time.
func (g *turns) advance(t int64) {
	r, p := rand.New(&g.rng), g.pkg
	switch begun := !g.next.Verb.Ends(); {
	case begun && g.follow > 0:
		g.follow--
		g.next = g.move.Draw(r)
		g.due = t + p.Quick.draw(r)
	case begun && !g.flapping && r.IntN(100) < p.Overlay:
		g.begin(r)
		g.flapping, g.repeat, g.follow = false, 0, 0
		g.due = t + p.Hold.draw(r)
	case begun:
		g.last, g.next = g.next, ender(p.Family)
		g.due = t + g.hold(r)
	case g.repeat > 0:
		g.next = g.last
		g.repeat--
		g.due = t + p.Quick.draw(r)
	default:
		g.begin(r)
		g.due = t + p.Gap.draw(r)
	}
}

// begin draws the next fault.
func (g *turns) begin(r *rand.Rand) {
	m := g.pkg.pick(r)
	g.next, g.move = m.Draw(r), m
	g.flapping = m.Repeat > 0
	g.repeat = 0
	if g.flapping {
		g.repeat = 1 + r.IntN(m.Repeat)
	}
	g.follow = 0
	if m.Follow > 0 {
		g.follow = 1 + r.IntN(m.Follow)
	}
}

// hold draws how long a fault lasts.
func (g *turns) hold(r *rand.Rand) int64 {
	if g.flapping || r.IntN(100) < g.pkg.Hurry {
		return g.pkg.Quick.draw(r)
	}
	return g.pkg.Hold.draw(r)
}
