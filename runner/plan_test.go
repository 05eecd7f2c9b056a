package runner

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"checker/history"
	"checker/rundir"
	"checker/workloads"
)

// anySpec is whatever a user may ask for.
var anySpec = rapid.Custom(func(t *rapid.T) Spec {
	spec := defaultSpec()
	d := spec.Targets[0].Describe()
	spec.Workload = rapid.SampledFrom(append([]string{""}, d.Workloads...)).Draw(t, "workload")
	if rapid.Bool().Draw(t, "bug") {
		bug := rapid.SampledFrom(d.Bugs).Draw(t, "which")
		spec.Workload, spec.Bugs = bug.Workload, []string{bug.Name} // its settings may promise nothing for another
	}
	spec.Nemesis = rapid.SampledFrom([][]string{nil, {"none"}, {"all"}, {"kill"}, {"pause", "kill"}, {"packet", "clock", "partition"}}).Draw(t, "nemesis")
	spec.NemesisInterval = rapid.SampledFrom([]time.Duration{DefaultNemesisInterval, time.Second, 1500 * time.Millisecond}).Draw(t, "interval")
	spec.Nodes = rapid.IntRange(1, 9).Draw(t, "nodes")
	spec.Concurrency = rapid.IntRange(1, 30).Draw(t, "concurrency")
	spec.Rate = rapid.SampledFrom([]float64{0, DefaultRate, 0.5, 1e6, 33.3}).Draw(t, "rate")
	spec.TimeLimit = rapid.SampledFrom([]time.Duration{DefaultTimeLimit, time.Millisecond, 90 * time.Minute}).Draw(t, "limit")
	spec.Ops = rapid.IntRange(0, 3).Draw(t, "ops")
	spec.Seed = rapid.Uint64().Draw(t, "seed")
	single := slices.ContainsFunc(spec.Workloads, func(w workloads.Workload) bool {
		return w.Name == spec.Workload && slices.Contains(w.ConsistencyModels, "linearizable")
	})
	if single && rapid.Bool().Draw(t, "local") {
		spec.Settings = map[string]string{"reads": "local"}
		spec.ConsistencyModels = []string{"linearizable"}
	}
	return spec
})

// TestPlansComeBack: run.json says everything that makes a run what it is.
func TestPlansComeBack(t *testing.T) {
	dir := newRunDir(t)
	rapid.Check(t, func(t *rapid.T) {
		spec := anySpec.Draw(t, "spec")
		plan, err := spec.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "scheduled") {
			spec.Schedule = []rundir.Entry{{At: 1e9, Thread: 0, F: plan.Workload.Functions[0].F, Value: history.Nil}, {At: 2e9, Thread: rundir.NemesisThread, F: "kill", Value: history.String("n1")}}
			spec.ScheduleFile = dir.SchedulePath()
			if plan, err = spec.Resolve(); err != nil {
				t.Fatal(err)
			}
			if err := dir.WriteSchedule(plan.Schedule); err != nil {
				t.Fatal(err)
			}
		}
		if err := dir.WriteRun(plan.describe(Options{}, fixedNow())); err != nil {
			t.Fatal(err)
		}
		run, err := dir.ReadRun()
		if err != nil {
			t.Fatal(err)
		}
		again, err := PlanOf(run, dir, spec.Targets, spec.Workloads)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again.Config, plan.Config) || again.Seed != plan.Seed || !slices.Equal(again.Beyond, plan.Beyond) || len(again.Schedule) != len(plan.Schedule) {
			t.Fatalf("%+v came back as %+v", plan.Config, again.Config)
		}
		if a, b := plan.Reproduce(), again.Reproduce(); a != b {
			t.Fatalf("%s came back as %s", a, b)
		}
	})
}

// TestReproduce: defaults are left out, and quotes are set around what a shell would take apart.
func TestReproduce(t *testing.T) {
	spec := defaultSpec()
	spec.Seed = 42
	if got, want := resolve(t, spec).Reproduce(), "checker run --target refdb --seed 42"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	spec.Schedule = []rundir.Entry{{F: "txn", Value: history.Nil}}
	spec.ScheduleFile = "my runs/it's.txt"
	spec.Rate, spec.Ops = 7, 9
	if got, want := resolve(t, spec).Reproduce(), `checker run --target refdb --schedule 'my runs/it'\''s.txt' --seed 42`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestBugsChooseTheInterval: unless another one is asked for, and then the command says so.
func TestBugsChooseTheInterval(t *testing.T) {
	spec := defaultSpec()
	spec.Bugs, spec.Seed = []string{"commit-prior-term"}, 7
	plan := resolve(t, spec)
	if got, want := plan.Reproduce(), "checker run --target refdb --bug commit-prior-term --seed 7"; got != want || plan.Config.NemesisIntervalNS != 1e9 {
		t.Errorf("got %s, want %s, at %d ns", got, want, plan.Config.NemesisIntervalNS)
	}
	spec.NemesisInterval = 2 * time.Second
	plan = resolve(t, spec)
	if got, want := plan.Reproduce(), "checker run --target refdb --bug commit-prior-term --nemesis-interval 2s --seed 7"; got != want || plan.Config.NemesisIntervalNS != 2e9 {
		t.Errorf("got %s, want %s, at %d ns", got, want, plan.Config.NemesisIntervalNS)
	}
}

// TestContradictions are refused with what would be right.
func TestContradictions(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Spec)
		says   string
	}{
		"target":            {func(s *Spec) { s.Target = "postgres" }, `unknown target "postgres": expected one of refdb`},
		"workload":          {func(s *Spec) { s.Workload = "taxi" }, `unknown workload "taxi"`},
		"model":             {func(s *Spec) { s.ConsistencyModels = []string{"serializable"} }, "the workload register cannot be checked for serializable"},
		"no promise":        {func(s *Spec) { s.Settings = map[string]string{"reads": "local"} }, "promises no consistency model"},
		"none and another":  {func(s *Spec) { s.Nemesis = []string{"none", "kill"} }, "contradict each other"},
		"thread":            {func(s *Spec) { s.Schedule = []rundir.Entry{{Thread: 10, F: "read"}} }, "there are 10 clients, counted from 0"},
		"op":                {func(s *Spec) { s.Schedule = []rundir.Entry{{F: "drop"}} }, "has no op drop"},
		"fault":             {func(s *Spec) { s.Schedule = []rundir.Entry{{Thread: -1, F: "drop"}} }, "no nemesis does drop"},
		"environment":       {func(s *Spec) { s.Env = "docker" }, "does not run in"},
		"too many nodes":    {func(s *Spec) { s.Nodes = 100 }, "expected 1 to 99"},
		"a negative number": {func(s *Spec) { s.Ops = -1 }, "-1 ops"},
	} {
		spec := registerSpec()
		c.change(&spec)
		if _, err := spec.Resolve(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}

// TestSynonyms of consistency models are understood, and written down by one name.
func TestSynonyms(t *testing.T) {
	spec := registerSpec()
	spec.ConsistencyModels = []string{"LINEARIZABLE"}
	if got := resolve(t, spec).Config.ConsistencyModels; !slices.Equal(got, []string{"linearizable"}) {
		t.Errorf("%v", got)
	}
}
