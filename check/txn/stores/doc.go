// Package stores holds small transactional databases in memory, correct ones of
// many isolation levels and ones that are broken in a named way, and a driver
// that records histories of concurrent clients on them. They are test doubles:
// for each it is known which consistency models it never violates and which it
// does violate, so that a checker can be proved both ways. The strict
// serializable one is fast enough to make histories of ten million transactions
// for benchmarks.
//
// What a store keeps is, for each key, the elements appended to it, oldest first.
// As a list, a key reads as all of them; as a register, as the last. So each
// store serves both kinds of history, except those whose replicas disagree on the
// order of writes, which only registers can show.
//
// Reading order: store.go (the contract and the catalogue's entry), catalogue.go,
// log.go (versions), snapshots.go, live.go, inplace.go, atomicreads.go and
// sites.go (the engines), drive.go and record.go (the driver).
package stores
