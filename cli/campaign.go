package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"checker/campaign"
	"checker/check"
	"checker/rundir"
	"checker/runner"
)

// campaignSeeds are tried when neither flags nor matrix say which.
const campaignSeeds = "100"

// campaignFlags are the flags of `campaign` as they were given. Those of `run` that
// make cells are lists here.
type campaignFlags struct {
	cells         map[string]*[]string
	set           []string
	seeds         string
	matrix        string
	jobs          int
	shard         string
	resume        bool
	keep          bool
	stopOnAnomaly bool
	untilAnomaly  bool
	budget        time.Duration
	out           string
	name          string
	asJSON        bool
}

func (a *app) campaignCommand() *cobra.Command {
	var f campaignFlags
	cmd := &cobra.Command{
		Use:   "campaign",
		Short: "Many runs: a matrix of configurations times seeds, on all cores",
		Long: `Campaign runs every combination of the values of its flags, or of a matrix, with every
seed, and sums up which cells showed an anomaly. Results are appended to a log as they
come: a campaign that was interrupted or killed goes on with --resume. Runs that are
not valid are kept with all their files.

A flag takes several values, by commas or repeated; a plus joins what goes together,
as in --nemesis kill+pause,partition. "all" is every value that a setting, workload or
bug can have. With a matrix, flags narrow it.`,
		Example: `  checker campaign --matrix guarantees            every promised configuration must be silent
  checker campaign --matrix bugs                  every planted bug must be found
  checker campaign --workload register,set --nemesis kill,partition --seeds 1-1000
  checker campaign --workload register --set reads=all -c linearizable --until-anomaly
  checker campaign --matrix guarantees --shard 1/4 --budget 10m`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.campaign(cmd.Context(), &f) },
	}
	f.bind(cmd.Flags())
	a.completeRunFlags(cmd)
	complete(cmd, "matrix", campaign.BuiltIn)
	cmd.AddCommand(a.mergeCommand(), a.compareCommand())
	return cmd
}

// bind takes the usages of the flags that make cells from those of `run`.
func (f *campaignFlags) bind(flags *pflag.FlagSet) {
	one := pflag.NewFlagSet("run", pflag.ContinueOnError)
	of := runFlags{spec: runner.DefaultSpec(nil, nil)}
	of.bind(one)
	f.cells = map[string]*[]string{}
	for _, name := range campaign.FlagNames() {
		like := one.Lookup(name)
		_, usage := pflag.UnquoteUsage(like)
		if def := like.DefValue; def != "" && def != "[]" && def != "0" {
			usage += " (default " + def + ")"
		}
		list := new([]string)
		flags.StringSliceVarP(list, name, like.Shorthand, nil, usage)
		f.cells[name] = list
	}
	flags.StringArrayVar(&f.set, "set", nil, "a setting with its values, as `KEY=VALUE,VALUE`; repeatable")
	flags.StringVar(&f.seeds, "seeds", "", "how `many`, from 1 on, or ranges such as 1-1000 (default: the matrix's, else "+campaignSeeds+")")
	flags.StringVar(&f.matrix, "matrix", "", "the `cells`: "+strings.Join(campaign.BuiltIn(), ", ")+" or a YAML file")
	flags.IntVar(&f.jobs, "jobs", runtime.GOMAXPROCS(0), "how many runs at a time")
	flags.StringVar(&f.shard, "shard", "", "do the part `i/n` of the runs, for campaign merge to join")
	flags.BoolVar(&f.resume, "resume", false, "go on with the campaign of that name, if there is one")
	flags.BoolVar(&f.keep, "keep", false, "keep all files of every run, not only of those that are not valid")
	flags.BoolVar(&f.stopOnAnomaly, "stop-on-anomaly", false, one.Lookup("stop-on-anomaly").Usage)
	flags.BoolVar(&f.untilAnomaly, "until-anomaly", false, "a cell is done with its first anomaly")
	flags.DurationVar(&f.budget, "budget", 0, "begin no run after that time; 0 is no limit")
	flags.StringVar(&f.out, "out", "store", "the `folder` that gets the campaign's own")
	flags.StringVar(&f.name, "name", "", "the campaign's name in that folder (default: campaign-MATRIX)")
	flags.BoolVar(&f.asJSON, "json", false, "print the summary document")
}

