package weak

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"checker/check"
	"checker/check/txn/micro"
	"checker/history"
)

const recorded = "../../../../shared/histories"

// What others published: of AWDIT's histories the strongest level that holds, of
// the anomalies found in databases what is violated.
func TestRecordedHistories(t *testing.T) {
	f, err := os.Open(filepath.Join(recorded, "verdicts.tsv"))
	if err != nil {
		t.Skipf("no recorded histories: %v", err)
	}
	defer f.Close()
	levels := []string{ReadCommitted, ReadAtomic, CausalConvergence}
	strongest := map[string]int{"none": 0, "read-committed": 1, "read-atomic": 2, "causal": 3}
	published := map[string]int{ // in verdicts.tsv they are in words
		"isolation-bugs/galera.txt": 3, "isolation-bugs/yugabyte.txt": 1, "isolation-bugs/pg_ser_bug.txt": 3,
	}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if column := strings.Split(lines.Text(), "\t"); strings.HasPrefix(column[0], "awdit/") {
			level, known := strongest[column[3]]
			if !known {
				t.Fatalf("%s: what is %q?", column[0], column[3])
			}
			published[column[0]] = level
		}
	}
	if len(published) != 25 {
		t.Errorf("%d histories, expected AWDIT's 22 and three more", len(published))
	}
	for name, level := range published {
		h, err := history.ReadFile(filepath.Join(recorded, name), history.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for i, model := range levels {
			want := check.Valid
			if i >= level {
				want = check.Invalid
			}
			if got := judgeAll(t, h, micro.Registers, model); got.Verdict != want {
				t.Errorf("%s: %s is published as %v\n%s", name, model, want, got)
			}
		}
	}
}
