package history

import "math"

// Int returns the integer r; ok is false when r is of another kind.
func (h *Heap) Int(r Ref) (n int64, ok bool) {
	switch r.form() {
	case KindInt:
		return inlineInt(r), true
	case refWide:
		return int64(h.wide[r&payload]), true
	}
	return 0, false
}

// Bool returns the boolean r, false when r is of another kind.
func (h *Heap) Bool(r Ref) bool { return r.form() == KindBool && r&payload != 0 }

// Float returns the number r as a float; ok is false when r is no number.
func (h *Heap) Float(r Ref) (f float64, ok bool) {
	if r.form() == KindFloat {
		return math.Float64frombits(h.wide[r&payload]), true
	}
	n, ok := h.Int(r)
	return float64(n), ok
}

// Text returns the characters of a string or keyword, and "" of anything else.
func (h *Heap) Text(r Ref) string {
	if k := r.form(); k == KindString || k == KindKeyword {
		return h.strs[r&payload]
	}
	return ""
}

// Len returns the number of elements of a collection (a map counts its keys and
// its values), and 0 of anything else.
func (h *Heap) Len(r Ref) int {
	switch r.form() {
	case KindVector, KindList, KindSet, KindMap, refInts, refTxn:
		return r.count()
	}
	return 0
}

// Elem returns element i of a collection that is not a transaction.
func (h *Heap) Elem(r Ref, i int) Ref {
	if i < 0 || i >= r.count() {
		panic("history: element out of range")
	}
	if r.form() == refInts {
		return makeRef(KindInt, uint64(int64(h.ints[r.off()+i])))
	}
	return h.cells[r.off()+i]
}

// Pair returns the two elements of a vector or list of two.
func (h *Heap) Pair(r Ref) (a, b Ref, ok bool) {
	switch r.form() {
	case KindVector, KindList, refInts:
		if r.count() == 2 {
			return h.Elem(r, 0), h.Elem(r, 1), true
		}
	}
	return 0, 0, false
}

// Ints returns the elements of a vector of ints of 32 bits, the form that every
// such vector takes except the empty one. The caller must not change them.
func (h *Heap) Ints(r Ref) (elems []int32, ok bool) {
	if r.form() != refInts {
		return nil, false
	}
	off := r.off()
	return h.ints[off : off+r.count() : off+r.count()], true
}

// IsTxn reports whether r is a transaction: a vector of [f k v] micro-ops.
func (h *Heap) IsTxn(r Ref) bool { return r.form() == refTxn }

// MicroOp returns micro-op i of the transaction r, which has [Heap.Len] of them.
func (h *Heap) MicroOp(r Ref, i int) MicroOp {
	if r.form() != refTxn || i < 0 || i >= r.count() {
		panic("history: no such micro-op")
	}
	at := r.off() + i
	m := MicroOp{F: h.mopF[at], Key: h.mopKey[at], Value: h.mopVal[at]}
	if r.masked() && h.reads[m.F] {
		m.Value = 0
	}
	return m
}

// Equal reports whether a and b are the same datum. Sets and maps are compared
// in the order that they were written in.
func (h *Heap) Equal(a, b Ref) bool {
	if a == b {
		return true
	}
	if isScalar(a) || a.form() != b.form() || a.count() != b.count() {
		return false
	}
	if a.form() == refTxn {
		return h.equalTxns(a, b)
	}
	for i := range a.count() {
		if !h.Equal(h.Elem(a, i), h.Elem(b, i)) {
			return false
		}
	}
	return true
}

func (h *Heap) equalTxns(a, b Ref) bool {
	for i := range a.count() {
		x, y := h.MicroOp(a, i), h.MicroOp(b, i)
		if x.F != y.F || x.Key != y.Key || !h.Equal(x.Value, y.Value) {
			return false
		}
	}
	return true
}

