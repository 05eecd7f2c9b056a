package sets_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/sets"
	"checker/history"
)

// TestVerdicts judges the small histories in testdata: positive and negative
// controls of each anomaly, with their witnesses in words.
func TestVerdicts(t *testing.T) {
	datadriven.RunTest(t, "testdata/sets", func(t *testing.T, d *datadriven.TestData) string {
		h, err := history.Read(strings.NewReader(d.Input), d.Cmd, history.ReadOptions{Format: history.EDN, AllowTruncated: true})
		if err != nil {
			return err.Error() + "\n"
		}
		o := sets.Options{Full: d.Cmd == "set-full", Linearizable: d.HasArg("linearizable")}
		return inWords(check.Run(context.Background(), sets.New(o), h))
	})
}

func TestRecordedHistories(t *testing.T) {
	for file, want := range map[string]check.Verdict{"set.edn": check.Valid, "set_full.edn": check.Invalid, "set_full.json": check.Invalid} {
		path := "../../../shared/histories/elle-cli/jepsen/" + file
		if _, err := os.Stat(path); err != nil {
			t.Skipf("no recorded histories: %v", err)
		}
		h, err := history.ReadFile(path, history.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		c := sets.New(sets.Options{Full: want == check.Invalid})
		if got := check.Run(context.Background(), c, h); got.Verdict != want {
			t.Errorf("%s: %v (%s), published as %v", file, got.Verdict, got.Reason, want)
		}
	}
}

// inWords prints a result for a golden.
func inWords(r check.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s\n", r.Verdict, r.Reason)
	for _, a := range r.Anomalies {
		fmt.Fprintf(&b, "%s × %d\n", a.Type, a.Count)
		for _, w := range a.Witnesses {
			fmt.Fprintf(&b, "  key %q ops %v: %s\n", w.Key, w.Ops, w.Text)
			for _, s := range w.Steps {
				fmt.Fprintf(&b, "    %d -%s-> %d: %s\n", s.From, s.Edge, s.To, s.Why)
			}
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}
