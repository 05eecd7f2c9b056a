package txn_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"
	"checker/history"
)

// recorded is where the histories with published verdicts lie, beside the
// project.
const recorded = "../../../shared/histories"

// otherwise are the verdicts that differ from the published ones, because in both
// files x is read as 3, which nobody wrote. Elle does not look for that.
var otherwise = map[string]string{
	"elle-cli/elle/rw-register.edn":  "invalid",
	"elle-cli/elle/rw-register.json": "invalid",
}

// TestRecordedHistories judges histories that other projects published, for the
// model that they state, and compares with the verdict that they state.
func TestRecordedHistories(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(recorded, "verdicts.tsv"))
	if err != nil {
		t.Skipf("no recorded histories: %v", err)
	}
	judged := 0
	for _, line := range strings.Split(strings.TrimSpace(string(table)), "\n")[1:] {
		cols := strings.Split(line, "\t")
		o := txn.Options{ConsistencyModels: []string{cols[2]}}
		switch cols[1] {
		case "list-append":
		case "rw-register":
			o.Model = micro.Registers
		default:
			continue
		}
		h, err := history.ReadFile(filepath.Join(recorded, cols[0]), history.ReadOptions{})
		if err != nil {
			t.Errorf("%s: %v", cols[0], err)
			continue
		}
		c, err := txn.New(o)
		if err != nil {
			t.Fatal(err)
		}
		got := check.Run(context.Background(), c, h)
		want, _, _ := strings.Cut(cols[3], " ")
		if ours, differs := otherwise[cols[0]]; differs {
			want = ours
		}
		if got.Verdict.String() != want {
			t.Errorf("%s: %v (%s), published as %s", cols[0], got.Verdict, got.Reason, cols[3])
		}
		t.Logf("%s: %s", cols[0], draw(got, false))
		for _, a := range got.Anomalies {
			t.Logf("%s: %s", a.Type, a.Witnesses[0].Text)
		}
		judged++
	}
	if judged < 7 {
		t.Errorf("%d histories judged: fewer than the table had when this was written", judged)
	}
}
