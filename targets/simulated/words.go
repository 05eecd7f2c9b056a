package simulated

import (
	"fmt"

	"checker/history"
	"checker/targets"
	"checker/targets/refdb"
)

// Words is the reference database as a target that can also say what the ops of a
// workload mean to it.
type Words interface {
	targets.Target
	// Command translates an op of a workload.
	Command(workload string, op history.Op) (refdb.Command, error)
	// Value is the value of the completion of an op.
	Value(workload string, op history.Op, r refdb.Result) history.Value
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
