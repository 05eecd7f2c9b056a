package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"time"

	"checker/check"
	"checker/history"
	"checker/nemesis"
	"checker/rundir"
	"checker/targets"
)

// Options are what a run needs of the outside.
type Options struct {
	Now      func() time.Time // the wall clock of the harness
	Dir      *rundir.Dir      // where everything is written; nil for nowhere
	Name     string           // of the run
	Version  string           // of checker
	Build    string           // digest of the program
	Progress func(Progress)   // nil for none; called from the goroutine of Execute
	LeaveUp  bool             // real nodes are left as they are in the end
	// Bound limits how long the checks may take. Nil is no limit.
	Bound func(context.Context) (context.Context, context.CancelFunc)
}

// Outcome is what a run left.
type Outcome struct {
	Run      rundir.Run
	Document check.Document
	History  *history.History
	LeftUp   []string // how to enter and how to remove the nodes that were left up
	Err      error    // why the run failed; the document judges what was recorded until then
}

// Execute carries a plan out and judges what happened. A run that failed or was
// interrupted is judged by what there is, and its outcome says so. The error is
// that the run could not begin, which leaves nothing to judge, or that it could
// not be written down. When ctx is done, first the run ends and then, should it
// have been over, the judging.
func Execute(ctx context.Context, p Plan, o Options) (Outcome, error) {
	start := o.Now()
	out := Outcome{Run: p.describe(o, start)}
	faults, err := nemesis.Plan(p.nemesisConfig(), p.Seed)
	if err != nil {
		return out, err
	}
	out.Run.Plan = faults.String()
	if err := writeRun(o.Dir, out.Run); err != nil {
		return out, err
	}
	monitor := p.monitor()
	if err := p.drive(ctx, o, faults, monitor, &out); err != nil {
		out.Run.Status, out.Run.Error = rundir.StatusFailed, err.Error()
		return out, errors.Join(err, writeRun(o.Dir, out.Run))
	}
	unwritten := writeRun(o.Dir, out.Run)
	judging := ctx
	if out.Run.Status == rundir.StatusInterrupted {
		judging = context.WithoutCancel(ctx)
	}
	out.Document = p.JudgeRun(bounded(judging, o), out.Run, out.History, append(monitor.checks(), p.NodeChecks(o.Dir)...)...)
	end := o.Now()
	out.Run.End, out.Run.WallNS = end.UTC().Format(time.RFC3339), int64(end.Sub(start))
	if unwritten == nil && o.Dir != nil {
		unwritten = errors.Join(o.Dir.WriteVerdict(out.Document), writeRun(o.Dir, out.Run))
	}
	return out, unwritten
}

// drive sets the nodes up, runs the phases and takes everything down again. An
// error is that nothing could be run; how the run itself ended is in out.
func (p Plan) drive(ctx context.Context, o Options, faults nemesis.Schedule, monitor *protocol, out *Outcome) (err error) {
	trace, err := openTrace(o.Dir)
	if err != nil {
		return err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic outside the run: %v\n%s", p, debug.Stack())
		}
		if err != nil {
			err = errors.Join(err, closeTrace(trace))
		}
	}()
	cluster, err := p.Target.Open(ctx, p.targetConfig(o, trace, monitor))
	if err != nil {
		return fmt.Errorf("%s cannot be set up: %w", p.Config.Target, err)
	}
	for _, c := range cluster.Capabilities() {
		out.Run.Capabilities = append(out.Run.Capabilities, rundir.Capability(c))
	}
	w := p.Workload.New(p.params())
	s := newSession(p, o, cluster, p.phases(w, faults))
	s.monitor, s.watch, s.undo = monitor, p.watch(w.Streams, monitor), faults.Final()
	if err := s.openFiles(o.Dir); err != nil {
		return errors.Join(err, cluster.Close())
	}
	out.Err = s.goOn(ctx, cluster)
	s.tellGivenUp()
	out.Run.Status, out.Run.Stopped = rundir.StatusComplete, s.stop
	switch {
	case errors.Is(out.Err, context.Canceled):
		out.Run.Status, out.Err = rundir.StatusInterrupted, nil
	case out.Err != nil:
		out.Run.Status, out.Run.Error = rundir.StatusFailed, out.Err.Error()
	}
	if c, ok := cluster.(interface{ LeftUp() []string }); ok && o.LeaveUp {
		out.LeftUp = c.LeftUp()
	}
	out.Run.DurationNS, out.Run.Rows = s.end, s.rows
	out.History = s.builder.History()
	closed := errors.Join(s.closeFiles(), cluster.Close(), closeTrace(trace))
	if closed != nil && out.Err == nil {
		out.Err = closed
		out.Run.Status, out.Run.Error = rundir.StatusFailed, closed.Error()
	}
	return nil
}

// goOn drives the session in the cluster's kind of time. A panic in a generator or
// in a target ends the run as a failure; what was recorded stays.
func (s *session) goOn(ctx context.Context, cluster targets.Cluster) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic during the run: %v\n%s", p, debug.Stack())
		}
		if err != nil {
			s.log("the run ended early: %v", err)
		}
	}()
	switch c := cluster.(type) {
	case targets.Simulated:
		return newSimulation(s, c).run(ctx)
	case targets.Real:
		return newRealTime(s, c).run(ctx)
	}
	return fmt.Errorf("%s opened a cluster that is neither simulated nor real", s.plan.Config.Target)
}

func (p Plan) describe(o Options, start time.Time) rundir.Run {
	d := p.Target.Describe()
	return rundir.Run{
		Name: o.Name, Status: rundir.StatusRunning, Seed: p.Seed, Config: p.Config,
		Guarantee: p.Promise.Summary, FaultModel: p.Promise.FaultModel, Beyond: p.Beyond,
		Versions:  rundir.Versions{Checker: o.Version, Build: o.Build, Go: runtime.Version(), Target: d.Name + " " + cmp.Or(p.Config.Image, d.Version)},
		Start:     start.UTC().Format(time.RFC3339),
		Reproduce: p.Reproduce(),
	}
}

func (p Plan) targetConfig(o Options, trace *rundir.Recorder, monitor *protocol) targets.Config {
	cfg := targets.Config{
		Env: p.Config.Env, Image: p.Config.Image, Nodes: p.Config.Nodes, Endpoints: p.Config.Endpoints, FaultCommands: p.Config.FaultCommands, Threads: p.Config.Concurrency, Seed: p.Seed,
		Workload: p.Config.Workload, Settings: p.Config.Settings, Bugs: p.Config.Bugs,
		Faults:  p.Config.Nemesis,
		LeaveUp: o.LeaveUp,
	}
	if o.Dir != nil {
		cfg.Log = func(node string) (io.WriteCloser, error) { return o.Dir.NodeLog(node) }
	}
	if trace != nil {
		cfg.Trace = io.Writer(trace)
	}
	if monitor != nil {
		cfg.Protocol = monitor.observe
	}
	return cfg
}

func writeRun(dir *rundir.Dir, r rundir.Run) error {
	if dir == nil {
		return nil
	}
	return dir.WriteRun(r)
}

func openTrace(dir *rundir.Dir) (*rundir.Recorder, error) {
	if dir == nil {
		return nil, nil
	}
	return dir.TraceRecorder()
}

func closeTrace(trace *rundir.Recorder) error {
	if trace == nil {
		return nil
	}
	return trace.Close()
}

func bounded(ctx context.Context, o Options) context.Context {
	if o.Bound == nil {
		return ctx
	}
	limited, cancel := o.Bound(ctx)
	context.AfterFunc(limited, cancel)
	return limited
}
