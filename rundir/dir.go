package rundir

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	scheduleFile = "schedule.txt"
	historyFile  = "history.jsonl"
	traceFile    = "trace.jsonl"

	// RunFile is what makes a folder a run, and VerdictFile what was found.
	RunFile     = "run.json"
	VerdictFile = "verdict.json"
	// ReportFile and JUnitFile are written by the reports.
	ReportFile = "report.html"
	JUnitFile  = "junit.xml"
	// NodesDir holds a folder for each real node, with the log of its database.
	NodesDir = "nodes"
	// HarnessLog is what the harness did, in words.
	HarnessLog = "harness.log"
)

// timeLayout sorts by time and needs no quoting in a shell.
const timeLayout = "20060102T150405"

// Dir is one run directory.
type Dir struct{ path string }

// Create makes the directory of a new run below root and points root/latest at
// it. A directory of the same second and seed gets a number behind its name.
func Create(root, name string, seed uint64, start time.Time) (*Dir, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	parent := filepath.Join(root, name)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, cannotMake(err)
	}
	base := start.UTC().Format(timeLayout) + "-" + strconv.FormatUint(seed, 10)
	path := filepath.Join(parent, base)
	for n := 2; ; n++ {
		err := os.Mkdir(path, 0o755)
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, cannotMake(err)
		}
		path = filepath.Join(parent, base+"."+strconv.Itoa(n))
	}
	return &Dir{path}, link(root, path)
}

// CreateAt makes the directory of a run at a path of the caller's choice. What an
// earlier, unfinished run left there is removed.
func CreateAt(path string) (*Dir, error) {
	if err := os.RemoveAll(path); err != nil {
		return nil, cannotMake(err)
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, cannotMake(err)
	}
	return &Dir{path}, nil
}

func cannotMake(err error) error {
	return fmt.Errorf("cannot make the run directory: %w%s", err, remedy(err))
}

// ErrName is that a run cannot be called so.
var ErrName = errors.New("it becomes a folder of the store")

func checkName(name string) error {
	if name == "" || name == "." || name == ".." || name == "latest" || strings.ContainsAny(name, `/\`+"\x00") {
		return fmt.Errorf("%q cannot be the name of a run: %w", name, ErrName)
	}
	return nil
}

// link points root/latest at a run; the old link is replaced in one step, so a
// reader never finds none.
func link(root, path string) error {
	target, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	temp := filepath.Join(root, ".latest-"+filepath.Base(path))
	if err := os.Symlink(target, temp); err != nil {
		return fmt.Errorf("cannot link the newest run: %w", err)
	}
	if err := os.Rename(temp, filepath.Join(root, "latest")); err != nil {
		os.Remove(temp)
		return fmt.Errorf("cannot link the newest run: %w", err)
	}
	return nil
}

// Open opens the directory of an earlier run. It must hold run.json.
func Open(path string) (*Dir, error) {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		path = resolved
	}
	d := &Dir{path}
	if _, err := os.Stat(d.Path(RunFile)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is not a run directory: it has no %s", path, RunFile)
		}
		return nil, err
	}
	return d, nil
}

// IsRunDir reports whether path is a directory with a run in it.
func IsRunDir(path string) bool {
	info, err := os.Stat(filepath.Join(path, RunFile))
	return err == nil && info.Mode().IsRegular()
}

// String returns the path of the directory.
func (d *Dir) String() string { return d.path }

// SchedulePath returns the path of schedule.txt.
func (d *Dir) SchedulePath() string { return d.Path(scheduleFile) }

// Path returns the path of a file in the directory.
func (d *Dir) Path(name string) string { return filepath.Join(d.path, name) }
