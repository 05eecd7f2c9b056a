package mariadb

import (
	"slices"
	"testing"

	"checker/targets"
	"checker/targets/docker"
	"checker/targets/relational/trial"
)

// TestServer does every kind of op on a real server, kills it, and finds what it had
// acknowledged; then it plays the interleavings. The first time it builds the image,
// which takes a minute.
func TestServer(t *testing.T) {
	c := trial.Open(t, MariaDB{Program: trial.Program(t, docker.Buildable(t.Context()))}, "append", nil).(*cluster)
	trial.Steps(t, c, func(workload string) (targets.Client, error) {
		c.cfg.Workload = workload
		return c.OpenClient(t.Context(), targets.ClientConfig{Node: "n1"})
	})
	clientFor := func(isolation string) (targets.Client, error) {
		c.cfg.Workload, c.cfg.Settings[isolationSetting] = "hermitage", isolation
		return c.OpenClient(t.Context(), targets.ClientConfig{Node: "n1"})
	}
	skew := []string{"G2-item", "G2"}
	between := slices.Concat([]string{"PMP", "P4", "G-single", "G-single-writing"}, skew)
	trial.Hermitage(t, "mariadb", "MariaDB 10.11", clientFor, []trial.Level{
		{Name: "read-uncommitted", Seen: slices.Concat([]string{"G1a", "G1b", "G1c", "OTV"}, between)},
		{Name: "read-committed", Seen: between},
		{Name: "repeatable-read", Seen: slices.Concat([]string{"P4", "G-single-writing"}, skew)},
		{Name: "snapshot-isolation", Seen: skew},
		{Name: "serializable"},
	})
}
