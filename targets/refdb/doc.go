// Package refdb is a small replicated database, written to be read and to be broken on purpose: one
// Raft group over a keyed store of registers, counters, sets, queues and locks. It is correct by default, under
// loss, delay, reordering and duplication of messages, crashes that lose whatever was not synced,
// pauses, and clocks that do what they like (but for leases, which ask for more of them); and wrong on
// demand, in the ways of BugTable. A node whose disk is full or fails stops.
//
// A Node is a pure state machine. It has no goroutines and no I/O, reads no clock and draws chance
// only from Config.Rand: the same inputs give the same outputs. Time is a Clock reading that comes
// with every input. A simulator and a real server drive the same code.
//
// # What the caller does
//
//  1. New with the content of the log file, which is empty on the first start. A new file that was to
//     take its place and has not is to be removed.
//  2. Give it inputs: Receive a message, Request for a client, Tick once Deadline is reached,
//     DiskDone when a sync has ended. Several inputs may be batched.
//  3. Call Ready and do what it says: send Messages, do Disk operations in their order, hand Replies
//     to the clients. Then go to 2. If Fatal is set, stop.
//  4. After a crash, read back what survived of the file and go to 1. Nothing that the old
//     Node asked for may happen any more: no DiskDone of its syncs, no appends to the files.
//
// Requests change the group as well (AddLearner, Promote, Remove), and Transfer moves the leadership.
//
// The caller may send messages at once. What must not be said before it is durable (votes, requests
// for votes, acknowledgements) is withheld by the node until DiskDone.
//
// # States
//
//	          silence of the leader             majority would vote     majority votes
//	Follower ───────────────────────▶ PreCandidate ────────────▶ Candidate ────────────▶ Leader
//	   ▲                               │  ▲    silence             │                      │
//	   │                               │  └────────────────────────┘                      │
//	   └───────────────────────────────┴──────────────────────────────────────────────────┘
//	          a later term, a leader of this term; a leader also when it hears no majority
//
// A write goes: Request → entry in the leader's log → Append to all, and to disk everywhere →
// AppendReply once durable → committed by a majority → applied, answered. A read goes: Request → a
// round of Appends that confirms the leader → answered. Every SnapshotEvery entries a node saves its
// state, lets go of the entries behind it and begins its log file anew; a peer that lacks such entries
// is sent the leader's snapshot. MessageType lists the messages with their fields, Status what a client
// may conclude from each answer.
//
// Memory is bounded: the log by SnapshotEvery, KeepEntries and MaxPending; what is on its way to a
// slow peer by MaxInflight entries or one chunk of a snapshot; the sessions by MaxSessions.
//
// # What a client can rely on
//
// Every operation is linearizable and takes effect at most once per (Client, Seq), however often
// it is sent, provided that each client has one request open at a time and numbers them upward, and
// that fewer than MaxSessions others have written since it last did.
// That holds with ReadIndex and FollowerReads; with LeaseReads and WallLeaseReads only while clocks
// are as those ask for. With LocalReads, reads see some prefix of the log instead. Availability needs
// a majority of the voters that reach each other and whose disks work.
//
// # Reading order
//
//   - command.go: what clients ask and hear. message.go: what nodes say to each other.
//   - node.go: the state, the inputs, Ready.
//   - election.go, replication.go, reads.go: Raft, one part each. log.go: the log they work on.
//     quorum.go: all that depends on who the voters are.
//   - durability.go: the gate between memory and the world. wal.go: the file behind it.
//   - store.go, session.go: the state machine; locklease.go: when locks run out. snapshot.go: its saved
//     form, which shortens the log.
//     install.go: how a peer gets it.
//   - lease.go, transfer.go, members.go: reads without a round, a change of the leader, a change of the
//     group.
//   - bugs.go: how to break it. trace.go: how to watch it. invariants.go: what holds between two inputs.
//
// Terms are from Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm" (2014),
// cited as Raft, and Ongaro's dissertation of the same year.
package refdb
