package models

import (
	"fmt"

	"checker/history"
)

// The functions of locks, as Op.F counts them.
const (
	LockAcquire = iota
	LockRelease
)

func lockFunctions() []Function { return []Function{{Name: "acquire"}, {Name: "release"}} }

// Mutex is a lock that anybody may release, as Knossos has it.
func Mutex() Model {
	return Model{
		Name:      "mutex",
		Type:      TypeMutex,
		Summary:   "a lock that one acquires and anybody releases",
		Functions: lockFunctions(),
		Init:      freeLock,
		Step: func(_ *Values, state Datum, op Op) (Datum, bool) {
			return 1 - state, state == Datum(op.F)
		},
		Anywhere: func(*Values, Datum, []Op) []Datum { return []Datum{0, 1} },
		Observes: lockObserves,
	}
}

// OwnedMutex is a lock that only the process that holds it releases.
func OwnedMutex() Model {
	m := Mutex()
	m.Name, m.Summary, m.Owned = "owned-mutex", "a lock that only its holder releases", true
	m.Type, m.Anywhere = TypeOwnedMutex, nil
	m.Step = func(_ *Values, state Datum, op Op) (Datum, bool) {
		if op.F == LockAcquire {
			return op.By + 1, state == 0
		}
		return 0, state == op.By+1
	}
	return m
}

// ReentrantMutex is a lock that its holder may acquire again and must release as
// often.
func ReentrantMutex() Model {
	m := Mutex()
	m.Name, m.Summary, m.Owned = "reentrant-mutex", "a lock that its holder may acquire again and releases as often", true
	m.Type, m.Anywhere = TypeReentrantMutex, nil
	m.Init = func(v *Values, _ history.Value) (Datum, error) { return v.Tuple([]Datum{0, 0}), nil }
	m.Step = func(v *Values, state Datum, op Op) (Datum, bool) {
		holder, times := v.Elems(state)[0], v.Elems(state)[1]
		switch {
		case op.F == LockAcquire && (times == 0 || holder == op.By):
			return v.Tuple([]Datum{op.By, times + 1}), true
		case op.F == LockRelease && times == 1 && holder == op.By:
			return v.Tuple([]Datum{0, 0}), true
		case op.F == LockRelease && times > 1 && holder == op.By:
			return v.Tuple([]Datum{op.By, times - 1}), true
		}
		return state, false
	}
	return m
}

// Semaphore is a number of permits, 1 unless the initial value says otherwise.
// None is released that was not acquired.
func Semaphore() Model {
	m := Mutex()
	m.Name, m.Summary, m.Initial = "semaphore", "permits that are acquired and released", history.Int(1)
	m.Type = TypeSemaphore
	// A state is how many permits there are, times this, and how many are taken.
	const all = 1 << 20
	m.Init = func(_ *Values, initial history.Value) (Datum, error) {
		n, ok := initial.Int()
		if !ok || n < 1 || n >= all {
			return 0, fmt.Errorf("a semaphore cannot have %s permits", initial)
		}
		return Datum(n * all), nil
	}
	m.Anywhere = func(_ *Values, start Datum, _ []Op) []Datum {
		states := make([]Datum, start/all+1)
		for i := range states {
			states[i] = start + Datum(i)
		}
		return states
	}
	m.Step = func(_ *Values, state Datum, op Op) (Datum, bool) {
		taken := state % all
		if op.F == LockAcquire {
			return state + 1, taken < state/all
		}
		return state - 1, taken > 0
	}
	return m
}

// FencedLock is a lock whose holder gets a token, a number larger than any
// before, to prove itself by. Only the holder releases it.
func FencedLock() Model {
	m := OwnedMutex()
	m.Name, m.Summary = "fenced-lock", "a lock that hands out ever larger tokens"
	m.Type = TypeFencedLock
	m.Functions = []Function{{Name: "acquire", Result: true}, {Name: "release"}}
	m.Init = func(v *Values, _ history.Value) (Datum, error) { return v.Tuple([]Datum{0, -1 << 62}), nil }
	m.Encode = func(v *Values, f int, _, out history.Ref, known bool) (Op, error) {
		op := Op{F: f, Known: known}
		if f == LockAcquire && known {
			token, ok := v.Heap().Int(out)
			if !ok {
				return Op{}, fmt.Errorf("acquire: the token %s is not a whole number", v.Heap().Value(out))
			}
			op.Out = []Datum{Datum(token)}
		}
		return op, nil
	}
	m.Step = func(v *Values, state Datum, op Op) (Datum, bool) {
		holder, token := v.Elems(state)[0], v.Elems(state)[1]
		if op.F == LockRelease {
			return v.Tuple([]Datum{0, token}), holder == op.By+1
		}
		next := token + 1 // at least, where nobody saw it
		if op.Known {
			next = op.Out[0]
		}
		return v.Tuple([]Datum{op.By + 1, next}), holder == 0 && next > token
	}
	return m
}

func freeLock(*Values, history.Value) (Datum, error) { return 0, nil }

// lockObserves: without a release the next acquire fails, and without an acquire
// the next release.
func lockObserves(_ *Values, seen, effect Op) bool { return seen.F != effect.F }
