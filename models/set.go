package models

import (
	"fmt"
	"slices"

	"checker/history"
)

// The functions of a set, as Op.F counts them.
const (
	SetAdd = iota
	SetRemove
	SetContains
	SetRead
)

// Set is a set of elements. contains takes [element true|false] or, as a
// completion, only the answer. read returns all elements as a vector, list or
// set, in any order; a read with an element twice fits no state.
func Set() Model {
	m := Model{
		Name:    "set",
		Type:    TypeSet,
		Summary: "elements that are added, removed, asked for and read as a whole",
		Functions: []Function{
			SetAdd:      {Name: "add", Args: 1},
			SetRemove:   {Name: "remove", Args: 1},
			SetContains: {Name: "contains", Args: 1, Result: true, Pure: true},
			SetRead:     {Name: "read", Result: true, Pure: true},
		},
		Init:     initSet,
		Step:     stepSet,
		Observes: setObserves,
		Overwrites: func(by, hidden Op) bool {
			return by.F <= SetRemove && hidden.F <= SetRemove && by.In[0] == hidden.In[0]
		},
		Parts: func(_ *Values, op Op, parts []Datum) ([]Datum, bool) {
			if op.F == SetRead {
				return parts, false
			}
			return append(parts, op.In[0]), true
		},
	}
	m.Encode = func(v *Values, f int, in, out history.Ref, known bool) (Op, error) {
		switch f {
		case SetContains:
			return encodeContains(v, in, out, known)
		case SetRead:
			return encodeSetRead(v, out, known)
		}
		return m.plain(v, f, in, out, known)
	}
	return m
}

func initSet(v *Values, initial history.Value) (Datum, error) {
	elems := make([]Datum, 0, len(initial.Elems()))
	for _, e := range initial.Elems() {
		elems = append(elems, v.Add(e))
	}
	slices.Sort(elems)
	return v.Tuple(slices.Compact(elems)), nil
}

func encodeContains(v *Values, in, out history.Ref, known bool) (Op, error) {
	op := Op{F: SetContains, Known: known, Pure: true, In: []Datum{v.Of(in)}}
	if !known {
		return op, nil
	}
	if e, answer, ok := v.Heap().Pair(out); ok {
		op.In[0], out = v.Of(e), answer
	}
	if out.Kind() != history.KindBool {
		return Op{}, fmt.Errorf("contains: the answer %s is not true or false", v.Heap().Value(out))
	}
	op.Out = []Datum{v.Of(out)}
	return op, nil
}

func encodeSetRead(v *Values, out history.Ref, known bool) (Op, error) {
	op := Op{F: SetRead, Known: known, Pure: true}
	if !known {
		return op, nil
	}
	switch out.Kind() {
	case history.KindVector, history.KindList, history.KindSet, history.KindNil:
	default:
		return Op{}, fmt.Errorf("read: %s is not a collection of elements", v.Heap().Value(out))
	}
	if v.Heap().IsTxn(out) {
		return Op{}, fmt.Errorf("read: %s is a transaction, not a collection of elements", v.Heap().Value(out))
	}
	elems := make([]Datum, v.Heap().Len(out))
	for i := range elems {
		elems[i] = v.Of(v.Heap().Elem(out, i))
	}
	slices.Sort(elems)
	op.Out = []Datum{v.Tuple(elems)}
	return op, nil
}

func stepSet(v *Values, state Datum, op Op) (Datum, bool) {
	if op.F == SetRead {
		return state, op.Out[0] == state
	}
	elems := v.Elems(state)
	at, in := slices.BinarySearch(elems, op.In[0])
	switch {
	case op.F == SetContains:
		return state, v.Value(op.Out[0]).Bool() == in
	case op.F == SetAdd && !in:
		return v.Tuple(slices.Insert(slices.Clone(elems), at, op.In[0])), true
	case op.F == SetRemove && in:
		return v.Tuple(slices.Delete(slices.Clone(elems), at, at+1)), true
	}
	return state, true
}

// setObserves: an add shows where its element is seen, a remove where the
// element is not seen.
func setObserves(v *Values, seen, effect Op) bool {
	present := effect.F == SetAdd
	switch seen.F {
	case SetContains:
		return seen.In[0] == effect.In[0] && v.Value(seen.Out[0]).Bool() == present
	case SetRead:
		_, in := slices.BinarySearch(v.Elems(seen.Out[0]), effect.In[0])
		return in == present
	}
	return false
}
