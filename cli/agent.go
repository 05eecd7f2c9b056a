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
	var gate string
	cmd := &cobra.Command{
		Use:    "agent",
		Short:  "Inject faults inside a pod",
		Hidden: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if gate != "" {
				return agent.Gate(gate, args)
			}
			err := agent.Serve(a.in, os.Stdout)
			if stay {
				select {} // until the container is removed
			}
			return err
		},
	}
	cmd.Flags().StringVar(&gate, "gate", "", "wait for a disk at this folder, and become the program of the arguments")
	cmd.Flags().BoolVar(&stay, "stay", false, "live on when the harness is gone")
	return cmd
}
