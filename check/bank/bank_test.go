package bank_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/bank"
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
			return check.Run(context.Background(), bank.New(options(t, d)), h).String()
		})
	})
}

func options(t *testing.T, d *datadriven.TestData) bank.Options {
	o := bank.Options{Negative: d.HasArg("negative"), Recent: d.HasArg("recent")}
	d.MaybeScanArgs(t, "accounts", &o.Accounts)
	d.MaybeScanArgs(t, "max-transfer", &o.MaxTransfer)
	if d.HasArg("total") {
		o.Total = new(int64)
		d.ScanArgs(t, "total", o.Total)
	}
	return o
}

func TestRecordedHistories(t *testing.T) {
	for file, test := range map[string]struct {
		options bank.Options
		want    check.Verdict
	}{
		"jepsen/bank.edn":                    {bank.Options{}, check.Valid},
		"jepsen/bank.json":                   {bank.Options{}, check.Valid},
		"jepsen/bank-neg.edn":                {bank.Options{Negative: true}, check.Valid},
		"jepsen/bank-tidb.edn":               {bank.Options{}, check.Invalid},
		"jepsen/bank-negative-balances.json": {bank.Options{}, check.Invalid},
	} {
		path := "../../../shared/histories/elle-cli/" + file
		if _, err := os.Stat(path); err != nil {
			t.Skipf("no recorded histories: %v", err)
		}
		h, err := history.ReadFile(path, history.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := check.Run(context.Background(), bank.New(test.options), h); got.Verdict != test.want {
			t.Errorf("%s: published as %v\n%v", file, test.want, got)
		}
	}
}
