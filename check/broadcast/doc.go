// Package broadcast judges broadcasts: processes broadcast messages and deliver
// what they and others have broadcast.
//
// broadcast takes a message, which is broadcast once; deliver returns one. A process
// delivers in the order of its deliver ops. One with a crash op, or an op that is
// info, is faulty; all others that the history shows are correct. The history is
// taken to be complete: what a process has not delivered by its end it never will.
//
// The properties are those of Hadzilacos and Toueg, "A Modular Approach to
// Fault-Tolerant Broadcasts and Related Problems" (1994), and Cachin, Guerraoui and
// Rodrigues, "Reliable and Secure Distributed Programming" (2011):
//
//   - best effort: what a correct process broadcasts all correct processes deliver;
//     nothing is delivered twice, or that nobody broadcast.
//   - reliable: and what one correct process delivers, all correct ones do.
//   - uniform: and what any process delivers, even one that crashes then.
//   - FIFO: reliable, and a process's messages are delivered in its order.
//   - causal: FIFO, and no message is delivered before one that its sender had
//     broadcast or delivered before it.
//   - total order: reliable, and any two processes deliver the messages that both
//     deliver in one order.
//
// All are decided, for all processes, faulty ones included where order is concerned.
// The result tells which hold; what was asked for decides the verdict. The cost is
// that of deliveries times processes squared.
package broadcast
