package runner

import (
	"context"
	"testing"
	"time"

	"checker/rundir"
	"checker/targets"
	"checker/targets/simulated"
	"checker/workloads"
)

func defaultSpec() Spec {
	return DefaultSpec([]targets.Target{simulated.RefDB()}, workloads.All())
}

// registerSpec is the default run of a single group: registers.
func registerSpec() Spec {
	spec := defaultSpec()
	spec.Workload = "register"
	return spec
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
