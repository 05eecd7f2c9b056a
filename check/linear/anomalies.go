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
		{Name: garbageRead, Summary: "An op observed a value that nobody ever tried to write."},
		{Name: abortedRead, Summary: "An op observed a value whose only write failed for certain."},
		{Name: futureRead, Summary: "An op observed a value and completed before the op that made it was invoked."},
		{Name: staleRead, Summary: "An op observed a value that another had surely replaced before the op was invoked."},
		{Name: casConflict, Summary: "Two compare-and-sets both found one value, which was written once."},
		{Name: casCircle, Summary: "Compare-and-sets found each other's results in a circle, and nothing else wrote them."},
		{Name: nonlinearizable, Summary: "No order of the ops agrees with the model and with real time."},
	}
}
