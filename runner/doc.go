// Package runner executes one run: it drives a target with a workload's ops and
// a nemesis's faults, records what happens, judges the record, and leaves a run
// directory.
//
// [Spec] is what a user asks for; [Spec.Resolve] turns it into a [Plan], in
// which every default is filled in and every contradiction refused. [Execute]
// carries a plan out. A plan with the same seed executed by the same program on
// a simulated target gives the same history and the same trace, byte for byte.
//
// The interpreter has Jepsen's semantics. There is a thread per client and one
// for the nemesis. A thread executes one op at a time under a process number; an
// op that is indeterminate (info), which includes one that took too long, ends
// its process: the thread goes on as process + concurrency with a new client,
// and the op stays concurrent with everything that follows.
//
// A run has phases: the workload's ops under faults; the nemesis undoes
// everything; every client must make progress again; final reads.
//
// Reading order: spec.go, plan.go, phases.go, interpreter.go, simulated.go and
// realtime.go (the two kinds of time), execute.go, judge.go.
package runner
