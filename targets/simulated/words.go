package simulated

import (
	"fmt"

	"checker/history"
	"checker/targets"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// Words is the reference database as a target that can also say what the ops of a
// workload mean to it.
type Words interface {
	targets.Target
	// Command translates an op of a workload.
	Command(workload string, op history.Op) (refdb.Command, error)
	// Value is the value of the completion of an op.
	Value(workload string, op history.Op, r refdb.Result) history.Value
	// Transactional tells the workloads that run over shards.
	Transactional(workload string) bool
	// Transactions translates an op of such a workload to transactions, one after the
	// other, mostly one.
	Transactions(workload string, op history.Op) ([][]sharded.Op, error)
	// Results is the value of the completion of such an op, from the results of all
	// micro-ops.
	Results(workload string, op history.Op, results [][]int64) history.Value
}

// Command translates an op of a workload.
func (refDB) Command(workload string, op history.Op) (refdb.Command, error) {
	v, ok := vocabularies[workload]
	if !ok {
		return refdb.Command{}, fmt.Errorf("a single group does not run the workload %s", workload)
	}
	return v.command(op)
}

// Value is the value of the completion of an op.
func (refDB) Value(workload string, op history.Op, r refdb.Result) history.Value {
	return vocabularies[workload].value(op, r)
}

// Transactional tells the workloads that run over shards.
func (refDB) Transactional(workload string) bool { return isTransactional(workload) }

// Transactions translates an op of a workload that runs over shards.
func (refDB) Transactions(workload string, op history.Op) ([][]sharded.Op, error) {
	words := txnVocabularies[workload]
	ops, err := words.ops(op)
	if err != nil || !words.apart {
		return [][]sharded.Op{ops}, err
	}
	var each [][]sharded.Op
	for i := range ops {
		each = append(each, ops[i:i+1])
	}
	return each, nil
}

// Results is the value of the completion of such an op.
func (refDB) Results(workload string, op history.Op, results [][]int64) history.Value {
	return txnVocabularies[workload].value(op, results)
}
