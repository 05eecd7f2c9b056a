package txn

import (
	"fmt"
	"strings"

	"checker/check"
)

// DOT draws the steps of a witness for Graphviz: a node for each op, an edge for
// each step. It is "" for a witness without steps.
func DOT(name string, w check.Witness) string {
	if len(w.Steps) == 0 {
		return ""
	}
	colors := map[string]string{"ww": "#C02020", "wr": "#1F77B4", "rw": "#7A1FA2", "process": "#777777", "realtime": "#777777"}
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %q {\n  node [shape=box, fontname=monospace];\n", name)
	for _, op := range w.Ops {
		fmt.Fprintf(&b, "  op%d [label=\"op %d\"];\n", op, op)
	}
	for _, s := range w.Steps {
		fmt.Fprintf(&b, "  op%d -> op%d [label=%q, tooltip=%q, color=%q];\n", s.From, s.To, strings.TrimSpace(s.Edge+" "+s.Key), s.Why, colors[s.Edge])
	}
	b.WriteString("}\n")
	return b.String()
}
