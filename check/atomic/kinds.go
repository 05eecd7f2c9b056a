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
	rivals           = "rival-coordinators"
	deposed          = "deposed-coordinator"
)

// The anomalies of effects, as clients see them.
const (
	fracturedEffect   = "fractured-effect"
	lostEffect        = "lost-effect"
	reversedEffect    = "reversed-effect"
	resurrectedEffect = "resurrected-effect"
	abortedEffect     = "aborted-effect"
	doubledEffect     = "doubled-effect"
	phantomEffect     = "phantom-effect"
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
		{Name: rivals, Summary: "Two coordinators acted for one transaction in the same epoch, of which each should have one.", Example: `n1   [ takes over in term 4 ]──[ commits ]
n2          [ takes over in term 4 ]──[ … ]`},
		{Name: deposed, Summary: "A coordinator decided a transaction, or was obeyed, after another one had taken over in a later epoch.", Example: `n1   [ coordinates in term 4 ]─────────────────────[ commits ]
n2                        [ takes over in term 5 ]──[ … ]`},
		{Name: fracturedEffect, Summary: "Clients saw one part of a transaction, and then or at once that another part was missing.", Example: `client 1   [ append 1 to x, -1 to y ]
client 2                                [ read x → [1] ]
client 3                                                  [ read y → [] ]`},
		{Name: lostEffect, Summary: "A transaction that is ok left nothing behind: a later read lacks it, and none has any part of it.", Example: `client 1   [ append 1 to x, -1 to y: ok ]
client 2                                   [ read x, y → [] [] ]`},
		{Name: reversedEffect, Summary: "A part of a transaction that clients had seen was gone for good.", Example: `client 1   [ append 1 to x ]
client 2                      [ read x → [1] ]  [ read x → [] ]`},
		{Name: resurrectedEffect, Summary: "A part of a transaction that clients had seen was gone, and came back.", Example: `client 1   [ append 1 to x ]
client 2                      [ read x → [1] ]  [ read x → [] ]  [ read x → [1] ]`},
		{Name: abortedEffect, Summary: "Clients saw a part of a transaction that had failed.", Example: `client 1   [ append 1 to x, -1 to y: fail ]
client 2                                     [ read x → [1] ]`},
		{Name: doubledEffect, Summary: "A part of a transaction took effect twice.", Example: `client 1   [ append 1 to x ]
client 2                      [ read x → [1 1] ]`},
		{Name: phantomEffect, Summary: "A read has what no transaction appended.", Example: `client 1   [ append 1 to x ]
client 2                      [ read x → [1 7] ]`},
	}
}
