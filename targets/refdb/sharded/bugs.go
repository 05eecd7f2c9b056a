package sharded

import (
	"fmt"
	"slices"
	"strings"
)

// Bugs is a set of planted bugs. The zero value is the correct database.
//
// With any bug planted the node no longer asserts its invariants: a wrong database has to be caught by
// what its clients see, not by its own panic.
type Bugs uint64

// The planted bugs of transactions; BugTable describes them.
const (
	VoteBeforeDurable Bugs = 1 << iota
	DecisionToldTooSoon
	InDoubtReleased
	CommitWithoutVote
	RecoveryPresumesCommit
	GatewaysDecide
	WoundBreaksVote
	ReadsTakeNoLocks
	ReadsIgnoreLocks
	ReadsSeePrepared
	ReadsShardByShard
	AbortedWritesStay
	RetryCommitsTwice
	LastCommitterWins
	StampsFromLocalClock
	CommitsAtItsSnapshot
	OracleRepeats
	SnapshotsShardByShard
	LocksNotRestored
	DecisionLogLost
	SnapshotOfFollower
	SessionLeftBehind
	LockReleasedTooSoon
	SecondaryWithoutPrimary
	ReadsOwnPrepared
)

// Bug is one row of the catalogue.
type Bug struct {
	Bugs     Bugs              // the bug, as a set of one
	Name     string            // as ParseBugs and --bug take it
	Summary  string            // what is wrong, in one sentence
	After    string            // the paper or the incident it is after
	Faults   []string          // nemesis families that expose it, together
	Anomaly  string            // what a checker is expected to say
	Workload string            // where it shows best
	Settings map[string]string // of the target, that it needs
	SimOnly  string            // why real nodes do not show it, as far as is known; "" where they do
}

// BugTable returns the catalogue of planted bugs, in a fixed order.
func BugTable() []Bug { return slices.Clone(bugTable) }

