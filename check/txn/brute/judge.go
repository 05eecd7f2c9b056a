package brute

import "fmt"

// Answer is what the oracle knows of a history and a consistency model.
type Answer uint8

// A model holds, is broken, or its definition does not apply: Adya's levels say
// nothing of a transaction that does not see its own writes.
const (
	Holds Answer = iota
	Broken
	Undefined
)

func (a Answer) String() string { return [...]string{"holds", "broken", "undefined"}[a] }

// definition judges what has committed.
type definition struct {
	model   string
	explain func(committed []Txn) bool
	ownSeen bool // applies only where transactions see their own writes
}

var definitions = []definition{
	{model: "serializable", explain: func(c []Txn) bool { return serial(c, none) }},
	{model: "strong-session-serializable", explain: func(c []Txn) bool { return serial(c, session) }},
	{model: "strict-serializable", explain: func(c []Txn) bool { return serial(c, both) }},
	{model: "snapshot-isolation", explain: func(c []Txn) bool { return snapshots(c, none) }},
	{model: "strong-session-snapshot-isolation", explain: func(c []Txn) bool { return snapshots(c, session) }},
	{model: "strong-snapshot-isolation", explain: func(c []Txn) bool { return snapshots(c, both) }},
	{model: "parallel-snapshot-isolation", explain: axioms{transitive: true, noConflict: true, before: none}.explain},
	{model: "prefix", explain: axioms{prefix: true, before: none}.explain},
	{model: "causal-transactions", explain: axioms{transitive: true, before: none}.explain},
	{model: "update-atomic", explain: axioms{noConflict: true, before: none}.explain},
	{model: "read-atomic", explain: axioms{before: none}.explain},
	{model: "axiomatic-read-committed", explain: commitAxiom(axiomaticReadCommitted).explain},
	{model: "axiomatic-read-atomic", explain: commitAxiom(axiomaticReadAtomic).explain},
	{model: "causal-convergence", explain: commitAxiom(causalConvergence).explain},
	{model: "repeatable-read", explain: level(repeatableRead).explain, ownSeen: true},
	{model: "update-serializable", explain: level(updateSerializable).explain, ownSeen: true},
	{model: "consistent-view", explain: level(consistentView).explain, ownSeen: true},
	{model: "read-committed", explain: level(readCommitted).explain, ownSeen: true},
}

// Models names the models that the oracle can judge, as models/consistency does,
// from strong to weak within each family of definitions.
func Models() []string {
	names := make([]string, len(definitions))
	for i, d := range definitions {
		names[i] = d.model
	}
	return names
}

// MostTxns is how many transactions a history may have.
const MostTxns = 6

// Judge says whether a history satisfies a model. It panics on a model that
// Models does not name and on more than MostTxns transactions.
func Judge(h History, model string) Answer {
	if len(h) > MostTxns {
		panic(fmt.Sprintf("brute: %d transactions, at most %d", len(h), MostTxns))
	}
	for _, d := range definitions {
		if d.model == model {
			return d.judge(h)
		}
	}
	panic("brute: no definition of " + model)
}

func (d definition) judge(h History) Answer {
	if d.ownSeen {
		for _, t := range h {
			if _, sawOwn := external(t); !sawOwn {
				return Undefined
			}
		}
	}
	if anySubset(h, d.explain) {
		return Holds
	}
	return Broken
}
