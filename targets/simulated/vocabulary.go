package simulated

import (
	"fmt"

	"checker/history"
	"checker/targets/refdb"
)

// vocabulary translates the ops of a workload to commands of the database and
// results back.
type vocabulary struct {
	command func(op history.Op) (refdb.Command, error)
	value   func(op history.Op, r refdb.Result) history.Value
}

// vocabularies by workload. Registers have keys: read [k nil], write [k v], cas
// [k [old new]]. A set and a counter are one object: add v, read nil.
var vocabularies = map[string]vocabulary{
	"register":     {registerCommand, registerValue},
	"cas-register": {registerCommand, registerValue},
	"set":          {objectCommand(refdb.SetAdd, refdb.ReadSet), setValue},
	"counter":      {objectCommand(refdb.Add, refdb.ReadCounter), counterValue},
}

func unknown(op history.Op) error {
	return fmt.Errorf("the reference database has no op %s %s", op.F, op.Value)
}

func registerCommand(op history.Op) (refdb.Command, error) {
	k, v, isPair := op.Value.Pair()
	key, isInt := k.Int()
	if !isPair || !isInt {
		return refdb.Command{}, unknown(op)
	}
	switch op.F {
	case "read":
		return refdb.Command{Op: refdb.Read, Key: key}, nil
	case "write":
		if n, ok := v.Int(); ok {
			return refdb.Command{Op: refdb.Write, Key: key, A: n}, nil
		}
	case "cas":
		before, after, ok := v.Pair()
		a, okA := before.Int()
		b, okB := after.Int()
		if ok && okA && okB {
			return refdb.Command{Op: refdb.CAS, Key: key, A: a, B: b}, nil
		}
	}
	return refdb.Command{}, unknown(op)
}

func registerValue(op history.Op, r refdb.Result) history.Value {
	if op.F != "read" {
		return op.Value
	}
	key, _, _ := op.Value.Pair()
	if !r.Found {
		return history.Vector(key, history.Nil)
	}
	return history.Vector(key, history.Int(r.Value))
}

func objectCommand(add, read refdb.Op) func(history.Op) (refdb.Command, error) {
	return func(op history.Op) (refdb.Command, error) {
		switch op.F {
		case "read":
			return refdb.Command{Op: read}, nil
		case "add":
			if n, ok := op.Value.Int(); ok {
				return refdb.Command{Op: add, A: n}, nil
			}
		}
		return refdb.Command{}, unknown(op)
	}
}

func setValue(op history.Op, r refdb.Result) history.Value {
	if op.F != "read" {
		return op.Value
	}
	return history.Ints(r.Set...)
}

func counterValue(op history.Op, r refdb.Result) history.Value {
	if op.F != "read" {
		return op.Value
	}
	return history.Int(r.Value)
}
