package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"checker/targets"
	"checker/targets/docker"
	"checker/targets/etcd"
	"checker/targets/mariadb"
	"checker/targets/postgres"
	"checker/targets/redis"
	"checker/targets/served"
	"checker/targets/simulated"
	"checker/workloads"
)

// version is set by the build; a plain go build says "dev".
var version = "dev"

// Registry is what the commands can be told to use.
type Registry struct {
	Targets   []targets.Target
	Workloads []workloads.Workload
}

// Default is the registry of checker itself.
func Default() Registry {
	return Registry{
		Targets:   []targets.Target{served.RefDB(simulated.RefDB()), etcd.Etcd{}, postgres.Postgres{}, mariadb.MariaDB{}, redis.Redis{}},
		Workloads: workloads.All(),
	}
}

// app is one call of the program.
type app struct {
	Registry
	args        []string
	in          io.Reader
	out         *printer // results
	log         *printer // progress, warnings, errors
	interrupted func() bool
	color       string
	quiet       bool
	verbose     bool
}

// Main runs one command and returns the exit code.
func Main(reg Registry, args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, interrupted, stop := interruptible()
	defer stop()
	a := &app{Registry: reg, args: args, in: in, out: newPrinter(out), log: newPrinter(errOut), interrupted: interrupted}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(a.out)
	root.SetErr(errOut)
	err := a.execute(ctx, root)
	code := codeOf(err)
	if lost := a.out.err; lost != nil {
		a.report(fmt.Errorf("cannot write the result: %w", lost))
		return worseCode(code, ExitFailed)
	}
	if err != nil {
		a.report(err)
	}
	return code
}

// execute runs the command; a panic is a bug of ours and ends as an error with
// its stack, not in the middle of a line.
func (a *app) execute(ctx context.Context, root *cobra.Command) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = hintError{fmt.Errorf("panic: %v\n%s", p, debug.Stack()), "this is a bug in checker; please report it with the command that you ran"}
		}
	}()
	return root.ExecuteContext(ctx)
}

// report prints an error and its remedy.
func (a *app) report(err error) {
	if text := err.Error(); text != "" {
		a.log.clearProgress()
		a.log.printf("checker: %s\n", text)
	}
	var h hintError
	if errors.As(err, &h) {
		a.log.printf("hint: %s\n", h.hint)
	}
}

// interruptible returns a context that ends with the first SIGINT or SIGTERM,
// and whether that has happened. A second signal ends the program at once.
func interruptible() (context.Context, func() bool, func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-signals:
				if n > 0 {
					abandon()
					os.Exit(ExitInterrupted)
				}
				cancel()
			}
		}
	}()
	stop := func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
	return ctx, func() bool { return ctx.Err() != nil }, stop
}

// abandon removes the nodes of a run that is not going to come to its end. What it
// cannot remove, the next run sweeps.
func abandon() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = docker.Abandon(ctx)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "checker",
		Short: "Test distributed databases for correctness",
		Long: `checker drives a database with concurrent clients while it injects faults, records
what the clients see, and judges the record: linearizability, isolation of
transactions and atomic commitment, with a witness for every anomaly and an exit
code for CI.`,
		Example: `  checker run                                simulate the reference database under all faults
  checker run --bug stale-leader-read        see a planted bug being found
  checker check -m cas-register HISTORY      judge a history that was recorded elsewhere
  checker list bugs                          what can be planted`,
		Version:           version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		PersistentPreRunE: a.prepare,
		RunE: func(cmd *cobra.Command, args []string) error {
			return cmd.Help()
		},
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownName("command", args[0], commandNames(cmd))
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.color, "color", "auto", "colours in the output: auto, always or never")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print the result only")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "print what happens")
	flags.String("config", "", "read flags from a YAML `file`")
	complete(root, "color", func() []string { return []string{"auto", "always", "never"} })
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{hintError{err, fmt.Sprintf("%s --help lists the flags", cmd.CommandPath())}}
	})
	root.AddCommand(a.runCommand(), a.checkCommand(), a.campaignCommand(), a.replayCommand(), a.shrinkCommand(), a.reportCommand(), a.serveCommand(), a.convertCommand(),
		a.listCommand(), a.explainCommand(), a.doctorCommand(), a.cleanCommand(), a.agentCommand(), a.nodeCommand())
	usageArgs(root)
	return root
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// usageArgs makes wrong arguments of any command usage errors, and an unknown
// command one with a hint.
func usageArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check == nil {
		check = cobra.ArbitraryArgs
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError{hintError{err, fmt.Sprintf("usage: %s", cmd.UseLine())}}
		}
		return nil
	}
	for _, child := range cmd.Commands() {
		usageArgs(child)
	}
}

// prepare applies what holds for every command before it runs.
func (a *app) prepare(cmd *cobra.Command, _ []string) error {
	if err := applySettings(cmd); err != nil {
		return usageError{err}
	}
	if err := refuseEmptyLists(cmd); err != nil {
		return usageError{err}
	}
	if a.quiet && a.verbose {
		return usageError{errors.New("--quiet and --verbose contradict each other")}
	}
	for _, p := range []*printer{a.out, a.log} {
		if err := p.setColor(a.color); err != nil {
			return usageError{err}
		}
	}
	return nil
}
