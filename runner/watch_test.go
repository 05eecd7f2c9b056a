package runner

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"checker/check"
	"checker/history"
	"checker/rundir"
)

// TestWatchingChangesNothing runs every workload with the flag and without it.
func TestWatchingChangesNothing(t *testing.T) {
	for _, w := range defaultSpec().Targets[0].Describe().Workloads {
		t.Run(w, func(t *testing.T) {
			t.Parallel()
			spec := defaultSpec()
			spec.Workload, spec.Seed, spec.TimeLimit = w, 5, 5*time.Second
			plain := execute(t, spec, nil)
			spec.StopOnAnomaly = true
			watched := execute(t, spec, nil)
			if watched.Run.Stopped != nil {
				t.Fatalf("stopped: %+v", watched.Run.Stopped)
			}
			if a, b := rowsOf(plain.History), rowsOf(watched.History); a != b {
				t.Error("the history is another one with --stop-on-anomaly")
			}
		})
	}
}

func rowsOf(h *history.History) string {
	var b strings.Builder
	for i := range h.Len() {
		b.WriteString(h.Op(i).String() + "\n")
	}
	return b.String()
}

// TestAStopThatNoCheckConfirmsIsUnknown judges a valid history as that of a run that
// was stopped.
func TestAStopThatNoCheckConfirmsIsUnknown(t *testing.T) {
	spec := defaultSpec()
	spec.Workload, spec.Seed, spec.TimeLimit = "register", 5, 10*time.Second
	plan, err := spec.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	out := execute(t, spec, nil)
	out.Run.Stopped = &rundir.Stop{By: "register", Row: 3, Why: "no reason"}
	doc := plan.JudgeRun(t.Context(), out.Run, out.History)
	if doc.Verdict != check.Unknown || !strings.Contains(doc.Summary, "do not confirm it") {
		t.Errorf("%v: %s", doc.Verdict, doc.Summary)
	}
}

// TestStoppedLeaves: nodes of a run that was stopped may be about to start, so that the
// workload is taken away later; of one that had its recovery they must serve.
func TestStoppedLeaves(t *testing.T) {
	for _, c := range []struct {
		stale  bool
		down   int // how often nobody answers
		status string
		life   string
	}{
		{true, 2, rundir.StatusComplete, "[setup teardown teardown teardown close]"},
		{true, 1 << 30, rundir.StatusFailed, ""},
		{false, 2, rundir.StatusFailed, "[setup teardown close]"},
	} {
		synctest.Test(t, func(t *testing.T) {
			store := &storeTarget{latency: 5 * time.Millisecond, stale: c.stale}
			store.leave = func() error {
				if c.down--; c.down >= 0 {
					return errors.New("connection refused")
				}
				return nil
			}
			spec := storeSpec(store)
			spec.StopOnAnomaly = true
			out := executeStore(t, t.Context(), spec, nil)
			if out.Run.Status != c.status {
				t.Errorf("%+v: %s", c, out.Run.Status)
			}
			if got := lifeOf(store); c.life != "" && got != c.life {
				t.Errorf("the life of the cluster was %s, expected %s", got, c.life)
			}
		})
	}
}

// TestStopOnRealNodes: a run in real time ends soon after the anomaly, with all that a
// run leaves, and nobody is left behind.
func TestStopOnRealNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &storeTarget{latency: 5 * time.Millisecond, stale: true}
		spec := storeSpec(store)
		spec.StopOnAnomaly = true
		out := executeStore(t, t.Context(), spec, nil)
		wantStatus(t, out, rundir.StatusComplete, check.Invalid)
		wellFormed(t, out.History, 5)
		stop := out.Run.Stopped
		if stop == nil || stop.By != "register" {
			t.Fatalf("stopped: %+v", stop)
		}
		if late := out.Run.DurationNS - stop.TimeNS; late > int64(time.Second) {
			t.Errorf("it went on for %s", time.Duration(late))
		}
		if got := lifeOf(store); got != "[setup teardown close]" {
			t.Errorf("the life of the cluster was %s", got)
		}
	})
}
