package foreign

import (
	"bufio"
	"encoding/json"
	"io"

	"checker/check/atomic"
)

// Write writes events as a trace.
func Write(w io.Writer, events []atomic.Event) error {
	out := bufio.NewWriter(w)
	lines := json.NewEncoder(out)
	lines.SetEscapeHTML(false)
	for i := range events {
		e := &events[i]
		if err := lines.Encode(struct {
			T       int64  `json:"t"`
			Event   string `json:"event"`
			Node    string `json:"node"`
			Group   string `json:"group,omitempty"`
			Step    string `json:"step"`
			Txn     string `json:"txn,omitempty"`
			Outcome string `json:"outcome,omitempty"`
			Term    uint64 `json:"term,omitempty"`
			Peer    string `json:"peer,omitempty"`
		}{e.At, "protocol", e.Node, e.Group, e.Step, e.Txn, e.Outcome, e.Term, e.Peer}); err != nil {
			return err
		}
	}
	return out.Flush()
}
