package runner

import (
	"context"
	"flag"
	"testing"
	"time"

	"checker/check"
	"checker/rundir"
	"checker/targets"
	"checker/targets/simulated"
	"checker/workloads"
)

// seeds is how many seeds the soak tries; `make sim-smoke` and `make sim-soak`
// raise it.
var seeds = flag.Int("seeds", 10, "how many seeds TestSeeds tries")

func defaultSpec() Spec {
	return DefaultSpec([]targets.Target{simulated.RefDB()}, workloads.All())
}

func fixedNow() time.Time { return time.Unix(0, 0) }

func execute(t testing.TB, spec Spec, dir *rundir.Dir) Outcome {
	t.Helper()
	plan, err := spec.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	out, err := Execute(context.Background(), plan, Options{Now: fixedNow, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if out.Err != nil {
		t.Fatal(out.Err)
	}
	return out
}

// TestSeeds is the negative control of the whole path: the correct database,
// under all faults, must be valid for every seed, never vacuous, and recover.
func TestSeeds(t *testing.T) {
	for seed := 1; seed <= *seeds; seed++ {
		spec := defaultSpec()
		spec.Seed = uint64(seed)
		out := execute(t, spec, nil)
		if out.Document.Verdict != check.Valid {
			t.Errorf("seed %d: %s\nplan: %s\n%s", seed, out.Document.Summary, out.Run.Plan, out.EvidenceLine())
		}
	}
}
