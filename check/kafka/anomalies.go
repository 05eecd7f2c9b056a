package kafka

import "checker/check"

// The anomalies that this package finds, by Jepsen's names. Cycles of G0 and G1c
// have the suffix -process if they need the order of a process.
const (
	InconsistentOffsets = "inconsistent-offsets"
	Duplicate           = "duplicate"
	AbortedRead         = "G1a"
	Unexpected          = "unexpected-record" // Jepsen has no name for it
	PrecommittedRead    = "precommitted-read"
	LostWrite           = "lost-write"
	IntPollSkip         = "int-poll-skip"
	IntPollBack         = "int-nonmonotonic-poll"
	IntSendSkip         = "int-send-skip"
	IntSendBack         = "int-nonmonotonic-send"
	PollSkip            = "poll-skip"
	PollBack            = "nonmonotonic-poll"
	SendBack            = "nonmonotonic-send"
	G0                  = "G0"
	G1c                 = "G1c"
	process             = "-process"
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: InconsistentOffsets, Summary: "One offset of a log holds two different records.", Example: `client 1   [ send x 1 → offset 0 ]
client 2                            [ poll → x offset 0: 2 ]`},
		{Name: Duplicate, Summary: "A record that was sent once is at two offsets of a log.", Example: `client 1   [ send x 1 → offset 0 ]
client 2                            [ poll → x 0: 1, x 1: 1 ]`},
		{Name: AbortedRead, Summary: "A record was polled (or a value read) whose writer had failed for certain.", Example: `client 1   [ send x 1 → fail ]
client 2                        [ poll → x 0: 1 ]`},
		{Name: Unexpected, Summary: "A record was polled that nobody had sent.", Example: `client 1   [ poll → x 0: 9 ]`},
		{Name: PrecommittedRead, Summary: "A transaction polled a record that it had itself sent and not yet committed.", Example: `client 1   [ send x 1, poll → x 0: 1 ]`},
		{Name: LostWrite, Summary: "A record that was surely written was never polled, though one behind it was.", Example: `client 1   [ send x 1 → 0 ]  [ send x 2 → 1 ]
client 2                                       [ poll → x 1: 2 ]`},
		{Name: IntPollSkip, Summary: "Polls within one transaction skipped a record of a log.", Example: `client 1   [ poll → x 0: 1, x 2: 3 ]
client 2   [ poll → x 1: 2 ]`},
		{Name: IntPollBack, Summary: "Polls within one transaction went back in a log, or stood still.", Example: `client 1   [ poll → x 1: 2, x 0: 1 ]`},
		{Name: IntSendSkip, Summary: "Between two records that one transaction sent to a log there is one of another.", Example: `client 1   [ send x 1 → 0, send x 3 → 2 ]
client 2   [ send x 2 → 1 ]`},
		{Name: IntSendBack, Summary: "A transaction's second record of a log is before its first.", Example: `client 1   [ send x 1 → 1, send x 2 → 0 ]`},
		{Name: PollSkip, Summary: "Successive polls of one process skipped a record of a log.", Example: `client 1   [ poll → x 0: 1 ]  [ poll → x 2: 3 ]
client 2   [ poll → x 1: 2 ]`},
		{Name: PollBack, Summary: "A process polled again what it had polled, or something before that.", Example: `client 1   [ poll → x 1: 2 ]  [ poll → x 0: 1 ]`},
		{Name: SendBack, Summary: "The later record of a process is before its earlier one.", Example: `client 1   [ send x 1 → 1 ]  [ send x 2 → 0 ]`},
		{Name: G0 + process, Summary: "Transactions wrote over each other in a circle that the order of a process closes.", Example: `client 1   [ send x 1 → 1 ]  [ send y 1 → 0 ]
client 2   [ send y 2 → 1 ]  [ send x 2 → 0 ]`},
		{Name: G1c + process, Summary: "Information flowed in a circle that the order of a process closes.", Example: `client 1   [ poll → x 0: 1 ]  [ send y 1 → 0 ]
client 2   [ poll → y 0: 1 ]  [ send x 1 → 0 ]`},
	}
}
