package campaign

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"checker/check"
	"checker/rundir"
	"checker/runner"
)

// mostKept is how many runs that are not valid a cell keeps with all their files:
// each is some megabytes, and a planted bug may show in every seed.
const mostKept = 10

// gcPercent lets garbage pile up to so much of what lives: a run leaves little alive, and to collect it as
// often as Go does by default costs a sixth of the time. GOGC overrides it.
const gcPercent = 400

// Options are what a campaign needs of the outside.
type Options struct {
	Jobs     int                     // runs at a time
	Keep     bool                    // keep the files of every run
	Run      runner.Options          // for each run; its Dir, Name and Progress are set here
	Expired  func() bool             // whether the budget is spent; nil is never
	Report   func(*rundir.Dir) error // builds the reports of a run that is kept; nil for none
	Progress func(Progress)          // called from the goroutine of Execute after each run; nil for none
	Found    func(Result, string)    // hears of each run that is not valid, and where it is kept; nil for nobody
}

// Progress is how far a campaign is.
type Progress struct {
	Done, Of  int           // runs, of this shard; Done counts those of earlier calls
	AtMost    bool          // fewer than Of, should anomalies be found
	Now       int           // runs by this call
	Virtual   time.Duration // of the runs of this call, in their own time
	Anomalies int           // runs by this call that show one
	Unknown   int           // runs by this call that could not be decided
}

// job is a run to do.
type job struct {
	number, cell int
	seed         uint64
}

// done is a run that was done.
type done struct {
	job
	result      Result
	kept        string // where, within the folder
	interrupted bool
	err         error // it could not be written down
}

// execution is one call of Execute.
type execution struct {
	Campaign
	options  Options
	folder   *Folder
	finished bits // by number
	total    int  // runs of this shard
	left     int  // of them, those that earlier calls have not finished

	mu    sync.Mutex
	first []uint64 // per cell, the position of the first seed known to show an anomaly
	kept  []int    // per cell
}

// Execute carries out the runs that the folder's log has not, and appends them. It
// ends early when ctx is done or the budget is spent, which is no error; runs that
// an interrupt cut short are not recorded. The error is that something could not be
// written, or that the log is not of this campaign.
func Execute(ctx context.Context, c Campaign, f *Folder, o Options) error {
	if os.Getenv("GOGC") == "" {
		defer debug.SetGCPercent(debug.SetGCPercent(gcPercent))
	}
	e := &execution{Campaign: c, options: o, folder: f, first: make([]uint64, len(c.Cells)), kept: make([]int, len(c.Cells))}
	for i := range e.first {
		e.first[i] = math.MaxUint64
	}
	if err := e.readEarlier(); err != nil {
		return err
	}
	results, err := f.openLog()
	if err != nil {
		return err
	}
	return errors.Join(e.work(ctx, results), results.file.Close())
}

