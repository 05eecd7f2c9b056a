package consensus

import (
	"io"

	"checker/internal/trace"
)

// ReadTrace reads the protocol events of a trace in JSON Lines, the form of which
// is told in docs/trace-format.md, and hands them to observe until it returns
// false. Lines about anything else, transactions and faults included, are passed over. It
// returns until when the trace goes; an error names its line.
func ReadTrace(r io.Reader, observe func(Event) bool) (end int64, err error) {
	return trace.Read(r, func(e *trace.Event) bool {
		if e.Txn != "" || e.Step == "fault" || e.Step == "healed" || e.Step == "settled" { // what atomic-commit judges by
			return true
		}
		return observe(Event{At: e.At, Node: e.Node, Group: e.Group, Step: e.Step, Term: e.Term, Index: e.Index, Digest: e.Digest, Peer: e.Peer})
	})
}
