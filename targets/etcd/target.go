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
		Workloads:    []string{"register", "set", "lock"},
		Settings: []targets.Setting{{
			Name:    versionSetting,
			Summary: "of the server, built from its Go module on first use; any release from 3.5 on",
			Default: "3.7.3",
		}, {
			Name:    readsSetting,
			Summary: "linearizable asks the leader, which asks a majority; serializable has the node answer from its own state",
			Values:  []string{"linearizable", localReads},
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
	p := targets.Promise{FaultModel: []string{"partition", "kill", "pause", "clock"}}
	switch {
	case workload == "lock":
		p.Summary = "a lock is held under a lease: it has one holder as long as no holder is slow to notice that its lease is over, which nobody can promise"
	case settings[readsSetting] == localReads:
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
