// Package history holds what a run observed: operations (ops), their pairing
// into invocations and completions, and the codecs that read and write them.
//
// An op is one row of the record. A client invokes an operation (type invoke)
// and later completes it: ok means that it happened, fail that it did not and
// never will, info that nobody knows, now or ever. After info the thread goes
// on under a new process number, so the op stays concurrent with everything
// that follows. Faults are recorded in the same history by the process
// [Nemesis], info on both ends. The vocabulary is Jepsen's.
//
// There are two forms of an op, because there are two needs.
//
//   - [Op] with a [Value] is an op in flight: a plain Go value that a generator
//     emits, a client completes and a codec prints.
//   - [History] is the record at rest: flat columns, one row an op, with values
//     in one [Heap]. It costs no Go object per op or per micro-op, so a history
//     of ten million ops is a few large arrays that the garbage collector never
//     walks. A list-append transaction takes about 54 bytes of rows, 16 bytes a
//     micro-op (an invocation shares the micro-ops of its completion) and four
//     bytes an element read.
//
// Rows come in through a [Builder], which pairs completions with invocations
// and refuses what contradicts itself (two open ops on one process, a
// completion without an invocation), while it only warns about what is merely
// untidy in published files (missing index, time, process or f; a time that
// goes backwards).
//
// The order of a history is the order of its rows. Time is advisory.
//
// Reading order: op.go, value.go, heap.go, history.go, builder.go, then the
// codecs, each in its own file.
package history