// readEarlier takes in what the log has already.
func (e *execution) readEarlier() error {
	x, err := newIndex(e.Document())
	if err != nil {
		return err
	}
	document := e.Document()
	total := document.runs(e.Seeds)
	e.finished = newBits(total)
	whole, err := e.folder.readLog(func(r Result) error {
		cell, number, err := x.run(r)
		if err != nil {
			return err
		}
		e.finished.add(number)
		e.note(cell, number, r)
		if e.folder.kept(cell, r.Seed) != "" && r.Verdict != check.Valid {
			e.kept[cell]++
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range total {
		if document.wants(i, e.Seeds) {
			e.total++
			if !e.finished.has(i) {
				e.left++
			}
		}
	}
	return e.folder.mend(whole)
}

// note remembers the first seed of a cell that shows an anomaly.
func (e *execution) note(cell, number int, r Result) {
	if r.Verdict == check.Invalid {
		e.mu.Lock()
		e.first[cell] = min(e.first[cell], uint64(number/len(e.Cells)))
		e.mu.Unlock()
	}
}

// work has the workers do every run and records what they did.
func (e *execution) work(ctx context.Context, results *log) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	jobs, ended := make(chan job), make(chan done)
	go e.deal(ctx, jobs)
	var workers sync.WaitGroup
	for range max(1, e.options.Jobs) {
		workers.Go(func() {
			for j := range jobs {
				ended <- e.execute(ctx, j)
			}
		})
	}
	go func() {
		workers.Wait()
		close(ended)
	}()
	var failed error
	p := Progress{Of: e.total, Done: e.total - e.left, AtMost: e.UntilAnomaly}
	for d := range ended {
		if failed == nil && d.err != nil {
			failed = d.err
		}
		if d.interrupted {
			continue
		}
		if failed == nil || d.result.Verdict == check.Invalid {
			failed = errors.Join(failed, results.append(d.result))
		}
		if failed != nil {
			stop()
			continue
		}
		e.note(d.cell, d.number, d.result)
		e.tell(&p, d)
	}
	return failed
}

// tell tells the caller of a run.
func (e *execution) tell(p *Progress, d done) {
	p.Done++
	p.Now++
	p.Virtual += time.Duration(d.result.DurationNS)
	switch d.result.Verdict {
	case check.Invalid:
		p.Anomalies++
	case check.Unknown:
		p.Unknown++
	}
	if d.result.Verdict != check.Valid && e.options.Found != nil {
		e.options.Found(d.result, d.kept)
	}
	if e.options.Progress != nil {
		e.options.Progress(*p)
	}
}

// deal deals out the runs, seed by seed, until none is left or time is up.
func (e *execution) deal(ctx context.Context, jobs chan<- job) {
	defer close(jobs)
	document := e.Document()
	for i := range document.runs(e.Seeds) {
		if !document.wants(i, e.Seeds) || e.finished.has(i) {
			continue
		}
		j := job{number: i, cell: i % len(e.Cells), seed: e.Seeds.At(i / len(e.Cells))}
		if e.settled(j) {
			continue
		}
		if e.options.Expired != nil && e.options.Expired() {
			return
		}
		select {
		case <-ctx.Done():
			return
		case jobs <- j:
		}
	}
}

// settled reports whether an earlier seed of the cell has shown an anomaly, and no
// more is wanted.
func (e *execution) settled(j job) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.UntilAnomaly && e.first[j.cell] < uint64(j.number/len(e.Cells))
}

// execute executes a run. One on virtual time is at first recorded nowhere; what is
// to be kept is run again into a directory, which gives the same.
func (e *execution) execute(ctx context.Context, j job) done {
	if e.options.Keep || e.Cells[j.cell].Plan.Config.Env != "sim" {
		return e.record(ctx, j)
	}
	d := e.attempt(ctx, j, nil)
	if d.interrupted || d.err != nil || d.result.Verdict == check.Valid || !e.mayKeep(j.cell) {
		return d
	}
	again := e.record(ctx, j)
	switch {
	case again.interrupted:
		return again
	case again.err != nil || again.result.Error != "" && d.result.Error == "":
		d.err = errors.Join(again.err, errorOf(again.result)) // what was found counts, kept or not
		return d
	case d.result.Verdict != again.result.Verdict:
		again.result.Error = fmt.Sprintf("run twice, it was %v and %v: the same program and seed must give the same run", d.result.Verdict, again.result.Verdict)
	}
	return again
}

func errorOf(r Result) error {
	if r.Error == "" {
		return nil
	}
	return errors.New(r.Error)
}

// record executes a run into a directory of its own, which stays unless the run is
// valid and was not to be kept.
func (e *execution) record(ctx context.Context, j job) done {
	dir, err := rundir.CreateAt(e.folder.file(runPath(j.cell, j.seed)))
	if err != nil {
		return done{job: j, interrupted: true, err: err}
	}
	d := e.attempt(ctx, j, dir)
	switch {
	case d.interrupted || d.err != nil:
		return d
	case d.result.Verdict == check.Valid && !e.options.Keep:
		d.err = os.RemoveAll(dir.String())
		return d
	}
	d.kept = dir.String()
	if e.options.Report != nil {
		d.err = e.options.Report(dir)
	}
	return d
}

// attempt executes a run once. A panic is a failure of this run and not of others.
func (e *execution) attempt(ctx context.Context, j job, dir *rundir.Dir) (d done) {
	cell := e.Cells[j.cell]
	defer func() {
		if p := recover(); p != nil {
			d = done{job: j, result: resultOf(cell, j.seed, runner.Outcome{}, fmt.Errorf("panic: %v", p))}
		}
	}()
	o := e.options.Run
	o.Dir, o.Name, o.Progress = dir, e.Name, nil
	plan := cell.Plan
	plan.Seed = j.seed
	out, err := runner.Execute(ctx, plan, o)
	if out.Run.Status == rundir.StatusInterrupted || ctx.Err() != nil && out.Document.Verdict == check.Unknown {
		return done{job: j, interrupted: true}
	}
	d = done{job: j, result: resultOf(cell, j.seed, out, err)}
	if failed := errors.Join(out.Err, err); errors.Is(failed, syscall.ENOSPC) {
		d.err = failed
	}
	return d
}

// mayKeep reports whether the cell may keep one more run, and counts it.
func (e *execution) mayKeep(cell int) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kept[cell] >= mostKept {
		return false
	}
	e.kept[cell]++
	return true
}
