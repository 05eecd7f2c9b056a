package cli

import (
	"os"

	"github.com/spf13/cobra"

	"checker/nemesis/agent"
)

// agentCommand is what this program does as the first process of a pod. Nobody
// calls it by hand, so the help does not list it.
func (a *app) agentCommand() *cobra.Command {
	var stay bool
	cmd := &cobra.Command{
		Use:    "agent",
		Short:  "Inject faults inside a pod",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			err := agent.Serve(a.in, os.Stdout)
			if stay {
				select {} // until the container is removed
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&stay, "stay", false, "live on when the harness is gone")
	return cmd
}
