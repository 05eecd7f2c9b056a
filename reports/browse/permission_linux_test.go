package browse

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// withoutRights has the test read files as somebody who is not the superuser.
func withoutRights(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	runtime.LockOSThread() // the rights are those of a thread
	if err := syscall.Setfsuid(65534); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Setfsuid(0); err != nil {
			t.Fatal(err)
		}
		runtime.UnlockOSThread()
	})
}

func TestWhatMayNotBeReadIsListed(t *testing.T) {
	dir := fill(t, 2)
	locked := filepath.Join(dir, "locked")
	if err := os.Mkdir(locked, 0); err != nil {
		t.Fatal(err)
	}
	h := serve(t, dir)
	withoutRights(t)
	body := get(h, "GET", "/", "localhost").Body.String()
	if !strings.Contains(body, "3 of 3 runs") || !strings.Contains(body, ">locked</a>") {
		t.Errorf("%s", body)
	}
}

// TestHalfAnArchiveFails: an archive that lacks a file is not passed off as whole.
func TestHalfAnArchiveFails(t *testing.T) {
	dir := fill(t, 1)
	if err := os.WriteFile(filepath.Join(dir, "name", "run00000", "history.jsonl"), nil, 0); err != nil {
		t.Fatal(err)
	}
	h := serve(t, dir)
	withoutRights(t)
	defer func() {
		if r := recover(); r != http.ErrAbortHandler {
			t.Errorf("%v, want that the answer is broken off", r)
		}
	}()
	get(h, "GET", "/zip/name/run00000", "localhost")
}
