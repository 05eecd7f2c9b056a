package locks

import (
	"cmp"
	"slices"
	"sort"

	"checker/history"
)

// tenure is what is sure about when somebody held what only one may hold: from
// row from to row to, or, where from comes after to, at some moment between the two.
type tenure struct {
	from, to int32
	ops      []history.Pair // that show it
	who      string
}

// forever is the end of a tenure that was not given up.
const forever = 1<<31 - 1

// overlaps returns pairs of tenures that share a moment for sure: each one with
// that before it which lasts longest, so that there is a pair if any two overlap.
// One that is a mere moment overlaps what it lies strictly inside of.
func overlaps(tenures []tenure) [][2]tenure {
	var lasting, moments []tenure
	for _, t := range tenures {
		if t.from < t.to {
			lasting = append(lasting, t)
		} else {
			moments = append(moments, t)
		}
	}
	slices.SortStableFunc(lasting, func(a, b tenure) int { return cmp.Compare(a.from, b.from) })
	var found [][2]tenure
	longest := make([]int, len(lasting)) // among those up to here
	for i, t := range lasting {
		if i == 0 {
			continue
		}
		last := longest[i-1]
		if t.from < lasting[last].to {
			found = append(found, [2]tenure{lasting[last], t})
		}
		longest[i] = last
		if t.to > lasting[last].to {
			longest[i] = i
		}
	}
	for _, t := range moments {
		n := sort.Search(len(lasting), func(i int) bool { return lasting[i].from >= t.to })
		if n > 0 && lasting[longest[n-1]].to > t.from {
			found = append(found, [2]tenure{lasting[longest[n-1]], t})
		}
	}
	return found
}
