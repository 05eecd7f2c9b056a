// Package kafka judges partitioned logs: clients append records to keys (topic
// partitions) and poll them in order, alone or several in a transaction.
//
// The ops are those of Jepsen's kafka workload. send, poll and txn take a vector of
// micro-ops: [:send k v], completed as [:send k [offset v]] or as it was where the
// offset is unknown, and [:poll], completed as [:poll {k [[offset v] …]}]. assign
// and subscribe take the keys that the process polls from then on; crash ends its
// consumer. A value is sent to a key once.
//
// # What is inferred
//
// The order of a key's records is that of their offsets, as polls and sends show
// them. Gaps mean nothing: an offset counts if its record was polled, or its send is
// ok, or belongs to a transaction of which another record was polled. Records are
// ranked in that order; two that follow each other differ by one.
//
// # What is found
//
//   - of one record: aborted reads (G1a), precommitted reads, lost writes,
//     inconsistent offsets, duplicates;
//   - of one op (internal) or of successive ops of a process (external): polls and
//     sends whose rank goes back (nonmonotonic) or forward by more than one (skip);
//   - of several ops: cycles of ww (the next record of a key) and wr (polled what was
//     sent) edges, G0 and G1c, and with the order of each process the same with
//     -process.
//
// A write is lost if it surely happened, nobody ever polled it, and somebody polled
// a record behind it. Writes behind all that was polled may come yet: the result is
// unknown then.
//
// A log that is not isolated lets transactions interleave: like Jepsen's, the check
// only tells of skipped sends and G0 unless serializability is asked for. Where
// processes subscribe, their keys may be moved between polls, so that external skips
// and steps back are only told as well; assign keeps the position in keys that stay.
package kafka
