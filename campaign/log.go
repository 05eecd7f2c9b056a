package campaign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"checker/check"
	"checker/runner"
)

// Result is what a campaign remembers of a run: a line of results.jsonl. Nothing in
// it depends on the machine or on when it was run.
type Result struct {
	Cell       string        `json:"cell"`
	Seed       uint64        `json:"seed"`
	Verdict    check.Verdict `json:"verdict"`
	Summary    string        `json:"summary"`
	Anomalies  []string      `json:"anomaly_types,omitempty"`
	Vacuous    bool          `json:"vacuous,omitempty"` // unknown for no other reason than that too little happened
	Error      string        `json:"error,omitempty"`   // why the harness or the target failed
	OpsOK      int           `json:"ops_ok"`
	FaultsBit  int           `json:"faults_bit"`
	DurationNS int64         `json:"duration_ns"` // of the run's own time
}

// resultOf sums a run up.
func resultOf(c Cell, seed uint64, o runner.Outcome, failed error) Result {
	r := Result{Cell: c.Name, Seed: seed, Verdict: o.Document.Verdict, Summary: o.Document.Summary,
		Anomalies: o.Document.AnomalyTypes, DurationNS: o.Run.DurationNS}
	if err := errors.Join(o.Err, failed); err != nil {
		r.Error, _, _ = strings.Cut(err.Error(), "\n") // a stack would not be the same twice
	}
	if len(o.Document.Checks) == 0 && r.Error != "" {
		r.Verdict, r.Summary = check.Unknown, "unknown: the run failed"
	}
	r.Vacuous = r.Error == "" && isVacuous(o.Document)
	for _, n := range o.Document.Evidence.Ops {
		r.OpsOK += n.Ok
	}
	for _, b := range o.Document.Evidence.Faults {
		r.FaultsBit += b.Effective
	}
	return r
}

// isVacuous reports whether every check holds, and nothing but evidence lacks.
func isVacuous(d check.Document) bool {
	if !d.Evidence.Vacuous || d.Verdict != check.Unknown {
		return false
	}
	for _, r := range d.Checks {
		if r.Verdict != check.Valid {
			return false
		}
	}
	return true
}

// log appends to results.jsonl. A line is one write, so that a kill leaves whole
// lines but for the last.
type log struct{ file *os.File }

func (f *Folder) openLog() (*log, error) {
	file, err := os.OpenFile(f.file(resultsFile), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	return &log{file}, nil
}

func (l *log) append(r Result) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = l.file.Write(append(line, '\n'))
	return err
}

// readLog hands over every result of the log. What stands behind the last line
// feed was torn by a kill: it is not handed over, and whole is where it begins.
func (f *Folder) readLog(take func(Result) error) (whole int64, err error) {
	file, err := os.Open(f.file(resultsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 1<<20)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return whole, nil
		}
		if err != nil {
			return whole, err
		}
		var r Result
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&r); err != nil {
			return whole, fmt.Errorf("%s:%d is damaged: %w", f.file(resultsFile), n, err)
		}
		if err := take(r); err != nil {
			return whole, fmt.Errorf("%s:%d: %w", f.file(resultsFile), n, err)
		}
		whole += int64(len(line))
	}
}

// mend cuts a torn line off the log, so that the next one begins on its own.
func (f *Folder) mend(whole int64) error {
	return ignoreMissing(os.Truncate(f.file(resultsFile), whole))
}

// index finds the runs of a campaign by what their results say.
type index struct {
	cells map[string]int
	seeds Seeds
}

func newIndex(d Document) (index, error) {
	seeds, err := ParseSeeds(d.Seeds)
	x := index{map[string]int{}, seeds}
	for i, c := range d.Cells {
		x.cells[c.Name] = i
	}
	return x, err
}

// run returns the cell and the number of a result's run.
func (x index) run(r Result) (cell, number int, err error) {
	cell, ok := x.cells[r.Cell]
	seed, of := x.seeds.Index(r.Seed)
	if !ok || !of {
		return 0, 0, fmt.Errorf("seed %d of %q is no run of this campaign", r.Seed, r.Cell)
	}
	return cell, seed*len(x.cells) + cell, nil
}

// bits is a set of runs.
type bits []uint64

func newBits(n int) bits      { return make(bits, (n+63)/64) }
func (b bits) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }
func (b bits) add(i int)      { b[i/64] |= 1 << (i % 64) }
