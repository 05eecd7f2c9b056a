// Package sharded is the reference database with transactions: a keyspace spread over shards, each
// replicated by a group of package refdb, and transactions over any number of them that commit in all or
// in none. Like refdb it is correct by default and wrong on demand, in the ways of BugTable.
//
// A Node is a pure state machine: see refdb for what that means, and for what its caller does. There is
// a log file per shard that the node holds a replica of.
//
// # A transaction
//
// A client asks any node, which becomes its gateway. A transaction that only reads one shard is answered
// by that shard's leader (fetch.go). One that writes in one shard is a single entry of its log: it locks,
// executes and commits when that is applied. All others go by two-phase commit:
//
//	client      gateway            home                participant
//	  │ Request    │                 │                     │
//	  ├───────────▶│ Prepare         │                     │
//	  │            ├────────────────▶│  ┌─────────────────▶│
//	  │            ├─────────────────┼──┘                  │   prepare entry: lock, execute
//	  │            │            Vote │                Vote │
//	  │            │◀────────────────┤                     │
//	  │            │◀────────────────┼─────────────────────┤   in doubt
//	  │            │ Decide          │                     │
//	  │            ├────────────────▶│ decide entry:       │
//	  │            │        Decision │ install, unlock     │
//	  │      Reply │◀────────────────┤ Finish              │
//	  │◀───────────┤                 ├────────────────────▶│   finish entry: install, unlock
//	  │            │                 │            Finished │
//	  │            │                 │◀────────────────────┤
//	  │            │                 │ forget entry        │
//
// The home is the shard of the first key. Its log holds the decision, and the first one in there counts: so
// it does not matter how many gateways a client has asked, nor whether any of them is alive. What each of
// them knows can be found out again from the shards.
//
// # Failures
//
//   - A gateway dies: the client asks another one with the same ID, and that one collects the votes
//     again. If the client has gone too, the home decides after DecideAfter: abort.
//   - A leader dies: its successor has every prepared transaction in its log, with its locks. Votes and
//     decisions that got lost are asked for again.
//   - A participant is in doubt for longer than InquireAfter: it asks the home, which answers if it has
//     decided. A home that has never heard of the transaction aborts it, and remembers that.
//   - A home forgets a decision only when every participant has carried it out: so one that it does
//     not remember was not committed (presumed abort; Mohan, Lindsay and Obermarck, R*, 1986).
//
// Whoever leads a shard may have been deposed without knowing. What it says from its state is true all
// the same: a vote and an outcome stay what they are. That something is *not* in its state proves nothing,
// so it is put in the log before it is said (see receiveFinish).
//
// # What a client can rely on
//
// Transactions are strictly serializable and take effect at most once per ID, provided that each client
// has one open at a time and numbers them upward, and that fewer than MaxOutcomes others have written to
// the same shard since it last did. With SnapshotIsolation (snapshot.go) they read as of a timestamp, which
// is taken after the transaction was asked for, and the first of two that write the same key commits. With
// Staleness (past.go) one that only reads may take an earlier one, and only its own session's past is sure to be
// in it. With ReadCommitted, reads see what is committed and no more is promised of them.
//
// # Reading order
//
//   - txn.go: what clients ask and hear. message.go: what nodes say to each other. entry.go: what is logged.
//   - shard.go, data.go, locks.go, snapshot.go: the replicated state of a shard; save.go: its saved form.
//   - node.go: inputs, Ready. gateway.go: coordination. leader.go: what a shard's leader sees to.
//     fetch.go: reads; past.go: of the past.
//   - bugs.go: how to break it. trace.go: how to watch it.
package sharded
