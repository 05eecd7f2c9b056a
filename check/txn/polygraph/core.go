package polygraph

import (
	"context"

	"checker/check"
)

// solveCore decides a problem by the part of it that a draft got stuck on, if it
// did: a schedule of everything would be one of a part, so where the part has none
// there is none.
func (p *Problem) solveCore(ctx context.Context, g Guarantee, o Options) (Result, bool) {
	txns := p.flat.cores[g]
	if len(txns) == 0 || len(txns) == len(p.Txns) {
		return Result{}, false
	}
	part, keys := p.restrict(txns)
	o.Steps = min(o.Steps, coreSteps)
	if o.Steps == 0 {
		o.Steps = coreSteps
	}
	r := part.search(ctx, g, o)
	if r.Verdict == check.Invalid {
		r.Witness.rename(txns, keys)
	}
	return r, r.Verdict == check.Invalid
}

// coreSteps bounds the search for a schedule of a core.
const coreSteps = 20_000_000

// restrict returns what a problem says of some transactions, and which of its
// keys are the keys of that.
func (p *Problem) restrict(txns []int32) (part *Problem, keys []int32) {
	number := make([]int32, len(p.Txns)) // from 1, in the part
	part = &Problem{Txns: make([]Txn, len(txns))}
	for i, t := range txns {
		number[t], part.Txns[i] = int32(i)+1, p.Txns[t]
	}
	only := func(list []int32) (kept []int32) {
		for _, t := range list {
			if number[t] > 0 {
				kept = append(kept, number[t]-1)
			}
		}
		return kept
	}
	for k, key := range p.Keys {
		small := Key{Writers: only(key.Writers), Prefix: only(key.Prefix)}
		for _, r := range key.Reads {
			switch {
			case number[r.Txn] == 0:
			case r.Writer == Nobody:
				small.Reads = append(small.Reads, Read{number[r.Txn] - 1, Nobody})
			case number[r.Writer] > 0:
				small.Reads = append(small.Reads, Read{number[r.Txn] - 1, number[r.Writer] - 1})
			}
		}
		for _, pair := range key.Order {
			if number[pair[0]] > 0 && number[pair[1]] > 0 {
				small.Order = append(small.Order, [2]int32{number[pair[0]] - 1, number[pair[1]] - 1})
			}
		}
		if len(small.Writers) > 0 {
			part.Keys, keys = append(part.Keys, small), append(keys, int32(k))
		}
	}
	return part, keys
}

// rename makes a witness of a part one of the whole.
func (w *Witness) rename(txns, keys []int32) {
	for i, t := range w.Txns {
		w.Txns[i] = txns[t]
	}
	for i, c := range w.Choices {
		w.Choices[i] = Choice{keys[c.Key], Run{txns[c.A.First], txns[c.A.Last]}, Run{txns[c.B.First], txns[c.B.Last]}}
	}
	renameCycle(w.Cycle, txns, keys)
	w.Proof.rename(txns, keys)
}

func (s *Step) rename(txns, keys []int32) {
	if s == nil {
		return
	}
	for _, side := range s.Sides {
		renameCycle(side.Cycle, txns, keys)
		side.Then.rename(txns, keys)
	}
}

func renameCycle(cycle []Edge, txns, keys []int32) {
	for i, e := range cycle {
		cycle[i].From, cycle[i].To = txns[e.From], txns[e.To]
		if e.Key >= 0 {
			cycle[i].Key = keys[e.Key]
		}
	}
}
