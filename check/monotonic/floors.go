package monotonic

import (
	"cmp"
	"slices"
)

// floors returns, for each sight in the order of invocations, the largest one
// that had completed when it was invoked; the zero sight where there was none.
func floors(sights []sight) []sight {
	byEnd := slices.Clone(sights)
	slices.SortFunc(byEnd, func(a, b sight) int { return cmp.Compare(a.op.Comp, b.op.Comp) })
	known := make([]sight, len(sights))
	var top sight
	next := 0
	for i, s := range sights {
		for next < len(byEnd) && byEnd[next].op.Comp < s.op.Inv {
			if e := byEnd[next]; next == 0 || e.value > top.value {
				top = e
			}
			next++
		}
		known[i] = top
	}
	return known
}
