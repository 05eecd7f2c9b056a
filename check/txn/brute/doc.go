// Package brute judges very small histories of transactions by trying
// everything: the oracle that the checkers of check/txn are compared with. It
// shares no code with them, knows no dependency graph where a definition gets by
// without one, and takes exponential time: at most six transactions.
//
// Each consistency model is judged by the definition of its literature, and by
// none that was derived from it:
//
//   - serial orders (orders.go): serializable, strong session serializable,
//     strict serializable. Some order of all that committed explains every read.
//   - schedules of starts and commits (schedules.go): snapshot isolation as
//     Berenson and others described it, by snapshots at the start and the first
//     committer winning; with sessions and with real time after Daudjee and Salem.
//   - abstract executions (axioms.go): Cerone, Bernardi, Gotsman: A Framework for
//     Transactional Consistency Models with Atomic Visibility (CONCUR 2015). Some
//     arbitration order and visibility relation satisfy the model's axioms.
//   - commit orders (commits.go): Biswas, Enea: On the Complexity of Checking
//     Transactional Consistency (OOPSLA 2019), with session order inside.
//   - version orders (versions.go): Adya: Weak Consistency (MIT 1999). Some order
//     of the versions of each object gives a serialization graph without the
//     phenomena that the level proscribes.
//
// Of transactions whose outcome is unknown any subset may have committed, and
// what they read is not known. Failed ones did not happen. Random makes
// histories to try.
package brute
