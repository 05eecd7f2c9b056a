package causal_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/causal"
	"checker/history"
	"checker/internal/story"
)

// TestVerdicts judges the stories in testdata: positive and negative controls of
// each anomaly, with their witnesses in words.
func TestVerdicts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			text, err := story.EDN(d.Input)
			if err != nil {
				return err.Error() + "\n"
			}
			h, err := history.Read(strings.NewReader(text), d.Cmd, history.ReadOptions{Format: history.EDN})
			if err != nil {
				return err.Error() + "\n"
			}
			return check.Run(context.Background(), causal.New(options(t, d)), h).String()
		})
	})
}

func options(t *testing.T, d *datadriven.TestData) causal.Options {
	var o causal.Options
	d.MaybeScanArgs(t, "clocks", &o.Clocks)
	return o
}

// TestLinks: an op that links to a position comes after the op that has it, though
// another process made that.
func TestLinks(t *testing.T) {
	rows := `{:process 0 :type :invoke :f :write :value [x 1]}
{:process 0 :type :ok :f :write :value [x 1] :position 7}
{:process 1 :type :invoke :f :read :value [x nil] LINK}
{:process 1 :type :ok :f :read :value [x nil] :position 8}
`
	for link, want := range map[string]check.Verdict{"": check.Valid, ":link 7": check.Invalid, ":link 8": check.Valid, ":link :init": check.Valid} {
		h, err := history.Read(strings.NewReader(strings.Replace(rows, "LINK", link, 1)), "links", history.ReadOptions{Format: history.EDN})
		if err != nil {
			t.Fatal(err)
		}
		if got := check.Run(context.Background(), causal.New(causal.Options{}), h); got.Verdict != want {
			t.Errorf("%q: want %v\n%v", link, want, got)
		}
	}
}
