// Package nemesis does harm to the nodes of a database under test, on purpose and
// on record.
//
// A [Fault] is a value with a one-line text form. A [Schedule] draws faults from a
// seed, [Resolve] makes each concrete when its time has come, [Nemesis.Invoke]
// executes it on an environment and tells what came of it, and [Evidence] counts
// from a history alone which faults had an effect that was measured: a run whose
// faults did not bite proves nothing.
//
// A history and a saved schedule hold concrete faults only. Playing them again
// needs neither randomness nor knowledge of who leads.
//
// The package knows no environment. It states in small interfaces ([Partitioner],
// [Killer], [Pauser], [Clocks], [Shaper], [Disks], [Members], [Leaders],
// [Counters]) what it would like to do, and simulated hosts and containers implement those that they can. A
// fault that an environment cannot do is skipped with an error in the history.
//
// Reading order: fault.go, parse.go, grudge.go, select.go, resolve.go; env.go,
// nemesis.go, process.go, disk.go, membership.go, report.go, evidence.go; families.go, schedule.go,
// package.go, moves.go, generator.go.
package nemesis
