// Package models holds executable sequential specifications: what each
// operation of a register, a set, a counter… does when operations happen one at
// a time. A checker asks of a concurrent history whether some order of its ops,
// or none, is what the model would have done.
//
// A [Model] is a small value: a name, the functions that its ops may have, an
// initial value and one Step. Ops are made from a history once, by [Model.Op],
// and carry numbers instead of values: [Values] gives equal data equal numbers,
// so that a step compares integers, and a search may keep, compare and hash
// states as what they are, integers. A model of one's own takes some twenty
// lines; see the package example.
//
// "Model" always means a sequential specification here. Guarantees such as
// linearizable or snapshot isolation are consistency models; their lattice is in
// models/consistency.
//
// Reading order: model.go, values.go, then one file per model, registry.go.
package models
