package cli

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"checker/reports"
	"checker/rundir"
)

func (a *app) reportCommand() *cobra.Command {
	formats := defaultReports
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "Build the reports of a run directory again",
		Long: `Report builds reports in a run directory and prints their paths. The format github
is printed instead, since a step's output is where GitHub looks for annotations;
where GITHUB_STEP_SUMMARY names a file, a summary in Markdown is added to it.`,
		Example: "  checker report store/latest\n  checker report --format junit,markdown store/latest\n  checker report --format github store/latest",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, f := range formats {
				if _, err := reports.LookupFormat(f); err != nil {
					return usageError{err}
				}
			}
			dir, run, err := openRun(args[0])
			if err != nil {
				return err
			}
			if run.Status == rundir.StatusRunning {
				a.log.printf("%s: warning: the run has not ended: it is still going on, or it was killed\n", args[0])
			}
			paths, err := writeReports(dir, formats)
			for i, p := range paths {
				if formats[i] != "github" {
					a.out.printf("%s\n", p)
					continue
				}
				if err := a.tellGitHub(dir, p); err != nil {
					return err
				}
			}
			return err
		},
	}
	cmd.Flags().StringSliceVar(&formats, "format", formats, "which reports: "+strings.Join(reportFormats(), ", "))
	complete(cmd, "format", reportFormats)
	return cmd
}

// stepSummary names the file whose Markdown GitHub shows on the page of a job.
const stepSummary = "GITHUB_STEP_SUMMARY"

// tellGitHub prints the annotations that are in a file, and adds the summary of a
// run to that of the job.
func (a *app) tellGitHub(dir *rundir.Dir, annotations string) error {
	text, err := os.ReadFile(annotations)
	if err != nil {
		return err
	}
	a.out.printf("%s", text)
	path := os.Getenv(stepSummary)
	if path == "" {
		return nil
	}
	in, err := reports.Load(dir)
	if err != nil {
		return err
	}
	in.Glossary = glossary()
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("%s: %w", stepSummary, err)
	}
	return errors.Join(reports.Markdown(file, in), file.Close())
}

// openRun opens the directory of an earlier run and reads what was run.
func openRun(path string) (*rundir.Dir, rundir.Run, error) {
	dir, err := rundir.Open(path)
	if err != nil {
		return nil, rundir.Run{}, hintError{err, "give the directory of one run, which has a run.json in it, such as store/latest"}
	}
	run, err := dir.ReadRun()
	if err != nil {
		return nil, run, hintError{err, "the history can still be judged by itself: checker check -m MODEL " + dir.Path("history.jsonl")}
	}
	return dir, run, nil
}

// defaultReports are what every run leaves.
var defaultReports = []string{"html", "junit"}

// writeReports builds the reports of a run directory.
func writeReports(dir *rundir.Dir, formats []string) ([]string, error) {
	in, err := reports.Load(dir)
	if err != nil {
		return nil, err
	}
	in.Glossary = glossary()
	return reports.WriteInput(dir, in, formats)
}

func reportFormats() []string {
	var names []string
	for _, f := range reports.Formats() {
		names = append(names, f.Name)
	}
	return names
}
