package rundir

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"checker/history"
)

func op(index int, typ history.Type) history.Op {
	return history.Op{Index: index, Time: int64(index), Process: 0, Type: typ, F: "write", Value: history.Int(1)}
}

func TestRecordedHistoryComesBack(t *testing.T) {
	dir := create(t)
	r, err := dir.HistoryRecorder()
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range []history.Op{op(0, history.Invoke), op(1, history.Ok)} {
		if err := r.RecordOp(o); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := dir.ReadHistory(); err != nil || h.Len() != 0 {
		t.Errorf("before the first flush: %v", err)
	}
	if err := r.Flush(); err != nil {
		t.Fatal(err)
	}
	if h, err := dir.ReadHistory(); err != nil || h.Len() != 2 {
		t.Errorf("after a flush: %v", err)
	}
	if err := r.RecordOp(op(2, history.Invoke)); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if h, err := dir.ReadHistory(); err != nil || h.Len() != 3 {
		t.Errorf("after the end: %v", err)
	}
}

// TestTornLastLine is what a killed harness leaves.
func TestTornLastLine(t *testing.T) {
	dir := create(t)
	whole := string(history.AppendJSON(nil, op(0, history.Invoke))) + "\n"
	for _, torn := range []string{"{", `{"index":1,"time":1,"process":0,"type":"ok","f":"wr`} {
		if err := os.WriteFile(dir.Path(historyFile), []byte(whole+torn), 0o644); err != nil {
			t.Fatal(err)
		}
		h, err := dir.ReadHistory()
		if err != nil {
			t.Fatalf("%q: %v", torn, err)
		}
		if warnings, _ := h.Warnings(); h.Len() != 1 || len(warnings) == 0 {
			t.Errorf("%q: %d ops, warnings %v", torn, h.Len(), warnings)
		}
	}
	if err := os.WriteFile(dir.Path(historyFile), []byte("{\n"+whole), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := dir.ReadHistory(); err == nil {
		t.Error("a torn line in the middle was read over")
	}
}

// full opens a recorder to a disk without room.
func full(t *testing.T) *Recorder {
	t.Helper()
	dir := create(t)
	if err := os.Symlink("/dev/full", dir.Path(historyFile)); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	r, err := dir.HistoryRecorder()
	if err != nil {
		t.Skipf("no /dev/full here: %v", err)
	}
	return r
}

func TestFullDisk(t *testing.T) {
	r := full(t)
	if err := r.RecordOp(op(0, history.Invoke)); err != nil {
		t.Fatalf("an error before the buffer is full: %v", err)
	}
	first := r.Flush()
	if !errors.Is(first, syscall.ENOSPC) {
		t.Fatalf("flush: %v", first)
	}
	for _, want := range []string{"cannot record to", historyFile, "make room or choose another place with --out"} {
		if !strings.Contains(first.Error(), want) {
			t.Errorf("%q does not say %q", first, want)
		}
	}
	if err := r.RecordOp(op(1, history.Ok)); err != first {
		t.Errorf("a later op: %v", err)
	}
	if err := r.Flush(); err != first {
		t.Errorf("a later flush: %v", err)
	}
	if err := r.Close(); !errors.Is(err, first) {
		t.Errorf("close: %v", err)
	}
}

// TestFullDiskWithoutFlush: what does not fit into the buffer any more fails at
// once, and nothing after it is taken.
func TestFullDiskWithoutFlush(t *testing.T) {
	r := full(t)
	var err error
	wrote := 0
	for ; err == nil && wrote < 2*flushBytes; wrote += 100 {
		_, err = io.WriteString(r, strings.Repeat("x", 100))
	}
	if !errors.Is(err, syscall.ENOSPC) || wrote > flushBytes+200 {
		t.Errorf("after %d bytes: %v", wrote, err)
	}
	if _, again := io.WriteString(r, "x"); again != err {
		t.Errorf("the error did not stay: %v", again)
	}
	if closed := r.Close(); !errors.Is(closed, err) {
		t.Errorf("close: %v", closed)
	}
}

func TestDocumentInNoFolder(t *testing.T) {
	dir := create(t)
	if err := os.Remove(dir.String()); err != nil {
		t.Fatal(err)
	}
	err := dir.WriteRun(Run{})
	if err == nil || !strings.Contains(err.Error(), "cannot write "+dir.Path(RunFile)) {
		t.Errorf("the error does not name the document: %v", err)
	}
}
