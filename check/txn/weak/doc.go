// Package weak judges histories of transactions over lists or registers against
// the weak consistency models, those for which it can be decided in polynomial
// time although the order of versions is unknown.
//
//   - axiomatic-read-committed, axiomatic-read-atomic and causal-convergence are
//     those of Biswas and Enea (On the complexity of checking transactional
//     consistency, OOPSLA 2019), with session order inside. There must be an order
//     of commits that contains session order and puts writers before readers, such
//     that every read returns the last of the writes that the model makes visible.
//     The least set of edges that decides it is after Møldrup and Pavlogiannis
//     (AWDIT, PLDI 2025): O(n^1.5) for the first two, O(n k) with k sessions for
//     the third.
//   - causal-memory and PRAM: each session has an order of its own of all
//     transactions, others' as nothing but their writes, in which its reads return
//     the last write. It contains session order, and for causal memory the causal
//     order. The fixpoint is that of Bouajjani and others (POPL 2017), O(n k) when
//     little is added to it.
//   - read-your-writes, monotonic-reads, monotonic-writes, writes-follow-reads
//     (Terry and others, PDIS 1994; Viotti and Vukolić, 2016): each session has an
//     order of its own of all writers, in which its reads return the last write
//     that the guarantee makes visible to them. Read your writes and monotonic
//     reads say nothing of that order, so that a session which writes 1, then 2,
//     and then reads 1 violates PRAM, but no single guarantee.
//
// Values are unique, so a read tells by whom it was written. A list shows more: the
// order of its elements is that of their commits, and every element shows its
// transaction. All lists of a key must be prefixes of one; and no model here
// allows reads of what nobody wrote, what was aborted, what its transaction
// overwrote itself, or what the reader wrote only later, nor reads that miss the
// reader's own write. Transactions without an answer count when somebody saw what
// they wrote.
//
// Reading order: weak.go (what is asked), input.go and load.go (transactions and
// reads), axiomatic.go, past.go (causal order), views.go (session guarantees),
// memory.go (PRAM and causal memory), verdict.go (cycles), words.go.
package weak
