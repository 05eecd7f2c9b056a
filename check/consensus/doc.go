// Package consensus judges the trace of a replicated log: what the nodes of a
// database did to their logs, rather than what clients saw of it. A database
// that forgets a vote may get away with it in ninety-nine runs of a hundred; its
// trace convicts it each time.
//
// An [Event] is one step of one node. The steps are Raft's, since most logs have
// them by some name: a term is a ballot, a view or an epoch, and a leader is who
// proposes in it. docs/trace-format.md says how to write a trace and what the
// order of its lines means.
//
// A [Monitor] is fed event by event while a run goes on; [New] makes a
// [check.Checker] of the same judgement on a trace that was recorded. Both keep
// one model: for each node the log as its events leave it, and beside them the
// committed log, on which all must agree. An entry is interned at its first
// append, so that logs are compared by pointer. Memory grows with the length of
// the log times the number of nodes, not with the length of the trace.
//
// What is judged (Ongaro and Ousterhout, In Search of an Understandable Consensus
// Algorithm, 2014, figure 3; Cachin, Guerraoui and Rodrigues, Introduction to
// Reliable and Secure Distributed Programming, 2011, chapters 5 and 6):
//
//   - agreement, total order and state-machine safety: divergent-apply,
//     divergent-commit, divergent-snapshot
//   - validity: unproposed-entry, unlogged-apply, unlogged-commit, phantom-entry
//   - integrity: out-of-order-apply, uncommitted-apply, commit-regression
//   - election safety: two-leaders, unelected-leader, double-vote, term-regression
//   - leader append-only: leader-truncates
//   - log matching: log-mismatch
//   - leader completeness: incomplete-leader, lost-commit, commit-without-quorum,
//     old-term-commit, outdated-leader
//   - termination after the faults: no-catch-up
//
// # What a trace cannot show
//
// A node may crash between a step and its sync, and the trace has the step all
// the same. So a check must not hold a node to what its disk may rightly have
// lost. The vote of an earlier life counts only where it must have been sent,
// because the candidate could not have won without it. A log is at most as long
// after a restart as it ever was, and says in the started event how long; what
// it holds is certain only below the lowest index at which the node's log ever
// changed, since a lost truncation may bring old entries back. What is uncertain
// agrees with everything until an event makes it certain.
//
// Reading order: event.go, monitor.go, log.go, commit.go, election.go, members.go,
// termination.go; then reader.go.
package consensus
