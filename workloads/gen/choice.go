package gen

import (
	"slices"

	"checker/history"
)

// Part is a generator with its share: of the ops in [MixWeighted], of the threads
// in [Reserve].
type Part struct {
	N   int
	Gen Generator
}

// Mix emits ops of several generators, for each op one chosen at random, each as
// likely. A generator that is exhausted is no longer chosen.
//
// The choice stands until it has been served. While the chosen one is pending, the
// others fill in, so that it cannot block them.
func Mix(r Rand, gens ...Generator) Generator {
	parts := make([]Part, len(gens))
	for i, g := range gens {
		parts[i] = Part{N: 1, Gen: g}
	}
	return MixWeighted(r, parts...)
}

// MixWeighted is [Mix] with each generator as likely as its N says.
func MixWeighted(r Rand, parts ...Part) Generator {
	parts = slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return p.Gen == nil || p.N <= 0 })
	switch len(parts) {
	case 0:
		return nil
	case 1:
		return parts[0].Gen
	}
	return draw(r, parts)
}

type mix struct {
	rand   Rand
	chosen int
	parts  []Part
}

// draw makes the next choice.
func draw(r Rand, parts []Part) *mix {
	total := 0
	for _, p := range parts {
		total += p.N
	}
	n, chosen := r.IntN(total), 0
	for n >= parts[chosen].N {
		n -= parts[chosen].N
		chosen++
	}
	return &mix{rand: r, chosen: chosen, parts: parts}
}

func (g *mix) Next(ctx *Context) (Step, Generator) {
	i := g.chosen
	step, rest := next(g.parts[i].Gen, ctx)
	switch {
	case step.Kind == Done:
		return next(MixWeighted(g.rand, slices.Delete(slices.Clone(g.parts), i, i+1)...), ctx)
	case step.Kind == Emit:
		return step, draw(g.rand, g.replace(i, rest))
	case !ctx.AnyFree():
		return step, g.with(i, rest)
	}
	return g.with(i, rest).fillIn(ctx, step.At)
}

// fillIn asks the others while the chosen generator is pending until a moment.
func (g *mix) fillIn(ctx *Context, until int64) (Step, Generator) {
	for k := 1; k < len(g.parts); k++ {
		i := (g.chosen + k) % len(g.parts)
		step, rest := next(g.parts[i].Gen, ctx)
		switch {
		case step.Kind == Done:
			continue
		case step.now(ctx):
			return step, g.with(i, rest)
		case step.Kind == Pending:
			g = g.with(i, rest)
		}
		until = min(until, step.At)
	}
	return Step{Kind: Pending, At: until}, g
}

func (g *mix) with(i int, inner Generator) *mix {
	if same(inner, g.parts[i].Gen) {
		return g
	}
	return &mix{rand: g.rand, chosen: g.chosen, parts: g.replace(i, inner)}
}

func (g *mix) replace(i int, inner Generator) []Part {
	if same(inner, g.parts[i].Gen) {
		return g.parts
	}
	parts := slices.Clone(g.parts)
	parts[i].Gen = inner
	return parts
}

func (g *mix) Update(ctx *Context, event history.Op) Generator {
	updated := g
	for i, p := range g.parts {
		updated = updated.with(i, update(p.Gen, ctx, event))
	}
	return updated
}

// soonest finds the answer that comes first among those of several generators. Of
// ops that are due at the same time one is chosen at random, each with the
// probability of its weight.
type soonest struct {
	rand   Rand
	step   Step // Done while there is none
	rest   Generator
	index  int
	weight int
	wait   int64 // when the first of the pending ones is to be asked again
}

func newSoonest(r Rand) soonest { return soonest{rand: r, wait: Never} }

func (s *soonest) offer(i int, step Step, rest Generator, weight int) {
	if step.Kind == Pending {
		s.wait = min(s.wait, step.At)
		if s.step.Kind == Done {
			s.step = step
		}
		return
	}
	if step.Kind == Done {
		return
	}
	if s.step.Kind == Emit {
		if step.At > s.step.At {
			return
		}
		if step.At == s.step.At {
			s.weight += weight
			if s.rand.IntN(s.weight) >= weight {
				return
			}
			weight = s.weight
		}
	}
	s.step, s.rest, s.index, s.weight = step, rest, i, weight
}

