package reports

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"checker/rundir"
)

// TestWriteBuildsEveryFormatOfARunDirectory takes the way of a real run: through
// files. CHECKER_REPORTS_DIR keeps them for looking at.
func TestWriteBuildsEveryFormatOfARunDirectory(t *testing.T) {
	root := os.Getenv("CHECKER_REPORTS_DIR")
	if root == "" {
		root = t.TempDir()
	}
	for name, in := range map[string]Input{"valid": validInput(t), "invalid": invalidInput(t), "vacuous": vacuousInput(t)} {
		dir, err := rundir.Create(root, name, in.Run.Seed, time.Unix(1_700_000_000, 0))
		if err != nil {
			t.Fatal(err)
		}
		record(t, dir, in)
		var names []string
		for _, f := range Formats() {
			names = append(names, f.Name)
		}
		paths, err := Write(dir, names)
		if err != nil {
			t.Fatal(err)
		}
		for i, path := range paths {
			if info, err := os.Stat(path); err != nil || info.Size() == 0 || filepath.Base(path) != Formats()[i].File {
				t.Errorf("%s: %v, %v", path, info, err)
			}
		}
	}
}

// record writes an input as the runner would.
func record(t *testing.T, dir *rundir.Dir, in Input) {
	t.Helper()
	r, err := dir.HistoryRecorder()
	if err != nil {
		t.Fatal(err)
	}
	for i := range in.History.Len() {
		if err := r.RecordOp(in.History.Op(i)); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range []error{r.Close(), dir.WriteRun(*in.Run), dir.WriteVerdict(in.Document)} {
		if err != nil {
			t.Fatal(err)
		}
	}
}
