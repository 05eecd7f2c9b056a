package runner

import (
	"context"
	"strings"
	"testing"
	"time"

	"checker/check"
	"checker/history"
	"checker/rundir"
	"checker/targets"
	"checker/targets/simulated"
	"checker/workloads"
	"checker/workloads/gen"
)

func resolve(t *testing.T, spec Spec) Plan {
	t.Helper()
	plan, err := spec.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// okOps is a history in which so many ops of each function are ok, on one register
// and one client; writes write what reads then see.
func okOps(t *testing.T, reads, writes, cas int, more ...history.Op) *history.History {
	t.Helper()
	b := history.NewBuilder()
	add := func(op history.Op) {
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	pair := func(f string, invoked, done history.Value) {
		add(history.Op{Type: history.Invoke, F: f, Value: history.Vector(history.Int(0), invoked)})
		add(history.Op{Type: history.Ok, F: f, Value: history.Vector(history.Int(0), done)})
	}
	held := int64(0)
	for range writes {
		held++
		pair("write", history.Int(held), history.Int(held))
	}
	for range cas {
		held++
		pair("cas", history.Ints(held-1, held), history.Ints(held-1, held))
	}
	for range reads {
		pair("read", history.Nil, history.Int(held))
	}
	for _, op := range more {
		add(op)
	}
	return b.History()
}

func nemesisOps(f, value, result string) []history.Op {
	begin := history.Op{Process: history.Nemesis, Type: history.Info, F: f, Value: history.String(value)}
	end := begin
	end.Value = history.String(result)
	return []history.Op{begin, end}
}

// TestEvidenceGate: too little is vacuous, one more is not.
func TestEvidenceGate(t *testing.T) {
	bites := nemesisOps("kill", "n1", "killed=n1")
	misses := nemesisOps("kill", "n1", "nothing")
	for name, c := range map[string]struct {
		reads, writes, cas int
		nemesis            string
		faults             []history.Op
		reason             string
	}{
		"enough, and a fault that bit": {20, 20, 5, "kill", bites, ""},
		"enough, without faults":       {20, 20, 5, "none", nil, ""},
		"one read too few":             {19, 20, 5, "none", nil, "19 ok read ops where at least 20 are needed"},
		"one write too few":            {20, 19, 5, "none", nil, "19 ok write ops where at least 20 are needed"},
		"one cas too few":              {20, 20, 4, "none", nil, "4 ok cas ops where at least 5 are needed"},
		"nothing":                      {0, 0, 0, "none", nil, "0 ok cas ops where at least 5 are needed; 0 ok read ops where at least 20 are needed; 0 ok write ops"},
		"faults that did not bite":     {20, 20, 5, "kill", misses, "faults were asked for and not one of them bit"},
		"faults that never came":       {20, 20, 5, "kill", nil, "faults were asked for and not one of them bit"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := registerSpec()
			spec.Nemesis = []string{c.nemesis}
			doc := resolve(t, spec).Judge(context.Background(), okOps(t, c.reads, c.writes, c.cas, c.faults...))
			if doc.Evidence.Vacuous != (c.reason != "") || !strings.Contains(doc.Evidence.Reason, c.reason) {
				t.Errorf("vacuous %t: %q, want %q", doc.Evidence.Vacuous, doc.Evidence.Reason, c.reason)
			}
			if doc.Verdict != check.Unknown {
				t.Errorf("a run without its phase of recovery is %v", doc.Verdict)
			}
			if c.reads > 0 && doc.Checks[0].Verdict != check.Valid {
				t.Errorf("%s: %s", doc.Checks[0].Verdict, doc.Checks[0].Reason)
			}
		})
	}
}

// TestUnfinishedRunsAreNeverValid whatever their history says, and never hide what
// it shows.
func TestUnfinishedRunsAreNeverValid(t *testing.T) {
	spec := registerSpec()
	spec.Seed, spec.TimeLimit, spec.Nemesis = 1, 5*time.Second, []string{"none"}
	good := execute(t, spec, nil)
	spec.Settings, spec.ConsistencyModels, spec.Nemesis, spec.TimeLimit = map[string]string{"reads": "local"}, []string{"linearizable"}, nil, 20*time.Second
	bad := execute(t, spec, nil)
	if good.Document.Verdict != check.Valid || bad.Document.Verdict != check.Invalid {
		t.Fatalf("the controls are %v and %v", good.Document.Verdict, bad.Document.Verdict)
	}
	plan := resolve(t, spec)
	for status, says := range map[string]string{
		rundir.StatusComplete:    "",
		rundir.StatusInterrupted: "the run was interrupted",
		rundir.StatusFailed:      "the run failed: out of luck",
		rundir.StatusRunning:     "the run has not ended",
		"":                       `its status is ""`,
	} {
		run := rundir.Run{Status: status, Error: "out of luck", Rows: good.History.Len()}
		doc := plan.JudgeRun(context.Background(), run, good.History)
		want := check.Unknown
		if status == rundir.StatusComplete {
			want = check.Valid
		}
		if last := doc.Checks[len(doc.Checks)-1]; doc.Verdict == check.Valid && want != check.Valid || !strings.Contains(last.Reason, says) {
			t.Errorf("%q: %s, %s", status, doc.Summary, last.Reason)
		}
		run.Rows = bad.History.Len()
		if doc := plan.JudgeRun(context.Background(), run, bad.History); doc.Verdict != check.Invalid {
			t.Errorf("%q hides an anomaly: %s", status, doc.Summary)
		}
	}
	run := rundir.Run{Status: rundir.StatusComplete, Rows: good.History.Len() + 1}
	if doc := plan.JudgeRun(context.Background(), run, good.History); doc.Verdict != check.Unknown || !strings.Contains(doc.Summary, "rows") {
		t.Errorf("a row is missing: %s", doc.Summary)
	}
}

// fragile is the reference database with a promise that covers less.
type fragile struct{ targets.Target }

func (f fragile) Promise(workload string, settings map[string]string) (targets.Promise, error) {
	p, err := f.Target.Promise(workload, settings)
	p.FaultModel = []string{"kill"}
	return p, err
}

// TestBeyondTheFaultModel: a verdict under faults that the target does not promise to
// survive says so.
func TestBeyondTheFaultModel(t *testing.T) {
	for nemesis, want := range map[string]string{
		"kill,pause,clock": " (beyond the fault model of refdb: pause, clock)",
		"kill":             "",
		"all":              "",
	} {
		spec := DefaultSpec([]targets.Target{fragile{simulated.RefDB()}}, workloads.All())
		spec.Nemesis, spec.Seed, spec.TimeLimit = strings.Split(nemesis, ","), 1, 8*time.Second
		out := execute(t, spec, nil)
		if got := out.Document.Summary; !strings.HasSuffix(got, want) || want == "" && strings.Contains(got, "beyond") {
			t.Errorf("%s: %q, want it to end in %q", nemesis, got, want)
		}
		if got := strings.Join(out.Run.Beyond, ", "); !strings.Contains(want, got) {
			t.Errorf("%s: run.json has %q", nemesis, got)
		}
	}
}

// broken is the reference database that panics where it is told to.
type broken struct {
	targets.Target
	where string
}

func (b broken) Open(ctx context.Context, cfg targets.Config) (targets.Cluster, error) {
	if b.where == "open" {
		panic("in the target's open")
	}
	c, err := b.Target.Open(ctx, cfg)
	return brokenCluster{c.(targets.Simulated), b.where}, err
}

type brokenCluster struct {
	targets.Simulated
	where string
}

func (c brokenCluster) Step() bool {
	if c.where == "step" && c.Now() > 2e9 {
		panic("in the target's step")
	}
	return c.Simulated.Step()
}

func (c brokenCluster) Close() error {
	if c.where == "close" {
		panic("in the target's close")
	}
	return c.Simulated.Close()
}

// panickingOps is a generator that panics after two seconds.
type panickingOps struct{ gen.Generator }

func (g panickingOps) Next(ctx *gen.Context) (gen.Step, gen.Generator) {
	if ctx.Now > 2e9 {
		panic("in the generator")
	}
	step, rest := g.Generator.Next(ctx)
	return step, panickingOps{rest}
}

func (g panickingOps) Update(ctx *gen.Context, event history.Op) gen.Generator {
	return panickingOps{g.Generator.Update(ctx, event)}
}

// TestPanics: a bug in a target or in a generator ends the run as a failure; what was
// recorded stays, and nothing is called valid.
func TestPanics(t *testing.T) {
	for _, where := range []string{"open", "step", "close", "generator"} {
		t.Run(where, func(t *testing.T) {
			spec := DefaultSpec([]targets.Target{broken{simulated.RefDB(), where}}, workloads.All())
			spec.Seed, spec.TimeLimit = 1, 5*time.Second
			plan := resolve(t, spec)
			if where == "generator" {
				build := plan.Workload.New
				plan.Workload.New = func(p workloads.Params) workloads.Instance {
					w := build(p)
					w.Ops = panickingOps{w.Ops}
					return w
				}
			}
			dir := newRunDir(t)
			out, err := Execute(context.Background(), plan, Options{Now: fixedNow, Dir: dir})
			if err == nil && out.Document.Verdict != check.Unknown {
				t.Errorf("%v", out.Document.Verdict)
			}
			run, readErr := dir.ReadRun()
			if readErr != nil || run.Status != rundir.StatusFailed || !strings.Contains(run.Error, "panic") || !strings.Contains(run.Error, "in the ") {
				t.Errorf("%q %q, %v", run.Status, run.Error, readErr)
			}
			if where == "open" {
				return
			}
			if h, err := dir.ReadHistory(); err != nil || h.Len() < 100 {
				t.Errorf("of the history nothing is left: %v", err)
			}
		})
	}
}

// waiting is a check that goes on until it is told to stop.
type waiting struct{ begun chan<- struct{} }

func (waiting) Name() string { return "waiting" }

func (w waiting) Check(ctx context.Context, _ *history.History) (check.Result, error) {
	close(w.begun)
	<-ctx.Done()
	return check.Result{}, ctx.Err()
}

// TestInterruptedJudging: the run was complete, and stays so; its verdict is open.
func TestInterruptedJudging(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	begun := make(chan struct{})
	go func() {
		<-begun
		cancel()
	}()
	spec := registerSpec()
	spec.Seed, spec.TimeLimit = 1, 5*time.Second
	plan := resolve(t, spec)
	build := plan.Workload.New
	plan.Workload.New = func(p workloads.Params) workloads.Instance {
		w := build(p)
		w.Checks = append(w.Checks, waiting{begun})
		return w
	}
	dir := newRunDir(t)
	out, err := Execute(ctx, plan, Options{Now: fixedNow, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, out, rundir.StatusComplete, check.Unknown)
	if !strings.Contains(out.Document.Summary, "waiting could not be decided: interrupted") {
		t.Errorf("%s", out.Document.Summary)
	}
	if run, err := dir.ReadRun(); err != nil || run.Status != rundir.StatusComplete {
		t.Errorf("run.json: %q, %v", run.Status, err)
	}
}
