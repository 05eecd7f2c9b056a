// Package workloads says what is asked of a database and how the answers are
// judged. A [Workload] states its ops, the checks that apply, how it ends, and
// how many ops must succeed before a verdict means anything; it does not know
// any database. One file holds one workload.
//
// Values are those of Jepsen's workloads, so that a recorded history can be
// judged by either: keyed registers take independent tuples, read [k nil], write
// [k v], cas [k [old new]]; a set takes add v and read nil; a counter add n and
// read nil; a lock acquire [k nil] and release [k nil]; a queue enqueue v and dequeue
// nil; a generator of ids generate nil; a growing number inc [k nil] and read [k nil];
// transactions are Elle's, txn [[:append k v] [:r k nil]] and txn [[:w k v] [:r k nil]].
package workloads
