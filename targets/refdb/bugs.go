package refdb

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Bugs is a set of planted bugs. The zero value is the correct database.
//
// With any bug planted the node no longer asserts its invariants: a wrong database has to be caught
// by what its clients see, not by its own panic.
type Bugs uint32

// The planted bugs; BugTable describes them.
const (
	VoteNotPersisted Bugs = 1 << iota
	AckBeforeFsync
	StaleLeaderRead
	RetryAppliedTwice
	TruncateWithoutComparing
	CommitCountsReplies
	NoopOmitted
	QuorumOfReachable
	SnapshotForgetsSessions
	RestoredSnapshotStaleTerm
	SessionForgottenTooSoon
	LeaseTrustsSkewedWallClock
	ConfigAppliedAtCommit
	CommitPriorTerm
	FailedSyncRetried
	ChecksumIgnored
)

// Bug is one row of the catalogue.
type Bug struct {
	Bugs     Bugs              // the bug, as a set of one
	Name     string            // as Parse and --bug take it
	Summary  string            // what is wrong, in one sentence
	After    string            // the paper or the incident it is after
	Faults   []string          // nemesis families that expose it, together
	Anomaly  string            // what a checker is expected to say
	Workload string            // where it shows best
	Settings map[string]string // of the simulated target, that it needs
	Interval time.Duration     // how far apart the faults come; 0 is as usual
	SimOnly  string            // why real nodes do not show it, as far as is known; "" where they do
}

// BugTable returns the catalogue of planted bugs, in a fixed order.
func BugTable() []Bug { return slices.Clone(bugTable) }