// settle makes the answer pending where one that is pending may come first.
func (s *soonest) settle() {
	if s.step.Kind != Done && (s.step.Kind == Pending || s.wait < s.step.At) {
		s.step, s.rest = Step{Kind: Pending, At: s.wait}, nil
	}
}

// states are the generators inside another one, copied when the first changes.
type states struct {
	gens []Generator // nil for those that are exhausted
	own  bool
}

func (s *states) set(i int, g Generator) {
	if same(s.gens[i], g) {
		return
	}
	if !s.own {
		s.gens, s.own = slices.Clone(s.gens), true
	}
	s.gens[i] = g
}

// Any emits, of several generators, the op that is due first. Where several are
// due at the same time, each is as likely. It ends when all are exhausted.
func Any(gens ...Generator) Generator { return anyOf(gens, false) }

// ShortestAny is [Any], but ends as soon as one of the generators is exhausted.
func ShortestAny(gens ...Generator) Generator {
	if slices.Contains(gens, nil) {
		return nil
	}
	return anyOf(gens, true)
}

func anyOf(gens []Generator, shortest bool) Generator {
	gens = slices.DeleteFunc(slices.Clone(gens), func(g Generator) bool { return g == nil })
	switch len(gens) {
	case 0:
		return nil
	case 1:
		return gens[0]
	}
	return &anyGen{gens: gens, shortest: shortest}
}

type anyGen struct {
	shortest bool
	gens     []Generator
	pair     [2]Generator // where gens are, if they are no more
}

func (g *anyGen) Next(ctx *Context) (Step, Generator) {
	outer := ctx.view
	first := newSoonest(Rand(ctx.rand.Uint64()))
	now := g
	for i, inner := range g.gens {
		step, rest := inner.Next(ctx)
		if step.Kind == Done && g.shortest {
			ctx.view = outer
			return Step{}, nil
		}
		if step.Kind != Emit {
			now = now.set(g, i, rest)
		}
		first.offer(i, step, rest, 1)
	}
	ctx.view = outer
	first.settle()
	if first.step.Kind == Emit {
		now = now.set(g, first.index, first.rest)
	}
	return first.step, now.without(g)
}

// set replaces a generator. The first that differs from the state before takes a
// copy of that.
func (g *anyGen) set(before *anyGen, i int, inner Generator) *anyGen {
	if same(g.gens[i], inner) {
		return g
	}
	if g == before {
		g = &anyGen{shortest: before.shortest}
		g.gens = append(g.pair[:0], before.gens...)
	}
	g.gens[i] = inner
	return g
}

// without leaves out what has become exhausted since the state before.
func (g *anyGen) without(before *anyGen) Generator {
	switch {
	case g == before || !slices.Contains(g.gens, nil):
		return g
	case g.shortest:
		return nil
	}
	return anyOf(g.gens, false)
}

func (g *anyGen) Update(ctx *Context, event history.Op) Generator {
	now := g
	for i, inner := range g.gens {
		now = now.set(g, i, inner.Update(ctx, event))
	}
	return now.without(g)
}

// FlipFlop emits one op of each generator in turn, and begins again. It ends when
// the one whose turn it is is exhausted.
func FlipFlop(gens ...Generator) Generator {
	if len(gens) == 0 || gens[0] == nil {
		return nil
	}
	return &flipFlop{gens: slices.Clone(gens)}
}

type flipFlop struct {
	gens []Generator
	turn int
}

func (g *flipFlop) Next(ctx *Context) (Step, Generator) {
	step, rest := next(g.gens[g.turn], ctx)
	if step.Kind == Done {
		return step, nil
	}
	now, turn := states{gens: g.gens}, g.turn
	now.set(turn, rest)
	switch {
	case step.Kind == Emit:
		turn = (turn + 1) % len(g.gens)
	case !now.own:
		return step, g
	}
	return step, &flipFlop{gens: now.gens, turn: turn}
}

func (g *flipFlop) Update(ctx *Context, event history.Op) Generator {
	now := states{gens: g.gens}
	for i, inner := range g.gens {
		now.set(i, update(inner, ctx, event))
	}
	if !now.own {
		return g
	}
	return &flipFlop{gens: now.gens, turn: g.turn}
}
