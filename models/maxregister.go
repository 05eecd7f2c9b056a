package models

import (
	"fmt"

	"checker/history"
)

// The functions of a max-register, as Op.F counts them.
const (
	MaxRead = iota
	MaxWrite
)

// MaxRegister keeps the largest number that was written to it; a fresh one
// reads as nil unless the initial value is a number.
func MaxRegister() Model {
	m := Model{
		Name:      "max-register",
		Type:      TypeMaxRegister,
		Summary:   "a cell that keeps the largest number written",
		Functions: []Function{{Name: "read", Result: true, Pure: true}, {Name: "write", Args: 1}},
		Step: func(_ *Values, state Datum, op Op) (Datum, bool) {
			if op.F == MaxRead {
				return state, op.Out[0] == state
			}
			return max(state, op.In[0]), true
		},
		Observes:   func(_ *Values, seen, effect Op) bool { return seen.F == MaxRead && seen.Out[0] == effect.In[0] },
		Overwrites: func(by, hidden Op) bool { return by.F == MaxWrite && hidden.F == MaxWrite && hidden.In[0] <= by.In[0] },
	}
	number := func(x history.Value) (Datum, error) {
		n, ok := x.Int()
		switch {
		case x.IsNil():
			return leastNumber, nil
		case !ok || n <= int64(leastNumber):
			return 0, fmt.Errorf("%s is not a number for a max-register", x)
		}
		return Datum(n), nil
	}
	m.Init = func(_ *Values, initial history.Value) (Datum, error) { return number(initial) }
	m.Encode = func(v *Values, f int, in, out history.Ref, known bool) (op Op, err error) {
		op = Op{F: f, Known: known, Pure: f == MaxRead}
		switch {
		case f == MaxWrite && in.IsNil():
			return op, fmt.Errorf("nil is not a number for a max-register")
		case f == MaxWrite:
			op.In = make([]Datum, 1)
			op.In[0], err = number(v.Heap().Value(in))
		case known:
			op.Out = make([]Datum, 1)
			op.Out[0], err = number(v.Heap().Value(out))
		}
		return op, err
	}
	return m
}

// leastNumber stands for nil, which is less than every number.
const leastNumber Datum = -1 << 63