var bugTable = []Bug{
	{
		Bugs: VoteBeforeDurable, Name: "vote-before-durable",
		Summary:  "a participant votes yes before its part is in the log of a majority, so a new leader knows nothing of what was promised",
		After:    "Bernstein, Hadzilacos and Goodman (1987), section 7.4: the yes record is forced before the vote is sent",
		Faults:   []string{"kill", "partition"},
		Anomaly:  "AC1",
		Workload: "append",
	}, {
		Bugs: DecisionToldTooSoon, Name: "decision-told-too-soon",
		Summary:  "the coordinator tells client and participants its decision before it is durable, and whoever takes over decides otherwise",
		After:    "Bernstein, Hadzilacos and Goodman (1987), section 7.4: the commit record is forced before the decision is sent",
		Faults:   []string{"kill", "partition"},
		Anomaly:  "AC1",
		Workload: "append",
	}, {
		Bugs: InDoubtReleased, Name: "in-doubt-released",
		Summary:  "a participant that has waited for the decision for too long aborts on its own, after it has voted yes",
		After:    "heuristic decisions of the XA specification (X/Open 1991)",
		Faults:   []string{"partition", "pause"},
		Anomaly:  "AC1",
		Workload: "append",
	}, {
		Bugs: CommitWithoutVote, Name: "commit-without-vote",
		Summary:  "the coordinator commits although the vote of one participant is missing",
		After:    "Gray and Lamport, Consensus on Transaction Commit (2006): commit needs every resource manager prepared",
		Faults:   []string{"partition", "packet"},
		Anomaly:  "AC3",
		Workload: "append",
	}, {
		Bugs: RecoveryPresumesCommit, Name: "recovery-presumes-commit",
		Summary:  "a coordinator that recovers without a decision commits what it finds prepared, whatever the others voted",
		After:    "Mohan, Lindsay and Obermarck, R* (1986): without a record the outcome is abort",
		Faults:   []string{"partition", "kill"},
		Anomaly:  "AC3",
		Workload: "append",
		SimOnly:  "a coordinator has to be lost between the votes and the decision, which on a fast network lie within a millisecond",
	}, {
		Bugs: GatewaysDecide, Name: "two-coordinators",
		Summary:  "a coordinator that loses patience tells the participants to abort, while another one that the client has asked commits",
		After:    "Gray and Lamport, Consensus on Transaction Commit (2006), section 1: two coordinators, each of whom believes to be the only one",
		Faults:   []string{"partition", "pause"},
		Anomaly:  "AC1",
		Workload: "append",
		SimOnly:  "a client has to ask another coordinator within the milliseconds in which the first one gives up",
	}, {
		Bugs: WoundBreaksVote, Name: "wound-breaks-vote",
		Summary:  "a participant aborts a transaction that stands in the way of an older one by itself, although it has voted yes",
		After:    "Bernstein, Hadzilacos and Goodman (1987), section 3.11: after its vote a transaction may be wounded only by its coordinator",
		Faults:   nil,
		Anomaly:  "AC1",
		Workload: "append",
	}, {
		Bugs: ReadsTakeNoLocks, Name: "reads-take-no-locks",
		Summary:  "transactions that are called serializable take no locks for what they read: write skew",
		After:    "Berenson et al., A Critique of ANSI SQL Isolation Levels (1995): A5B",
		Faults:   nil,
		Anomaly:  "G2-item",
		Workload: "append",
	}, {
		Bugs: ReadsIgnoreLocks, Name: "reads-ignore-locks",
		Summary:  "a read does not wait for the lock of a transaction in doubt, and misses what is committed already",
		After:    "Percolator (2010), section 2.2: a read that meets a lock has to wait for its owner",
		Faults:   []string{"partition", "pause"},
		Anomaly:  "G-single-item-realtime",
		Workload: "append",
	}, {
		Bugs: ReadsSeePrepared, Name: "reads-see-prepared",
		Summary:  "a read returns what a transaction in doubt is about to write: a dirty read, if that is aborted",
		After:    "Adya (1999), G1a and G1b",
		Faults:   []string{"partition", "kill"},
		Anomaly:  "G1a",
		Workload: "append",
	}, {
		Bugs: ReadsShardByShard, Name: "reads-shard-by-shard",
		Summary:  "a transaction that only reads asks each shard for its present state, without locks: it sees half of another",
		After:    "Bailis et al., RAMP transactions (2014): fractured reads",
		Faults:   nil,
		Anomaly:  "G-single-item",
		Workload: "append",
	}, {
		Bugs: AbortedWritesStay, Name: "aborted-writes-stay",
		Summary:  "the abort of a transaction leaves its writes in place",
		After:    "Adya (1999), G1a: aborted reads",
		Faults:   nil,
		Anomaly:  "G1a",
		Workload: "append",
	}, {
		Bugs: RetryCommitsTwice, Name: "retry-commits-twice",
		Summary:  "the outcomes of transactions are not remembered, so one that is sent again after a lost answer is executed again",
		After:    "Jepsen's MongoDB and Redpanda analyses (2020, 2022): retries that commit twice",
		Faults:   []string{"packet", "pause"},
		Anomaly:  "duplicate-elements",
		Workload: "append",
	}, {
		Bugs: LastCommitterWins, Name: "last-committer-wins",
		Summary:  "under snapshot isolation a write is not checked against those committed since the snapshot: lost update",
		After:    "Berenson et al., A Critique of ANSI SQL Isolation Levels (1995): P4",
		Faults:   nil,
		Anomaly:  "lost-update",
		Workload: "append",
		Settings: map[string]string{"isolation": "snapshot-isolation"},
	}, {
		Bugs: StampsFromLocalClock, Name: "stamps-from-local-clock",
		Summary:  "timestamps come from the wall clock of whichever node coordinates, and so from the past of another",
		After:    "Jepsen's analyses of CockroachDB and YugabyteDB (2016, 2019): snapshots under clock skew",
		Faults:   []string{"clock"},
		Anomaly:  "G-single-item-realtime",
		Workload: "append",
		Settings: map[string]string{"isolation": "snapshot-isolation"},
	}, {
		Bugs: CommitsAtItsSnapshot, Name: "commits-at-its-snapshot",
		Summary:  "a transaction commits at the timestamp of its own snapshot, so what it writes appears in snapshots that were read before",
		After:    "Peng and Dabek, Percolator (2010), section 2.2: the commit timestamp is taken after all locks are",
		Faults:   nil,
		Anomaly:  "G-single-item",
		Workload: "append",
		Settings: map[string]string{"isolation": "snapshot-isolation"},
	}, {
		Bugs: OracleRepeats, Name: "oracle-repeats",
		Summary:  "after a fail-over the oracle gives out timestamps again that its predecessor gave out",
		After:    "Peng and Dabek, Percolator (2010), section 2.3: the oracle's limit is durable before it is used; TiDB's PD since",
		Faults:   []string{"kill", "partition"},
		Anomaly:  "G-single-item-realtime",
		Workload: "append",
		Settings: map[string]string{"isolation": "snapshot-isolation"},
	}, {
		Bugs: SnapshotsShardByShard, Name: "snapshots-shard-by-shard",
		Summary:  "a transaction that only reads gets the present state of each shard instead of one snapshot of all",
		After:    "Jepsen's analysis of TiDB (2019) and of YugabyteDB (2019): fractured reads under snapshot isolation",
		Faults:   nil,
		Anomaly:  "G-single-item",
		Workload: "append",
		Settings: map[string]string{"isolation": "snapshot-isolation"},
	}, {
		Bugs: LocksNotRestored, Name: "locks-not-restored",
		Summary:  "a replica that begins from a snapshot has the transactions in doubt but not their locks, and as a leader lets others write between their vote and their commit",
		After:    "Bernstein, Hadzilacos and Goodman (1987), section 7.4: a participant that recovers in doubt acquires its locks again",
		Faults:   []string{"kill"},
		Anomaly:  "AC1",
		Workload: "append",
		SimOnly:  "a replica has to begin from a snapshot while a transaction is in doubt; a run of a minute did not show it",
	}, {
		Bugs: DecisionLogLost, Name: "decision-log-lost",
		Summary:  "a coordinator comes back without its log of decisions, and whoever had voted yes is in doubt for ever",
		After:    "Bernstein, Hadzilacos and Goodman (1987), section 7.4: two-phase commit blocks while its coordinator is down, and for good if its log is lost",
		Faults:   []string{"kill"},
		Anomaly:  "AC5",
		Workload: "append",
		SimOnly:  "real nodes leave no trace of the protocol, and clients only meet keys that stay locked; a run of a minute did not show it",
		Settings: map[string]string{"commit": "2pc-plain"},
	}, {
		Bugs: SnapshotOfFollower, Name: "snapshot-of-follower",
		Summary:  "a transaction that only reads does so as of the latest timestamp that its gateway has seen as a follower, without asking the oracle: late enough for its session, but it misses what others had committed before it began",
		After:    "Daudjee and Salem, Lazy Database Replication with Snapshot Isolation (2006): transaction inversions at a secondary",
		Faults:   nil,
		Anomaly:  "G-single-item-realtime",
		Workload: "append",
		Settings: map[string]string{"isolation": "snapshot-isolation"},
	}, {
		Bugs: SessionLeftBehind, Name: "session-left-behind",
		Summary:  "a session takes along when it has last written, but how far it has read is known to its node alone, so who turns to another one after a failure reads an earlier snapshot than before",
		After:    "Terry et al., Session Guarantees for Weakly Consistent Replicated Data (1994): what a session has read has to go with it to another server",
		Faults:   []string{"kill", "partition"},
		Anomaly:  "causal-stale-read",
		Workload: "causal",
		Settings: map[string]string{"isolation": "snapshot-isolation", "snapshots": "past"},
		SimOnly:  "clients of real nodes stay with one until it fails, which is rare; a run of a minute did not show it",
	}, {
		Bugs: LockReleasedTooSoon, Name: "lock-released-too-soon",
		Summary:  "a leader gives up the locks of a transaction once the commit is in its own log and not yet in that of a majority, so reads see what a fail-over takes back",
		After:    "Graefe et al., Controlled Lock Violation (2013): who has read what was released early must wait until it is durable",
		Faults:   []string{"kill", "partition"},
		Anomaly:  "causal-stale-read",
		Workload: "causal",
		Settings: map[string]string{"reads": "lease"},
		SimOnly:  "a write has to be read and lost within the lease of a leader that is cut off; a run of a minute did not show it",
	}, {
		Bugs: SecondaryWithoutPrimary, Name: "secondary-without-primary",
		Summary:  "a participant that has been in doubt for too long rolls its part forward by itself, whether or not the home has committed",
		After:    "Peng and Dabek, Percolator (2010), section 2.2: a lock is rolled forward only if its primary has been replaced by a write record",
		Faults:   []string{"partition", "kill"},
		Anomaly:  "AC1",
		Workload: "append",
		Settings: map[string]string{"isolation": "snapshot-isolation"},
	}, {
		Bugs: ReadsOwnPrepared, Name: "reads-own-prepared",
		Summary:  "a read passes the locks of its own client and sees what a transaction before had prepared, though that was aborted",
		After:    "Adya (1999), G1a; CockroachDB's epochs, by which a transaction that is tried again tells the intents of its earlier try from its own",
		Faults:   []string{"partition", "kill"},
		Anomaly:  "G1a",
		Workload: "append",
		SimOnly:  "a client has to come back before the abort has reached a participant, which is a millisecond on a fast network; a run of a minute did not show it",
	},
}

// Has tells whether all of other are in the set.
func (b Bugs) Has(other Bugs) bool { return b&other == other }

// String returns the names joined by commas, or "none". ParseBugs reads it back.
func (b Bugs) String() string {
	var names []string
	for _, row := range bugTable {
		if b.Has(row.Bugs) {
			names = append(names, row.Name)
		}
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ",")
}

// ParseBug returns the bug of that name.
func ParseBug(name string) (Bugs, error) {
	for _, row := range bugTable {
		if row.Name == name {
			return row.Bugs, nil
		}
	}
	return 0, fmt.Errorf("refdb: no planted bug is called %q", name)
}
