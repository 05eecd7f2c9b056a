// Package convergence judges whether replicas agree in the end: once nobody writes
// any more and the faults are over, what each replica was last read to hold must be
// the same.
//
// A replica is the node of a read, or its process where no node is recorded. Final
// reads are those invoked after the last op that is no read had been invoked and, if
// it completed, completed, and after the nemesis's phase of recovery began where the
// history has one. Every other op counts as a change. The last final read of each
// replica counts. By key, if all values are [key value].
//
// Sets and maps are compared whatever their order. Vectors of the same elements in
// another order are told apart from other differences, since a set may have been
// read as a vector.
package convergence
