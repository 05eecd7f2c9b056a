package cli

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"checker/check"
	"checker/rundir"
	"checker/runner"
	"checker/targets"
)

// bugSeeds is how many seeds `run --bug` tries when no seed is given.
const bugSeeds = 500

// runFlags are the flags of `run` as they were given.
type runFlags struct {
	spec        runner.Spec
	concurrency string
	seed        string
	schedule    string
	set         []string
	commands    []string
	out         string
	name        string
	asJSON      bool
	leaveUp     bool
}

func (a *app) runCommand() *cobra.Command {
	f := runFlags{spec: runner.DefaultSpec(a.Targets, a.Workloads)}
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run a workload against a database under faults, and judge what clients saw",
		Long: `Run drives a target's nodes with concurrent clients while a nemesis injects faults,
records the history, checks it, and leaves a run directory with the verdict and a
report. The same program, seed and flags give the same simulated run, byte for byte.

With --bug and without --seed, seeds are tried until one shows the bug.`,
		Example: `  checker run                                   all defaults: 60 virtual seconds under all faults
  checker run --workload set --nemesis kill,pause --seed 7
  checker run --bug ack-before-fsync            find a planted bug
  checker run --set reads=local -c linearizable see a weaker configuration break`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := refuseBeside(cmd, "schedule", "nemesis", "nemesis-interval", "rate", "ops"); err != nil {
				return err
			}
			return a.run(cmd.Context(), &f)
		},
	}
	f.bind(cmd.Flags())
	a.completeRunFlags(cmd)
	return cmd
}

// bind makes the flags of `run` out of the fields of f, with their defaults.
func (f *runFlags) bind(flags *pflag.FlagSet) {
	flags.StringVar(&f.spec.Target, "target", "", "the `database` to test (default refdb)")
	flags.StringVar(&f.spec.Env, "env", "", "where its nodes run (default: the target's first)")
	flags.StringVar(&f.spec.Image, "image", "", "the database's `image`, such as the official one, in place of the one that is built")
	flags.StringVar(&f.spec.Workload, "workload", "", "what to ask of it (default: the target's first)")
	flags.StringSliceVar(&f.spec.Nemesis, "nemesis", nil, "families of `faults`, or moves as family:move, none, or all (default all that the target survives)")
	flags.DurationVar(&f.spec.NemesisInterval, "nemesis-interval", f.spec.NemesisInterval, "about how long from one fault of a family to the next")
	flags.IntVar(&f.spec.Nodes, "nodes", f.spec.Nodes, "how many nodes; the default stands for what the target takes, such as 1")
	flags.StringVar(&f.concurrency, "concurrency", strconv.Itoa(f.spec.Concurrency), "how many clients at a time; 2n is twice the nodes")
	flags.Float64Var(&f.spec.Rate, "rate", f.spec.Rate, "ops per second over all clients; 0 is as fast as possible")
	flags.DurationVar(&f.spec.TimeLimit, "time-limit", f.spec.TimeLimit, "how long to apply faults; virtual seconds in a simulation")
	flags.IntVar(&f.spec.Ops, "ops", 0, "end the faults after that many client ops; 0 is no limit")
	flags.StringVar(&f.seed, "seed", "", "the `number` that everything random comes from (default: drawn, and printed)")
	flags.StringVar(&f.schedule, "schedule", "", "take ops and faults from this `file`, such as schedule.txt of a run, instead of drawing them")
	flags.StringSliceVarP(&f.spec.ConsistencyModels, "consistency-models", "c", nil, "what to check for (default: what the target promises)")
	flags.StringSliceVar(&f.spec.Bugs, "bug", nil, "plant a bug; repeatable")
	flags.StringArrayVar(&f.set, "set", nil, "a setting of target or workload as `KEY=VALUE`; repeatable")
	flags.BoolVar(&f.spec.StopOnAnomaly, "stop-on-anomaly", false, "end the run at the first anomaly that shows while it goes on")
	flags.StringSliceVar(&f.spec.Endpoints, "endpoints", nil, "with --env none: the `addresses` of nodes that run already")
	flags.StringArrayVar(&f.commands, "fault-command", nil, "with --env none: what to run to strike a node, as `VERB=COMMAND` with kill, start, pause or resume; it finds NODE and ADDRESS in its environment; repeatable")
	flags.BoolVar(&f.leaveUp, "leave-up", false, "do not remove the nodes; prints how to enter and how to remove them")
	flags.StringVar(&f.out, "out", "store", "the `folder` for run directories")
	flags.StringVar(&f.name, "name", "", "the run's name in that folder (default: target-workload)")
	flags.BoolVar(&f.asJSON, "json", false, "print the verdict document")
}

