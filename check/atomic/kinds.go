package atomic

import "checker/check"

// The anomalies, with the property that they violate.
const (
	splitDecision    = "split-decision"
	reversedDecision = "reversed-decision"
	brokenVote       = "broken-vote"
	commitNoVotes    = "commit-without-votes"
	needlessAbort    = "needless-abort"
	undecided        = "undecided"
	appliedTwice     = "applied-twice"
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: splitDecision, Summary: "AC1: one participant of a transaction committed and another one aborted.", Example: `coordinator  [ prepare ]─────────────[ commit ]
s0              └[ yes ]──────────────────└[ commits ]
s1              └[ yes ]──[ gives up: aborts ]`},
		{Name: reversedDecision, Summary: "AC2: a node decided, or carried out, one outcome of a transaction and later the other one.", Example: `s0   [ yes ]──[ commits ]──✗ crash ──[ recovers ]──[ aborts ]`},
		{Name: brokenVote, Summary: "AC2: a participant that had voted yes voted no afterwards, or aborted although nobody who may had decided so.", Example: `s0   [ yes ]──✗ crash ──[ recovers ]──[ no ]`},
		{Name: commitNoVotes, Summary: "AC3: a transaction was committed although a participant had not voted yes.", Example: `coordinator  [ prepare ]───────[ commit ]
s0              └[ yes ]──────────└[ commits ]
s1              └ …                └[ has nothing to commit ]`},
		{Name: needlessAbort, Summary: "AC4: a transaction was aborted although all had voted yes, nothing had failed and none stood in its way.", Example: `coordinator  [ prepare ]──────────────────[ abort ]
s0              └[ yes ]─────┐
s1              └[ yes ]─────┴ all yes, no fault`},
		{Name: undecided, Summary: "AC5: long after the last fault a participant that had voted yes was still in doubt, and held its locks.", Example: `coordinator  [ prepare ]──✗ crash ───[ recovers ]
s0              └[ yes ]──────────────────────────────── …`},
		{Name: appliedTwice, Summary: "A node carried out the commit of one transaction twice within one life.", Example: `s0   [ yes ]──[ commits ]──[ commits ]`},
	}
}
