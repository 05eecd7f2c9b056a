package linear

// Anomaly is a kind of violation that this package finds.
type Anomaly struct {
	Name    string
	Summary string // one sentence
}

const (
	garbageRead      = "garbage-read"
	abortedRead      = "aborted-read"
	futureRead       = "future-read"
	staleRead        = "stale-read"
	casConflict      = "cas-conflict"
	casCircle        = "cas-circle"
	nonlinearizable  = "nonlinearizable"
	outOfRank        = "out-of-rank" // becomes a future or a stale read
	consistencyModel = "linearizable"
)

// Anomalies lists the kinds of violation, each a reason why a history is not
// linearizable.
func Anomalies() []Anomaly {
	return []Anomaly{
		{garbageRead, "An op observed a value that nobody ever tried to write."},
		{abortedRead, "An op observed a value whose only write failed for certain."},
		{futureRead, "An op observed a value and completed before the op that made it was invoked."},
		{staleRead, "An op observed a value that another had surely replaced before the op was invoked."},
		{casConflict, "Two compare-and-sets both found one value, which was written once."},
		{casCircle, "Compare-and-sets found each other's results in a circle, and nothing else wrote them."},
		{nonlinearizable, "No order of the ops agrees with the model and with real time."},
	}
}
