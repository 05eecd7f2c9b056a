// Package txns draws transactions of reads and writes over lists or registers,
// with the parameters of Elle's generators: how many keys are active at a time,
// how they are chosen, how long a transaction is, how often a key is written
// before a fresh one takes its place.
//
// A [Source] is a value, for generators, and can be drawn from in place, for
// whoever makes millions of transactions.
package txns