func (a *app) campaign(ctx context.Context, f *campaignFlags) error {
	c, err := a.resolveCampaign(f)
	if err != nil {
		return usageError{err}
	}
	folder, err := f.open(c)
	if err != nil {
		return err
	}
	a.say("%d cells, seeds %s, %d runs at a time; results in %s", len(c.Cells), c.Seeds, f.jobs, folder)
	begun := time.Now()
	failed := campaign.Execute(ctx, c, folder, campaign.Options{
		Jobs: f.jobs, Keep: f.keep, Run: a.options(nil, ""),
		Expired: func() bool { return f.budget > 0 && time.Since(begun) > f.budget },
		Report: func(dir *rundir.Dir) error {
			_, err := writeReports(dir, defaultReports)
			return err
		},
		Progress: func(p campaign.Progress) { a.progress("%s", tellProgress(p, time.Since(begun))) },
		Found:    a.found,
	})
	summary, err := campaign.Summarise(folder)
	if err == nil {
		err = summary.Write(folder)
	}
	return a.finishCampaign(folder, summary, cmp.Or(failed, err), f.asJSON)
}

// resolveCampaign turns the flags into a campaign.
func (a *app) resolveCampaign(f *campaignFlags) (campaign.Campaign, error) {
	c := campaign.Campaign{Build: buildDigest()}
	flags, err := f.block()
	if err != nil {
		return c, err
	}
	m := campaign.Matrix{Name: "flags", Blocks: []campaign.Block{flags}}
	if f.matrix != "" {
		if m, err = campaign.ReadMatrix(f.matrix); err == nil {
			err = m.Narrow(flags)
		}
		if err != nil {
			return c, fmt.Errorf("--matrix: %w", err)
		}
	}
	if f.jobs < 1 {
		return c, fmt.Errorf("--jobs %d: expected 1 or more", f.jobs)
	}
	if f.budget < 0 {
		return c, fmt.Errorf("--budget %v: expected a time", f.budget)
	}
	if f.shard != "" {
		if c.Shard, err = campaign.ParseShard(f.shard); err != nil {
			return c, fmt.Errorf("--shard: %w", err)
		}
	}
	if c.Seeds, err = campaign.ParseSeeds(cmp.Or(f.seeds, m.Seeds, campaignSeeds)); err != nil {
		return c, fmt.Errorf("--seeds: %w", err)
	}
	c.Name, c.UntilAnomaly = m.Name, f.untilAnomaly || m.UntilAnomaly
	base := runner.DefaultSpec(a.Targets, a.Workloads)
	base.StopOnAnomaly = f.stopOnAnomaly
	c.Cells, err = m.Expand(base)
	return c, err
}

// block makes a block of the flags that make cells.
func (f *campaignFlags) block() (campaign.Block, error) {
	b := campaign.NewBlock()
	for name, list := range f.cells {
		if len(*list) > 0 {
			b.Flags[name] = *list
		}
	}
	for _, pair := range f.set {
		name, values, ok := strings.Cut(pair, "=")
		if !ok || name == "" || values == "" {
			return b, fmt.Errorf("--set %q: expected KEY=VALUE, or KEY=VALUE,VALUE", pair)
		}
		b.Set[name] = append(b.Set[name], strings.Split(values, ",")...)
	}
	return b, nil
}

// open makes the campaign's folder, or opens that of an earlier call.
func (f *campaignFlags) open(c campaign.Campaign) (*campaign.Folder, error) {
	name := cmp.Or(f.name, "campaign-"+c.Name)
	if f.name == "" && c.Shard.Of > 0 {
		name += fmt.Sprintf("-%dof%d", c.Shard.Index, c.Shard.Of)
	}
	path := filepath.Join(f.out, name)
	folder, err := campaign.Create(path, c.Document())
	switch {
	case errors.Is(err, campaign.ErrExists) && f.resume:
		if folder, err = campaign.Resume(path, c.Document()); err != nil {
			return nil, usageError{hintError{fmt.Errorf("--resume: %w", err), "give this one a name of its own with --name"}}
		}
	case errors.Is(err, campaign.ErrExists):
		return nil, usageError{hintError{err, "go on with it with --resume, or give this one a name of its own with --name"}}
	}
	return folder, err
}

