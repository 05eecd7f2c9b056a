package runner

import (
	"io"
	"testing"
	"time"

	"checker/check"
	"checker/history"
	"checker/rundir"
	"checker/targets"
)

// TestNodeHealth finds what a target calls unhealthy, and exits that nobody ordered,
// in the log of any node; nothing in healthy logs; and says unknown without any.
func TestNodeHealth(t *testing.T) {
	for name, c := range map[string]struct {
		logs map[string]string
		want check.Verdict
	}{
		"healthy":          {map[string]string{"n1": "ready\nelected\n", "n2": "I do not panic\n"}, check.Valid},
		"a panic":          {map[string]string{"n1": "ready\n", "n2": "ready\npanic: index out of range\n"}, check.Invalid},
		"an exit":          {map[string]string{"n1": targets.UnorderedExit + " with code 3\n"}, check.Invalid},
		"an exit in words": {map[string]string{"n1": "it says: " + targets.UnorderedExit + "\n"}, check.Valid},
		"no logs":          {nil, check.Unknown},
	} {
		dir, err := rundir.Create(t.TempDir(), "health", 1, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		for node, log := range c.logs {
			w, err := dir.NodeLog(node)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(w, log); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
		}
		got := check.Run(t.Context(), nodeHealth(dir, "^panic:"), history.NewBuilder().History())
		if got.Verdict != c.want || got.Name != NodeHealth {
			t.Errorf("%s: %s is %s: %s", name, got.Name, got.Verdict, got.Reason)
		}
	}
}
