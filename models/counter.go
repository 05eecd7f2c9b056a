package models

import (
	"fmt"

	"checker/history"
)

const (
	counterRead = iota
	counterAdd
	counterInc
	counterDec
)

// Counter is a number that is added to and read. inc and dec without a value
// count by one. A fresh counter is 0.
func Counter() Model {
	return Model{
		Name:    "counter",
		Summary: "a number that is added to and read",
		Functions: []Function{
			counterRead: {Name: "read", Result: true, Pure: true},
			counterAdd:  {Name: "add", Args: 1},
			counterInc:  {Name: "inc", Args: 1},
			counterDec:  {Name: "dec", Args: 1},
		},
		Initial: history.Int(0),
		Init: func(_ *Values, initial history.Value) (Datum, error) {
			n, ok := initial.Int()
			if !ok {
				return 0, fmt.Errorf("a counter cannot start at %s", initial)
			}
			return Datum(n), nil
		},
		Encode: encodeCounter,
		Step: func(_ *Values, state Datum, op Op) (Datum, bool) {
			if op.F == counterRead {
				return state, op.Out[0] == state
			}
			return state + op.In[0], true
		},
		Observes: func(_ *Values, seen, effect Op) bool { return seen.F == counterRead && effect.In[0] != 0 },
	}
}

// encodeCounter takes numbers as they are.
func encodeCounter(v *Values, f int, in, out history.Ref, known bool) (Op, error) {
	op := Op{F: f, Known: known, Pure: f == counterRead}
	number := in
	switch {
	case f == counterRead && !known:
		return op, nil
	case f == counterRead:
		number = out
	case in.IsNil() && f != counterAdd:
		op.In = []Datum{map[int]Datum{counterInc: 1, counterDec: -1}[f]}
		return op, nil
	}
	n, ok := v.Heap().Int(number)
	if !ok {
		return Op{}, fmt.Errorf("%s is not a whole number", v.Heap().Value(number))
	}
	switch f {
	case counterRead:
		op.Out = []Datum{Datum(n)}
	case counterDec:
		op.In = []Datum{Datum(-n)}
	default:
		op.In = []Datum{Datum(n)}
	}
	return op, nil
}
