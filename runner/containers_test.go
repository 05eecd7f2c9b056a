package runner

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"checker/check"
	"checker/targets"
	"checker/targets/docker"
	"checker/targets/served"
	"checker/targets/simulated"
	"checker/workloads"
)

var containers = flag.Bool("containers", false, "find planted bugs in containers, half an hour")

// triesInContainers is how many seeds may be needed there.
const triesInContainers = 3

// TestBugsInContainers finds again, on real nodes, the planted bugs that the catalogue
// says can be found there.
func TestBugsInContainers(t *testing.T) {
	if !*containers {
		t.Skip("skipped: half an hour in containers; make bugs-in-containers")
	}
	e, err := docker.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
	program := filepath.Join(t.TempDir(), "checker")
	cmd := exec.Command("go", "build", "-trimpath", "-o", program, "checker/cmd/checker")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	target := served.Target{Base: simulated.RefDB(), Program: program}
	for _, bug := range target.Describe().Bugs {
		if bug.SimOnly != "" {
			continue
		}
		t.Run(bug.Name, func(t *testing.T) { findInContainers(t, target, bug) })
	}
}

func findInContainers(t *testing.T, target served.Target, bug targets.Bug) {
	for seed := uint64(1); seed <= triesInContainers; seed++ {
		spec := DefaultSpec([]targets.Target{target}, workloads.All())
		spec.Env, spec.Bugs, spec.Seed, spec.StopOnAnomaly = "docker", []string{bug.Name}, seed, true
		plan, err := spec.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		out, err := Execute(t.Context(), plan, Options{Now: fixedNow})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("seed %d: %s", seed, out.Document.Summary)
		if out.Document.Verdict == check.Invalid {
			return
		}
	}
	t.Errorf("none of %d seeds shows it", triesInContainers)
}
