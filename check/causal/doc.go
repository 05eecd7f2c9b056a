// Package causal judges registers by causal consistency: nobody reads a value that
// another one had replaced in his causal past.
//
// read and read-init return a value, write takes one; [key value] for registers by
// key, and all keys are judged together. Every value of a key is written once; nil,
// and 0 where nobody wrote it, is the initial value. Sessions are processes. Ops may
// carry, as those of Jepsen's causal workload do, a :position on completion and a
// :link on invocation: an op comes after the one whose position it links to.
//
// Causal order is the closure of session order, of each write before the reads of
// its value, and of links. The bad patterns are those of Bouajjani, Enea, Guerraoui
// and Hamza, "On Verifying Causal Consistency" (POPL 2017) for causal consistency
// (CC): a circle in causal order; a value out of nowhere; a read of a value, or of
// the initial one, that a causally later write which is in the read's past had
// replaced. A history of unique values is causally consistent if and only if it has
// none of them. Causal memory (CM) asks for more, so that what is found breaks it and
// that nothing is found does not prove it.
//
// Each op gets a vector clock, so the cost is that of ops times sessions; a history
// for which that is more than the options allow is unknown.
package causal
