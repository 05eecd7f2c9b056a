package linear_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// recorded is where the histories with published verdicts lie, beside the
// project.
const recorded = "../../../shared/histories"

// TestRecordedHistories judges histories that other projects published, and
// compares with the verdicts that they state.
func TestRecordedHistories(t *testing.T) {
	specs := map[string]models.Model{
		"cas-register":                   models.CASRegister(),
		"mutex":                          models.Mutex(),
		"multi-register":                 mustParse(t, "multi-register=0"),
		"kv (get/put/append on strings)": models.KV(),
	}
	judged := 0
	for _, line := range strings.Split(strings.TrimSpace(readVerdicts(t)), "\n")[1:] {
		cols := strings.Split(line, "\t")
		model, ok := specs[cols[1]]
		if !ok {
			continue
		}
		h, err := history.ReadFile(filepath.Join(recorded, cols[0]), history.ReadOptions{})
		if err != nil {
			t.Errorf("%s: %v", cols[0], err)
			continue
		}
		got := check.Run(context.Background(), linear.New(model, linear.Options{Steps: 1e8}), h)
		if got.Verdict.String() != cols[3] {
			t.Errorf("%s: %v (%s), published as %s", cols[0], got.Verdict, got.Reason, cols[3])
		}
		for _, a := range got.Anomalies {
			t.Logf("%s: %s, key %q: %s", cols[0], a.Type, a.Witnesses[0].Key, a.Witnesses[0].Text)
		}
		judged++
	}
	if judged < 60 {
		t.Errorf("%d histories judged: fewer than the table had when this was written", judged)
	}
}

// readVerdicts returns the table of recorded histories, a line each.
func readVerdicts(t testing.TB) string {
	t.Helper()
	table, err := os.ReadFile(filepath.Join(recorded, "verdicts.tsv"))
	if err != nil {
		t.Skipf("no recorded histories: %v", err)
	}
	return string(table)
}

func mustParse(t testing.TB, text string) models.Model {
	t.Helper()
	m, err := models.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
