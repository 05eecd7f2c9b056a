package check

import (
	"fmt"
	"strings"
)

// String prints a result line by line, as goldens compare it: verdict and reason,
// anomalies with their witnesses, notes.
func (r Result) String() string {
	var b strings.Builder
	b.WriteString(strings.TrimRight(fmt.Sprintf("%v %s", r.Verdict, r.Reason), " ") + "\n")
	for _, a := range r.Anomalies {
		fmt.Fprintf(&b, "%s × %d\n", a.Type, a.Count)
		for _, w := range a.Witnesses {
			key := ""
			if w.Key != "" {
				key = "key " + w.Key + " "
			}
			fmt.Fprintf(&b, "  %sops %v: %s\n", key, w.Ops, w.Text)
			for _, s := range w.Steps {
				fmt.Fprintf(&b, "    %d -%s-> %d: %s\n", s.From, s.Edge, s.To, s.Why)
			}
		}
	}
	if m := r.ConsistencyModels; m != nil {
		fmt.Fprintf(&b, "holds %v, not %v\n", m.Holds, m.Not)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}
