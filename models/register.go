package models

import "slices"

// The functions of a register, as Op.F counts them.
const (
	RegisterRead = iota
	RegisterWrite
	RegisterCAS
)

// Register is a cell that is read and written.
func Register() Model {
	return Model{
		Name:    "register",
		Summary: "a cell that is read and written",
		Functions: []Function{
			RegisterRead:  {Name: "read", Result: true, Pure: true},
			RegisterWrite: {Name: "write", Args: 1},
		},
		Type:       TypeRegister,
		Anywhere:   anyValue,
		Step:       stepRegister,
		Observes:   registerObserves,
		Merge:      mergeRegister,
		Overwrites: func(by, hidden Op) bool { return by.F == RegisterWrite && hidden.F == RegisterWrite },
	}
}

// CASRegister is a register with compare-and-set. A cas [old new] that is ok
// found old and left new. One that failed found something else or did nothing;
// it tells nothing, as in Jepsen. A read of nil saw nil: it is not "unknown" as
// in Knossos.
func CASRegister() Model {
	m := Register()
	m.Name, m.Summary = "cas-register", "a cell that is read, written and compared-and-set"
	m.Functions = append(m.Functions, Function{Name: "cas", Args: 2})
	m.Ease = func(op Op) Op {
		if op.F == RegisterCAS {
			op.F, op.In = RegisterWrite, op.In[1:]
		}
		return op
	}
	return m
}

func stepRegister(_ *Values, state Datum, op Op) (Datum, bool) {
	switch op.F {
	case RegisterRead:
		return state, op.Out[0] == state
	case RegisterWrite:
		return op.In[0], true
	default:
		return op.In[1], op.In[0] == state
	}
}

// registerObserves: the effect of a write or cas shows in its new value only.
func registerObserves(_ *Values, seen, effect Op) bool {
	made := effect.In[len(effect.In)-1]
	switch seen.F {
	case RegisterRead:
		return seen.Out[0] == made
	case RegisterCAS:
		return seen.In[0] == made
	}
	return false
}

// anyValue returns the values that ops can tell apart, and one for all others.
func anyValue(_ *Values, _ Datum, ops []Op) []Datum {
	states := []Datum{unseen}
	for _, op := range ops {
		switch {
		case op.F == RegisterRead && op.Known:
			states = append(states, op.Out[0])
		case op.F == RegisterCAS:
			states = append(states, op.In[0])
		}
	}
	slices.Sort(states)
	return slices.Compact(states)
}

// unseen stands for all values of a register that no read returned and no cas
// expected.
const unseen Datum = -2

func mergeRegister(_ *Values, ops []Op) func(Datum) Datum {
	seen := map[Datum]bool{}
	for _, op := range ops {
		switch op.F {
		case RegisterRead:
			seen[op.Out[0]] = true
		case RegisterCAS:
			seen[op.In[0]] = true
		}
	}
	return func(state Datum) Datum {
		if seen[state] {
			return state
		}
		return unseen
	}
}
