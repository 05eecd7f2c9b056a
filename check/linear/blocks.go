package linear

import (
	"cmp"
	"slices"
	"sort"
)

// block is what one block's ops look like from outside: A must come before B
// exactly when some op of A completed before some op of B was invoked, that is,
// when A.first < B.last.
type block struct {
	first int32 // the first completion of its ops; -1 for the initial value
	last  int32 // their last invocation
	head  int32 // row of the write that it begins with, or initial
}

// blocks can be put in a row if and only if no two of them must each come before
// the other. A forward block (first < last) surely held the register from first
// to last: two of those may not overlap. A backward block (last < first) needs
// the register at some moment between, which no forward block may cover.
// Two backward blocks never force each other both ways.
type blocks struct {
	forward, backward []block // two ends of one array; backward ones the last first
	all               []block
}

// reset makes room for so many blocks.
func (bs *blocks) reset(most int) {
	if cap(bs.all) < most {
		bs.all = make([]block, most)
	}
	bs.all = bs.all[:cap(bs.all)]
	bs.forward, bs.backward = bs.all[:0], bs.all[len(bs.all):]
}

func (bs *blocks) add(b block) {
	switch {
	case b.first < b.last:
		bs.forward = append(bs.forward, b)
	case b.last >= 0: // all but an initial value that nothing observed
		at := len(bs.all) - len(bs.backward) - 1
		bs.all[at] = b
		bs.backward = bs.all[at:]
	}
}

// order finds two blocks that must each come before the other.
func (bs *blocks) order() *violation {
	byFirst := func(a, b block) int { return cmp.Compare(a.first, b.first) }
	if !slices.IsSortedFunc(bs.forward, byFirst) {
		slices.SortFunc(bs.forward, byFirst)
	}
	for i := 1; i < len(bs.forward); i++ {
		if a, b := bs.forward[i-1], bs.forward[i]; b.first < a.last {
			return &violation{kind: staleRead, block: a, other: b}
		}
	}
	at := 0 // blocks come roughly in order, so the next place is near the last
	for i := len(bs.backward) - 1; i >= 0; i-- {
		b := bs.backward[i]
		at = lastBefore(bs.forward, b.last, at)
		if at < 0 {
			at = 0
			continue
		}
		if a := bs.forward[at]; b.first < a.last {
			return &violation{kind: staleRead, block: a, other: b}
		}
	}
	return nil
}

// lastBefore returns the last of the sorted forward blocks whose first is less
// than row, or -1. It looks near hint before it searches.
func lastBefore(forward []block, row int32, hint int) int {
	for step := 0; step < 16; step++ {
		switch {
		case hint+1 < len(forward) && forward[hint+1].first < row:
			hint++
		case hint < len(forward) && forward[hint].first >= row:
			if hint--; hint < 0 {
				return -1
			}
		case len(forward) == 0:
			return -1
		default:
			return hint
		}
	}
	return sort.Search(len(forward), func(i int) bool { return forward[i].first >= row }) - 1
}
