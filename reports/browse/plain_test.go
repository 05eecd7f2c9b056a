//go:build unix

package browse

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"checker/rundir"
)

// TestPipesHoldNothingUp: whatever lies in a store, a pipe that nobody writes to
// included, the list comes.
func TestPipesHoldNothingUp(t *testing.T) {
	dir := fill(t, 3)
	pipe := func(name ...string) {
		t.Helper()
		at := filepath.Join(append([]string{dir}, name...)...)
		if err := os.RemoveAll(at); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(at, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	pipe("pipe")
	pipe("name", "run00000", rundir.RunFile)
	pipe("name", "run00001", rundir.VerdictFile)
	pipe("name", "run00002", rundir.ReportFile)
	pipe("plan", campaignFile)
	pipe("results", resultsFile)
	if err := os.WriteFile(filepath.Join(dir, "results", campaignFile), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	type answer struct {
		code int
		body string
	}
	answers := make(chan answer)
	h := serve(t, dir)
	go func() {
		for _, url := range []string{"/", "/run/name/run00002/" + rundir.ReportFile, "/zip/name/run00002"} {
			w := get(h, "GET", url, "localhost")
			answers <- answer{w.Code, w.Body.String()}
		}
	}()
	next := func() answer {
		t.Helper()
		select {
		case a := <-answers:
			return a
		case <-time.After(30 * time.Second):
			t.Fatal("no answer")
			return answer{}
		}
	}
	if a := next(); a.code != 200 || !strings.Contains(a.body, "2 of 2 runs") || strings.Count(a.body, "neither a file nor a folder") < 2 {
		t.Errorf("%d %s", a.code, a.body)
	}
	if a := next(); a.code == 200 {
		t.Errorf("the report: %d", a.code)
	}
	if a := next(); a.code != 200 {
		t.Errorf("the zip: %d", a.code)
	}
}
