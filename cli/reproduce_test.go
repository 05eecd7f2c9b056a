package cli

import (
	"os/exec"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"pgregory.net/rapid"

	"checker/runner"
	"checker/workloads"
)

// TestReproduceIsUnderstood: the command that a run prints is read back, by a shell
// and by our own flags, as the same plan.
func TestReproduceIsUnderstood(t *testing.T) {
	reg := Default()
	d := reg.Targets[0].Describe()
	rapid.Check(t, func(t *rapid.T) {
		spec := runner.DefaultSpec(reg.Targets, reg.Workloads)
		spec.Workload = rapid.SampledFrom(append([]string{""}, d.Workloads...)).Draw(t, "workload")
		if rapid.Bool().Draw(t, "bug") {
			bug := rapid.SampledFrom(d.Bugs).Draw(t, "which")
			spec.Workload, spec.Bugs = bug.Workload, []string{bug.Name} // its settings may promise nothing for another
		}
		spec.Nemesis = rapid.SampledFrom([][]string{nil, {"none"}, {"pause", "kill"}, {"packet"}}).Draw(t, "nemesis")
		spec.NemesisInterval = rapid.SampledFrom([]time.Duration{runner.DefaultNemesisInterval, 1500 * time.Millisecond}).Draw(t, "interval")
		spec.Nodes = rapid.IntRange(1, 9).Draw(t, "nodes")
		spec.Concurrency = rapid.IntRange(1, 30).Draw(t, "concurrency")
		spec.Rate = rapid.SampledFrom([]float64{0, runner.DefaultRate, 0.001, 1e9, 33.3}).Draw(t, "rate")
		spec.TimeLimit = rapid.SampledFrom([]time.Duration{runner.DefaultTimeLimit, time.Nanosecond, 90 * time.Minute}).Draw(t, "limit")
		spec.Ops = rapid.IntRange(0, 3).Draw(t, "ops")
		spec.Seed = rapid.Uint64().Draw(t, "seed")
		single := slices.ContainsFunc(reg.Workloads, func(w workloads.Workload) bool {
			return w.Name == spec.Workload && slices.Contains(w.ConsistencyModels, "linearizable")
		})
		if single && rapid.Bool().Draw(t, "local") {
			spec.Settings, spec.ConsistencyModels = map[string]string{"reads": "local"}, []string{"linearizable"}
		}
		asked, err := spec.Resolve()
		if err != nil {
			t.Fatal(err)
		}
		understood := parseRun(t, reg, asked.Reproduce())
		if !reflect.DeepEqual(understood.Config, asked.Config) || understood.Seed != asked.Seed {
			t.Fatalf("%s\nasked for  %+v\nunderstood %+v", asked.Reproduce(), asked.Config, understood.Config)
		}
	})
}

// parseRun parses a command line as a shell and `checker run` would.
func parseRun(t *rapid.T, reg Registry, command string) runner.Plan {
	t.Helper()
	words, found := strings.CutPrefix(command, "checker run ")
	if !found {
		t.Fatalf("%q is another command", command)
	}
	out, err := exec.Command("sh", "-c", `printf '%s\n' `+words).Output()
	if err != nil {
		t.Fatal(err)
	}
	f := runFlags{spec: runner.DefaultSpec(reg.Targets, reg.Workloads)}
	flags := pflag.NewFlagSet("run", pflag.ContinueOnError)
	f.bind(flags)
	if err := flags.Parse(strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")); err != nil {
		t.Fatal(err)
	}
	plan, err := f.resolve()
	if err != nil {
		t.Fatal(err)
	}
	if plan.Seed, err = strconv.ParseUint(f.seed, 10, 64); err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestExitCodesCompose: 1 beats 255 beats 2 beats 0, in any order.
func TestExitCodesCompose(t *testing.T) {
	order := []int{ExitValid, ExitUnknown, ExitInterrupted, ExitFailed, ExitInvalid}
	for i, a := range order {
		for j, b := range order {
			if got, want := worseCode(a, b), order[max(i, j)]; got != want {
				t.Errorf("%d and %d make %d, want %d", a, b, got, want)
			}
		}
	}
}
