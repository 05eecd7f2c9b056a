package models

import (
	"fmt"

	"checker/history"
)

// MultiRegister is a map of registers under atomic transactions. An op is a
// txn whose value is a sequence of [read k v] and [write k v], also r and w.
// A read sees the writes before it in its own transaction.
//
// Recorded histories seldom say what their registers held at first. Where the
// initial value is nil, it is whatever the history needs: a read that comes
// before every write of its key settles it. An empty map makes it nil for sure.
func MultiRegister() Model {
	return Model{
		Name:          "multi-register",
		Summary:       "registers by key, read and written several at once by transactions",
		Functions:     []Function{{Name: "txn", Args: 1, Result: true}},
		Transactional: true,
		Settles:       true,
		Init:          initMultiRegister,
		Encode:        encodeMultiRegister,
		Step:          stepMultiRegister,
		Observes:      multiRegisterObserves,
		Parts: func(_ *Values, op Op, parts []Datum) ([]Datum, bool) {
			for i := 1; i < len(op.In); i += 3 {
				parts = append(parts, op.In[i])
			}
			return parts, true
		},
	}
}

// A transaction is encoded as triples of (kind, key, value), where the value of
// a read is its place in Out. A state is a tuple of the default value followed
// by pairs (key, value) for the keys that differ from it, in order of keys.
const (
	mopRead Datum = iota
	mopWrite
)

// anything stands for a value that nobody knows yet. The first op on such a key,
// if it is a read, settles what the key held at first.
const anything Datum = -1

func initMultiRegister(v *Values, initial history.Value) (Datum, error) {
	if initial.IsNil() {
		return v.Tuple([]Datum{anything}), nil
	}
	if initial.Kind() != history.KindMap {
		return v.Tuple([]Datum{v.Add(initial)}), nil
	}
	state := v.Tuple([]Datum{0})
	kvs := initial.Elems()
	for i := 0; i < len(kvs); i += 2 {
		state = setRegister(v, state, v.Add(kvs[i]), v.Add(kvs[i+1]))
	}
	return state, nil
}

func encodeMultiRegister(v *Values, f int, in, out history.Ref, known bool) (Op, error) {
	h, source := v.Heap(), in
	if known {
		source = out
	}
	if k := source.Kind(); !h.IsTxn(source) && (h.Len(source) > 0 || k != history.KindVector && k != history.KindList) {
		return Op{}, fmt.Errorf("%s is not a transaction of [read k v] and [write k v]", h.Value(source))
	}
	op := Op{F: f, Known: known, Pure: true}
	for i := range h.Len(source) {
		mop := h.MicroOp(source, i)
		key := v.Of(h.Key(mop.Key))
		switch name := h.FName(mop.F); name {
		case "r", "read":
			op.In = append(op.In, mopRead, key, Datum(len(op.Out)))
			if known {
				op.Out = append(op.Out, v.Of(mop.Value))
			}
		case "w", "write":
			op.Pure = false
			op.In = append(op.In, mopWrite, key, v.Of(mop.Value))
		default:
			return Op{}, fmt.Errorf("a multi-register has no micro-op %q", name)
		}
	}
	return op, nil
}

func stepMultiRegister(v *Values, state Datum, op Op) (Datum, bool) {
	for i := 0; i < len(op.In); i += 3 {
		kind, key, x := op.In[i], op.In[i+1], op.In[i+2]
		switch {
		case kind == mopWrite:
			state = setRegister(v, state, key, x)
		case !op.Known:
		case getRegister(v, state, key) == anything:
			state = setRegister(v, state, key, op.Out[x])
		case getRegister(v, state, key) != op.Out[x]:
			return state, false
		}
	}
	return state, true
}

// multiRegisterObserves: a write shows where its key reads as its value.
func multiRegisterObserves(_ *Values, seen, effect Op) bool {
	for i := 0; i < len(effect.In); i += 3 {
		if effect.In[i] != mopWrite {
			continue
		}
		for j := 0; j < len(seen.In); j += 3 {
			if seen.Known && seen.In[j] == mopRead && seen.In[j+1] == effect.In[i+1] && seen.Out[seen.In[j+2]] == effect.In[i+2] {
				return true
			}
		}
	}
	return false
}

func getRegister(v *Values, state, key Datum) Datum {
	cells := v.Elems(state)
	for i := 1; i < len(cells); i += 2 {
		if cells[i] == key {
			return cells[i+1]
		}
	}
	return cells[0]
}

func setRegister(v *Values, state, key, x Datum) Datum {
	cells := v.Elems(state)
	next := make([]Datum, 1, len(cells)+2)
	next[0] = cells[0]
	at := 1
	for ; at < len(cells) && cells[at] < key; at += 2 {
		next = append(next, cells[at], cells[at+1])
	}
	if x != cells[0] {
		next = append(next, key, x)
	}
	if at < len(cells) && cells[at] == key {
		at += 2
	}
	return v.Tuple(append(next, cells[at:]...))
}
