// Package relational speaks SQL for targets that are relational databases: a session
// of one connection that is never pooled and never retried, and the ops of workloads
// as transactions over tables of its own.
//
// An op is one transaction, of a statement for each micro-op. What goes wrong before
// COMMIT is sent has certainly had no effect. What goes wrong from then on may have
// had one, unless the [Dialect] knows a reason why not: a lost acknowledgement is
// indeterminate.
//
// An op of the workload hermitage is an interleaving of two or three transactions, each
// on a connection of its own.
//
// The tables begin with checker_, so that a database that somebody else uses loses
// nothing of its own.
//
// Reading order: dialect.go, client.go, ops.go, play.go, tables.go.
package relational
