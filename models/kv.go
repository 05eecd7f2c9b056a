package models

import (
	"fmt"
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
		Initial:  history.String(""),
		Keyed:    true,
		Step:     stepKV,
		Observes: kvObserves,
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

func stepKV(v *Values, state Datum, op Op) (Datum, bool) {
	switch op.F {
	case kvGet:
		return state, op.Out[0] == state || op.Out[0] == 0 && v.Text(state) == ""
	case kvPut:
		return op.In[0], true
	default:
		return v.Concat(state, op.In[0]), true
	}
}

// kvObserves: until the next put, every get after a put or an append contains
// what it wrote.
func kvObserves(v *Values, seen, effect Op) bool {
	return seen.F == kvGet && strings.Contains(v.Text(seen.Out[0]), v.Text(effect.In[0]))
}
