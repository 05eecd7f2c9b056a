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
// that breaks the protocol is reported as such within 60 seeds, by one of the
// anomalies that it must bring about.
func TestProtocolBugs(t *testing.T) {
	const mostSeeds = 60
	breaks := map[string][]string{
		"vote-not-persisted":         {"term-regression"},
		"ack-before-fsync":           {"lost-commit", "incomplete-leader"},
		"truncate-without-comparing": {"lost-commit"},
		"commit-counts-replies":      {"commit-without-quorum"},
		"quorum-of-reachable":        {"commit-without-quorum"},
		"snapshot-forgets-sessions":  {"divergent-snapshot"},
		"config-applied-at-commit":   {"incomplete-leader", "two-leaders"},
	}
	for bug, kinds := range breaks {
		t.Run(bug, func(t *testing.T) {
			t.Parallel()
			spec := defaultSpec()
			spec.Bugs = []string{bug}
			for spec.Seed = 1; spec.Seed <= mostSeeds; spec.Seed++ {
				found := check.AnomalyTypes([]check.Result{consensusOf(t, execute(t, spec, nil).Document)})
				if slices.ContainsFunc(kinds, func(kind string) bool { return slices.Contains(found, kind) }) {
					t.Logf("seed %d: %v", spec.Seed, found)
					return
				}
			}
			t.Errorf("none of %d seeds shows %v", mostSeeds, kinds)
		})
	}
}

// TestBugsBeyondTheProtocol runs bugs that break what clients see and leave the
// log safe: the protocol is not to be blamed. Without the first entry of a term,
// though, followers may never hear what is committed.
func TestBugsBeyondTheProtocol(t *testing.T) {
	for _, bug := range []string{"stale-leader-read", "retry-applied-twice", "noop-omitted"} {
		t.Run(bug, func(t *testing.T) {
			t.Parallel()
			spec := defaultSpec()
			spec.Bugs = []string{bug}
			for spec.Seed = 1; spec.Seed <= 3; spec.Seed++ {
				r := consensusOf(t, execute(t, spec, nil).Document)
				for _, kind := range check.AnomalyTypes([]check.Result{r}) {
					if bug != "noop-omitted" || kind != "no-catch-up" {
						t.Errorf("seed %d: %s", spec.Seed, kind)
					}
				}
				if r.Verdict == check.Unknown {
					t.Errorf("seed %d: %s", spec.Seed, r.Reason)
				}
			}
		})
	}
}

// TestProtocolOfTheCorrectDatabase is the negative control.
func TestProtocolOfTheCorrectDatabase(t *testing.T) {
	dynamic := map[string]string{"members": "dynamic"}
	for name, spec := range map[string]Spec{
		"register": {Workload: "register"}, "set": {Workload: "set"}, "counter": {Workload: "counter"},
		"members": {Workload: "register", Settings: dynamic},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workload, settings := spec.Workload, spec.Settings
			spec := defaultSpec()
			spec.Workload, spec.Settings = workload, settings
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
