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
	db, err := database(c.Address("n1") + ":" + port)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	skew := []string{"G2-item", "G2"}
	between := slices.Concat([]string{"PMP", "P4", "G-single", "G-single, writing"}, skew)
	trial.Hermitage(t, "mariadb", "MariaDB 10.11", db, []trial.Level{
		{Name: "read-uncommitted", Begin: levels["read-uncommitted"].begin(), Seen: slices.Concat([]string{"G1a", "G1b", "G1c", "OTV"}, between)},
		{Name: "read-committed", Begin: levels["read-committed"].begin(), Seen: between},
		{Name: "repeatable-read", Begin: levels["repeatable-read"].begin(), Seen: slices.Concat([]string{"P4", "G-single, writing"}, skew)},
		{Name: "snapshot-isolation", Begin: levels["snapshot-isolation"].begin(), Seen: skew},
		{Name: "serializable", Begin: levels["serializable"].begin()},
	})
}
