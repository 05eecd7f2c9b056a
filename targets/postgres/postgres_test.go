package postgres

import (
	"testing"

	"checker/targets"
	"checker/targets/docker"
	"checker/targets/relational/trial"
)

// TestServer does every kind of op on a real server, kills it, and finds what it had
// acknowledged. The first time it builds the image, which takes a minute.
func TestServer(t *testing.T) {
	c := trial.Open(t, Postgres{Program: trial.Program(t, docker.Buildable(t.Context()))}, "append", nil).(*cluster)
	trial.Steps(t, c, func(workload string) (targets.Client, error) {
		c.cfg.Workload = workload
		return c.OpenClient(t.Context(), targets.ClientConfig{Node: "n1"})
	})
}
