package runner

import (
	"context"
	"flag"
	"reflect"
	"slices"
	"testing"

	"checker/check"
	"checker/rundir"
)

// protocolSeeds is how many seeds TestProtocolOfTheCorrectDatabase tries.
var protocolSeeds = flag.Int("protocol-seeds", 3, "how many seeds the protocol of the correct database is judged on, per workload")

// consensusOf is the result of the consensus check of a run.
func consensusOf(t testing.TB, doc check.Document) check.Result {
	t.Helper()
	i := slices.IndexFunc(doc.Checks, func(r check.Result) bool { return r.Name == "consensus" })
	if i < 0 {
		t.Fatal("the run was not checked for consensus")
	}
	return doc.Checks[i]
}

// TestProtocolBugs is the positive control of check/consensus: every planted bug
// that breaks the protocol is reported as such within 60 seeds, and those that
// break only what clients see are not.
func TestProtocolBugs(t *testing.T) {
	const mostSeeds = 60
	breaks := map[string]string{
		"vote-not-persisted":         "term-regression",
		"ack-before-fsync":           "lost-commit",
		"truncate-without-comparing": "lost-commit",
		"commit-counts-replies":      "commit-without-quorum",
		"quorum-of-reachable":        "commit-without-quorum",
	}
	for bug, kind := range breaks {
		t.Run(bug, func(t *testing.T) {
			t.Parallel()
			spec := defaultSpec()
			spec.Bugs = []string{bug}
			for spec.Seed = 1; spec.Seed <= mostSeeds; spec.Seed++ {
				r := consensusOf(t, execute(t, spec, nil).Document)
				if slices.ContainsFunc(r.Anomalies, func(a check.Anomaly) bool { return a.Type == kind }) {
					t.Logf("seed %d: %v", spec.Seed, check.AnomalyTypes([]check.Result{r}))
					return
				}
			}
			t.Errorf("none of %d seeds shows %s", mostSeeds, kind)
		})
	}
	for _, bug := range []string{"stale-leader-read", "retry-applied-twice", "noop-omitted"} {
		t.Run(bug, func(t *testing.T) {
			t.Parallel()
			spec := defaultSpec()
			spec.Bugs = []string{bug}
			for spec.Seed = 1; spec.Seed <= 3; spec.Seed++ {
				if r := consensusOf(t, execute(t, spec, nil).Document); r.Verdict != check.Valid {
					t.Errorf("seed %d: %v %s %v", spec.Seed, r.Verdict, r.Reason, r.Anomalies)
				}
			}
		})
	}
}

// TestProtocolOfTheCorrectDatabase is the negative control.
func TestProtocolOfTheCorrectDatabase(t *testing.T) {
	for _, workload := range []string{"register", "set", "counter"} {
		t.Run(workload, func(t *testing.T) {
			t.Parallel()
			spec := defaultSpec()
			spec.Workload = workload
			for seed := 1; seed <= *protocolSeeds; seed++ {
				spec.Seed = uint64(seed)
				if r := consensusOf(t, execute(t, spec, nil).Document); r.Verdict != check.Valid {
					t.Errorf("seed %d: %v %s %v", seed, r.Verdict, r.Reason, r.Anomalies)
				}
			}
		})
	}
}

// TestTraceIsJudgedAsTheRunWas compares what the monitor found during the run
// with what is found in the trace that the run left.
func TestTraceIsJudgedAsTheRunWas(t *testing.T) {
	for _, bugs := range [][]string{nil, {"vote-not-persisted"}, {"quorum-of-reachable"}} {
		spec := defaultSpec()
		spec.Seed, spec.Bugs = 5, bugs
		dir, err := rundir.Create(t.TempDir(), "run", spec.Seed, fixedNow())
		if err != nil {
			t.Fatal(err)
		}
		during := consensusOf(t, execute(t, spec, dir).Document)
		plan, err := spec.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		h, err := dir.ReadHistory()
		if err != nil {
			t.Fatal(err)
		}
		after := consensusOf(t, plan.Judge(context.Background(), h, plan.TraceChecks(dir, h)...))
		if !reflect.DeepEqual(during, after) {
			t.Errorf("bugs %v:\nduring the run %+v\nfrom its trace %+v", bugs, during, after)
		}
		if (during.Verdict == check.Valid) != (bugs == nil) {
			t.Errorf("bugs %v: %v %s", bugs, during.Verdict, during.Reason)
		}
	}
}