// refuseBeside refuses flags that say the same as another one.
func refuseBeside(cmd *cobra.Command, flag string, others ...string) error {
	if !cmd.Flag(flag).Changed {
		return nil
	}
	for _, other := range others {
		if cmd.Flag(other).Changed {
			return usageError{hintError{fmt.Errorf("--%s and --%s contradict each other", flag, other), "ops and faults come from the schedule: leave one of the two out"}}
		}
	}
	return nil
}

// completeRunFlags offers the registries to the shell.
func (a *app) completeRunFlags(cmd *cobra.Command) {
	namesOf := func(rows func(*app) []row) func() []string {
		return func() []string {
			var names []string
			for _, r := range rows(a) {
				names = append(names, r.Name)
			}
			return names
		}
	}
	complete(cmd, "target", namesOf(targetRows))
	complete(cmd, "workload", namesOf(workloadRows))
	complete(cmd, "bug", namesOf(bugRows))
	complete(cmd, "consistency-models", namesOf(consistencyRows))
	complete(cmd, "nemesis", namesOf(nemesisRows))
	complete(cmd, "env", a.environments)
	complete(cmd, "set", a.settings)
}

// environments are those in which some target runs.
func (a *app) environments() []string {
	var names []string
	for _, t := range a.Targets {
		names = append(names, t.Describe().Environments...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// settings are what --set takes: a setting's name with each of its values.
func (a *app) settings() []string {
	var pairs []string
	add := func(settings []targets.Setting) {
		for _, s := range settings {
			for _, value := range s.Values {
				pairs = append(pairs, s.Name+"="+value)
			}
			if s.Values == nil {
				pairs = append(pairs, s.Name+"="+s.Default)
			}
		}
	}
	for _, t := range a.Targets {
		add(t.Describe().Settings)
	}
	for _, w := range a.Workloads {
		add(w.Settings)
	}
	return pairs
}

func (a *app) run(ctx context.Context, f *runFlags) error {
	plan, err := f.resolve()
	if err != nil {
		return usageError{err}
	}
	if f.leaveUp && plan.Config.Env == "sim" {
		return usageError{errors.New("--leave-up: nodes that are simulated end with the run")}
	}
	if f.spec.StopOnAnomaly && !plan.Watched() {
		a.say("--stop-on-anomaly: the workload %s cannot be judged while the run goes on, but only at its end", plan.Config.Workload)
	}
	switch {
	case f.seed != "":
		if plan.Seed, err = strconv.ParseUint(f.seed, 10, 64); err != nil {
			return usageError{fmt.Errorf("--seed %q: expected a number from 0 to 2^64-1", f.seed)}
		}
	case len(plan.Config.Bugs) > 0 && plan.Config.Env == "sim": // real nodes take their time
		plan, err = a.findSeed(ctx, plan)
		if err != nil {
			return err
		}
	default:
		plan.Seed = drawSeed()
	}
	return a.execute1(ctx, plan, f)
}

// resolve turns the flags into a plan.
func (f *runFlags) resolve() (runner.Plan, error) {
	spec := f.spec
	var err error
	if spec.Settings, err = parseSettings("set", f.set); err != nil {
		return runner.Plan{}, err
	}
	if len(f.commands) > 0 {
		if spec.FaultCommands, err = parseSettings("fault-command", f.commands); err != nil {
			return runner.Plan{}, err
		}
	}
	if spec.Concurrency, err = runner.ParseConcurrency(f.concurrency, spec.NodeCount()); err != nil {
		return runner.Plan{}, err
	}
	if f.schedule != "" {
		if spec.Schedule, err = rundir.ReadSchedule(f.schedule); err != nil {
			return runner.Plan{}, fmt.Errorf("--schedule: %w", err)
		}
		spec.ScheduleFile = f.schedule
	}
	return spec.Resolve()
}

// parseSettings reads the values of a flag that takes KEY=VALUE.
func parseSettings(flag string, pairs []string) (map[string]string, error) {
	settings := map[string]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--%s %q: expected KEY=VALUE", flag, pair)
		}
		if before, twice := settings[name]; twice && before != value {
			return nil, fmt.Errorf("--%s %s is given twice, as %q and %q", flag, name, before, value)
		}
		settings[name] = value
	}
	return settings, nil
}

// drawSeed draws a seed short enough to be read aloud.
func drawSeed() uint64 {
	var b [8]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic(err)
	}
	return binary.LittleEndian.Uint64(b[:]) % 1_000_000_000
}

