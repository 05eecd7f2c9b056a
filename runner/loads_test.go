package runner

import (
	"flag"
	"fmt"
	"maps"
	"testing"

	"checker/check"
)

// loadSeeds is how many seeds of the correct database TestLoads tries per workload and isolation.
var loadSeeds = flag.Int("load-seeds", 1, "how many seeds of the correct database each workload of transactions is judged on")

// TestLoads: each workload of transactions is silent on the correct database under every isolation that promises
// what it tells, and its own check finds a planted bug, whatever the traces say of it.
func TestLoads(t *testing.T) {
	snapshots := map[string]string{"isolation": "snapshot-isolation"}
	for _, load := range []struct {
		workload, bug, anomaly string
		settings               map[string]string
	}{
		{"bank", "reads-shard-by-shard", "wrong-total", nil},
		{"bank", "stamps-from-local-clock", "closed-account", map[string]string{"isolation": "snapshot-isolation", "accounts": "dynamic"}},
		{"long-fork", "reads-shard-by-shard", "long-fork", nil},
		{"causal", "oracle-repeats", "causal-stale-read", snapshots},
		{"causal-reverse", "reads-shard-by-shard", "causal-reverse", nil},
		{"sequential", "stamps-from-local-clock", "missing-earlier-write", snapshots},
		{"write-skew", "reads-take-no-locks", "G2-item", nil},
		{"lost-update", "last-committer-wins", "lost-update", snapshots},
	} {
		t.Run(fmt.Sprint(load.workload, load.settings), func(t *testing.T) {
			t.Parallel()
			spec := defaultSpec()
			spec.Workload, spec.Settings, spec.Seed, spec.Bugs = load.workload, load.settings, 1, []string{load.bug}
			if r := execute(t, spec, nil).Document.Checks[0]; !finds(r, load.anomaly) {
				t.Errorf("%s is not found as %s: %v", load.bug, load.anomaly, r)
			}
			spec.Bugs = nil
			for seed := range *loadSeeds {
				for _, isolation := range []string{"strict-serializable", "snapshot-isolation"} {
					spec.Seed, spec.Settings = uint64(seed+1), map[string]string{}
					maps.Copy(spec.Settings, load.settings)
					spec.Settings["isolation"] = isolation
					if out := execute(t, spec, nil); out.Document.Verdict != check.Valid && !isVacuous(out.Document) {
						t.Errorf("seed %d: %s\n%s", spec.Seed, out.Document.Summary, out.Document.Reproduce)
					}
				}
			}
		})
	}
}

func finds(r check.Result, anomaly string) bool {
	for _, a := range r.Anomalies {
		if a.Type == anomaly {
			return true
		}
	}
	return false
}
