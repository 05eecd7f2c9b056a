// Package session judges registers by what is weaker than linearizable: which
// consistency models hold, and how stale reads are.
//
//   - sequential: one order of all ops that agrees with each process. All registers
//     are judged together, since a history may be sequential register by register and
//     not as a whole. It is NP-complete even with unique values; check/txn/polygraph
//     saturates and then searches within a budget.
//   - causal-memory, PRAM and the session guarantees: ops are taken as transactions of
//     one micro-op, a compare-and-set as a read and a write; see check/txn/weak.
//   - regular, of several writers (MWR1 of Shao, Welch, Pierce and Lee, 2011; with one
//     writer it is Lamport's): for each read there is an order of it and of all writes
//     that agrees with real time and explains it.
//   - safe: the same of reads that no write overlaps; others may return anything.
//   - k-atomic: the least k such that an order that agrees with real time lets every
//     read return one of the last k values (Aiyer, Alvisi and Bazzi, 2005). k=1 is
//     linearizable. It is NP-complete; the reads that are stale for sure bound k from
//     below, and check/linear searches from there.
//   - delta-atomic: the least Δ, in ms, such that the history is linearizable if every
//     read had been invoked Δ earlier (Golab, Li and Shah, 2011).
//
// A history is k-atomic or delta-atomic when there is any such number, which the
// result tells in a note.
//
// Every value of a register must be written once, and not be the initial one; then a
// read tells who wrote what it returned. Sessions are processes; one whose op crashed
// goes on as another. A crashed write counts if its value was observed, by whatever
// must have happened; for safe it overlaps all that follows.
//
// Reading order: session.go, ops.go, reads.go, orders.go, stale.go.
package session
