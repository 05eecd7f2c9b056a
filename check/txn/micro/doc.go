// Package micro holds the transactions of a history as columns of small
// integers, the form in which the checkers of check/txn read them. [Of] makes
// it of a [history.History], in linear time.
//
// Transactions are numbered from 0 in the order of their invocations, and so
// are their micro-ops, across transactions: those of transaction t are First[t]
// up to First[t+1]. Keys are numbered as in the history's heap. A value is
// numbered together with its key: [:append 1 5] and [:append 2 5] write two
// different values. Not every number of a value is in use.
//
// There are two data models. In both, a value ought to be written at most once,
// so that a read tells by whom. Lists grow by appends, and a read returns the
// whole list; nearly every list is a prefix of the longest one read of its key,
// and is then held as nothing but its length. Registers are overwritten, and a
// read returns the last value.
//
// Invocations of clients count; what the nemesis does is no transaction. An ok
// transaction has the micro-ops of its completion. Any other has those of its
// invocation, and its reads are not known.
package micro
