package linear

import (
	"math"

	"checker/history"
	"checker/models"
)

// numbering numbers the values of one register. Whole numbers that lie close
// together, the usual case, are their own numbers but for an offset; other
// values are looked up.
type numbering struct {
	heap  *history.Heap
	canon canonical
	base  int64
	span  int64
	other map[history.Ref]int32
}

// start looks at the values that the ops on rows write. Numbers below span are
// then those of whole numbers.
func (n *numbering) start(v *view, rows []int32) {
	n.heap, n.canon = &v.h.Heap, canonical{heap: &v.h.Heap, first: n.canon.first}
	if len(n.other) > 0 || n.other == nil {
		n.other = map[history.Ref]int32{}
	}
	least, most, writes := int64(math.MaxInt64), int64(math.MinInt64), 0
	for _, row := range rows {
		value := v.in(int(row))
		switch v.function(int(row)) {
		case models.RegisterRead:
			continue
		case models.RegisterCAS:
			_, value, _ = n.heap.Pair(value)
		}
		if x, ok := n.heap.Int(value); ok {
			least, most, writes = min(least, x), max(most, x), writes+1
		}
	}
	n.base, n.span = 0, 0
	if writes > 0 && uint64(most)-uint64(least) < uint64(2*writes+64) {
		n.base, n.span = least, most-least+1
	}
}

// of returns the number of a value.
func (n *numbering) of(value history.Ref) int32 {
	if x, ok := n.heap.Int(value); ok {
		if d := uint64(x) - uint64(n.base); d < uint64(n.span) {
			return int32(d)
		}
	}
	value = n.canon.of(value)
	id, ok := n.other[value]
	if !ok {
		id = int32(n.span) + int32(len(n.other))
		n.other[value] = id
	}
	return id
}
