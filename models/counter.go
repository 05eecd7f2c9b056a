package models

import (
	"fmt"

	"checker/history"
)

// The functions of a counter, as Op.F counts them.
const (
	CounterRead = iota
	CounterAdd
	CounterInc
	CounterDec
)

// Counter is a number that is added to and read. inc and dec without a value
// count by one. A fresh counter is 0.
func Counter() Model {
	return Model{
		Name:    "counter",
		Type:    TypeCounter,
		Summary: "a number that is added to and read",
		Functions: []Function{
			CounterRead: {Name: "read", Result: true, Pure: true},
			CounterAdd:  {Name: "add", Args: 1},
			CounterInc:  {Name: "inc", Args: 1},
			CounterDec:  {Name: "dec", Args: 1},
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
			if op.F == CounterRead {
				return state, op.Out[0] == state
			}
			return state + op.In[0], true
		},
		Observes: func(_ *Values, seen, effect Op) bool { return seen.F == CounterRead && effect.In[0] != 0 },
	}
}

// encodeCounter takes numbers as they are.
func encodeCounter(v *Values, f int, in, out history.Ref, known bool) (Op, error) {
	op := Op{F: f, Known: known, Pure: f == CounterRead}
	number := in
	switch {
	case f == CounterRead && !known:
		return op, nil
	case f == CounterRead:
		number = out
	case in.IsNil() && f != CounterAdd:
		op.In = []Datum{map[int]Datum{CounterInc: 1, CounterDec: -1}[f]}
		return op, nil
	}
	n, ok := v.Heap().Int(number)
	if !ok {
		return Op{}, fmt.Errorf("%s is not a whole number", v.Heap().Value(number))
	}
	switch f {
	case CounterRead:
		op.Out = []Datum{Datum(n)}
	case CounterDec:
		op.In = []Datum{Datum(-n)}
	default:
		op.In = []Datum{Datum(n)}
	}
	return op, nil
}
