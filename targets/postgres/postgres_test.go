package postgres

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
	c := trial.Open(t, Postgres{Program: trial.Program(t, docker.Buildable(t.Context()))}, "append", nil).(*cluster)
	trial.Steps(t, c, func(workload string) (targets.Client, error) {
		c.cfg.Workload = workload
		return c.OpenClient(t.Context(), targets.ClientConfig{Node: "n1"})
	})
	clientFor := func(isolation string) (targets.Client, error) {
		c.cfg.Workload, c.cfg.Settings[isolationSetting] = "hermitage", isolation
		return c.OpenClient(t.Context(), targets.ClientConfig{Node: "n1"})
	}
	skew := []string{"G2-item", "G2"}
	trial.Hermitage(t, "postgres", "PostgreSQL 15", clientFor, []trial.Level{
		{Name: readCommitted, Seen: slices.Concat([]string{"PMP", "P4", "G-single", "G-single-writing"}, skew)},
		{Name: repeatableRead, Seen: skew},
		{Name: serializable},
	})
}
