package simulated

import (
	"fmt"
	"slices"

	"checker/history"
	"checker/targets/refdb"
)

// vocabulary translates the ops of a workload to commands of the database and
// results back.
type vocabulary struct {
	command func(op history.Op) (refdb.Command, error)
	value   func(op history.Op, r refdb.Result) history.Value
}

// vocabularies by workload. Registers, locks and growing numbers have keys: read
// [k nil], write [k v], cas [k [old new]]. A set, a counter, a queue and a generator
// of ids are one object: add v, read nil.
var vocabularies = map[string]vocabulary{
	"register":     {registerCommand, registerValue},
	"cas-register": {registerCommand, registerValue},
	"set":          {objectCommand(refdb.SetAdd, refdb.ReadSet), setValue},
	"counter":      {objectCommand(refdb.Add, refdb.ReadCounter), counterValue},
	"lock":         {lockCommand(refdb.Acquire), keyedValue("acquire")},
	"leased-lock":  {lockCommand(refdb.Lease), leaseValue},
	"fenced-lock":  {lockCommand(refdb.Seize), keyedValue("acquire")},
	"queue":        {queueCommand, plainValue("dequeue")},
	"unique-ids":   {idCommand, plainValue("generate")},
	"monotonic":    {growingCommand, keyedValue("inc", "read")},
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

// lockCommand acquires locks as it is told. The owner of a lock is the process.
func lockCommand(acquire refdb.Op) func(history.Op) (refdb.Command, error) {
	return func(op history.Op) (refdb.Command, error) {
		k, v, isPair := op.Value.Pair()
		key, isInt := k.Int()
		if !isPair || !isInt {
			return refdb.Command{}, unknown(op)
		}
		switch op.F {
		case "acquire":
			return refdb.Command{Op: acquire, Key: key, A: int64(op.Process)}, nil
		case "release":
			return refdb.Command{Op: refdb.Release, Key: key, A: int64(op.Process)}, nil
		case "refresh":
			return refdb.Command{Op: refdb.Refresh, Key: key, A: int64(op.Process)}, nil
		case "write":
			token, value, ok := v.Pair()
			a, okA := token.Int()
			b, okB := value.Int()
			if ok && okA && okB {
				return refdb.Command{Op: refdb.Guard, Key: key, A: a, B: b}, nil
			}
		}
		return refdb.Command{}, unknown(op)
	}
}

// leaseValue answers with [k lease], in ms, what is granted a lease.
func leaseValue(op history.Op, _ refdb.Result) history.Value {
	if op.F == "release" {
		return op.Value
	}
	key, _, _ := op.Value.Pair()
	return history.Vector(key, history.Int(refdb.LockLease.Milliseconds()))
}

func queueCommand(op history.Op) (refdb.Command, error) {
	switch op.F {
	case "dequeue":
		return refdb.Command{Op: refdb.Dequeue}, nil
	case "enqueue":
		if n, ok := op.Value.Int(); ok {
			return refdb.Command{Op: refdb.Enqueue, A: n}, nil
		}
	}
	return refdb.Command{}, unknown(op)
}

// idCommand counts: each number that a counter reaches is an id.
func idCommand(op history.Op) (refdb.Command, error) {
	if op.F == "generate" {
		return refdb.Command{Op: refdb.Add, A: 1}, nil
	}
	return refdb.Command{}, unknown(op)
}

func growingCommand(op history.Op) (refdb.Command, error) {
	k, _, isPair := op.Value.Pair()
	key, isInt := k.Int()
	switch {
	case !isPair || !isInt:
	case op.F == "inc":
		return refdb.Command{Op: refdb.Add, Key: key, A: 1}, nil
	case op.F == "read":
		return refdb.Command{Op: refdb.ReadCounter, Key: key}, nil
	}
	return refdb.Command{}, unknown(op)
}

// keyedValue answers ops of some functions with [k v], and others with their own value.
func keyedValue(functions ...string) func(history.Op, refdb.Result) history.Value {
	return func(op history.Op, r refdb.Result) history.Value {
		if !slices.Contains(functions, op.F) {
			return op.Value
		}
		key, _, _ := op.Value.Pair()
		return history.Vector(key, history.Int(r.Value))
	}
}

// plainValue answers ops of one function with v, and others with their own value.
func plainValue(f string) func(history.Op, refdb.Result) history.Value {
	return func(op history.Op, r refdb.Result) history.Value {
		if op.F != f {
			return op.Value
		}
		return history.Int(r.Value)
	}
}
