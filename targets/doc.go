// Package targets says what a database must offer to be put under test, and
// what it says about itself. The databases and the environments in which they
// run live in the folders below.
//
// A [Target] describes itself (which workloads it can run, what it promises for
// each and under which faults, which bugs can be planted) and opens a [Cluster]
// of nodes. A cluster opens clients, one for each process of the run. What
// faults can be done to it shows in the further methods that it has: package
// nemesis states those interfaces.
//
// There are two kinds of cluster. A real one has clients that block; the runner
// gives each a goroutine. A [Simulated] one runs on virtual time: the runner
// steps it, and its clients answer through a callback.
package targets