// found tells of a run that is not valid as it comes.
func (a *app) found(r campaign.Result, kept string) {
	if r.Vacuous && !a.verbose {
		return
	}
	text := fmt.Sprintf("%s --seed %d: %s", r.Cell, r.Seed, cmp.Or(r.Error, r.Summary))
	if kept != "" {
		text += " (" + kept + ")"
	}
	a.say("%s", text)
}

func tellProgress(p campaign.Progress, took time.Duration) string {
	rate := float64(p.Now) / took.Seconds()
	most := ""
	if p.AtMost {
		most = "at most "
	}
	text := fmt.Sprintf("%d of %s%d runs, %.1f a second, %.0f times real time; %d anomalies, %d unknown",
		p.Done, most, p.Of, rate, p.Virtual.Seconds()/took.Seconds(), p.Anomalies, p.Unknown)
	if left := p.Of - p.Done; left > 0 && !p.AtMost {
		text += fmt.Sprintf("; %v left", time.Duration(float64(left)/rate*float64(time.Second)).Round(time.Second))
	}
	return text
}

// finishCampaign prints the summary and ends with its exit code.
func (a *app) finishCampaign(f *campaign.Folder, s campaign.Summary, failed error, asJSON bool) error {
	a.log.clearProgress()
	if failed == nil || s.Verdict == check.Invalid {
		if err := a.printCampaign(f, s, asJSON); err != nil {
			return err
		}
	}
	switch {
	case failed != nil && s.Verdict == check.Invalid:
		a.report(failed)
		return exitError(ExitInvalid)
	case failed != nil:
		return hintError{failed, "what was done until then is in " + f.String() + "; --resume goes on with it"}
	case s.Verdict != check.Invalid && s.Failed:
		return exitError(ExitFailed)
	case s.Verdict != check.Invalid && a.interrupted():
		a.say("interrupted: --resume goes on with it")
		return exitError(ExitInterrupted)
	}
	return asExit(codeOfVerdict(s.Verdict))
}

// printCampaign prints the document, or a table and the last three lines of every
// result: the verdict, the report, and the command.
func (a *app) printCampaign(f *campaign.Folder, s campaign.Summary, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(a.out).Encode(s)
	}
	if !a.quiet {
		if err := s.Table(a.out); err != nil {
			return err
		}
	}
	a.out.printf("%s\n", a.out.verdict(s.Verdict, s.Summary))
	a.out.printf("%s\n", filepath.Join(f.String(), campaign.PageFile))
	words := []string{"checker"}
	for _, arg := range a.args {
		words = append(words, runner.Quote(arg))
	}
	a.out.printf("%s\n", strings.Join(words, " "))
	return nil
}

func (a *app) mergeCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "merge INTO DIR...",
		Short:   "Join the shards of a campaign",
		Long:    "Merge joins the folders of all shards of a campaign in a new one. Its summary is that of\nthe campaign in one piece, byte for byte.",
		Example: "  checker campaign merge store/whole store/campaign-guarantees-1of2 store/campaign-guarantees-2of2",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			folder, err := campaign.Merge(args[0], args[1:])
			if err != nil {
				return err
			}
			summary, err := campaign.Summarise(folder)
			if err == nil {
				err = summary.Write(folder)
			}
			return a.finishCampaign(folder, summary, err, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the summary document")
	return cmd
}

func (a *app) compareCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Say which cells of two campaigns differ",
		Long: `Compare compares two campaigns, or their summaries, cell by cell: verdicts, types of
anomaly, and the first seed that shows one. It ends with 1 if a cell has become worse.`,
		Example: "  checker campaign compare store/yesterday store/today",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			var sides [2]campaign.Summary
			for i, path := range args {
				var err error
				if sides[i], err = campaign.ReadSummary(path); err != nil {
					return hintError{err, "give the folders of two campaigns that have ended, with a " + campaign.SummaryFile + " in each"}
				}
			}
			c := campaign.Compare(sides[0], sides[1])
			if asJSON {
				if err := json.NewEncoder(a.out).Encode(c); err != nil {
					return err
				}
			} else {
				a.out.printf("%s", c)
			}
			if c.Worse() {
				return exitError(ExitInvalid)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the comparison document")
	return cmd
}
