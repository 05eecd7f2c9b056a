package runner

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"checker/check"
	"checker/rundir"
)

// TestFullDisk: a record that cannot be written ends the run as a failure that names
// the file and the remedy. What memory still holds is judged, and never valid.
func TestFullDisk(t *testing.T) {
	for _, file := range []string{"history.jsonl", "schedule.txt", "trace.jsonl", rundir.HarnessLog} {
		t.Run(file, func(t *testing.T) {
			dir := newRunDir(t)
			if err := os.Symlink("/dev/full", dir.Path(file)); err != nil {
				t.Skipf("no symbolic links here: %v", err)
			}
			if f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0); err != nil {
				t.Skipf("no /dev/full here: %v", err)
			} else {
				f.Close()
			}
			spec := defaultSpec()
			spec.Seed, spec.TimeLimit = 1, 20*time.Second
			out, err := Execute(context.Background(), resolve(t, spec), Options{Now: fixedNow, Dir: dir})
			if err != nil {
				t.Fatal(err)
			}
			wantStatus(t, out, rundir.StatusFailed, check.Unknown)
			if !errors.Is(out.Err, syscall.ENOSPC) {
				t.Errorf("%v", out.Err)
			}
			for _, want := range []string{file, "no space left on device", "make room or choose another place with --out"} {
				if !strings.Contains(out.Run.Error, want) {
					t.Errorf("%q does not say %q", out.Run.Error, want)
				}
			}
			if run, err := dir.ReadRun(); err != nil || run.Status != rundir.StatusFailed {
				t.Errorf("run.json: %q, %v", run.Status, err)
			}
			if doc, err := dir.ReadVerdict(); err != nil || doc.Verdict != check.Unknown {
				t.Errorf("verdict.json: %v, %v", doc.Verdict, err)
			}
		})
	}
}

// TestNoPlaceForDocuments: when not even run.json can be written, there is no run.
func TestNoPlaceForDocuments(t *testing.T) {
	dir := newRunDir(t)
	if err := os.Remove(dir.String()); err != nil {
		t.Fatal(err)
	}
	_, err := Execute(context.Background(), resolve(t, defaultSpec()), Options{Now: fixedNow, Dir: dir})
	if err == nil || !strings.Contains(err.Error(), "run.json") {
		t.Errorf("%v", err)
	}
}
