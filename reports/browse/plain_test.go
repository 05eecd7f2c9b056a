//go:build unix

package browse

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"checker/rundir"
)

// TestPipesHoldNothingUp: whatever lies in a store, a pipe that nobody writes to
// included, the list comes; a test that hangs says that it does not.
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
	h := serve(t, dir)
	if w := get(h, "GET", "/", "localhost"); w.Code != 200 || !strings.Contains(w.Body.String(), "2 of 2 runs") || strings.Count(w.Body.String(), "neither a file nor a folder") != 2 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := get(h, "GET", "/run/name/run00002/"+rundir.ReportFile, "localhost"); w.Code == 200 {
		t.Errorf("the report: %d", w.Code)
	}
	if w := get(h, "GET", "/zip/name/run00002", "localhost"); w.Code != 200 {
		t.Errorf("the zip: %d", w.Code)
	}
}

// TestLinksAreNoCampaigns: a link to a campaign does not list it twice.
func TestLinksAreNoCampaigns(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "real"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "real", campaignFile), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", filepath.Join(dir, "latest")); err != nil {
		t.Fatal(err)
	}
	if body := get(serve(t, dir), "GET", "/", "localhost").Body.String(); strings.Count(body, `href="/campaign/`) != 1 {
		t.Errorf("%s", body)
	}
}
