package counter_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/counter"
	"checker/history"
)

// TestVerdicts judges the small histories in testdata: positive and negative
// controls of each anomaly, with their witnesses in words.
func TestVerdicts(t *testing.T) {
	datadriven.RunTest(t, "testdata/counter", func(t *testing.T, d *datadriven.TestData) string {
		h, err := history.Read(strings.NewReader(d.Input), d.Cmd, history.ReadOptions{Format: history.EDN, AllowTruncated: true})
		if err != nil {
			return err.Error() + "\n"
		}
		var o counter.Options
		d.MaybeScanArgs(t, "initial", &o.Initial)
		return inWords(check.Run(context.Background(), counter.New(o), h))
	})
}

func TestRecordedHistories(t *testing.T) {
	for _, file := range []string{"counter.edn", "counter.json"} {
		path := "../../../shared/histories/elle-cli/jepsen/" + file
		if _, err := os.Stat(path); err != nil {
			t.Skipf("no recorded histories: %v", err)
		}
		h, err := history.ReadFile(path, history.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := check.Run(context.Background(), counter.New(counter.Options{}), h); got.Verdict != check.Valid {
			t.Errorf("%s: %v, published as valid: %+v", file, got.Verdict, got)
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
