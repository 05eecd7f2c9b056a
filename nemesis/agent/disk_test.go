//go:build linux

package agent

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestInside: no thread stays in the mounts of a process that were entered, whichever
// thread it was. One that stays keeps the file system of a dead database in use.
func TestInside(t *testing.T) {
	other := exec.Command("sleep", "60")
	other.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	if err := other.Start(); err != nil {
		t.Skipf("skipped: no mount namespaces here: %v", err)
	}
	defer other.Wait()
	defer other.Process.Kill()
	theirs, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(other.Process.Pid), "ns", "mnt"))
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan error)
	const times = 200
	for range times {
		go func() {
			entered <- inside(other.Process.Pid, func() error {
				now, err := os.Readlink("/proc/thread-self/ns/mnt")
				if err == nil && now != theirs {
					t.Errorf("in %s, expected %s", now, theirs)
				}
				return err
			})
		}()
	}
	for range times {
		if err := <-entered; err != nil {
			t.Fatal(err)
		}
	}
	for deadline := time.Now().Add(30 * time.Second); stay(t, theirs) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d threads stay in the mounts of another process", stay(t, theirs))
		}
	}
}

// stay counts the threads of this process in a mount namespace.
func stay(t *testing.T, namespace string) (n int) {
	t.Helper()
	links, err := filepath.Glob("/proc/self/task/*/ns/mnt")
	if err != nil {
		t.Fatal(err)
	}
	for _, link := range links {
		if at, err := os.Readlink(link); err == nil && at == namespace {
			n++
		}
	}
	return n
}
