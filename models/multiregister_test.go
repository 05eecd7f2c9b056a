package models

import (
	"testing"

	"checker/history"
)

// TestUnknownInitialValueIsSettledByTheFirstRead steps reads of a register of
// which nothing is known: the first one settles it, the next has to agree.
func TestUnknownInitialValueIsSettledByTheFirstRead(t *testing.T) {
	read := func(n int64) history.Value {
		return history.Vector(history.Mop("read", history.Keyword("x"), history.Int(n)))
	}
	for _, test := range []struct {
		initial history.Value
		first   bool // whether a read of 7 may come first
	}{
		{history.Nil, true}, {history.Int(7), true}, {history.Int(0), false}, {history.Map(), false},
	} {
		m := MultiRegister()
		m.Initial = test.initial
		var heap history.Heap
		v := NewValues(&heap)
		op := func(n int64) Op {
			ref, err := heap.Add(read(n))
			if err != nil {
				t.Fatal(err)
			}
			o, err := m.Op(v, 0, ref, ref, true)
			if err != nil {
				t.Fatal(err)
			}
			return o
		}
		state, err := m.Start(v)
		if err != nil {
			t.Fatal(err)
		}
		next, ok := m.Step(v, state, op(7))
		if ok != test.first {
			t.Errorf("initial %v: a read of 7 comes first: %v, want %v", test.initial, ok, test.first)
		}
		if !ok {
			continue
		}
		if _, ok := m.Step(v, next, op(8)); ok {
			t.Errorf("initial %v: a read of 8 follows one of 7", test.initial)
		}
		if _, ok := m.Step(v, next, op(7)); !ok {
			t.Errorf("initial %v: a read of 7 cannot follow one of 7", test.initial)
		}
	}
}
