package cli

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"checker/check"
	"checker/nemesis"
	"checker/rundir"
	"checker/runner"
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
	out         string
	name        string
	asJSON      bool
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
		RunE: func(cmd *cobra.Command, _ []string) error { return a.run(cmd.Context(), &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.spec.Target, "target", "", "the `database` to test (default refdb)")
	flags.StringVar(&f.spec.Env, "env", "", "where its nodes run (default: the target's first)")
	flags.StringVar(&f.spec.Workload, "workload", "", "what to ask of it (default: the target's first)")
	flags.StringSliceVar(&f.spec.Nemesis, "nemesis", nil, "families of `faults`, none, or all (default all that the target survives)")
	flags.DurationVar(&f.spec.NemesisInterval, "nemesis-interval", f.spec.NemesisInterval, "about how long from one fault of a family to the next")
	flags.IntVar(&f.spec.Nodes, "nodes", f.spec.Nodes, "how many nodes")
	flags.StringVar(&f.concurrency, "concurrency", strconv.Itoa(f.spec.Concurrency), "how many clients at a time; 2n is twice the nodes")
	flags.Float64Var(&f.spec.Rate, "rate", f.spec.Rate, "ops per second over all clients; 0 is as fast as possible")
	flags.DurationVar(&f.spec.TimeLimit, "time-limit", f.spec.TimeLimit, "how long to apply faults; virtual seconds in a simulation")
	flags.IntVar(&f.spec.Ops, "ops", 0, "end the faults after that many client ops; 0 is no limit")
	flags.StringVar(&f.seed, "seed", "", "the `number` that everything random comes from (default: drawn, and printed)")
	flags.StringVar(&f.schedule, "schedule", "", "take ops and faults from this `file` instead of drawing them")
	flags.StringSliceVarP(&f.spec.ConsistencyModels, "consistency-models", "c", nil, "what to check for (default: what the target promises)")
	flags.StringSliceVar(&f.spec.Bugs, "bug", nil, "plant a bug; repeatable")
	flags.StringArrayVar(&f.set, "set", nil, "a setting of target or workload as `KEY=VALUE`; repeatable")
	flags.StringVar(&f.out, "out", "store", "the `folder` for run directories")
	flags.StringVar(&f.name, "name", "", "the run's name in that folder (default: target-workload)")
	flags.BoolVar(&f.asJSON, "json", false, "print the verdict document")
	a.completeRunFlags(cmd)
	return cmd
}

// completeRunFlags offers the registries to the shell.
func (a *app) completeRunFlags(cmd *cobra.Command) {
	complete := func(flag string, names func() []string) {
		err := cmd.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return names(), cobra.ShellCompDirectiveNoFileComp
		})
		if err != nil {
			panic(err)
		}
	}
	namesOf := func(rows func(*app) []row) func() []string {
		return func() []string {
			var names []string
			for _, r := range rows(a) {
				names = append(names, r.Name)
			}
			return names
		}
	}
	complete("target", namesOf(targetRows))
	complete("workload", namesOf(workloadRows))
	complete("bug", namesOf(bugRows))
	complete("consistency-models", namesOf(consistencyRows))
	complete("nemesis", func() []string { return append([]string{"none", "all"}, nemesis.FamilyNames()...) })
	complete("env", func() []string { return []string{"sim"} })
}

