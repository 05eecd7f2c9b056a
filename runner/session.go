package runner

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"checker/history"
	"checker/internal/prng"
	"checker/nemesis"
	"checker/rundir"
	"checker/targets"
	"checker/workloads/gen"
)

// session is what both kinds of time share: the interpreter, the nemesis, and
// where everything is recorded.
type session struct {
	plan    Plan
	options Options
	in      *gen.Interpreter
	nemesis *nemesis.Nemesis
	rng     *rand.Rand // resolves faults
	nodes   []string
	monitor *protocol     // nil when the target tells nothing of its protocol
	watch   *watch        // nil when the run goes on whatever it finds
	undo    gen.Generator // ends the faults of a run that is stopped
	stop    *rundir.Stop  // why it was
	healed  int64         // when the phase of recovery began; 0 is not yet

	builder  *history.Builder
	history  *rundir.Recorder // nil when there is no directory
	schedule *rundir.Recorder // nil when there is none, or when it was given
	harness  *rundir.Recorder // nil when there is none
	rows     int              // recorded
	ok       int              // of them
	faults   int              // begun or ended
	end      int64            // time of the last row
	err      error            // why recording stopped
	looked   time.Time
}

func newSession(p Plan, o Options, cluster targets.Cluster, g gen.Generator) *session {
	return &session{
		plan: p, options: o,
		nodes:   cluster.Nodes(),
		nemesis: nemesis.New(cluster, cluster.Nodes()),
		rng:     prng.New(p.Seed, "nemesis/resolve"),
		builder: history.NewBuilder(),
		in:      gen.NewInterpreter(g, p.Config.Concurrency, prng.Derive(p.Seed, "threads")),
	}
}

// node is the node that a thread talks to.
func (s *session) node(thread gen.Thread) string {
	if thread == gen.NemesisThread {
		return ""
	}
	return s.nodes[int(thread)%len(s.nodes)]
}

// openFiles opens what is written as the run goes.
func (s *session) openFiles(dir *rundir.Dir) (err error) {
	if dir == nil {
		return nil
	}
	if s.history, err = dir.HistoryRecorder(); err != nil {
		return err
	}
	if s.harness, err = dir.NewRecorder(rundir.HarnessLog); err != nil {
		return err
	}
	if s.plan.Schedule != nil {
		return dir.WriteSchedule(s.plan.Schedule)
	}
	s.schedule, err = dir.ScheduleRecorder()
	return err
}

// closeFiles flushes what was recorded.
func (s *session) closeFiles() error {
	var errs []error
	for _, r := range []*rundir.Recorder{s.history, s.schedule, s.harness} {
		if r != nil {
			errs = append(errs, r.Close())
		}
	}
	return errors.Join(errs...)
}

// record takes a row into the history, and the beginning of an op into the
// schedule. What goes wrong ends the run.
func (s *session) record(op history.Op, thread gen.Thread, begins bool) {
	op.Index = s.rows
	s.rows++
	s.end = op.Time
	if op.Type == history.Ok {
		s.ok++
	}
	s.watching(&op)
	err := s.builder.AddOp(op)
	if err != nil {
		err = fmt.Errorf("op %d cannot be recorded: %w", op.Index, err)
	}
	if err == nil && s.history != nil {
		err = s.history.RecordOp(op)
	}
	if err == nil && begins && s.schedule != nil {
		err = s.schedule.RecordEntry(rundir.Entry{At: op.Time, Thread: int(thread), F: op.F, Value: op.Value})
	}
	if s.err == nil {
		s.err = err
	}
}

// resolve makes a fault concrete, just before it is recorded.
func (s *session) resolve(ctx context.Context, op history.Op) history.Op {
	fault, err := nemesis.OfOp(op)
	if err != nil {
		return op
	}
	view, err := s.nemesis.View(ctx)
	if err != nil {
		s.log("nemesis: %v", err)
	}
	concrete, err := nemesis.Resolve(fault, view, s.rng)
	if err != nil {
		s.log("nemesis: %v", err)
		return op
	}
	done := concrete.Op()
	done.Process = op.Process
	return done
}

// fault executes a nemesis op. Marks of the phases do nothing.
func (s *session) fault(ctx context.Context, op history.Op) history.Op {
	if nemesis.Verb(op.F).Family() == "" {
		s.mark(op)
		return op
	}
	return s.nemesis.Invoke(ctx, op)
}

// faulted records the completion of a nemesis op.
func (s *session) faulted(now int64, done history.Op) {
	s.faults++
	s.completed(now, done)
	s.log("%s nemesis %s: %s %s", history.Seconds(now), done.F, done.Value, done.Error)
}

// log writes a line to harness.log.
func (s *session) log(format string, args ...any) {
	if s.harness != nil {
		fmt.Fprintf(s.harness, format+"\n", args...)
	}
}

// report hands what was recorded to the operating system and tells how far the
// run is, at most ten times a second.
func (s *session) report(now int64) {
	wall := s.options.Now()
	if wall.Sub(s.looked) < 100*time.Millisecond {
		return
	}
	s.looked = wall
	for _, r := range []*rundir.Recorder{s.history, s.schedule, s.harness} {
		if r == nil {
			continue
		}
		if err := r.Flush(); err != nil && s.err == nil {
			s.err = err
		}
	}
	if s.options.Progress != nil {
		s.options.Progress(Progress{Now: time.Duration(now), Limit: time.Duration(s.plan.Config.TimeLimitNS), Ops: s.rows, Ok: s.ok, Faults: s.faults})
	}
}

// Progress is how far a run is.
type Progress struct {
	Now    time.Duration // of the run's own time
	Limit  time.Duration
	Ops    int // rows recorded
	Ok     int // ops that succeeded
	Faults int // faults begun or ended
}

func (p Progress) String() string {
	phase := ""
	if p.Now > p.Limit {
		phase = ", recovering"
	}
	return fmt.Sprintf("%.1f s of %.0f s%s: %d ops ok, %d faults", p.Now.Seconds(), p.Limit.Seconds(), phase, p.Ok, p.Faults)
}
