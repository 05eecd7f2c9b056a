package causal

import "checker/check"

// The anomalies that this package finds.
const (
	Cycle       = "causality-cycle"   // CyclicCO
	StaleRead   = "causal-stale-read" // WriteCORead
	InitialRead = "causal-lost-write" // WriteCOInitRead
	GarbageRead = "garbage-read"      // ThinAirRead
	AbortedRead = "aborted-read"      // of a value whose write failed
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: Cycle, Summary: "Ops come causally before themselves: values were read before they can have been written.", Example: `client 1   [ read x → 1 ]  [ write y 1 ]
client 2   [ read y → 1 ]  [ write x 1 ]`},
		{Name: StaleRead, Summary: "A read returned a value although another write, causally after that one, is in the read's causal past.", Example: `client 1   [ write x 1 ]  [ write x 2 ]
client 2                                 [ read x → 2 ]  [ read x → 1 ]`},
		{Name: InitialRead, Summary: "A read returned the initial value although a write is in its causal past.", Example: `client 1   [ write x 1 ]  [ read x → nil ]`},
	}
}