func (a *app) run(ctx context.Context, f *runFlags) error {
	plan, err := f.resolve()
	if err != nil {
		return usageError{err}
	}
	switch {
	case f.seed != "":
		if plan.Seed, err = strconv.ParseUint(f.seed, 10, 64); err != nil {
			return usageError{fmt.Errorf("--seed %q: expected a number from 0 to 2^64-1", f.seed)}
		}
	case len(plan.Config.Bugs) > 0:
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
	if spec.Concurrency, err = parseConcurrency(f.concurrency, spec.Nodes); err != nil {
		return runner.Plan{}, err
	}
	if spec.Settings, err = parseSettings(f.set); err != nil {
		return runner.Plan{}, err
	}
	if f.schedule != "" {
		if spec.Schedule, err = rundir.ReadSchedule(f.schedule); err != nil {
			return runner.Plan{}, fmt.Errorf("--schedule: %w", err)
		}
	}
	return spec.Resolve()
}

// parseConcurrency reads a number of clients, or a multiple of the nodes such as 2n.
func parseConcurrency(s string, nodes int) (int, error) {
	factor := 1
	digits, perNode := strings.CutSuffix(s, "n")
	if perNode {
		factor = nodes
	}
	if perNode && digits == "" {
		digits = "1"
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0, fmt.Errorf("--concurrency %q: expected a number such as 10, or 2n for twice the nodes", s)
	}
	return n * factor, nil
}

func parseSettings(pairs []string) (map[string]string, error) {
	settings := map[string]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--set %q: expected KEY=VALUE", pair)
		}
		if before, twice := settings[name]; twice && before != value {
			return nil, fmt.Errorf("--set %s is given twice, as %q and %q", name, before, value)
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

// findSeed tries seeds until one shows the planted bug. When none does, the last
// one tried is run, and so says valid.
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
		if outcome.Run.Status == rundir.StatusInterrupted {
			return plan, exitError(ExitInterrupted)
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
	if err != nil {
		return err
	}
	a.say("%s; seed %d", plan, plan.Seed)
	outcome, err := runner.Execute(ctx, plan, a.options(dir, name))
	if err != nil {
		return a.failedRun(dir, err)
	}
	if _, err := writeReports(dir, defaultReports); err != nil {
		return fmt.Errorf("cannot write the reports: %w", err)
	}
	return a.finish(dir, outcome, f.asJSON)
}

// finish prints the result of a run and ends with its exit code.
func (a *app) finish(dir *rundir.Dir, o runner.Outcome, asJSON bool) error {
	a.log.clearProgress()
	if err := a.printRun(dir, o, asJSON); err != nil {
		return err
	}
	if o.Err != nil && o.Document.Verdict != check.Invalid {
		return a.failedRun(dir, o.Err)
	}
	return asExit(codeOfRun(o))
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

// failedRun says where what was recorded until a failure can be found.
func (a *app) failedRun(dir *rundir.Dir, err error) error {
	var hint hintError
	if errors.As(err, &hint) {
		return err
	}
	return hintError{err, "what was recorded until then is in " + dir.String()}
}

// codeOfRun is a run's exit code: an anomaly counts even if it was interrupted.
func codeOfRun(o runner.Outcome) int {
	if o.Run.Status == rundir.StatusInterrupted && o.Document.Verdict != check.Invalid {
		return ExitInterrupted
	}
	return codeOfVerdict(o.Document.Verdict)
}

// printRun prints the result: the document, or the verdict in a sentence, the
// report's path and the command that reproduces it.
func (a *app) printRun(dir *rundir.Dir, o runner.Outcome, asJSON bool) error {
	if asJSON {
		o.Document.Dir = dir.String()
		return json.NewEncoder(a.out).Encode(o.Document)
	}
	if !a.quiet {
		a.printEvidence(o)
		a.printWitnesses(o.Document)
	}
	a.out.printf("%s\n", a.out.verdict(o.Document.Verdict, o.Document.Summary))
	a.out.printf("%s\n", filepath.Join(dir.String(), rundir.ReportFile))
	a.out.printf("%s\n", o.Document.Reproduce)
	return nil
}

func (a *app) printEvidence(o runner.Outcome) {
	a.out.printf("%s\n", o.EvidenceLine())
	for _, r := range o.Document.Checks {
		a.out.printf("  %s: %s", r.Name, a.out.verdict(r.Verdict, r.Verdict.String()))
		if r.Reason != "" {
			a.out.printf(" (%s)", r.Reason)
		}
		for _, note := range r.Notes {
			a.out.printf("; %s", note)
		}
		a.out.printf("\n")
	}
}

// printWitnesses prints the first witness of each type of anomaly in words.
func (a *app) printWitnesses(doc check.Document) {
	for _, r := range doc.Checks {
		for _, an := range r.Anomalies {
			a.out.printf("\n%s (%d found by %s)\n", a.out.style(bold, an.Type), an.Count, r.Name)
			if len(an.Witnesses) > 0 {
				a.out.printf("%s\n", indent(an.Witnesses[0].Text))
			}
		}
	}
	if doc.Verdict == check.Invalid {
		a.out.printf("\n")
	}
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ")
}
