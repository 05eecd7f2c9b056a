package simulated

import (
	"checker/history"
	"checker/targets/refdb/sharded"
)

// txnWords translates the ops of a workload to transactions and results back.
type txnWords struct {
	ops   func(op history.Op) ([]sharded.Op, error)
	apart bool // each micro-op is a transaction of its own, one after the other
	value func(op history.Op, results [][]int64) history.Value
}

// txnVocabularies by workload that runs over shards.
var txnVocabularies = map[string]txnWords{
	"append":         {ops: microOps, value: microResults(listValue)},
	"bank":           {ops: bankOps, value: bankValue},
	"transfer":       {ops: microOps, value: microResults(listValue)},
	"wr":             {ops: microOps, value: microResults(registerOf)},
	"long-fork":      {ops: microOps, value: microResults(registerOf)},
	"write-skew":     {ops: microOps, value: microResults(registerOf)},
	"lost-update":    {ops: microOps, value: microResults(registerOf)},
	"causal":         {ops: causalOps, value: causalValue},
	"causal-reverse": {ops: shelfOps, value: shelfValue},
	"sequential":     {ops: subkeyOps, value: subkeyValue, apart: true},
}

// microOps reads a transaction as Elle writes it: [[:r 1 nil] [:append 1 5] [:w 2 7]].
func microOps(op history.Op) ([]sharded.Op, error) {
	mops := op.Value.Elems()
	ops := make([]sharded.Op, 0, len(mops))
	for _, m := range mops {
		parts := m.Elems()
		if len(parts) != 3 {
			return nil, unknown(op)
		}
		key, isKey := parts[1].Int()
		a, isNumber := parts[2].Int()
		kind := map[string]sharded.OpKind{"r": sharded.Read, "w": sharded.Write, "append": sharded.Append}[parts[0].Text()]
		if !isKey || kind == 0 || kind != sharded.Read && !isNumber {
			return nil, unknown(op)
		}
		ops = append(ops, sharded.Op{Kind: kind, Key: key, A: a})
	}
	return ops, nil
}

// microResults fills in what was read.
func microResults(read func([]int64) history.Value) func(history.Op, [][]int64) history.Value {
	return func(op history.Op, results [][]int64) history.Value {
		mops := op.Value.Elems()
		filled := make([]history.Value, len(mops))
		for i, m := range mops {
			filled[i] = m
			if parts := m.Elems(); parts[0].Text() == "r" {
				filled[i] = history.Vector(parts[0], parts[1], read(results[i]))
			}
		}
		return history.Vector(filled...)
	}
}

// listValue is a list that was read.
func listValue(list []int64) history.Value { return history.Ints(list...) }

// registerOf is a register that was read: a list of one, or nil.
func registerOf(list []int64) history.Value {
	if len(list) == 0 {
		return history.Nil
	}
	return history.Int(list[0])
}
