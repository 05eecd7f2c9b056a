package models

import (
	"fmt"
	"slices"

	"checker/history"
)

// The functions of a log, as Op.F counts them.
const (
	LogAppend = iota
	LogRead
)

// Log is a list that grows at its end and is read whole.
func Log() Model {
	m := Model{
		Name:      "log",
		Type:      TypeLog,
		Summary:   "a list that is appended to and read whole",
		Functions: []Function{{Name: "append", Args: 1}, {Name: "read", Result: true, Pure: true}},
		Init: func(v *Values, initial history.Value) (Datum, error) {
			var elems []Datum
			for _, e := range initial.Elems() {
				elems = append(elems, v.Add(e))
			}
			return v.Tuple(elems), nil
		},
		Step: func(v *Values, state Datum, op Op) (Datum, bool) {
			switch {
			case op.F == LogRead:
				return state, op.Out[0] == state
			case state == lost:
				return lost, true
			}
			return v.Tuple(append(slices.Clone(v.Elems(state)), op.In[0])), true
		},
		Observes: func(v *Values, seen, effect Op) bool {
			return seen.F == LogRead && slices.Contains(v.Elems(seen.Out[0]), effect.In[0])
		},
		Merge: mergeLog,
	}
	m.Encode = func(v *Values, f int, in, out history.Ref, known bool) (Op, error) {
		if f == LogAppend {
			return m.plain(v, f, in, out, known)
		}
		op := Op{F: f, Known: known, Pure: true}
		if !known {
			return op, nil
		}
		elems, err := collection(v, out)
		op.Out = []Datum{v.Tuple(elems)}
		return op, err
	}
	return m
}

// collection returns the elements of a vector or list; nil has none.
func collection(v *Values, x history.Ref) ([]Datum, error) {
	switch x.Kind() {
	case history.KindVector, history.KindList, history.KindNil:
	default:
		return nil, fmt.Errorf("read: %s is not a list of elements", v.Heap().Value(x))
	}
	if v.Heap().IsTxn(x) {
		return nil, fmt.Errorf("read: %s is a transaction, not a list of elements", v.Heap().Value(x))
	}
	elems := make([]Datum, v.Heap().Len(x))
	for i := range elems {
		elems[i] = v.Of(v.Heap().Elem(x, i))
	}
	return elems, nil
}

// mergeLog: what is the beginning of nothing that was read never will be again.
func mergeLog(v *Values, ops []Op) func(Datum) Datum {
	var read [][]Datum
	for _, op := range ops {
		if op.F == LogRead && op.Known {
			read = append(read, v.Elems(op.Out[0]))
		}
	}
	slices.SortFunc(read, slices.Compare)
	return func(state Datum) Datum {
		if state == lost {
			return lost
		}
		elems := v.Elems(state)
		at, _ := slices.BinarySearchFunc(read, elems, slices.Compare)
		if at < len(read) && len(read[at]) >= len(elems) && slices.Equal(read[at][:len(elems)], elems) {
			return state
		}
		return lost
	}
}
