package shrink

import (
	"context"
	"flag"
	"slices"
	"testing"
	"time"

	"checker/check"
	"checker/rundir"
	"checker/runner"
	"checker/targets"
	"checker/targets/simulated"
	"checker/workloads"
)

var every = flag.Bool("every-bug", false, "shrink every planted bug and hold the median to its bounds")

// The goal: the median over the planted bugs.
const (
	mostOps    = 12
	mostFaults = 2
)

// mostRuns bounds a search in a test.
func mostRuns() int {
	if *every {
		return 4000
	}
	return 300
}

func fixedNow() time.Time { return time.Unix(0, 0).UTC() }

// recorded runs seeds from 1 on until one shows the bug, and returns its spec with the
// schedule.
func recorded(t *testing.T, bug string) (runner.Spec, string) {
	t.Helper()
	for seed := uint64(1); seed <= 200; seed++ {
		spec := runner.DefaultSpec([]targets.Target{simulated.RefDB()}, workloads.All())
		spec.Bugs, spec.Seed = []string{bug}, seed
		if !*every {
			spec.TimeLimit = 20 * time.Second
		}
		plan, err := spec.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		dir, err := rundir.CreateAt(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		out, err := runner.Execute(t.Context(), plan, runner.Options{Now: fixedNow, Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		anomaly, found := Class(out.Document)
		if !found {
			continue
		}
		spec = runner.SpecOf(out.Run, spec.Targets, spec.Workloads)
		if spec.Schedule, err = dir.ReadSchedule(); err != nil {
			t.Fatal(err)
		}
		return spec, anomaly
	}
	t.Fatalf("no seed shows %s", bug)
	return runner.Spec{}, ""
}

func shrunk(t *testing.T, bug string) Result {
	t.Helper()
	spec, anomaly := recorded(t, bug)
	runs := 0
	r, err := Shrink(t.Context(), spec, anomaly, Options{
		Run:      runner.Options{Now: fixedNow},
		Expired:  func() bool { return runs >= mostRuns() },
		Progress: func(p Progress) { runs = p.Runs },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %s in %d runs: %v, before %v", bug, anomaly, r.Runs, r.After, r.Before)
	return r
}

// TestShrink: what is left is small, shows the anomaly each time it is run, and does
// not show it without the bug.
func TestShrink(t *testing.T) {
	bugs := []string{"stale-leader-read", "ack-before-fsync", "retry-applied-twice"}
	if *every {
		bugs = nil
		for _, b := range simulated.RefDB().Describe().Bugs {
			bugs = append(bugs, b.Name)
		}
	}
	var ops, faults []int
	for _, bug := range bugs {
		t.Run(bug, func(t *testing.T) {
			r := shrunk(t, bug)
			ops, faults = append(ops, r.After.Ops), append(faults, r.After.Faults)
			if !*every && (r.After.Ops > mostOps || r.After.Faults > mostFaults) {
				t.Errorf("%v is left, want at most %d ops and %d fault events", r.After, mostOps, mostFaults)
			}
			for range 2 {
				out, err := runner.Execute(t.Context(), r.Plan, runner.Options{Now: fixedNow})
				if err != nil || !slices.Contains(out.Document.AnomalyTypes, r.Anomaly) {
					t.Errorf("the smallest run does not show it: %v, %v", out.Document.Summary, err)
				}
			}
			sound := r.Plan
			sound.Config.Bugs = nil
			if out, err := runner.Execute(t.Context(), sound, runner.Options{Now: fixedNow}); err != nil || out.Document.Verdict == check.Invalid {
				t.Errorf("it is invalid without the bug: %v, %v", out.Document.Summary, err)
			}
		})
	}
	slices.Sort(ops)
	slices.Sort(faults)
	if len(ops) == 0 || ops[len(ops)/2] > mostOps || faults[len(faults)/2] > mostFaults {
		t.Errorf("ops %v, fault events %v: the medians are to be at most %d and %d", ops, faults, mostOps, mostFaults)
	}
}

// TestNothingToShrink: a schedule that does not show the anomaly is no start.
func TestNothingToShrink(t *testing.T) {
	spec, anomaly := recorded(t, "stale-leader-read")
	spec.Bugs = nil
	if r, err := Shrink(t.Context(), spec, anomaly, Options{Run: runner.Options{Now: fixedNow}}); err == nil {
		t.Errorf("a sound run was shrunk: %v", r.After)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Shrink(ctx, spec, anomaly, Options{Run: runner.Options{Now: fixedNow}}); err == nil {
		t.Error("it went on after its context had ended")
	}
}

func entries(t *testing.T, lines ...string) []rundir.Entry {
	t.Helper()
	var list []rundir.Entry
	for _, line := range lines {
		e, err := rundir.ParseEntry(line)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	return list
}

// TestCandidates: what the steps make of a schedule.
func TestCandidates(t *testing.T) {
	c := candidate{nodes: 5, clients: 10, entries: entries(t,
		`0.1 3 write [1 7]`, `0.2 nemesis partition "n1,n2|n3,n4,n5"`, `0.3 nemesis kill "n4,n5"`, `0.4 9 read [2 nil]`)}
	if got, want := c.size(), (Size{Ops: 2, Faults: 2, Clients: 2, Nodes: 5, Keys: 2, Time: 400 * time.Millisecond}); got != want {
		t.Errorf("size %v, want %v", got, want)
	}
	if r := c.renumbered(); r.clients != 2 || r.entries[0].Thread != 0 || r.entries[3].Thread != 1 {
		t.Errorf("renumbered: %v", r)
	}
	if three := c.onNodes(3); len(three.entries) != 3 || three.entries[1].Value.Text() != "n1,n2|n3" {
		t.Errorf("on three nodes: %v", three.entries)
	}
	if c.entries[1].Value.Text() != "n1,n2|n3,n4,n5" {
		t.Error("the original was changed")
	}
	if c.recovers() {
		t.Error("faults are left open, and it recovers")
	}
	healed := c.with(append(slices.Clone(c.entries), entries(t, `1 nemesis start "n4,n5"`, `1 nemesis heal nil`, `2 nemesis phase "recovery"`)...))
	if !healed.recovers() {
		t.Error("every fault is ended, and it does not recover")
	}
	if got := parts(entries(t, `0.1 3 txn [[:append 1 2] [:r 3 nil]]`)[0]); len(got) != 2 || got[0].Value.String() != "[[:r 3 nil]]" {
		t.Errorf("parts: %v", got)
	}
	if got := parts(c.entries[0]); got != nil {
		t.Errorf("parts of what is no transaction: %v", got)
	}
}
