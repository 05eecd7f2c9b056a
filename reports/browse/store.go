package browse

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"checker/check"
	"checker/rundir"
)

// deepest is how far below the store's root a run may lie.
const deepest = 4

// Run is what the list shows of a run.
type Run struct {
	Path      string // below the store, with slashes
	Verdict   string // valid, invalid or unknown
	Summary   string
	Signature string
	Anomalies string
	Start     string
	Target    string
	Workload  string
	Nemesis   string
	Bugs      string
	Status    string
	Reproduce string
	Seed      int64
	Ops       int
	Problem   string // why it cannot be shown whole
}

// Store is a folder of runs, read through a root that links cannot lead out of.
// It remembers what it read of a run until its documents change, and may be used
// by several goroutines.
type Store struct {
	files    plain
	now      func() time.Time
	mu       sync.Mutex
	known    map[string]known
	progress map[string]*progress // of campaigns
}

// known is a run as it was when its documents had this stamp.
type known struct {
	stamp string
	run   Run
}

// Open opens a store; now is asked whether a campaign still goes on. The caller
// closes it.
func Open(dir string, now func() time.Time) (*Store, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Store{files: plain{root}, now: now, known: map[string]known{}, progress: map[string]*progress{}}, nil
}

// Close gives the folder up.
func (s *Store) Close() error { return s.files.root.Close() }

// Runs lists all runs, the latest first. A folder that cannot be read, or a run whose
// documents cannot be, is listed with the reason.
func (s *Store) Runs() []Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	stamps := s.stamps()
	var changed []string
	for name, stamp := range stamps {
		if k, ok := s.known[name]; !ok || k.stamp != stamp {
			changed = append(changed, name)
		}
	}
	for i, run := range s.readAll(changed) {
		s.known[changed[i]] = known{stamps[changed[i]], run}
	}
	runs := make([]Run, 0, len(stamps))
	for name := range stamps {
		runs = append(runs, s.known[name].run)
	}
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Or(strings.Compare(b.Start, a.Start), strings.Compare(a.Path, b.Path)) })
	return runs
}

// readAll reads runs, several at a time.
func (s *Store) readAll(names []string) []Run {
	runs := make([]Run, len(names))
	var next atomic.Int64
	var readers sync.WaitGroup
	for range min(len(names), runtime.GOMAXPROCS(0)) {
		readers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(names)); i = next.Add(1) - 1 {
				runs[i] = s.Run(names[i])
			}
		})
	}
	readers.Wait()
	return runs
}

// stamps finds the runs, and the folders that cannot be read, and says of each what
// changes with its documents.
func (s *Store) stamps() map[string]string {
	stamps := map[string]string{}
	_ = fs.WalkDir(s.files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // it has gone meanwhile
			return fs.SkipDir
		case err != nil:
			stamps[name] = err.Error()
			return fs.SkipDir
		case !entry.IsDir():
			return nil
		case name != "." && strings.Count(name, "/") >= deepest:
			return fs.SkipDir
		}
		info, err := s.files.Stat(path.Join(name, rundir.RunFile))
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		stamp := stampOf(info)
		if info, err := s.files.Stat(path.Join(name, rundir.VerdictFile)); err == nil {
			stamp += stampOf(info)
		}
		stamps[name] = stamp
		return fs.SkipDir
	})
	return stamps
}

// notListed are the members of a run's documents that no list shows: the plan of
// a run, and of a witness all but its edges.
func notListed(depth int, name string) bool {
	switch name {
	case "plan", "capabilities", "versions", "guarantee":
		return depth == 1
	case "settings", "consistency_models", "notes", "reason":
		return depth == 2
	case "text", "why", "events", "reads", "key", "from", "to":
		return depth >= 4
	case "ops":
		return depth == 4
	}
	return false
}

func stampOf(info fs.FileInfo) string {
	return fmt.Sprintf("%d %d ", info.ModTime().UnixNano(), info.Size())
}

// Run reads one run.
func (s *Store) Run(name string) Run {
	r := Run{Path: name, Verdict: check.Unknown.String()}
	var run rundir.Run
	if err := s.read(path.Join(name, rundir.RunFile), &run); err != nil {
		r.Problem = err.Error()
		return r
	}
	r.Start, r.Target, r.Workload, r.Status, r.Reproduce = run.Start, run.Config.Target, run.Config.Workload, run.Status, run.Reproduce
	r.Nemesis, r.Bugs = strings.Join(run.Config.Nemesis, ", "), strings.Join(run.Config.Bugs, ",")
	r.Seed = int64(run.Seed)
	var doc check.Document
	if err := s.read(path.Join(name, rundir.VerdictFile), &doc); err != nil {
		r.Problem = err.Error()
		return r
	}
	r.Verdict, r.Summary = doc.Verdict.String(), doc.Summary
	r.Anomalies, r.Signature = strings.Join(doc.AnomalyTypes, ", "), signature(doc)
	for _, c := range doc.Evidence.Ops {
		r.Ops += c.Invoke
	}
	return r
}

func (s *Store) read(name string, document any) error {
	text, err := fs.ReadFile(s.files, name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(skim(text, notListed), document); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
