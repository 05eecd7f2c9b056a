package simulated

import (
	"checker/history"
	"checker/targets"
	"checker/targets/refdb/sharded"
)

// causalOps reads an op on one register: read [k nil] or write [k v].
func causalOps(op history.Op) ([]sharded.Op, error) {
	key, n, ok := keyAndNumber(op)
	switch {
	case ok && op.F == "read":
		return []sharded.Op{{Kind: sharded.Read, Key: key}}, nil
	case ok && op.F == "write":
		return []sharded.Op{{Kind: sharded.Write, Key: key, A: n}}, nil
	}
	return nil, unknown(op)
}

// causalValue is [k v].
func causalValue(op history.Op, results [][]int64) history.Value {
	if op.F != "read" {
		return op.Value
	}
	key, _, _ := op.Value.Pair()
	return history.Vector(key, registerOf(results[0]))
}

// keyAndNumber reads [k v]; v is 0 where it is nil.
func keyAndNumber(op history.Op) (key, n int64, ok bool) {
	k, v, isPair := op.Value.Pair()
	key, isKey := k.Int()
	n, isNumber := v.Int()
	return key, n, isPair && isKey && (isNumber || op.F == "read")
}

// shelfParts is over how many keys a collection is spread, so that it lies on several shards.
const shelfParts = 4

// shelfOps reads an op on a collection: write [k v] adds to one part, read [k nil] takes all.
func shelfOps(op history.Op) ([]sharded.Op, error) {
	key, n, ok := keyAndNumber(op)
	switch {
	case ok && op.F == "read":
		ops := make([]sharded.Op, shelfParts)
		for i := range ops {
			ops[i] = sharded.Op{Kind: sharded.Read, Key: key*shelfParts + int64(i)}
		}
		return ops, nil
	case ok && op.F == "write" && n >= 0:
		return []sharded.Op{{Kind: sharded.Append, Key: key*shelfParts + n%shelfParts, A: n}}, nil
	}
	return nil, unknown(op)
}

// shelfValue is [k [v …]], part by part.
func shelfValue(op history.Op, results [][]int64) history.Value {
	if op.F != "read" {
		return op.Value
	}
	key, _, _ := op.Value.Pair()
	var all []int64
	for _, part := range results {
		all = append(all, part...)
	}
	return history.Vector(key, history.Ints(all...))
}

// subkeyOps reads an op on all subkeys of a key: writes go upward, reads downward.
func subkeyOps(op history.Op) ([]sharded.Op, error) {
	key, ok := op.Value.Int()
	if !ok || op.F != "read" && op.F != "write" {
		return nil, unknown(op)
	}
	ops := make([]sharded.Op, targets.Subkeys)
	for i := range ops {
		up := int64(i)
		down := targets.Subkeys - 1 - up
		if op.F == "read" {
			ops[i] = sharded.Op{Kind: sharded.Read, Key: key*targets.Subkeys + down}
		} else {
			ops[i] = sharded.Op{Kind: sharded.Write, Key: key*targets.Subkeys + up, A: up}
		}
	}
	return ops, nil
}

// subkeyValue is [k [v …]], the last subkey first.
func subkeyValue(op history.Op, results [][]int64) history.Value {
	if op.F != "read" {
		return op.Value
	}
	values := make([]history.Value, len(results))
	for i, r := range results {
		values[i] = registerOf(r)
	}
	return history.Vector(op.Value, history.Vector(values...))
}
