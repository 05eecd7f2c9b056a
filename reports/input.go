package reports

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"checker/check"
	"checker/history"
	"checker/rundir"
)

// Input is what a report is made of.
//
// A document whose verdict is better than its checks, its evidence and a run that
// failed allow, as a damaged or hand-made one may be, is shown with the worse
// verdict and a warning that says so.
type Input struct {
	Title    string           // what was judged; by default the run's or the file's name
	Run      *rundir.Run      // nil for a history recorded elsewhere
	Document check.Document   // what was found
	History  *history.History // nil when there is none to show; the report says so
	// Trace opens what the nodes and the network did, in the form of
	// docs/trace-format.md; nil, or an error, when there is none.
	Trace func() (io.ReadCloser, error)
	// Logs are the ends of what harness and nodes wrote, Schedule the ends of what
	// was to be done; both may be missing.
	Logs     []rundir.Excerpt
	Schedule rundir.Excerpt
	// Glossary explains kinds of anomalies, each in a sentence; it may be nil.
	Glossary map[string]string
}

// Load reads the input for the reports of a run directory. A run that ended
// before it had a history or a verdict still has a report: the verdict is then
// unknown, and a warning says what is missing.
func Load(dir *rundir.Dir) (Input, error) {
	run, err := dir.ReadRun()
	if err != nil {
		return Input{}, err
	}
	in := Input{Run: &run}
	var missing []string
	in.Document, err = dir.ReadVerdict()
	if errors.Is(err, fs.ErrNotExist) {
		in.Document = check.NewDocument(nil, check.Evidence{Vacuous: true, Reason: "the run ended before it was judged"})
		missing = append(missing, "verdict.json does not exist: the run was not judged")
	} else if err != nil {
		return Input{}, err
	}
	in.History, err = dir.ReadHistory()
	if err != nil {
		in.History = nil
		missing = append(missing, fmt.Sprintf("the history cannot be shown: %v", err))
	}
	in.Document.Warnings = append(slices.Clone(in.Document.Warnings), missing...)
	in.addFiles(dir)
	return in, nil
}

// Bounds in bytes on what is shown of a file.
const (
	logBytes      = 4 << 10
	scheduleBytes = 8 << 10
)

// addFiles adds what else there is to show of a run; none of it has to be there.
func (in *Input) addFiles(dir *rundir.Dir) {
	in.Trace = dir.TraceBytes
	if logs, err := dir.Logs(logBytes); err == nil {
		in.Logs = logs
	}
	if schedule, err := dir.Schedule(scheduleBytes); err == nil {
		in.Schedule = schedule
	}
}

// Judged is the input for the report of a run directory that was judged anew.
func Judged(dir *rundir.Dir, run rundir.Run, h *history.History, doc check.Document) Input {
	in := Input{Run: &run, History: h, Document: doc}
	in.addFiles(dir)
	return in
}

// sound returns the input with a title, a command to reproduce it, and a verdict
// that is no better than its parts.
func (in Input) sound() Input {
	d := &in.Document
	if d.Reproduce == "" && in.Run != nil {
		d.Reproduce = in.Run.Reproduce
	}
	if in.Title == "" {
		in.Title = in.defaultTitle()
	}
	parts := make([]check.Verdict, len(d.Checks))
	for i, r := range d.Checks {
		parts[i] = r.Verdict
	}
	worst := check.Worst(parts...)
	if d.Evidence.Vacuous || in.Run != nil && in.Run.Status == rundir.StatusFailed {
		worst = check.Worst(worst, check.Unknown)
	}
	if worst > d.Verdict {
		text := fmt.Sprintf("the document says %s, but its checks, its evidence and how the run ended amount to %s", d.Verdict, worst)
		d.Warnings = append(slices.Clone(d.Warnings), text)
		d.Verdict, d.Summary = worst, worst.String()+": "+text
	}
	return in
}

func (in Input) defaultTitle() string {
	switch {
	case in.Run != nil && in.Run.Config.Target != "":
		return in.Run.Config.Target + " · " + in.Run.Config.Workload
	case in.Run != nil:
		return in.Run.Name
	case in.Document.File != "":
		return in.Document.File
	}
	return "history"
}
