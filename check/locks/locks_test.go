package locks_test

import (
	"context"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/locks"
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
			return check.Run(context.Background(), checker(d), h).String()
		})
	})
}

func checker(d *datadriven.TestData) check.Checker {
	switch d.Cmd {
	case "leader-election":
		return locks.NewElection(locks.ElectionOptions{Linearizable: d.HasArg("linearizable")})
	case "leased-mutex":
		o := locks.LeaseOptions{}
		if d.HasArg("drift") {
			o.Drift = 0.1
		}
		return locks.NewLeased(o)
	}
	return locks.New(locks.Options{Fenced: d.Cmd == "fenced-lock"})
}
