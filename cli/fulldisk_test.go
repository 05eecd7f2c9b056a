package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestFullDisk records to a file system that has room for a part of the run only.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	small := filepath.Join(dir, "small")
	if err := os.Mkdir(small, 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be mounted here: %s", out)
	}
	defer func() {
		if out, err := exec.Command("umount", small).CombinedOutput(); err != nil {
			t.Errorf("umount: %s", out)
		}
	}()
	code, out := runChecker(t, dir, "run", "--seed", "1", "--out", "small/store")
	if code != ExitFailed || !strings.Contains(out, "no space left on device; make room or choose another place with --out") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if strings.Contains(out, "valid") {
		t.Errorf("a verdict without a record: %s", out)
	}
	if code, out := runChecker(t, dir, "check", "small/store/latest"); code == ExitValid || strings.Contains(out, "true") {
		t.Errorf("checked again: %d %s", code, out)
	}
	code, out = runChecker(t, dir, "run", "--seed", "1", "--set", "reads=local", "-c", "linearizable", "--out", "small/store")
	if code == ExitValid || code == ExitUnknown {
		t.Errorf("without any room: exit code %d: %s", code, out)
	}
}
