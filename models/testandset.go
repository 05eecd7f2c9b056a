package models

import (
	"fmt"

	"checker/history"
)

// The functions of a test-and-set, as Op.F counts them.
const (
	FlagSet = iota
	FlagReset
	FlagRead
)

// TestAndSet is a flag: test-and-set sets it and returns what it was, reset takes
// it down, read shows it.
func TestAndSet() Model {
	m := Model{
		Name:    "test-and-set",
		Type:    TypeTestAndSet,
		Summary: "a flag that is set by whoever finds it down",
		Functions: []Function{
			FlagSet:   {Name: "test-and-set", Result: true},
			FlagReset: {Name: "reset"},
			FlagRead:  {Name: "read", Result: true, Pure: true},
		},
		Initial: history.Bool(false),
		Init: func(_ *Values, initial history.Value) (Datum, error) {
			if initial.Kind() != history.KindBool {
				return 0, fmt.Errorf("a flag cannot be %s at first", initial)
			}
			return Datum(bit(initial.Bool())), nil
		},
		Step: func(_ *Values, state Datum, op Op) (Datum, bool) {
			switch {
			case op.F == FlagReset:
				return 0, true
			case op.Known && op.Out[0] != state:
				return state, false
			case op.F == FlagSet:
				return 1, true
			}
			return state, true
		},
		Anywhere: func(*Values, Datum, []Op) []Datum { return []Datum{0, 1} },
		Observes: func(_ *Values, seen, effect Op) bool {
			return seen.F != FlagReset && seen.Known && seen.Out[0] == 1-Datum(effect.F)
		},
		Overwrites: func(by, hidden Op) bool { return by.F == FlagReset && hidden.F == FlagReset },
	}
	m.Encode = func(v *Values, f int, _, out history.Ref, known bool) (Op, error) {
		op := Op{F: f, Known: known, Pure: f == FlagRead}
		if f == FlagReset || !known {
			return op, nil
		}
		if out.Kind() != history.KindBool {
			return op, fmt.Errorf("%s: the answer %s is not true or false", m.Functions[f].Name, v.Heap().Value(out))
		}
		op.Out = []Datum{Datum(bit(v.Heap().Value(out).Bool()))}
		return op, nil
	}
	return m
}
