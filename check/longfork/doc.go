// Package longfork looks for long forks: two reads that see two writes in
// opposite orders, each with one of them and without the other. Snapshot isolation
// and whatever is stronger exclude them; parallel snapshot isolation does not.
//
// The ops are Jepsen's: write takes [[:w k v]], where every key is written once,
// and read takes several keys at once, [[:r k nil] …], completed with their
// values; nil is a key not yet written. Two reads that share two keys are enough,
// so groups may have any size and may overlap; a group size in the options is what
// every read must have.
//
// Each read says of every key that it has and every key that it lacks that one was
// written before the other. Two that say the opposite are a fork. The cost is that
// of the reads times the keys in each.
package longfork
