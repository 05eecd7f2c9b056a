package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"checker/check"
	"checker/check/txn"
	"checker/history"
	"checker/models/consistency"
	"checker/reports"
	"checker/runner"
)

// checkFlags are the flags of `check` as they were given.
type checkFlags struct {
	model     string
	format    string
	models    []string
	engine    string
	timeout   time.Duration
	memory    string
	report    string
	directory string
	asJSON    bool
	familyFlags
	txnFlags
}

func (a *app) checkCommand() *cobra.Command {
	f := checkFlags{}
	cmd := &cobra.Command{
		Use:   "check FILE|DIR...",
		Short: "Judge recorded histories",
		Long: `Check judges histories that were recorded by checker, Jepsen, elle-cli or
Porcupine's tests; "-" is standard input. It prints a line per file, FILE<TAB>true,
false or unknown, and under an invalid one the first witness in words. A run
directory is judged again as its run was.

MODEL=VALUE says what an object holds at first: multi-register=0. The model
log-pattern=REGEXP looks for a pattern in logs, files or whole folders.`,
		Example: `  checker check -m cas-register *.edn
  checker check -m set-full --json history.jsonl
  checker check store/latest`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.linearizable {
				f.models = append(f.models, "linearizable")
			}
			f.totalGiven = cmd.Flags().Changed("total-amount")
			return a.check(cmd.Context(), &f, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVarP(&f.model, "model", "m", "", "what the history is of: "+strings.Join(checkModelNames(), ", "))
	flags.StringVarP(&f.format, "format", "f", "auto", "format of the files: "+strings.Join(formatNames(false), ", "))
	flags.StringSliceVarP(&f.models, "consistency-models", "c", nil, "what to check for (default linearizable; of transactions strict-serializable)")
	flags.StringVar(&f.engine, "engine", "auto", "how single objects are decided: auto, search (ours, always) or porcupine")
	flags.DurationVar(&f.timeout, "timeout", 5*time.Minute, "give up on a file after this long; it is unknown then")
	flags.StringVar(&f.memory, "memory", "2GiB", "give up on an object whose search takes more than this")
	flags.StringVar(&f.report, "report", "", "write the full report of the history to `FILE.html`")
	flags.StringVarP(&f.directory, "directory", "d", "", "write the witnesses as text, DOT and SVG below this `folder`")
	flags.BoolVar(&f.asJSON, "json", false, "print a verdict document per file")
	flags.BoolVar(&f.linearizable, "linearizable", false, "set-full and others: short for -c linearizable")
	flags.IntVarP(&f.group, "group-size", "g", 0, "long-fork: how many keys each read has (default any)")
	flags.BoolVarP(&f.negative, "allow-negative-balances", "n", false, "bank: balances may be negative")
	flags.Int64Var(&f.maxTransfer, "max-transfer", 0, "bank: no transfer is of more (default any)")
	flags.Int64VarP(&f.total, "total-amount", "o", 0, "bank: what all balances add up to (default that of the first read)")
	flags.Float64Var(&f.clockDrift, "clock-drift", 0, "leased-mutex: by how much clocks of servers may run fast (0.01 is 1 %)")
	f.txnFlags.register(flags)
	complete(cmd, "model", checkModelNames)
	complete(cmd, "format", func() []string { return formatNames(false) })
	complete(cmd, "consistency-models", checkGuarantees)
	complete(cmd, "engine", func() []string { return engines })
	return cmd
}

// check judges every input; the worst exit code counts.
func (a *app) check(ctx context.Context, f *checkFlags, inputs []string) error {
	if f.report != "" && len(inputs) > 1 {
		return usageError{errors.New("--report takes one history at a time")}
	}
	if f.timeout <= 0 {
		return usageError{fmt.Errorf("--timeout %s: expected more than nothing", f.timeout)}
	}
	format, err := readFormat(f.format)
	if err != nil {
		return err
	}
	code := ExitValid
	for _, input := range inputs {
		if ctx.Err() != nil {
			code = worseCode(code, ExitInterrupted)
			break
		}
		one, err := a.checkInput(ctx, f, input, format)
		var usage usageError
		if errors.As(err, &usage) {
			return err
		}
		if err != nil {
			a.report(err)
		}
		code = worseCode(code, one)
	}
	return asExit(code)
}

// checkInput judges a file or a run directory and prints the result.
func (a *app) checkInput(ctx context.Context, f *checkFlags, input string, format history.Format) (int, error) {
	a.progress("checking %s", input)
	f.progress = func(what string) { a.progress("checking %s: %s", input, what) }
	var in reports.Input
	var err error
	if pattern, ok := strings.CutPrefix(f.model, logPattern+"="); ok {
		in, err = a.judgeLogs(ctx, f, input, pattern)
	} else if trace, traceErr := traceChecker(f.model, input); trace != nil || traceErr != nil {
		if err = traceErr; err == nil {
			in, err = a.judgeTrace(ctx, f, input, trace)
		}
	} else if info, statErr := os.Stat(input); statErr == nil && info.IsDir() {
		in, err = a.judgeRun(ctx, f, input)
	} else {
		in, err = a.judgeFile(ctx, f, input, format)
	}
	if err != nil {
		return codeOf(err), err
	}
	in.Document.File = input
	a.log.clearProgress()
	if err := a.writeWitnesses(f, in); err != nil {
		return ExitFailed, err
	}
	if err := a.printChecked(f, in.Document); err != nil {
		return ExitFailed, err
	}
	if ctx.Err() != nil && in.Document.Verdict != check.Invalid {
		return ExitInterrupted, nil
	}
	return codeOfVerdict(in.Document.Verdict), nil
}

// judgeFile judges a history recorded elsewhere. It has no gate of evidence: how
// much of it there is, is for the reader to weigh.
func (a *app) judgeFile(ctx context.Context, f *checkFlags, path string, format history.Format) (reports.Input, error) {
	checker, err := f.checker()
	if err != nil {
		return reports.Input{}, err
	}
	h, err := a.readHistory(ctx, path, format)
	if err != nil {
		return reports.Input{}, err
	}
	a.printWarnings(path, h)
	stats := h.Stats()
	ev := check.Evidence{Ops: stats.ByF, Faults: map[string]check.Bite{}}
	limited, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	doc := check.NewDocument([]check.Result{check.Run(limited, checker, h)}, ev)
	kept, _ := h.Warnings()
	for _, w := range kept {
		doc.Warnings = append(doc.Warnings, w.String())
	}
	return reports.Input{Title: filepath.Base(path), Document: doc, History: h, Glossary: glossary()}, nil
}

// judgeRun judges the history of a run directory again, as its run was judged.
func (a *app) judgeRun(ctx context.Context, f *checkFlags, path string) (reports.Input, error) {
	var in reports.Input
	if f.model != "" {
		return in, usageError{fmt.Errorf("%s is a directory: a run is judged by its workload, without --model", path)}
	}
	dir, run, err := openRun(path)
	if err != nil {
		return in, err
	}
	plan, err := runner.PlanOf(run, dir, a.Targets, a.Workloads)
	if err != nil {
		return in, fmt.Errorf("%s cannot be judged again: %w", path, err)
	}
	h, err := dir.ReadHistory()
	if err != nil {
		return in, err
	}
	a.printWarnings(path, h)
	limited, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	in = reports.Judged(dir, run, h, plan.JudgeRun(limited, run, h, append(plan.TraceChecks(dir, h), plan.NodeChecks(dir)...)...))
	in.Glossary = glossary()
	return in, nil
}

// checker is what the flags ask to check with.
func (f *checkFlags) checker() (check.Checker, error) {
	if f.model == "" {
		return nil, usageError{hintError{errors.New("say what the history is of with --model"), "one of " + strings.Join(checkModelNames(), ", ")}}
	}
	memory, err := parseBytes(f.memory)
	if err != nil {
		return nil, usageError{fmt.Errorf("--memory %q: %w", f.memory, err)}
	}
	if f.group < 0 || f.maxTransfer < 0 {
		return nil, usageError{errors.New("--group-size and --max-transfer cannot be below 0")}
	}
	if !(f.clockDrift >= 0 && f.clockDrift <= 1) {
		return nil, usageError{fmt.Errorf("--clock-drift %v: expected a share from 0 to 1", f.clockDrift)}
	}
	if !slices.Contains(engines, f.engine) {
		return nil, usageError{fmt.Errorf("--engine %q: expected %s", f.engine, strings.Join(engines, ", "))}
	}
	m, err := findCheckModel(f.model)
	if err != nil {
		return nil, usageError{err}
	}
	for _, name := range f.models {
		known, err := consistency.Parse(name)
		if err != nil {
			return nil, usageError{err}
		}
		if len(m.guarantees) == 0 {
			return nil, usageError{fmt.Errorf("a history of %s is judged by its anomalies, not for a consistency model", m.name)}
		}
		if !slices.Contains(m.guarantees, known.Name) {
			return nil, usageError{fmt.Errorf("a history of %s cannot be checked for %s: expected %s", m.name, known.Name, strings.Join(m.guarantees, ", "))}
		}
	}
	checker, err := m.checker(f, memory)
	if err != nil {
		return nil, usageError{err}
	}
	return checker, nil
}

// engines are the values of --engine.
var engines = []string{"auto", "search", "porcupine"}

// parseBytes reads a size such as 512MiB, 2GB or 1000000.
func parseBytes(s string) (int64, error) {
	units := []struct {
		suffix string
		factor float64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {"B", 1}, {"", 1}}
	for _, u := range units {
		digits, ok := strings.CutSuffix(s, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(digits, 64)
		if size := n * u.factor; err != nil || !(size >= 1 && size <= 1<<60) {
			return 0, errors.New("expected a size such as 512MiB")
		}
		return int64(n * u.factor), nil
	}
	return 0, errors.New("expected a size such as 512MiB")
}

// printChecked prints the line of a file, and under an invalid one its first
// witness.
func (a *app) printChecked(f *checkFlags, doc check.Document) error {
	if f.asJSON {
		return json.NewEncoder(a.out).Encode(doc)
	}
	word := map[check.Verdict]string{check.Valid: "true", check.Invalid: "false", check.Unknown: "unknown"}[doc.Verdict]
	a.out.printf("%s\t%s\n", doc.File, a.out.verdict(doc.Verdict, word))
	if a.quiet {
		return nil
	}
	for _, r := range doc.Checks {
		if r.Verdict == check.Unknown {
			a.out.printf("  %s: %s\n", r.Name, r.Reason)
		}
		for _, note := range r.Notes {
			if a.verbose {
				a.out.printf("  %s: %s\n", r.Name, note)
			}
		}
		if r.Verdict == check.Invalid && len(r.Anomalies) > 0 {
			an := r.Anomalies[0]
			a.out.printf("  %s (%d found)\n", a.out.style(bold, an.Type), an.Count)
			if len(an.Witnesses) > 0 {
				a.out.printf("%s\n", indent(indent(an.Witnesses[0].Text)))
			}
		}
	}
	return nil
}

// writeWitnesses writes what --report and --directory ask for.
func (a *app) writeWitnesses(f *checkFlags, in reports.Input) error {
	if f.report != "" {
		if err := writeWhole(f.report, func(w io.Writer) error { return reports.HTML(w, in) }); err != nil {
			return err
		}
	}
	if f.directory == "" {
		return nil
	}
	folder := filepath.Join(f.directory, filepath.Base(in.Document.File))
	for _, r := range in.Document.Checks {
		for _, an := range r.Anomalies {
			if err := writeAnomaly(folder, an); err != nil {
				return err
			}
		}
	}
	drawings, err := reports.Drawings(in)
	for _, d := range drawings {
		if err := os.WriteFile(filepath.Join(folder, d.Name), []byte(d.SVG), 0o644); err != nil {
			return err
		}
	}
	return err
}

func writeAnomaly(folder string, an check.Anomaly) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %d found\n", an.Type, an.Count)
	for _, w := range an.Witnesses {
		fmt.Fprintf(&text, "\nops %v\n%s\n", w.Ops, w.Text)
		for _, s := range w.Steps {
			fmt.Fprintf(&text, "  %d before %d (%s): %s\n", s.From, s.To, s.Edge, s.Why)
		}
	}
	for i, w := range an.Witnesses {
		if dot := txn.DOT(an.Type, w); dot != "" {
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d.dot", an.Type, i+1)), []byte(dot), 0o644); err != nil {
				return err
			}
		}
	}
	return os.WriteFile(filepath.Join(folder, an.Type+".txt"), []byte(text.String()), 0o644)
}
