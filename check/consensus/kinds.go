package consensus

import "checker/check"

// The anomalies, by the property that they violate.
const (
	divergentApply     = "divergent-apply"
	divergentCommit    = "divergent-commit"
	divergentSnapshot  = "divergent-snapshot"
	unproposedEntry    = "unproposed-entry"
	unloggedApply      = "unlogged-apply"
	unloggedCommit     = "unlogged-commit"
	phantomEntry       = "phantom-entry"
	outOfOrderApply    = "out-of-order-apply"
	uncommittedApply   = "uncommitted-apply"
	commitRegression   = "commit-regression"
	twoLeaders         = "two-leaders"
	unelectedLeader    = "unelected-leader"
	doubleVote         = "double-vote"
	termRegression     = "term-regression"
	leaderTruncates    = "leader-truncates"
	logMismatch        = "log-mismatch"
	incompleteLeader   = "incomplete-leader"
	lostCommit         = "lost-commit"
	commitWithoutVotes = "commit-without-quorum"
	oldTermCommit      = "old-term-commit"
	outdatedLeader     = "outdated-leader"
	noCatchUp          = "no-catch-up"
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: divergentApply, Summary: "Agreement: different entries were applied at one index, by two nodes or by one before and after a restart."},
		{Name: divergentCommit, Summary: "Agreement: two nodes hold different entries to be committed at one index."},
		{Name: divergentSnapshot, Summary: "Agreement: two snapshots behind the same entry differ, or one covers another entry than was committed."},
		{Name: unproposedEntry, Summary: "Validity: an entry is in a log though the leader of its term never appended it."},
		{Name: unloggedApply, Summary: "Validity: a node applied another entry than its own log holds there."},
		{Name: unloggedCommit, Summary: "Validity: a node took for committed what lies behind the end of its log."},
		{Name: phantomEntry, Summary: "Validity: a node recovered a longer log than it ever had."},
		{Name: outOfOrderApply, Summary: "Integrity: a node applied an entry twice, went back or left one out, within one life."},
		{Name: uncommittedApply, Summary: "Integrity: a node applied an entry, or a snapshot, that was not committed."},
		{Name: commitRegression, Summary: "Integrity: the commit index of a node went back within one life."},
		{Name: twoLeaders, Summary: "Election safety: one term had two leaders, or one node led it in two lives."},
		{Name: unelectedLeader, Summary: "Election safety: a node became leader without the votes of a majority."},
		{Name: doubleVote, Summary: "Election safety: a node voted for two candidates in one term, and both votes must have been sent."},
		{Name: termRegression, Summary: "Election safety: the term of a node went back, within one life or to before a term that it must have had on disk."},
		{Name: leaderTruncates, Summary: "Leader append-only: a leader cut its own log."},
		{Name: logMismatch, Summary: "Log matching: two entries of one index and term differ or follow different entries, or the terms of a log decrease."},
		{Name: incompleteLeader, Summary: "Leader completeness: a leader's log lacks an entry that was committed in an earlier term."},
		{Name: lostCommit, Summary: "Leader completeness: a committed entry was cut from a log that had committed it, or fewer than a majority still hold it."},
		{Name: commitWithoutVotes, Summary: "Leader completeness: an entry was committed that fewer than a majority held."},
		{Name: oldTermCommit, Summary: "Leader completeness: a leader committed up to an entry of an earlier term, which may still be overwritten (Raft, figure 8)."},
		{Name: outdatedLeader, Summary: "Leader completeness: a node became leader by the vote of one whose log was more up to date, and had not taken that over (Raft, 5.4.1)."},
		{Name: noCatchUp, Summary: "Termination: after the faults, a live node did not apply within the bound all that had been committed."},
	}
}
