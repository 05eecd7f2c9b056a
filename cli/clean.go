package cli

import (
	"github.com/spf13/cobra"

	"checker/targets/docker"
)

func (a *app) cleanCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: "Remove containers, networks and volumes that runs left behind",
		Long: `Clean removes whatever belongs to runs whose harness is provably dead. A run cleans
up after itself, and every run in containers begins with the same; so there is
something to remove only after a harness was killed.

Runs that live stay in any case.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			engine, err := docker.Connect(cmd.Context())
			if err != nil {
				return err
			}
			defer engine.Close()
			swept, err := engine.Sweep(cmd.Context(), all)
			for _, run := range swept.Runs {
				a.out.printf("removed %s\n", run)
			}
			for _, run := range swept.Kept {
				a.out.printf("kept %s\n", run)
			}
			if len(swept.Runs)+len(swept.Kept) == 0 && err == nil {
				a.out.printf("nothing to remove\n")
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "also what was left up on purpose, and runs of other machines on this engine")
	return cmd
}
