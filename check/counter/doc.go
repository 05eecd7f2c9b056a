// Package counter judges counters: each read must lie between what must have
// been added when it was invoked and what can have been added when it completed.
//
// A read's lower bound counts the adds that surely happened before it, those
// that are ok and completed before its invocation, and of those that may have
// happened, being open then or crashed or invoked before it completed, the
// negative ones; its upper bound counts the positive ones instead. These are
// Jepsen's bounds, extended to decrements. The difference between a read and
// what surely happened must also be a sum of some of the adds between the two. That
// is decided exactly: at once while those adds, from the smallest on, leave no gap
// between their sums, else by a table of all sums. Where the table would have more
// than a million entries the read is undecided, and the result unknown.
//
// Each read is judged alone, so a counter that goes back and forth within the
// bounds passes. For a counter that claims to be linearizable add check/linear
// with the model counter.
package counter