// findSeed tries seeds until one shows the planted bug, or fails. When none does,
// the last one tried is run, and so says valid.
func (a *app) findSeed(ctx context.Context, plan runner.Plan) (runner.Plan, error) {
	for seed := uint64(1); seed <= bugSeeds; seed++ {
		plan.Seed = seed
		a.progress("looking for %s: seed %d of at most %d", strings.Join(plan.Config.Bugs, ", "), seed, bugSeeds)
		outcome, err := runner.Execute(ctx, plan, runner.Options{Now: time.Now})
		if err != nil {
			return plan, err
		}
		if outcome.Document.Verdict == check.Invalid {
			a.say("seed %d shows %s", seed, strings.Join(plan.Config.Bugs, ", "))
			return plan, nil
		}
		if a.interrupted() {
			return plan, errInterrupted
		}
		if outcome.Err != nil {
			return plan, nil
		}
	}
	a.say("none of %d seeds shows %s", bugSeeds, strings.Join(plan.Config.Bugs, ", "))
	return plan, nil
}

// say prints a remark on standard error.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		a.log.clearProgress()
		a.log.printf(format+"\n", args...)
	}
}

func (a *app) progress(format string, args ...any) {
	if !a.quiet {
		a.log.progress(time.Now(), fmt.Sprintf(format, args...))
	}
}

// execute1 executes a plan into a run directory, writes the reports and prints
// the result.
func (a *app) execute1(ctx context.Context, plan runner.Plan, f *runFlags) error {
	name := f.name
	if name == "" {
		name = plan.Config.Target + "-" + plan.Config.Workload
	}
	start := time.Now()
	dir, err := rundir.Create(f.out, name, plan.Seed, start)
	if errors.Is(err, rundir.ErrName) {
		return usageError{fmt.Errorf("--name: %w", err)}
	}
	if err != nil {
		return err
	}
	a.say("%s; seed %d", plan, plan.Seed)
	options := a.options(dir, name)
	options.LeaveUp = f.leaveUp
	outcome, err := a.executeInto(ctx, plan, dir, options)
	for _, line := range outcome.LeftUp {
		a.say("left up: %s", line)
	}
	return a.finish(dir, outcome, err, f.asJSON)
}

// executeInto executes a plan and writes everything that a run leaves. The error
// is that not all of it could be written; the outcome may yet be of interest.
func (a *app) executeInto(ctx context.Context, plan runner.Plan, dir *rundir.Dir, options runner.Options) (runner.Outcome, error) {
	outcome, err := runner.Execute(ctx, plan, options)
	if err != nil {
		return outcome, err
	}
	if _, err := writeReports(dir, defaultReports); err != nil {
		return outcome, fmt.Errorf("cannot write the reports: %w", err)
	}
	return outcome, nil
}

// options are what a run needs of the outside.
func (a *app) options(dir *rundir.Dir, name string) runner.Options {
	return runner.Options{
		Now: time.Now, Dir: dir, Name: name, Version: version, Build: buildDigest(),
		Progress: func(p runner.Progress) { a.progress("%s", p) },
		Bound: func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, checkTimeout)
		},
	}
}

// checkTimeout is how long the checks of a run may take.
const checkTimeout = 5 * time.Minute

// buildDigest identifies the program: a replay by the same one must be identical.
func buildDigest() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil)[:16])
}