var bugTable = []Bug{
	{
		Bugs: VoteNotPersisted, Name: "vote-not-persisted",
		Summary:  "term and vote are never written to disk, so a restarted node votes again in terms it has already voted in and a term gets two leaders",
		After:    "Ongaro and Ousterhout, Raft (2014), figure 2: currentTerm and votedFor are to be on stable storage before any reply",
		Faults:   []string{"kill", "partition"},
		Anomaly:  "nonlinearizable",
		Workload: "register",
		SimOnly:  "a node has to vote, be killed, start and vote again within one election, and a container takes longer to start",
	}, {
		Bugs: AckBeforeFsync, Name: "ack-before-fsync",
		Summary:  "entries are acknowledged, by followers and by the leader to itself, before they are synced, so a crash loses acknowledged writes",
		After:    "etcd 3.5 issue #14370 (2022) and Jepsen's NATS 2.12.1 (2025): acknowledged writes lost in a crash",
		Faults:   []string{"disk"},
		Anomaly:  "nonlinearizable",
		Workload: "set",
		SimOnly:  "the power has to fail on a majority within the milliseconds of a sync; two runs of a minute under disk faults did not show it",
	}, {
		Bugs: StaleLeaderRead, Name: "stale-leader-read",
		Summary:  "a leader answers reads from its own state without confirming that it still leads, and never doubts its office for lack of a quorum",
		After:    "Jepsen's etcd and Consul (2014): reads by a deposed leader",
		Faults:   []string{"partition"},
		Anomaly:  "nonlinearizable",
		Workload: "register",
	}, {
		Bugs: RetryAppliedTwice, Name: "retry-applied-twice",
		Summary:  "client sessions are ignored, so a request sent again after a lost answer takes effect again",
		After:    "Ongaro's dissertation (2014), section 6.3: linearizable semantics need session tracking",
		Faults:   []string{"packet"},
		Anomaly:  "nonlinearizable",
		Workload: "counter",
		SimOnly:  "an answer has to be lost, and TCP repeats it before the client asks again",
	}, {
		Bugs: TruncateWithoutComparing, Name: "truncate-without-comparing",
		Summary:  "a follower cuts its log behind the previous entry of every Append instead of only where terms conflict, so a delayed Append erases entries already acknowledged",
		After:    "Gjengset, Students' Guide to Raft (2016): truncating the log on every AppendEntries",
		Faults:   []string{"packet", "kill"},
		Anomaly:  "nonlinearizable",
		Workload: "set",
		SimOnly:  "an Append has to come late, and TCP keeps them in order",
	}, {
		Bugs: CommitCountsReplies, Name: "commit-counts-replies",
		Summary:  "the leader takes any positive answer as acknowledging all it has sent, instead of the index the follower reports",
		After:    "Gjengset, Students' Guide to Raft (2016): matchIndex set from nextIndex rather than from the request that is answered",
		Faults:   []string{"packet", "partition"},
		Anomaly:  "nonlinearizable",
		Workload: "set",
		SimOnly:  "what an answer is taken to acknowledge has to be lost, and TCP delivers it",
	}, {
		Bugs: NoopOmitted, Name: "noop-omitted",
		Summary:  "a new leader opens its term with no empty entry and answers reads all the same, so until the first write it does not know how far its predecessors had committed",
		After:    "Ongaro's dissertation (2014), section 6.4, step 1: a leader has to commit a no-op before it reads",
		Faults:   []string{"kill", "partition"},
		Anomaly:  "nonlinearizable",
		Workload: "register",
		Interval: time.Second,
	}, {
		Bugs: QuorumOfReachable, Name: "quorum-of-reachable",
		Summary:  "the leader takes its majorities among the peers it has lately heard from, so cut off on its own it goes on committing",
		After:    "Jepsen's Kafka (2013): the in-sync replica set shrinks to the leader alone",
		Faults:   []string{"partition"},
		Anomaly:  "nonlinearizable",
		Workload: "register",
	}, {
		Bugs: SnapshotForgetsSessions, Name: "snapshot-forgets-sessions",
		Summary:  "a snapshot holds the store without the client sessions, so whoever restores it applies a retried request again",
		After:    "Ongaro's dissertation (2014), section 6.3: the table of sessions is part of the state that a snapshot saves",
		Faults:   []string{"kill", "packet"},
		Anomaly:  "nonlinearizable",
		Workload: "counter",
		SimOnly:  "a retry has to cross a snapshot that is restored, and few answers are lost where TCP repeats them",
	}, {
		Bugs: RestoredSnapshotStaleTerm, Name: "restored-snapshot-stale-term",
		Summary:  "a log that ends where a snapshot does says in elections that its last term is 0, so a node whose last entries were compacted votes for one that lacks them",
		After:    "Ongaro and Ousterhout, Raft (2014), section 7: a snapshot carries last included index and term, as elections compare them",
		Faults:   []string{"kill", "partition"},
		Anomaly:  "nonlinearizable",
		Workload: "set",
		Interval: time.Second,
		SimOnly:  "the log of a voter has to end where its snapshot does at the moment of an election",
	}, {
		Bugs: SessionForgottenTooSoon, Name: "session-forgotten-too-soon",
		Summary:  "only the two clients that wrote last keep their sessions, so a retry that comes a little later takes effect again",
		After:    "Ongaro's dissertation (2014), section 6.3: a session that expires while its client lives breaks linearizability",
		Faults:   []string{"packet", "partition"},
		Anomaly:  "nonlinearizable",
		Workload: "counter",
	}, {
		Bugs: LeaseTrustsSkewedWallClock, Name: "lease-trusts-skewed-wall-clock",
		Summary:  "the leader answers reads under a lease that it judges by the wall clock, so once that is set back it trusts a lease long expired",
		After:    "Ongaro's dissertation (2014), section 6.4.1: leases assume bounded clock drift, which wall clocks do not have",
		Faults:   []string{"clock", "partition"},
		Anomaly:  "nonlinearizable",
		Workload: "register",
	}, {
		Bugs: ConfigAppliedAtCommit, Name: "config-applied-at-commit",
		Summary:  "a change of the members is in force from its commit instead of from its entry on, so a restarted node, which has yet to learn what is committed, goes by members long gone",
		After:    "Ongaro's dissertation (2014), section 4.1: a server uses the latest configuration in its log, committed or not",
		Faults:   []string{"kill", "partition", "membership"},
		Anomaly:  "nonlinearizable",
		Workload: "register",
		Settings: map[string]string{"members": "dynamic"},
		SimOnly:  "a node has to start with changes of the members in its log that it has yet to learn are committed, and stand for election at once; three runs of a minute did not show it",
	}, {
		Bugs: FailedSyncRetried, Name: "failed-sync-retried",
		Summary:  "a sync that fails is tried again, and its success is taken for that of both, though what the first one covered never reaches the disk",
		After:    "PostgreSQL's fsync errors of 2018; Rebello et al., Can Applications Recover from fsync Failures? (2020)",
		Faults:   []string{"disk"},
		Anomaly:  "nonlinearizable",
		Workload: "set",
		SimOnly:  "a sync has to fail, and what it was to save be lost as well; two runs of a minute under disk faults did not show it",
	}, {
		Bugs: ChecksumIgnored, Name: "checksum-ignored",
		Summary:  "a restarting node takes its log as it reads it, without a look at the checksums, and so a flipped bit or a torn write for what was written",
		After:    "Ganesan et al., Redundancy Does Not Imply Fault Tolerance (2017): corruption of one node's disk that spreads or is served",
		Faults:   []string{"disk"},
		Anomaly:  "nonlinearizable",
		Workload: "register",
		SimOnly:  "a bit has to flip in a value that is read again; `--nemesis disk:rot --nemesis-interval 1s` shows it in two runs of a minute out of four",
	}, {
		Bugs: CommitPriorTerm, Name: "commit-prior-term",
		Summary:  "a leader opens its term with no entry of its own and commits those of earlier terms by counting their copies, though a node that lacks them may still be elected and overwrite them",
		After:    "Ongaro and Ousterhout, Raft (2014), section 5.4.2 and figure 8: only entries of the current term are committed by counting",
		Faults:   []string{"kill", "partition"},
		Anomaly:  "nonlinearizable",
		Workload: "set",
		Settings: map[string]string{"sending": "one-by-one", "links": "slow"},
		Interval: time.Second,
		SimOnly:  "it needs links as slow as between distant regions, and an entry at a time",
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

// ParseBugs reads names joined by commas. Both "" and "none" are the empty set.
func ParseBugs(s string) (Bugs, error) {
	var set Bugs
	if s == "" || s == "none" {
		return set, nil
	}
	for name := range strings.SplitSeq(s, ",") {
		bug, ok := bugNamed(name)
		if !ok {
			return 0, fmt.Errorf("refdb: no planted bug is called %q", name)
		}
		set |= bug
	}
	return set, nil
}

func bugNamed(name string) (Bugs, bool) {
	for _, row := range bugTable {
		if row.Name == name {
			return row.Bugs, true
		}
	}
	return 0, false
}
