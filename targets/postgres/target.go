package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/targets"
)

// The settings.
const (
	isolationSetting   = "isolation"
	replicationSetting = "replication"
	readsSetting       = "reads"

	alone        = "none"
	async        = "async"
	remoteApply  = "remote-apply"
	standbyReads = "standby"
)

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
		Summary:      "PostgreSQL, a relational database, as a real server in a container, alone or with a streaming standby",
		Version:      "15, as Debian 12 has it",
		Environments: []string{"docker", targets.None},
		Images:       true,
		Workloads:    []string{"append", "wr", "bank", "long-fork", "write-skew", "lost-update", "set", "hermitage"},
		Unhealthy:    `PANIC:|TRAP:|invalid page|could not read block|invalid checkpoint|was terminated by signal (4|6|7|8|11):`,
		Settings: []targets.Setting{{
			Name:    isolationSetting,
			Summary: "of every transaction: repeatable-read is PostgreSQL's name for snapshot isolation; read-committed is the server's own default",
			Values:  []string{serializable, repeatableRead, readCommitted},
		}, {
			Name:    replicationSetting,
			Summary: "none is a server alone; async and remote-apply add a standby on a second node, promoted when it has not heard of the primary for two seconds: async loses what has not arrived, and both go on; with remote-apply a commit waits for the standby, and the old primary is killed first",
			Values:  []string{alone, async, remoteApply},
		}, {
			Name:    readsSetting,
			Summary: "where clients of the second node send transactions that only read: to the primary, or to the standby that is there",
			Values:  []string{"primary", standbyReads},
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
		FaultModel:        []string{"partition", "kill", "pause", "clock"},
		ConsistencyModels: []string{promised[isolation]},
		Summary:           "transactions are " + isolation + ", what was acknowledged stays, and after the faults end every client makes progress again",
	}
	switch {
	case workload == "hermitage":
		promise.FaultModel = nil
		promise.Summary = "transactions are " + isolation + ", however statements interleave"
	case workload == "set":
		promise.ConsistencyModels = []string{"linearizable"}
	case workload == "bank" || workload == "long-fork":
		promise.ConsistencyModels = []string{"snapshot-isolation"}
		if isolation == readCommitted {
			promise.ConsistencyModels = nil
			promise.Summary = "every statement sees its own snapshot, so that what a transaction reads need not fit together"
		}
	}
	if settings[replicationSetting] == alone && settings[readsSetting] == standbyReads {
		return promise, fmt.Errorf("%s=%s needs a standby: --set %s=%s", readsSetting, standbyReads, replicationSetting, remoteApply)
	}
	replicated(&promise, settings)
	return promise, nil
}

// replicated is what a standby leaves of a promise.
func replicated(p *targets.Promise, settings map[string]string) {
	if settings[replicationSetting] == alone {
		return
	}
	p.Nodes = 2
	if len(p.FaultModel) > 0 {
		p.FaultModel = []string{"partition"}
	}
	if settings[replicationSetting] == async {
		p.FaultModel = nil
		p.Summary = "as the server alone while all is well; a standby that is promoted lacks what had not arrived"
	}
	if settings[readsSetting] == standbyReads {
		p.ConsistencyModels = nil
		p.Summary = "a standby sees commits in the order of the log, which is not that in which the primary shows them, and sooner or later than it does"
	}
}

// Open starts a server.
func (p Postgres) Open(ctx context.Context, cfg targets.Config) (targets.Cluster, error) {
	if cfg.Env == targets.None {
		return take(cfg)
	}
	return open(ctx, p.Program, cfg)
}
