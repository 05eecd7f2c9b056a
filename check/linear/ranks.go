package linear

import (
	"cmp"
	"slices"
)

// ranked is an op of which it is known where it stands: after all of a lower rank
// and before all of a higher one. One that is late stands after all of a lower
// rank, too, but nothing is known of what comes after it.
type ranked struct {
	rank int32
	op   int32
	late bool
}

// outOfRank finds two ops of which the one of the higher rank completed before the
// other was invoked. If there are none, then the ops can be put in order by their
// ranks, and those that are late right before their completion.
func (t *timeline) outOfRank(ops []ranked) (high, low ranked, found bool) {
	slices.SortFunc(ops, func(a, b ranked) int { return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.op, b.op)) })
	last := -1 // of the ops of lower ranks, the one that was invoked last
	for from := 0; from < len(ops); {
		to, next := from, last
		for ; to < len(ops) && ops[to].rank == ops[from].rank; to++ {
			if last >= 0 && t.spans[ops[to].op].res < t.spans[ops[last].op].inv {
				return ops[to], ops[last], true
			}
			if !ops[to].late && (next < 0 || t.spans[ops[to].op].inv > t.spans[ops[next].op].inv) {
				next = to
			}
		}
		from, last = to, next
	}
	return ranked{}, ranked{}, false
}
