package txns

import (
	"checker/history"
	"checker/workloads/gen"
)

// F is the function of a transaction.
const F = "txn"

// Append generates transactions of [:append k v] and [:r k nil] over lists.
func Append(rng gen.Rand, o Options) gen.Generator { return generator(New(rng, o), "append") }

// WR generates transactions of [:w k v] and [:r k nil] over registers.
func WR(rng gen.Rand, o Options) gen.Generator { return generator(New(rng, o), "w") }

func generator(s Source, write string) gen.Generator {
	return gen.Ops(s, func(s Source) (history.Op, Source) {
		mops, rest := s.Next()
		return gen.Op(F, Value(mops, write)), rest
	})
}

// Value returns the argument of a transaction; write is what a write is called,
// append or w.
func Value(mops []Mop, write string) history.Value {
	elems := make([]history.Value, len(mops))
	for i, m := range mops {
		elems[i] = history.Mop("r", history.Int(m.Key), history.Nil)
		if m.Write {
			elems[i] = history.Mop(write, history.Int(m.Key), history.Int(m.Value))
		}
	}
	return history.Vector(elems...)
}

// FinalReads reads every key that was written, some in a transaction, from 0 up.
// It cannot know how many there are, so it ends where more keys in a row than are
// active at a time have no value.
func FinalReads(o Options) gen.Generator {
	o = o.withDefaults()
	return finalReads{width: int64(o.MaxLength), enough: int64(o.Keys + o.MaxLength)}
}

type finalReads struct {
	width  int64 // keys a transaction
	enough int64 // keys without a value, after which there are no more
	next   int64 // the first key not read yet
	last   int64 // the largest key seen with a value; meaningful if any
	any    bool
}

func (g finalReads) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	end := g.enough
	if g.any {
		end += g.last + 1
	}
	if g.next >= end {
		if !ctx.AllFree() { // an answer may tell of further keys
			return gen.Step{Kind: gen.Pending, At: gen.Never}, g
		}
		return gen.Step{}, nil
	}
	mops := make([]Mop, g.width)
	for i := range mops {
		mops[i] = Mop{Key: g.next + int64(i)}
	}
	step := ctx.Fill(gen.Op(F, Value(mops, "")))
	if step.Kind != gen.Emit {
		return step, g
	}
	g.next += g.width
	return step, g
}

// Update notes which keys have values.
func (g finalReads) Update(_ *gen.Context, event history.Op) gen.Generator {
	if event.Type != history.Ok || event.F != F {
		return g
	}
	for _, mop := range event.Value.Elems() {
		parts := mop.Elems()
		if len(parts) != 3 || parts[2].IsNil() || parts[2].Kind() == history.KindVector && len(parts[2].Elems()) == 0 {
			continue
		}
		if k, ok := parts[1].Int(); ok && (!g.any || k > g.last) {
			g.last, g.any = k, true
		}
	}
	return g
}
