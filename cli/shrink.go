package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"checker/check"
	"checker/rundir"
	"checker/runner"
	"checker/shrink"
)

type shrinkFlags struct {
	anomaly string
	budget  time.Duration
	out     string
	asJSON  bool
}

func (a *app) shrinkCommand() *cobra.Command {
	var f shrinkFlags
	cmd := &cobra.Command{
		Use:   "shrink DIR",
		Short: "Find the smallest schedule that still shows the anomaly of a run",
		Long: `Shrink leaves ops, faults, keys, clients, nodes, parts of transactions and time out of
the schedule of a simulated run, and tries other seeds, as long as the run shows the
same type of anomaly. It leaves a run directory of its own, made twice to see that it
is the same each time; checker replay repeats it.`,
		Example: "  checker shrink store/latest\n  checker shrink --anomaly lost-commit store/latest",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.shrink(cmd.Context(), args[0], &f)
		},
	}
	cmd.Flags().StringVar(&f.anomaly, "anomaly", "", "the `type` of anomaly to keep (default: the first that the run shows)")
	cmd.Flags().DurationVar(&f.budget, "budget", 2*time.Minute, "stop after that time with what was found; 0 is no limit")
	cmd.Flags().StringVar(&f.out, "out", "store", "the `folder` for run directories")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the verdict document")
	return cmd
}

func (a *app) shrink(ctx context.Context, path string, f *shrinkFlags) error {
	original, run, err := openRun(path)
	if err != nil {
		return err
	}
	anomaly, err := anomalyOf(original, f.anomaly)
	if err != nil {
		return err
	}
	if run.Config.Env != "sim" {
		return usageError{fmt.Errorf("%s was not simulated: on real nodes a schedule does not give the same run twice", path)}
	}
	spec := runner.SpecOf(run, a.Targets, a.Workloads)
	if spec.Schedule, err = original.ReadSchedule(); err != nil {
		return err
	}
	begun := time.Now()
	result, err := shrink.Shrink(ctx, spec, anomaly, shrink.Options{
		Run:     a.options(nil, ""),
		Expired: func() bool { return f.budget > 0 && time.Since(begun) > f.budget },
		Progress: func(p shrink.Progress) {
			a.progress("%s: %d runs, %.1f a second; %v", anomaly, p.Runs, float64(p.Runs)/time.Since(begun).Seconds(), p.Size)
		},
	})
	if a.interrupted() {
		return errInterrupted
	}
	if err != nil {
		return hintError{fmt.Errorf("%s: %w", path, err), "another build of checker may have recorded it: checker replay says whether it still runs the same"}
	}
	return a.finishShrink(ctx, result, run.Name, f)
}

// anomalyOf is the type of anomaly to keep.
func anomalyOf(dir *rundir.Dir, wanted string) (string, error) {
	doc, err := dir.ReadVerdict()
	if err != nil {
		return "", hintError{err, "checker check judges the run again"}
	}
	first, found := shrink.Class(doc)
	switch {
	case doc.Verdict != check.Invalid || !found:
		return "", usageError{fmt.Errorf("%s shows no anomaly that could be shrunk: it is %v", dir, doc.Verdict)}
	case wanted == "":
		return first, nil
	case !slices.Contains(doc.AnomalyTypes, wanted):
		return "", usageError{fmt.Errorf("--anomaly %q: %s shows %s", wanted, dir, strings.Join(doc.AnomalyTypes, ", "))}
	}
	return wanted, nil
}

// finishShrink records the smallest run, twice, and prints what was left out.
func (a *app) finishShrink(ctx context.Context, r shrink.Result, name string, f *shrinkFlags) error {
	a.log.clearProgress()
	for _, step := range r.Steps {
		a.say("without some %s", step)
	}
	if r.Expired {
		a.say("the budget of %v is spent: there may be smaller ones", f.budget)
	}
	name = strings.TrimSuffix(name, "-shrunk") + "-shrunk"
	dir, err := rundir.Create(f.out, name, r.Plan.Seed, time.Now())
	if err != nil {
		return err
	}
	r.Plan.ScheduleFile = dir.SchedulePath()
	outcome, err := a.executeInto(ctx, r.Plan, dir, a.options(dir, name))
	if err == nil && !a.interrupted() {
		err = a.verifyShrunk(ctx, r, dir, outcome)
	}
	if err == nil && !f.asJSON && !a.quiet {
		a.out.printf("%s in %d runs\nbefore: %v\nafter:  %v\n", r.Anomaly, r.Runs, r.Before, r.After)
	}
	return a.finish(dir, outcome, err, f.asJSON)
}

// verifyShrunk runs the result once more: it must be the same, and show the anomaly.
func (a *app) verifyShrunk(ctx context.Context, r shrink.Result, dir *rundir.Dir, first runner.Outcome) error {
	if !slices.Contains(first.Document.AnomalyTypes, r.Anomaly) {
		return fmt.Errorf("recorded, the smallest run does not show %s: this is a bug in checker", r.Anomaly)
	}
	temp, err := os.MkdirTemp("", "checker-shrink-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	again, err := rundir.CreateAt(temp)
	if err != nil {
		return err
	}
	if _, err := runner.Execute(ctx, r.Plan, a.options(again, first.Run.Name)); err != nil {
		return err
	}
	comparison, err := runner.Compare(dir, again)
	if err != nil {
		return err
	}
	if !comparison.Identical {
		return errors.New("the smallest run is not the same when it is run again, which is a bug in checker: " + comparison.Difference)
	}
	return nil
}
