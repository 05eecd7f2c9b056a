// Package sets judges sets that clients add elements to and read as a whole.
//
// Two checks share this package, after Jepsen's of the same names.
//
//   - set looks at the last read only: an element whose add completed before that
//     read began must be in it.
//   - set-full follows each element through all reads. An element is known from
//     the moment its add, or the first read that has it, completes. It is stable
//     when the last read that lacks it began before the last that has it, lost
//     when it is known and the last read that lacks it began after that and after
//     every read that has it, and else never read. A stable element that a read
//     lacked after it was known is stale, which only breaks sets that claim to be
//     linearizable.
//
// In both an element may be in a read once at most, and only if somebody tried
// to add it: a read with an element twice, or with one that nobody added or whose
// adds all failed, is invalid. (Jepsen's test for duplicates never fires, and its
// set-full does not look for unexpected elements.)
//
// Order is the order of rows; latencies come from recorded times.
package sets
