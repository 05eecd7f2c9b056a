package linear

import "checker/check"

const (
	garbageRead     = "garbage-read"
	abortedRead     = "aborted-read"
	futureRead      = "future-read"
	staleRead       = "stale-read"
	casConflict     = "cas-conflict"
	casCircle       = "cas-circle"
	nonlinearizable = "nonlinearizable"
	outOfRank       = "out-of-rank" // becomes a future or a stale read
)

// Kinds explains what this package finds, each a reason why a history is not
// linearizable.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: garbageRead, Summary: "An op observed a value that nobody ever tried to write.", Example: `client 1   [ write 1 ]
client 2                [ read → 7 ]`},
		{Name: abortedRead, Summary: "An op observed a value whose only write failed for certain.", Example: `client 1   [ write 1 → fail ]
client 2                       [ read → 1 ]`},
		{Name: futureRead, Summary: "An op observed a value and completed before the op that made it was invoked.", Example: `client 1                 [ write 1 ]
client 2   [ read → 1 ]`},
		{Name: staleRead, Summary: "An op observed a value that another had surely replaced before the op was invoked.", Example: `client 1   [ write 1 ]  [ write 2 ]
client 2                             [ read → 1 ]`},
		{Name: casConflict, Summary: "Two compare-and-sets both found one value, which was written once.", Example: `client 1   [ write 1 ]
client 2                [ cas 1 → 2, ok ]
client 3                [ cas 1 → 3, ok ]`},
		{Name: casCircle, Summary: "Compare-and-sets found each other's results in a circle, and nothing else wrote them.", Example: `client 1   [ cas 1 → 2, ok ]
client 2   [ cas 2 → 1, ok ]`},
		{Name: nonlinearizable, Summary: "No order of the ops agrees with the model and with real time.", Example: `client 1   [ write 1 ]  [ write 1 ]
client 2       [ write 2            ?
client 3                             [ read → 2 ]  [ read → 1 ]`},
	}
}
