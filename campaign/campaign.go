package campaign

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"checker/rundir"
)

// Schema names the form of [Document].
const Schema = "checker/campaign/1"

// The files of a campaign's folder. The runs that are kept are below runsFolder.
const (
	documentFile = "campaign.json"
	resultsFile  = "results.jsonl"
	runsFolder   = "runs"

	SummaryFile = "summary.json"
	JUnitFile   = "junit.xml"
	PageFile    = "index.html"
)

// Campaign is what is to be run.
type Campaign struct {
	Name         string
	Cells        []Cell
	Seeds        Seeds
	UntilAnomaly bool // a cell is done with its first anomaly
	Shard        Shard
	Build        string // digest of the program
}

// Document is campaign.json: what a campaign is, so that another call can go on
// with it, and shards can be joined.
type Document struct {
	Schema       string         `json:"schema"`
	Name         string         `json:"name"`
	Seeds        string         `json:"seeds"`
	UntilAnomaly bool           `json:"until_anomaly"`
	Shard        string         `json:"shard,omitempty"` // i/n
	Build        string         `json:"build"`
	Cells        []CellDocument `json:"cells"`
}

// CellDocument says what a cell is.
type CellDocument struct {
	Name   string `json:"name"` // the flags of `checker run` that differ from the default
	Expect string `json:"expect,omitempty"`
	Title  string `json:"title,omitempty"`
	Source string `json:"source,omitempty"`
	Seeds  string `json:"seeds,omitempty"` // of the campaign's
}

// wants reports whether the cell is to be run with a seed of the campaign.
func (c CellDocument) wants(seed uint64) bool {
	if c.Seeds == "" {
		return true
	}
	own, err := ParseSeeds(c.Seeds)
	_, is := own.Index(seed)
	return err == nil && is
}

// Document describes the campaign.
func (c Campaign) Document() Document {
	d := Document{Schema: Schema, Name: c.Name, Seeds: c.Seeds.String(), UntilAnomaly: c.UntilAnomaly, Shard: c.Shard.String(), Build: c.Build}
	for _, cell := range c.Cells {
		d.Cells = append(d.Cells, CellDocument{cell.Name, cell.Expect, cell.Title, cell.Source, cell.Seeds})
	}
	return d
}

// same reports whether two documents are of one campaign, whatever the shards.
func (d Document) same(e Document) bool {
	return d.Name == e.Name && d.Seeds == e.Seeds && d.UntilAnomaly == e.UntilAnomaly && d.Build == e.Build && slices.Equal(d.Cells, e.Cells)
}

// wants reports whether the run of a number is to be done, by this shard.
func (d Document) wants(number int, s Seeds) bool {
	return d.shard().has(number) && d.Cells[number%len(d.Cells)].wants(s.At(number/len(d.Cells)))
}

// runs is how many runs the whole campaign has. They are numbered seed by seed.
func (d Document) runs(s Seeds) int { return len(d.Cells) * s.Len() }

// Shard is one of several parts of a campaign; the zero Shard is all of it.
type Shard struct{ Index, Of int }

// ParseShard reads i/n, where i is from 1 to n.
func ParseShard(text string) (Shard, error) {
	var s Shard
	i, n, ok := strings.Cut(text, "/")
	var errs [2]error
	s.Index, errs[0] = strconv.Atoi(i)
	s.Of, errs[1] = strconv.Atoi(n)
	if !ok || errors.Join(errs[:]...) != nil || s.Index < 1 || s.Index > s.Of {
		return Shard{}, fmt.Errorf("shard %q: expected i/n, such as 1/4 for the first of four", text)
	}
	return s, nil
}

// String prints i/n, or nothing for all.
func (s Shard) String() string {
	if s.Of == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", s.Index, s.Of)
}

// has reports whether the run of a number belongs to the shard.
func (s Shard) has(run int) bool { return s.Of == 0 || run%s.Of == s.Index-1 }

// Folder is the folder of one campaign.
type Folder struct{ path string }

// ErrExists is that a folder has a campaign already, which was not to be resumed.
var ErrExists = errors.New("there is a campaign already")

// Create makes the folder of a campaign.
func Create(path string, d Document) (*Folder, error) {
	f := &Folder{path}
	if _, err := os.Stat(f.file(documentFile)); err == nil {
		return nil, fmt.Errorf("%s: %w", path, ErrExists)
	}
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	return f, f.writeJSON(documentFile, d)
}

// Open opens the folder of a campaign.
func Open(path string) (*Folder, Document, error) {
	var d Document
	f := &Folder{path}
	err := f.readJSON(documentFile, Schema, &d)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s is not the folder of a campaign: it has no %s", path, documentFile)
	}
	return f, d, err
}

// Resume opens the folder of a campaign that is to go on. It must be the same
// campaign by the same program: what another one found does not count for it.
func Resume(path string, want Document) (*Folder, error) {
	f, d, err := Open(path)
	switch {
	case err != nil:
		return nil, err
	case d.Build != want.Build:
		return nil, fmt.Errorf("%s was begun by another build of checker, whose results do not count for this one", path)
	case d.Shard != want.Shard || !d.same(want):
		return nil, fmt.Errorf("%s is another campaign: its cells, seeds or shard are not those that were asked for", path)
	}
	return f, nil
}

// String returns the path of the folder.
func (f *Folder) String() string { return f.path }

func (f *Folder) file(name string) string { return filepath.Join(f.path, name) }

// runPath is where a run of a cell is kept, within the folder.
func runPath(cell int, seed uint64) string {
	return filepath.Join(runsFolder, fmt.Sprintf("%d-%d", cell+1, seed))
}

// kept is the path of a run within the folder, or nothing if it was not kept.
func (f *Folder) kept(cell int, seed uint64) string {
	if path := runPath(cell, seed); rundir.IsRunDir(f.file(path)) {
		return path
	}
	return ""
}

func (f *Folder) writeJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return f.write(name, append(data, '\n'))
}

// write puts a file into the folder, whole or not at all.
func (f *Folder) write(name string, data []byte) error {
	temp := f.file("." + name)
	err := os.WriteFile(temp, data, 0o644)
	if err == nil {
		err = os.Rename(temp, f.file(name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("cannot write %s: %w", f.file(name), err), ignoreMissing(os.Remove(temp)))
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (f *Folder) readJSON(name, schema string, into any) error {
	data, err := os.ReadFile(f.file(name))
	if err != nil {
		return err
	}
	var is struct{ Schema string }
	if err := json.Unmarshal(data, &is); err != nil {
		return fmt.Errorf("%s is damaged: %w", f.file(name), err)
	}
	if is.Schema != schema {
		return fmt.Errorf("%s has the schema %q, and this program reads %q: another version of checker wrote it", f.file(name), is.Schema, schema)
	}
	return json.Unmarshal(data, into)
}
