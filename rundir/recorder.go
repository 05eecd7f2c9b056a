package rundir

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"checker/history"
)

// flushBytes is how much of a history may be lost when the harness is killed.
const flushBytes = 64 << 10

// Recorder appends to a file of the directory as the run goes. The first error
// stays: later writes do nothing and return it again.
type Recorder struct {
	file *os.File
	buf  *bufio.Writer
	line []byte
	err  error
}

// NewRecorder opens a file of the directory for writing, with the folders that
// its name asks for.
func (d *Dir) NewRecorder(name string) (*Recorder, error) {
	if err := os.MkdirAll(filepath.Dir(d.Path(name)), 0o755); err != nil {
		return nil, err
	}
	file, err := os.Create(d.Path(name))
	if err != nil {
		return nil, err
	}
	return &Recorder{file: file, buf: bufio.NewWriterSize(file, flushBytes)}, nil
}

// NodeLog opens the file that the log of a node's database goes to.
func (d *Dir) NodeLog(node string) (*Recorder, error) {
	return d.NewRecorder(filepath.Join(NodesDir, node, "database.log"))
}

// HistoryRecorder opens history.jsonl for writing.
func (d *Dir) HistoryRecorder() (*Recorder, error) { return d.NewRecorder(historyFile) }

// TraceRecorder opens trace.jsonl for writing.
func (d *Dir) TraceRecorder() (*Recorder, error) { return d.NewRecorder(traceFile) }

// RecordOp appends an op as a line of JSON.
func (r *Recorder) RecordOp(op history.Op) error {
	r.line = append(history.AppendJSON(r.line[:0], op), '\n')
	_, err := r.Write(r.line)
	return err
}

// Write appends p.
func (r *Recorder) Write(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.buf.Write(p)
	return n, r.keep(err)
}

// Flush hands what was recorded to the operating system.
func (r *Recorder) Flush() error {
	if r.err != nil {
		return r.err
	}
	return r.keep(r.buf.Flush())
}

// Close flushes and closes the file.
func (r *Recorder) Close() error {
	flushed := r.Flush()
	return errors.Join(flushed, r.file.Close())
}

func (r *Recorder) keep(err error) error {
	if err == nil {
		return nil
	}
	r.err = fmt.Errorf("cannot record to %s: %w%s", r.file.Name(), err, remedy(err))
	return r.err
}

// remedy says what to do about an error of the file system, if that is clear.
func remedy(err error) string {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return "; make room or choose another place with --out"
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, syscall.ENOTDIR):
		return "; choose another place with --out"
	}
	return ""
}

// ReadHistory reads history.jsonl. The last line may be torn, as a killed
// harness leaves it; that is a warning of the history.
func (d *Dir) ReadHistory() (*history.History, error) {
	return history.ReadFile(d.Path(historyFile), history.ReadOptions{Format: "jsonl", AllowTruncated: true})
}

// HistoryBytes opens history.jsonl for comparing.
func (d *Dir) HistoryBytes() (io.ReadCloser, error) { return os.Open(d.Path(historyFile)) }

// TraceBytes opens trace.jsonl for comparing.
func (d *Dir) TraceBytes() (io.ReadCloser, error) { return os.Open(d.Path(traceFile)) }
