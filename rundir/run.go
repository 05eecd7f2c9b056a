package rundir

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"checker/check"
)

// RunSchema names the form of [Run].
const RunSchema = "checker/run/1"

// How far a run came.
const (
	StatusRunning     = "running"     // it is going on, or was killed without a chance to say so
	StatusComplete    = "complete"    // to the end
	StatusInterrupted = "interrupted" // stopped by the user; the history is what there was by then
	StatusFailed      = "failed"      // the harness or the target failed
)

// Run is run.json: what was run, by which program, and how to run it again.
type Run struct {
	Schema       string       `json:"schema"`
	Name         string       `json:"name"`
	Status       string       `json:"status"`
	Error        string       `json:"error,omitempty"` // why the status is failed
	Seed         uint64       `json:"seed"`
	Config       Config       `json:"config"`
	Plan         string       `json:"plan"`        // what the seed drew within the configuration
	Guarantee    string       `json:"guarantee"`   // what the target promises here, in words
	FaultModel   []string     `json:"fault_model"` // families under which it promises that
	Beyond       []string     `json:"beyond_fault_model,omitempty"`
	Versions     Versions     `json:"versions"`
	Capabilities []Capability `json:"capabilities"`
	Start        string       `json:"start"` // RFC 3339, wall clock of the harness
	End          string       `json:"end,omitempty"`
	Stopped      *Stop        `json:"stopped,omitempty"` // why it ended early: an anomaly was found
	Rows         int          `json:"rows"`              // of the history, when the run had ended
	DurationNS   int64        `json:"duration_ns"`       // of the run's own time, virtual if simulated
	WallNS       int64        `json:"wall_ns"`           // of the harness's time
	Reproduce    string       `json:"reproduce"`
}

// Config is the effective configuration of a run, after defaults and after what
// a bug or a workload implied.
type Config struct {
	Target            string            `json:"target"`
	Env               string            `json:"env"`
	Image             string            `json:"image,omitempty"` // of the database's containers, that was asked for
	Workload          string            `json:"workload"`
	Nemesis           []string          `json:"nemesis"`                 // families
	NemesisMoves      []string          `json:"nemesis_moves,omitempty"` // as family:move, those that were named
	NemesisIntervalNS int64             `json:"nemesis_interval_ns"`
	Nodes             int               `json:"nodes"`
	Endpoints         []string          `json:"endpoints,omitempty"`      // where the nodes are that run already
	FaultCommands     map[string]string `json:"fault_commands,omitempty"` // that strike them, by verb
	Concurrency       int               `json:"concurrency"`
	Rate              float64           `json:"rate"` // ops/s over all clients; 0 = as fast as possible
	TimeLimitNS       int64             `json:"time_limit_ns"`
	Ops               int               `json:"ops,omitempty"` // most client ops; 0 = no limit
	ConsistencyModels []string          `json:"consistency_models"`
	Bugs              []string          `json:"bugs,omitempty"`
	Settings          map[string]string `json:"settings,omitempty"`
	Scheduled         bool              `json:"scheduled,omitempty"` // ops and faults came from a schedule
	StopOnAnomaly     bool              `json:"stop_on_anomaly,omitempty"`
}

// Stop is the anomaly at which a run ended.
type Stop struct {
	By     string `json:"by"`      // what found it
	Row    int    `json:"row"`     // of the history, that proves it
	TimeNS int64  `json:"time_ns"` // of that row
	Why    string `json:"why"`
}

// Versions says which programs took part.
type Versions struct {
	Checker string `json:"checker"`
	Build   string `json:"build"` // digest of the program, which a replay must share
	Go      string `json:"go"`
	Target  string `json:"target"`
}

// Capability is something that the environment can or cannot do.
type Capability struct {
	Name      string `json:"name"`
	Available bool   `json:"available"`
	Detail    string `json:"detail,omitempty"` // why not, or how
}

// ReadRun reads run.json.
func (d *Dir) ReadRun() (Run, error) {
	var r Run
	err := d.readJSON(RunFile, RunSchema, &r)
	return r, err
}

// WriteRun writes run.json, replacing it whole.
func (d *Dir) WriteRun(r Run) error {
	r.Schema = RunSchema
	return d.writeJSON(RunFile, r)
}

// ReadVerdict reads verdict.json.
func (d *Dir) ReadVerdict() (check.Document, error) {
	var doc check.Document
	err := d.readJSON(VerdictFile, check.Schema, &doc)
	return doc, err
}

// WriteVerdict writes verdict.json, replacing it whole.
func (d *Dir) WriteVerdict(doc check.Document) error { return d.writeJSON(VerdictFile, doc) }

// readJSON reads a document of a schema. The schema is looked at first: another
// one may give the fields other types.
func (d *Dir) readJSON(name, schema string, into any) error {
	data, err := os.ReadFile(d.Path(name))
	if err != nil {
		return err
	}
	var is struct{ Schema string }
	if err := json.Unmarshal(data, &is); err != nil {
		return fmt.Errorf("%s is damaged: %s", d.Path(name), jsonError(data, err))
	}
	if is.Schema != schema {
		return fmt.Errorf("%s has the schema %q, and this program reads %q: another version of checker wrote it", d.Path(name), is.Schema, schema)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("%s is damaged: %s", d.Path(name), jsonError(data, err))
	}
	return nil
}

// jsonError says where a document is wrong.
func jsonError(data []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return err.Error()
	}
	return fmt.Sprintf("line %d: %v", 1+bytes.Count(data[:offset], []byte("\n")), err)
}

func (d *Dir) writeJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return d.WriteFile(name, append(data, '\n'))
}

// WriteFile puts a file into the directory so that a reader sees either the old
// content or the whole new one.
func (d *Dir) WriteFile(name string, data []byte) error {
	if err := replaceFile(d.Path(name), data); err != nil {
		return fmt.Errorf("cannot write %s: %w%s", d.Path(name), err, remedy(err))
	}
	return nil
}

func replaceFile(path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(data)
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	if err := os.Chmod(temp.Name(), 0o644); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}
