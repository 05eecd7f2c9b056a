package locks

import (
	"cmp"
	"slices"
)

// largestBefore returns for each op, in the order in which they took effect at the
// earliest, which of those that had completed by then has the largest token; -1 for none.
func largestBefore(ops []tokened) []int {
	byEnd := make([]int, len(ops))
	for i := range byEnd {
		byEnd[i] = i
	}
	slices.SortFunc(byEnd, func(a, b int) int { return cmp.Compare(ops[a].op.Comp, ops[b].op.Comp) })
	largest := make([]int, len(ops))
	top, next := -1, 0
	for i, o := range ops {
		for next < len(byEnd) && ops[byEnd[next]].op.Comp < o.granted {
			if e := byEnd[next]; top < 0 || ops[e].token > ops[top].token {
				top = e
			}
			next++
		}
		largest[i] = top
	}
	return largest
}
