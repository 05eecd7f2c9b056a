package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"checker/rundir"
)

// Format is a form that a report can take.
type Format struct {
	Name    string
	Summary string // one sentence
	File    string // its name in the run directory
	Write   func(w io.Writer, in Input) error
}

// Formats returns every format, the page for people first.
func Formats() []Format {
	return []Format{
		{"html", "one self-contained page for people", rundir.ReportFile, HTML},
		{"json", "the verdict document, indented", "report.json", JSON},
		{"junit", "a test suite for CI, one test case a check and a consistency model", rundir.JUnitFile, JUnit},
		{"markdown", "a summary for a pull request or a CI step", "report.md", Markdown},
		{"github", "workflow commands that annotate a GitHub Actions run", "github.txt", GitHub},
		{"perfetto", "ops, faults and leaders as a trace for ui.perfetto.dev", "perfetto.json", Perfetto},
	}
}

// LookupFormat returns the format of that name. The error names all formats.
func LookupFormat(name string) (Format, error) {
	var names []string
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, fmt.Errorf("unknown report format %q: expected one of %s", name, strings.Join(names, ", "))
}

// Write builds the reports of a run directory in it, in the formats named, and
// returns the paths of the files in the same order. Nothing is written when a
// format is unknown or the run cannot be read.
func Write(dir *rundir.Dir, formats []string) ([]string, error) {
	in, err := Load(dir)
	if err != nil {
		return nil, err
	}
	return WriteInput(dir, in, formats)
}

// WriteInput is [Write] for an input that is there already, such as one with a
// glossary, or of a run that has just ended.
func WriteInput(dir *rundir.Dir, in Input, formats []string) ([]string, error) {
	chosen := make([]Format, len(formats))
	for i, name := range formats {
		var err error
		if chosen[i], err = LookupFormat(name); err != nil {
			return nil, err
		}
	}
	var paths []string
	for _, f := range chosen {
		var buf bytes.Buffer
		if err := f.Write(&buf, in); err != nil {
			return paths, fmt.Errorf("report %s: %w", f.Name, err)
		}
		if err := dir.WriteFile(f.File, buf.Bytes()); err != nil {
			return paths, err
		}
		paths = append(paths, dir.Path(f.File))
	}
	return paths, nil
}

// JSON writes the verdict document, indented.
func JSON(w io.Writer, in Input) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(in.sound().Document)
}
