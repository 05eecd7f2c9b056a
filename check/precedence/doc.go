// Package precedence looks for effects that are visible without one that must
// have come before them. Three of Jepsen's workloads ask this.
//
//   - comments and causal-reverse: clients write values, each once, and read all
//     values there are. A write that completed before another was invoked must be
//     in every read that has the later one. Strict serializability demands it,
//     serializability does not: the two may lie on different shards.
//   - sequential: a client writes the subkeys of a key one after the other, and
//     reads take them in the opposite order, the last one first. After a subkey
//     that is there none may be missing.
//
// In comments and causal-reverse, write takes a value and read returns a
// collection of them, by key if all values are [key value]. A read is compared
// with all writes, so that the cost is that of reads times writes; only the writes
// that completed before the newest one that a read has need be looked at.
// In sequential, write takes a key and read returns [key [v …]], nil for a subkey
// that is not there.
package precedence
