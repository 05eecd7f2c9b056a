package linear_test

import (
	"strings"

	"checker/history"
)

// dump prints a history, an op a line.
func dump(h *history.History) string {
	var b strings.Builder
	for i := range h.Len() {
		b.WriteString(h.Op(i).String() + "\n")
	}
	return b.String()
}
