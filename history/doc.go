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
// [Read] takes every format of [Formats], in one pass, and refuses with a
// [*ParseError] that says where. What it makes of its sources:
//
//   - A process without a number is no client, so its ops are not judged; there
//     is a warning, except for the nemesis. Ops without any process get one each.
//   - An EDN character is a string of one. A symbol foo is #symbol "foo".
//     Ratios, decimals and integers beyond 64 bits are refused, because values
//     are compared exactly.
//   - A vector of [f k v] with f one of r, w, append, read, write is a
//     transaction, whether f is a keyword or a string. It prints as EDN keywords
//     and as plain JSON strings.
//   - Bytes that are no UTF-8 survive in strings (see strings.go). [AppendJSON]
//     says how JSON holds what it has no form for. So a history is the same after
//     any chain of conversions between JSON Lines, JSON, EDN and blocks.
//   - Formats that know only sessions have no real time: [History.HasRealTime].
//   - A file without a single op is an error. A file that stops in the middle of
//     an op is one too, unless [ReadOptions] allows it; a last op that is whole
//     and contradicts the others always is.
//   - EDN and JSON Lines with an op a line are read in pieces on all cores, with
//     the same result and the same errors as in order (see parallel.go). Ops in one
//     vector or array are read in order.
//   - A file of blocks ([Block], see block.go) holds what was flushed before its
//     recorder was killed. What is torn at its end is forgiven where that is
//     allowed; damage in the middle never is.
//
// Reading order: op.go, value.go, heap.go, history.go, builder.go, views.go; then
// the codecs: format.go, source.go (the scanner), rows.go (ops from fields),
// edn_read.go and json_read.go, collections.go and shape.go (the fast paths),
// chunk.go and parallel.go (reading in pieces), the text formats, writer.go; and
// block.go (the block format), block_write.go, block_read.go, block_columns.go,
// block_values.go.
package history
