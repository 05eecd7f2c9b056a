package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"checker/reports"
	"checker/rundir"
)

func (a *app) reportCommand() *cobra.Command {
	var formats []string
	cmd := &cobra.Command{
		Use:     "report DIR",
		Short:   "Build the reports of a run directory again",
		Example: "  checker report store/latest\n  checker report --format junit store/latest",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, f := range formats {
				if !reports.IsFormat(f) {
					return usageError{fmt.Errorf("unknown format %q: expected one of %s", f, strings.Join(reports.FormatNames(), ", "))}
				}
			}
			dir, err := rundir.Open(args[0])
			if err != nil {
				return err
			}
			paths, err := reports.Write(dir, formats)
			for _, p := range paths {
				a.out.printf("%s\n", p)
			}
			return err
		},
	}
	cmd.Flags().StringSliceVar(&formats, "format", nil, "which reports (default html,junit): "+strings.Join(reports.FormatNames(), ", "))
	return cmd
}
