package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"checker/reports"
	"checker/rundir"
)

func (a *app) reportCommand() *cobra.Command {
	formats := defaultReports
	cmd := &cobra.Command{
		Use:     "report DIR",
		Short:   "Build the reports of a run directory again",
		Example: "  checker report store/latest\n  checker report --format junit store/latest",
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
			for _, p := range paths {
				a.out.printf("%s\n", p)
			}
			return err
		},
	}
	cmd.Flags().StringSliceVar(&formats, "format", formats, "which reports: "+strings.Join(reportFormats(), ", "))
	complete(cmd, "format", reportFormats)
	return cmd
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