// Add stores v.
func (h *Heap) Add(v Value) (Ref, error) {
	switch v.kind {
	case KindNil:
		return 0, nil
	case KindBool:
		return h.AddBool(v.n != 0), nil
	case KindInt:
		return h.AddInt(v.n), nil
	case KindFloat:
		return h.addWide(KindFloat, uint64(v.n)), nil
	case KindString:
		return h.AddString([]byte(v.Text())), nil
	case KindKeyword:
		return h.AddKeyword([]byte(v.Text())), nil
	}
	var buf [8]Ref
	elems := buf[:0]
	for _, e := range v.Elems() {
		r, err := h.Add(e)
		if err != nil {
			return 0, err
		}
		elems = append(elems, r)
	}
	if v.kind == KindTagged {
		return h.AddTagged([]byte(v.Text()), elems[0]), nil
	}
	return h.AddSeq(v.kind, elems)
}

// Value returns r as a value in flight. It allocates.
func (h *Heap) Value(r Ref) Value {
	switch k := r.form(); k {
	case KindNil:
		return Nil
	case KindBool:
		return Bool(r&payload != 0)
	case KindInt, refWide:
		n, _ := h.Int(r)
		return Int(n)
	case KindFloat:
		return Float(math.Float64frombits(h.wide[r&payload]))
	case KindString:
		return String(h.strs[r&payload])
	case KindKeyword:
		return Keyword(h.strs[r&payload])
	case refTxn:
		return h.txnValue(r)
	case KindTagged:
		return Tagged(h.Text(h.Elem(r, 0)), h.Value(h.Elem(r, 1)))
	default:
		return collection(r.Kind(), h.values(r))
	}
}

func (h *Heap) values(r Ref) []Value {
	elems := make([]Value, r.count())
	for i := range elems {
		elems[i] = h.Value(h.Elem(r, i))
	}
	return elems
}

func (h *Heap) txnValue(r Ref) Value {
	mops := make([]Value, r.count())
	for i := range mops {
		m := h.MicroOp(r, i)
		mops[i] = Mop(h.fNames[m.F], h.Value(h.keys[m.Key]), h.Value(m.Value))
	}
	return Vector(mops...)
}

// mark remembers how full the arrays are, so that what is added next can be
// taken back.
type mark struct{ cells, ints, mops int }

func (h *Heap) mark() mark { return mark{len(h.cells), len(h.ints), len(h.mopF)} }

func (h *Heap) release(m mark) {
	h.cells, h.ints = h.cells[:m.cells], h.ints[:m.ints]
	h.releaseMops(m)
}

func (h *Heap) releaseMops(m mark) {
	h.mopF, h.mopKey, h.mopVal = h.mopF[:m.mops], h.mopKey[:m.mops], h.mopVal[:m.mops]
}

// share stores a completion's value in the place of its invocation's where the
// two agree. added is the mark from before the completion's value came in. It
// returns what both are to refer to from now on.
//
// Most values come twice: a write completes with what it was invoked with, and
// a transaction with the same micro-ops and its reads filled in. The invocation
// then sees the shared micro-ops through a mask that hides the reads.
func (h *Heap) share(inv, comp Ref, added mark) (Ref, Ref) {
	if isScalar(comp) || inv == 0 {
		return inv, comp
	}
	if h.Equal(inv, comp) {
		h.release(added)
		return inv, inv
	}
	if !h.fillsIn(inv, comp) || comp.off() != added.mops {
		return inv, comp
	}
	copy(h.mopVal[inv.off():], h.mopVal[comp.off():])
	h.releaseMops(added)
	return inv | maskedBit, inv
}

// fillsIn reports whether comp is inv with some of its nil reads answered.
func (h *Heap) fillsIn(inv, comp Ref) bool {
	if inv.form() != refTxn || comp.form() != refTxn || inv.masked() || inv.count() != comp.count() {
		return false
	}
	for i := range inv.count() {
		a, b := h.MicroOp(inv, i), h.MicroOp(comp, i)
		if a.F != b.F || a.Key != b.Key {
			return false
		}
		if h.reads[a.F] {
			if a.Value != 0 {
				return false
			}
		} else if !h.Equal(a.Value, b.Value) {
			return false
		}
	}
	return true
}
