package cli

import (
	"testing"

	"checker/campaign"
	"checker/runner"
)

// TestDatabasesMatrix: every cell of ci/databases.yaml is one that the targets know,
// and each anomaly stands beside a silence.
func TestDatabasesMatrix(t *testing.T) {
	m, err := campaign.ReadMatrix("../ci/databases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all := Default()
	cells, err := m.Expand(runner.DefaultSpec(all.Targets, all.Workloads))
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]int{}
	for _, c := range cells {
		expected[c.Expect]++
	}
	if expected[campaign.ExpectAnomaly] != 6 || expected[campaign.ExpectSilent] != 5 {
		t.Errorf("%v, expected six anomalies and five silences", expected)
	}
}
