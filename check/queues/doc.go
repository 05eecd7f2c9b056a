// Package queues judges queues by what goes in and what comes out, whatever the
// order.
//
// Two checks share this package, after Jepsen's of the same names.
//
//   - queue: every message that comes out was put in before, and no more often than
//     it was put in. It holds at any point of a run and needs no end.
//   - total-queue: besides, every acknowledged message comes out in the end. That
//     one comes out twice is only told, since many queues deliver at least once;
//     the option Once makes it an anomaly.
//
// enqueue takes a message; dequeue returns one, and fails, or is ok with nil, when
// the queue is empty; drain returns all that it took out. Messages may be equal:
// they are counted.
//
// A message is missing when its enqueue is ok and it never came out. It is lost
// only if the queue was seen empty by a drain or dequeue that was invoked after
// the enqueue had completed; else it may lie there still, and the result is
// unknown. A dequeue that crashed may have taken a message with it: as many missing
// messages as there are such dequeues are accounted for (Jepsen calls them lost).
// A dequeue that failed says that the queue is empty if it gives no error, or the
// error empty or exhausted.
package queues
