package linear

import (
	"math"

	"checker/history"
	"checker/models"
)

// numbering numbers the values of one object. Whole numbers that lie close
// together, the usual case, are their own numbers but for an offset; other
// values are looked up.
type numbering struct {
	heap  *history.Heap
	canon canonical
	base  int64
	span  int64
	other map[history.Ref]int32

	least, most int64 // whole numbers seen
	count       int
}

// start looks at the values that the register ops on rows write. Numbers below
// span are then those of whole numbers.
func (n *numbering) start(v *view, rows []int32) {
	n.begin(&v.h.Heap)
	for _, row := range rows {
		value := v.in(int(row))
		switch v.function(int(row)) {
		case models.RegisterRead:
			continue
		case models.RegisterCAS:
			_, value, _ = n.heap.Pair(value)
		}
		n.see(value)
	}
	n.ready()
}

// begin forgets all numbers. Values that are likely to come are then seen, before
// it is ready.
func (n *numbering) begin(heap *history.Heap) {
	n.heap, n.canon = heap, canonical{heap: heap, first: n.canon.first}
	if len(n.other) > 0 || n.other == nil {
		n.other = map[history.Ref]int32{}
	}
	n.least, n.most, n.count = math.MaxInt64, math.MinInt64, 0
}

func (n *numbering) see(value history.Ref) {
	if x, ok := n.heap.Int(value); ok {
		n.least, n.most, n.count = min(n.least, x), max(n.most, x), n.count+1
	}
}

func (n *numbering) ready() {
	n.base, n.span = 0, 0
	if n.count > 0 && uint64(n.most)-uint64(n.least) < uint64(2*n.count+64) {
		n.base, n.span = n.least, n.most-n.least+1
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
