package linear

import (
	"context"

	"checker/history"
	"checker/models"
)

// flag decides test-and-sets. It applies where nobody may have reset the flag: then
// whoever found it down and set it comes after all that saw it down and before all
// that saw it up. Where nobody surely did, an op that crashed may have, and it may
// as well be the one that was invoked first.
type flag struct {
	*view
	time  timeline
	ranks []ranked
}

// Where ops stand that saw the flag down, that set it, and that saw it up.
const (
	sawDown int32 = iota
	setIt
	sawUp
)

func (f *flag) decide(ctx context.Context, obj object) (answer, *proof, object) {
	if f.model.Initial.Kind() != history.KindBool || ctx.Err() != nil {
		return undecided, nil, obj
	}
	for _, row := range obj.rows {
		if f.function(int(row)) == models.FlagReset {
			return undecided, nil, obj
		}
	}
	up := f.model.Initial.Bool()
	f.time.start(f.view, obj.rows)
	f.ranks = f.ranks[:0]
	setter, crashed := nobody, nobody
	for i, row := range obj.rows {
		op, sets := int32(i), f.function(int(row)) == models.FlagSet
		_, res := f.outcome(int(row))
		switch {
		case res == never && sets && crashed == nobody:
			crashed = op
		case res == never:
		case f.out(res).Kind() != history.KindBool:
			return undecided, nil, obj
		case f.h.Heap.Bool(f.out(res)):
			f.ranks = append(f.ranks, ranked{rank: sawUp, op: op})
		case up:
			return illegal, because(obj.rows[i:i+1:i+1], "%s found the flag down, which was up from the beginning and never reset.", f.say(row)), obj
		case !sets:
			f.ranks = append(f.ranks, ranked{rank: sawDown, op: op})
		case setter != nobody:
			return illegal, because([]int32{obj.rows[setter], row}, "%s and %s both found the flag down, but nobody reset it.", f.say(obj.rows[setter]), f.say(row)), obj
		default:
			setter = op
			f.ranks = append(f.ranks, ranked{rank: setIt, op: op})
		}
	}
	if up {
		return legal, nil, obj
	}
	if p := f.order(obj.rows, setter, crashed); p != nil {
		return illegal, p, obj
	}
	return legal, nil, obj
}

// order compares what ops saw with who set the flag.
func (f *flag) order(rows []int32, setter, crashed int32) *proof {
	saw := nobody
	for _, r := range f.ranks {
		if r.rank == sawUp {
			saw = r.op
		}
	}
	switch {
	case setter != nobody || saw == nobody:
	case crashed == nobody:
		return because([]int32{rows[saw]}, "%s found the flag up, but nobody set it.", f.say(rows[saw]))
	default:
		f.ranks = append(f.ranks, ranked{rank: setIt, op: crashed})
		setter = crashed
	}
	high, low, found := f.time.outOfRank(f.ranks)
	if !found {
		return nil
	}
	p := because([]int32{rows[high.op], rows[low.op]}, "%s completed before %s was invoked, which must come first, since nobody reset the flag.",
		f.say(rows[high.op]), f.say(rows[low.op]))
	if setter != nobody {
		p.context = []int32{rows[setter]}
	}
	return p
}
