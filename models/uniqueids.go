package models

import (
	"slices"

	"checker/history"
)

// UniqueIDs hands out ids, none of them twice.
func UniqueIDs() Model {
	return Model{
		Name:      "unique-ids",
		Type:      TypeUniqueIDs,
		Summary:   "a generator that hands out no id twice",
		Functions: []Function{{Name: "generate", Result: true}},
		Init:      func(v *Values, _ history.Value) (Datum, error) { return v.Tuple(nil), nil },
		Step: func(v *Values, state Datum, op Op) (Datum, bool) {
			if !op.Known {
				return state, true // its id is one that nobody else got
			}
			ids := v.Elems(state)
			at, again := slices.BinarySearch(ids, op.Out[0])
			if again {
				return state, false
			}
			return v.Tuple(slices.Insert(slices.Clone(ids), at, op.Out[0])), true
		},
		Observes: func(_ *Values, seen, effect Op) bool {
			return seen.Known && effect.Known && seen.Out[0] == effect.Out[0]
		},
		Merge: func(v *Values, ops []Op) func(Datum) Datum {
			count := map[Datum]int{}
			for _, op := range ops {
				if op.Known {
					count[op.Out[0]]++
				}
			}
			return func(state Datum) Datum {
				return v.Tuple(slices.DeleteFunc(slices.Clone(v.Elems(state)), func(id Datum) bool { return count[id] < 2 }))
			}
		},
	}
}
