// Package check says what a verdict is and how verdicts compose. The checkers
// themselves live in the folders below it.
//
// A verdict is valid, invalid or unknown. Valid is a promise: the history was
// looked at in full and satisfies the property. Invalid comes with at least one
// anomaly and a witness, the few ops that contradict each other. Everything
// else, a timeout, too little memory, a panic in a checker, a run in which
// nothing happened, is unknown with its reason, never valid.
//
// Several verdicts compose by the worst: invalid beats unknown beats valid, so
// that an unknown cannot hide an anomaly and a valid cannot hide an unknown.
//
// A [Checker] judges a [history.History]; [Run] calls one safely. The results
// of all checks of a run make the [Document] that users and scripts read.
package check
