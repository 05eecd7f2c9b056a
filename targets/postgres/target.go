package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/targets"
)

const isolationSetting = "isolation"

// The levels of isolation, by what the setting calls them.
const (
	serializable   = "serializable"
	repeatableRead = "repeatable-read"
	readCommitted  = "read-committed"
)

var levels = map[string]string{serializable: "SERIALIZABLE", repeatableRead: "REPEATABLE READ", readCommitted: "READ COMMITTED"}

// Postgres is the target.
type Postgres struct {
	Program string // the agent in the pods; "" is this program
}

// Describe says what the target offers.
func (Postgres) Describe() targets.Description {
	return targets.Description{
		Name:         "postgres",
		Summary:      "PostgreSQL, a relational database, as a real server in a container",
		Version:      "15, as Debian 12 has it",
		Environments: []string{"docker"},
		Workloads:    []string{"append", "wr", "bank", "long-fork", "write-skew", "lost-update", "set"},
		Settings: []targets.Setting{{
			Name:    isolationSetting,
			Summary: "of every transaction: repeatable-read is PostgreSQL's name for snapshot isolation; read-committed is the server's own default",
			Values:  []string{serializable, repeatableRead, readCommitted},
		}},
	}
}

// promised is what a server alone guarantees, which keeps what it has acknowledged and
// takes its snapshots when they are asked for: so real time counts.
var promised = map[string]string{
	serializable:   "strict-serializable",
	repeatableRead: "strong-snapshot-isolation",
	readCommitted:  "strong-read-committed",
}

// Promise says what PostgreSQL's documentation guarantees.
func (p Postgres) Promise(workload string, settings map[string]string) (targets.Promise, error) {
	d := p.Describe()
	if !slices.Contains(d.Workloads, workload) {
		return targets.Promise{}, fmt.Errorf("postgres does not run the workload %q: it offers %s", workload, strings.Join(d.Workloads, ", "))
	}
	isolation := settings[isolationSetting]
	promise := targets.Promise{
		Nodes:             1,
		FaultModel:        []string{"kill", "pause", "clock"},
		ConsistencyModels: []string{promised[isolation]},
		Summary:           "transactions are " + isolation + ", what was acknowledged stays, and after the faults end every client makes progress again",
	}
	switch {
	case workload == "set":
		promise.ConsistencyModels = []string{"linearizable"}
	case workload == "bank" || workload == "long-fork":
		promise.ConsistencyModels = []string{"snapshot-isolation"}
		if isolation == readCommitted {
			promise.ConsistencyModels = nil
			promise.Summary = "every statement sees its own snapshot, so that what a transaction reads need not fit together"
		}
	}
	return promise, nil
}

// Open starts a server.
func (p Postgres) Open(ctx context.Context, cfg targets.Config) (targets.Cluster, error) {
	if cfg.Env != "docker" {
		return nil, fmt.Errorf("postgres cannot run in %q: it runs in docker", cfg.Env)
	}
	return open(ctx, p.Program, cfg)
}
