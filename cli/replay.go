package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"checker/rundir"
	"checker/runner"
)

func (a *app) replayCommand() *cobra.Command {
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "replay DIR",
		Short: "Run the schedule of a run directory again",
		Long: `Replay executes the run of DIR again. A simulated run by the same program must give
the same history and trace, byte for byte; anything else is a failure that names
the first difference. Of a run that was interrupted or killed, the replay must begin
with what was recorded. By another version of the program it says so, and the verdict
of the new run counts.`,
		Example: "  checker replay store/latest",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.replay(cmd.Context(), args[0], out, asJSON)
		},
	}
	cmd.Flags().StringVar(&out, "out", "store", "the `folder` for run directories")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the verdict document")
	return cmd
}

func (a *app) replay(ctx context.Context, path, out string, asJSON bool) error {
	original, run, err := openRun(path)
	if err != nil {
		return err
	}
	plan, err := runner.PlanOf(run, original, a.Targets, a.Workloads)
	if err != nil {
		return fmt.Errorf("%s cannot be run again: %w", path, err)
	}
	dir, err := rundir.Create(out, run.Name, plan.Seed, time.Now())
	if err != nil {
		return err
	}
	a.say("%s; seed %d", plan, plan.Seed)
	outcome, err := a.executeInto(ctx, plan, dir, a.options(dir, run.Name))
	if err != nil || outcome.Run.Status == rundir.StatusInterrupted {
		return a.finish(dir, outcome, err, asJSON)
	}
	comparison, err := runner.Compare(original, dir)
	if err != nil {
		return err
	}
	if comparison.Broken() {
		return hintError{fmt.Errorf("the replay differs from %s: %s", original, comparison.Difference), "the same program, seed and configuration must give the same bytes: this is a bug in checker"}
	}
	a.say("%s", comparison)
	return a.finish(dir, outcome, nil, asJSON)
}
