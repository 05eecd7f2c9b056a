// Package linear judges single objects: is there one order of all ops that a
// sequential specification (checker/models) explains and that agrees with real
// time? A history that has one is linearizable.
//
// Objects are judged one by one, since a history is linearizable if and only if
// the history of each of its objects is (Herlihy and Wing 1990). Ops that failed
// did not happen and are left out; ops that crashed may have happened at any
// time after their invocation, or never.
//
// Three engines give the answer.
//
//   - Registers whose observed values are each written once, compare-and-set
//     included, are decided exactly in near-linear time: the ops on one value
//     form a block, and blocks need only be put in a row (Gibbons and Korach
//     1997, extended to compare-and-set and to crashed ops). See register.go.
//   - Everything else is searched, object after object, within the caller's
//     context and a bound of memory and of steps: a sweep through the events with
//     all configurations that are possible. A search that ends early is unknown,
//     with what it decided and what not. See search.go, sweep.go, loose.go.
//   - Porcupine decides the same where it is asked to (--engine porcupine). It is
//     the oracle of the tests.
//
// An invalid verdict names the ops that contradict each other: for blocks the
// four that prove it, for a search the smallest set of ops that we found to be
// illegal on its own, see minimise.go.
//
// Reading order: linear.go, ops.go, register.go, blocks.go, explain.go, search.go,
// problem.go, configs.go, sweep.go, loose.go, porcupine.go, minimise.go, witness.go.
package linear
