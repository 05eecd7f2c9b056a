// Package online judges a history while it is made: a [Stream] is fed row by row
// and reports a violation at the earliest row that proves one. Up to the row before,
// with what was open taken as crashed, the history is legal.
//
// What a stream keeps is bounded by the ops that are open, those that crashed and may
// have taken effect, and what the object itself holds; never by how long the history
// is. What can no longer be observed without a violation is forgotten, so that a
// stream cannot always tell a value that was replaced long ago from one that nobody
// wrote: the checks at the end of a run do, and put the witness together.
//
// There is a stream for
//
//   - registers whose values are each written once, compare-and-set included;
//   - locks with owners, with tokens where there are any, and locks that may be taken
//     over, whose holders are known by their tokens; locks that anybody releases, and
//     semaphores;
//   - FIFO queues whose elements are each put in once, and messages in any order;
//   - numbers that only grow, sets that only grow, unique ids (these alone must be
//     remembered for good).
//
// Everything else is not streamable: repeated values, whose orders must be searched;
// transactions; and dequeues of a FIFO queue that found nothing. Such a one says that at
// some moment of it all that had surely gone in was out. Which dequeue took an element
// shows only when that completes, and until then each moment between other rows is a
// choice: the earlier ones ask for fewer elements to be out, the later ones leave more
// dequeues that can have taken them. After a single dequeue that crashed, an element may
// go unseen for good, and so the choices of every empty dequeue since then stay open; we
// have proved no rule for forgetting them that keeps the verdict exact. A stream that meets such a thing judges no more of that object and
// says so, see [Stream.GaveUp]; it never guesses.
//
// Reading order: stream.go, register.go, then the small ones; permits.go is for locks
// without owners.
package online
