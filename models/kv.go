package models

import (
	"fmt"
	"slices"
	"strings"

	"checker/history"
)

const (
	kvGet = iota
	kvPut
	kvAppend
)

// KV is a store of strings by key, each op a [key value]. A missing key reads
// as "" or nil.
func KV() Model {
	m := Model{
		Name:    "kv",
		Summary: "strings by key that are read, replaced and appended to",
		Functions: []Function{
			kvGet:    {Name: "get", Result: true, Pure: true},
			kvPut:    {Name: "put", Args: 1},
			kvAppend: {Name: "append", Args: 1},
		},
		Initial:    history.String(""),
		Keyed:      true,
		Step:       stepKV,
		Observes:   kvObserves,
		Merge:      mergeKV,
		Overwrites: func(by, hidden Op) bool { return by.F == kvPut && hidden.F != kvGet },
	}
	m.Encode = func(v *Values, f int, in, out history.Ref, known bool) (Op, error) {
		data := in
		if f == kvGet {
			data = out
		}
		if k := data.Kind(); k != history.KindString && k != history.KindNil {
			return Op{}, fmt.Errorf("%s: %s is not a string", m.Functions[f].Name, v.Heap().Value(data))
		}
		return m.plain(v, f, in, out, known)
	}
	return m
}

// lost is the state of a key whose string no get returned, and of which no get
// returned more.
const lost Datum = -1

func stepKV(v *Values, state Datum, op Op) (Datum, bool) {
	switch op.F {
	case kvGet:
		return state, state != lost && (op.Out[0] == state || op.Out[0] == 0 && v.Text(state) == "")
	case kvPut:
		return op.In[0], true
	default:
		if state == lost {
			return lost, true
		}
		return v.Concat(state, op.In[0]), true
	}
}

// mergeKV: a string that is the beginning of nothing that was read stays so until
// the next put.
func mergeKV(v *Values, ops []Op) func(Datum) Datum {
	var read []string
	for _, op := range ops {
		if op.F == kvGet && op.Known {
			read = append(read, v.Text(op.Out[0]))
		}
	}
	slices.Sort(read)
	return func(state Datum) Datum {
		if state == lost {
			return lost
		}
		text := v.Text(state)
		if at, _ := slices.BinarySearch(read, text); at < len(read) && strings.HasPrefix(read[at], text) {
			return state
		}
		return lost
	}
}

// kvObserves: until the next put, every get after a put or an append contains
// what it wrote.
func kvObserves(v *Values, seen, effect Op) bool {
	return seen.F == kvGet && strings.Contains(v.Text(seen.Out[0]), v.Text(effect.In[0]))
}
