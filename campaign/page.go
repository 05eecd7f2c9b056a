package campaign

import (
	"bytes"
	_ "embed"
	"html/template"
	"path/filepath"

	"checker/rundir"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Parse(pageText))

type pageRow struct {
	Cell CellSummary
	Runs []pageRun
}

type pageRun struct {
	Failing
	Link string // to its report; "" if it was not kept
}

// Write writes the summary into the folder: summary.json, junit.xml, and index.html
// with links to the reports of the runs that were kept.
func (s Summary) Write(f *Folder) error {
	if err := f.writeJSON(SummaryFile, s); err != nil {
		return err
	}
	data, err := s.JUnit()
	if err != nil {
		return err
	}
	if err := f.write(JUnitFile, data); err != nil {
		return err
	}
	if data, err = s.page(f); err != nil {
		return err
	}
	return f.write(PageFile, data)
}

func (s Summary) page(f *Folder) ([]byte, error) {
	rows := make([]pageRow, len(s.Cells))
	for i, c := range s.Cells {
		rows[i].Cell = c
		for _, run := range c.Failing {
			r := pageRun{Failing: run}
			if kept := f.kept(i, run.Seed); kept != "" {
				r.Link = filepath.ToSlash(filepath.Join(kept, rundir.ReportFile))
			}
			rows[i].Runs = append(rows[i].Runs, r)
		}
	}
	var b bytes.Buffer
	err := page.Execute(&b, struct {
		Summary
		Rows []pageRow
	}{s, rows})
	return b.Bytes(), err
}

// ReadSummary reads the summary of a campaign's folder, or of that file itself.
func ReadSummary(path string) (Summary, error) {
	var s Summary
	f := &Folder{path}
	if filepath.Base(path) == SummaryFile {
		f = &Folder{filepath.Dir(path)}
	}
	err := f.readJSON(SummaryFile, SummarySchema, &s)
	return s, err
}
