// Package atomic judges atomic commitment: whether the parts of a database that take part in a transaction
// agree on its outcome, by what they tell of the protocol.
//
// The properties are those of Bernstein, Hadzilacos and Goodman, Concurrency Control and Recovery in
// Database Systems (1987), chapter 7:
//
//	AC1  all that decide decide the same                              split-decision
//	AC2  a decision is not reversed                                   reversed-decision, broken-vote
//	AC3  commit only if all have voted yes                            commit-without-votes
//	AC4  no abort if all have voted yes and nothing failed            needless-abort
//	AC5  once all failures are over, everybody decides                undecided
//
// and besides a commit takes effect once (applied-twice). Where coordinators have epochs, there is one in each
// (rival-coordinators), and none acts once a later one has taken over (deposed-coordinator).
//
// A [Monitor] takes [Event]s as they happen, in an order in which causes precede effects; [ReadTrace] reads
// them from JSON Lines, as docs/trace-format.md tells. A participant is a group of nodes that replicate one
// part of the data, or a single node; each of its nodes tells of every step that it learns of, so that
// replicas that disagree are found as well. The events of a transaction may be many: what is kept is one
// line of state for each of its participants. Time is linear in the number of events.
//
// The verdict comes with how long participants were in doubt, from their vote to the decision carried out:
// to be blocked is no anomaly while something is broken, but it is what one protocol has over another.
package atomic
