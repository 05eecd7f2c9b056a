package runner

import (
	"slices"
	"testing"

	"checker/check"
)

// TestPastSnapshots: what is promised of snapshots of the past holds, and no more: they are consistent, those of
// a session in order, but not of the present.
func TestPastSnapshots(t *testing.T) {
	spec := defaultSpec()
	spec.Workload, spec.Settings = "append", map[string]string{"isolation": "snapshot-isolation", "snapshots": "past"}
	for _, spec.Seed = range []uint64{1, 2, 3} {
		spec.ConsistencyModels = nil
		if out := execute(t, spec, nil); out.Document.Verdict != check.Valid {
			t.Errorf("seed %d: %s", spec.Seed, out.Document.Summary)
		}
		spec.ConsistencyModels = []string{"strong-snapshot-isolation"}
		if out := execute(t, spec, nil); !slices.Contains(out.Document.AnomalyTypes, "G-single-item-realtime") {
			t.Errorf("seed %d has no stale read: %s", spec.Seed, out.Document.Summary)
		}
	}
	spec.Settings["isolation"] = "strict-serializable"
	if _, err := spec.Resolve(); err == nil {
		t.Error("the present alone is kept under strict serializability, and the past is promised")
	}
}
