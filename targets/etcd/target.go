package etcd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/targets"
)

// The settings.
const (
	versionSetting = "version"
	readsSetting   = "reads"
	localReads     = "serializable"
	guardSetting   = "guard"
	unguarded      = "none"
	holdSetting    = "hold" // of the workloads with locks
)

// Etcd is the target.
type Etcd struct {
	Program string // the agent in the pods; "" is this program
}

// Describe says what the target offers.
func (Etcd) Describe() targets.Description {
	return targets.Description{
		Name:         "etcd",
		Summary:      "etcd, a replicated key-value store on Raft, as real processes in containers",
		Version:      "as the setting version says",
		Environments: []string{"docker"},
		Images:       true,
		Workloads:    []string{"register", "cas-register", "set", "append", "wr", "lock", "fenced-lock", "locked-set"},
		Unhealthy:    `^panic: |^fatal error: |"level":"(dpanic|panic|fatal)"|assertion failed|data corruption|data inconsistency|hash mismatch`,
		Settings: []targets.Setting{{
			Name:    versionSetting,
			Summary: "of the server, built on first use: any release from 3.5 on from its Go module, 3.4.23 from Debian's package",
			Default: "3.7.3",
		}, {
			Name:    readsSetting,
			Summary: "linearizable asks the leader, which asks a majority; serializable has the node answer from its own state",
			Values:  []string{"linearizable", localReads},
		}, {
			Name:    guardSetting,
			Summary: "of fenced-lock and locked-set: with revision a write of what the lock guards is a transaction that compares the lock's revision, with none it trusts in the lock",
			Values:  []string{"revision", unguarded},
		}},
	}
}

// Promise says what etcd's documentation guarantees.
func (e Etcd) Promise(workload string, settings map[string]string) (targets.Promise, error) {
	d := e.Describe()
	if !slices.Contains(d.Workloads, workload) {
		return targets.Promise{}, fmt.Errorf("etcd does not run the workload %q: it offers %s", workload, strings.Join(d.Workloads, ", "))
	}
	if err := checkVersion(settings[versionSetting]); err != nil {
		return targets.Promise{}, err
	}
	p := targets.Promise{FaultModel: []string{"partition", "kill", "pause", "clock", "packet"}}
	txn := workload == "append" || workload == "wr"
	local := settings[readsSetting] == localReads
	trusting := settings[guardSetting] == unguarded && (workload == "fenced-lock" || workload == "locked-set")
	switch {
	case workload == "lock" || trusting:
		p.Summary = "a lock is held under a lease: it has one holder as long as no holder is slow to notice that its lease is over, which nobody can promise"
	case txn && local:
		p.ConsistencyModels = []string{"serializable"}
		p.Summary = "transactions are serializable; one that only reads sees some earlier state, perhaps a stale one"
	case txn:
		p.ConsistencyModels = []string{"strict-serializable"}
		p.Summary = "transactions are strictly serializable, and after the faults end every client makes progress again"
	case local && workload != "fenced-lock":
		p.Summary = "writes are linearizable; a read sees some earlier state, perhaps a stale one"
	default:
		p.ConsistencyModels = []string{"linearizable"}
		p.Summary = "every op is linearizable, and after the faults end every client makes progress again"
	}
	return p, nil
}

// Open starts a cluster.
func (e Etcd) Open(ctx context.Context, cfg targets.Config) (targets.Cluster, error) {
	if cfg.Env != "docker" {
		return nil, fmt.Errorf("etcd cannot run in %q: it runs in docker", cfg.Env)
	}
	return open(ctx, e.Program, cfg)
}
