package docker

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"checker/internal/prng"
	"checker/nemesis"
	"checker/rundir"
)

var (
	moments  = flag.Int("moments", 3, "at how many moments of a run TestKilledRun kills the harness")
	killSeed = flag.Uint64("kill-seed", 1, "draws the moments")
)

// TestKilledRun kills a whole run of this program at any moment, set-up and
// teardown included: its nodes end by themselves, a sweep removes what is left, and
// the history can be read up to there.
func TestKilledRun(t *testing.T) {
	engine := requireEngine(t)
	program := filepath.Join(t.TempDir(), "checker")
	build := exec.Command("go", "build", "-trimpath", "-o", program, "checker/cmd/checker")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	whole := killAt(t, engine, program, time.Hour) // to its end, which also builds the images
	t.Logf("undisturbed, a run takes %s", whole)
	r := prng.New(*killSeed, "moments")
	for range *moments {
		killAt(t, engine, program, time.Duration(r.Int64N(int64(whole))))
	}
}

// killAt starts a run, kills it after some time unless it has ended, and returns how
// long it lived.
func killAt(t *testing.T, engine *Engine, program string, moment time.Duration) time.Duration {
	t.Helper()
	store := t.TempDir()
	run := exec.Command(program, "run", "--env", "docker", "--workload", "register", "--nodes", "3", "--time-limit", "3s",
		"--nemesis", "kill,partition", "--nemesis-interval", "1s", "--seed", "7", "--out", store, "--quiet")
	begun := time.Now()
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	place, err := here()
	if err != nil {
		t.Fatal(err)
	}
	began, err := beginOf(run.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	mine := fmt.Sprintf("%s/%d/%d", place, run.Process.Pid, began)
	stop := time.AfterFunc(moment, func() { run.Process.Kill() })
	defer stop.Stop()
	err = run.Wait()
	lived := time.Since(begun)
	if exit := (&exec.ExitError{}); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	gone := time.Now()
	await(t, "nothing of a killed run is alive", func() bool { return count(t, engine, mine, false) == 0 })
	ended := time.Since(gone)
	left, sweeps := count(t, engine, mine, true), 0
	// What the engine was making at that moment may come to be after a sweep.
	await(t, "a sweep removes what is left", func() bool {
		sweep(t, engine, false)
		sweeps++
		return count(t, engine, mine, true) == 0
	})
	rows := readable(t, store)
	t.Logf("killed after %s: its processes ended within %s, %d sweeps removed %d objects, %d rows of history", lived.Round(time.Millisecond), ended.Round(time.Millisecond), sweeps, left, rows)
	return lived
}

// count counts the containers of an owner that run, or all objects.
func count(t *testing.T, e *Engine, owner string, all bool) int {
	t.Helper()
	of := make(client.Filters).Add("label", labelOwner+"="+owner)
	containers, err := e.api.ContainerList(t.Context(), client.ContainerListOptions{All: all, Filters: of})
	if err != nil {
		t.Fatal(err)
	}
	if !all {
		return len(containers.Items)
	}
	networks, err := e.api.NetworkList(t.Context(), client.NetworkListOptions{Filters: of})
	if err != nil {
		t.Fatal(err)
	}
	volumes, err := e.api.VolumeList(t.Context(), client.VolumeListOptions{Filters: of})
	if err != nil {
		t.Fatal(err)
	}
	return len(containers.Items) + len(networks.Items) + len(volumes.Items)
}

// readable reads the history of the one run of a store, if it has come so far.
func readable(t *testing.T, store string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(store, "*", "*", "history.jsonl"))
	if err != nil || len(found) == 0 {
		return 0
	}
	dir, err := rundir.Open(filepath.Dir(found[0]))
	if err != nil {
		t.Error(err)
		return 0
	}
	h, err := dir.ReadHistory()
	if err != nil {
		t.Error(err)
		return 0
	}
	return h.Len()
}

// TestSideBySide has two runs at a time, neither of which feels the other.
func TestSideBySide(t *testing.T) {
	e := nodes(t)
	spec, err := victimSpec(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	spec.Target = "beside"
	other, err := Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if _, err := other.Kill(t.Context(), "n1"); err != nil {
		t.Fatal(err)
	}
	if err := other.Cut(t.Context(), nemesis.Complete([][]string{{"n1"}, {"n2"}})); err != nil {
		t.Fatal(err)
	}
	wantReachable(t, e)
	before := objects(t, e.engine, e.run)
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	sweep(t, e.engine, true)
	wantReachable(t, e)
	if after := objects(t, e.engine, e.run); after != before {
		t.Errorf("%d objects, and %d after another run ended", before, after)
	}
}
