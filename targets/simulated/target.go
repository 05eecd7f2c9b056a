package simulated

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"checker/targets"
	"checker/targets/refdb"
)

// maxNodes keeps a cluster within what a node's identifier can name.
const maxNodes = 99

// faultModel are the families of faults that the reference database survives in
// every configuration: it promises the same under all of them.
var faultModel = []string{"partition", "kill", "pause", "clock", "packet"}

// Snapshots are taken often and sent in small pieces: a run of a minute, with
// some thousand ops, is to meet many of them at every stage.
const (
	snapshotEvery = 50
	keepEntries   = 10
	maxChunk      = 1 << 10
)

// Reads is the setting that chooses how reads are answered.
const readsSetting = "reads"

// Members is the setting that chooses whether the group changes.
const (
	membersSetting = "members"
	membersFixed   = "fixed"
	membersChurn   = "churn"
)

// RefDB is the reference database as a target.
func RefDB() targets.Target { return refDB{} }

type refDB struct{}

// Describe says what the reference database offers.
func (refDB) Describe() targets.Description {
	d := targets.Description{
		Name:         "refdb",
		Summary:      "the reference consensus database: a replicated store on Raft, correct by default, wrong on demand",
		Version:      "built in",
		Environments: []string{"sim"},
		Protocol:     true,
		Workloads:    []string{"register", "cas-register", "set", "counter"},
		Settings: []targets.Setting{{
			Name:    readsSetting,
			Summary: "how reads are answered: read-index asks a majority first, lease and lease-wall trust a lease judged by the monotonic or the wall clock, follower has any node answer once it knows what the leader knows, local answers from the node's own state",
			Values:  readModes(),
		}, {
			Name:    membersSetting,
			Summary: "who replicates the data: fixed is every node, churn has an operator remove, add and promote members all the time",
			Values:  []string{membersFixed, membersChurn},
		}},
	}
	for _, b := range refdb.BugTable() {
		d.Bugs = append(d.Bugs, targets.Bug{
			Name: b.Name, Summary: b.Summary, Source: b.After, Faults: b.Faults, Anomaly: b.Anomaly, Workload: b.Workload, Settings: b.Settings,
		})
	}
	return d
}

// readModes are the values of the setting reads, the default first.
func readModes() []string {
	var names []string
	for m := refdb.ReadIndex; m <= refdb.LocalReads; m++ {
		names = append(names, m.String())
	}
	return names
}

// Promise says what holds for a workload under the settings.
func (t refDB) Promise(workload string, settings map[string]string) (targets.Promise, error) {
	d := t.Describe()
	if !slices.Contains(d.Workloads, workload) {
		return targets.Promise{}, fmt.Errorf("refdb does not run the workload %q: it offers %s", workload, strings.Join(d.Workloads, ", "))
	}
	switch settings[readsSetting] {
	case refdb.LocalReads.String():
		return targets.Promise{
			ConsistencyModels: nil,
			FaultModel:        faultModel,
			Summary:           "writes are linearizable; a read sees some prefix of the log, perhaps a stale one",
		}, nil
	case refdb.WallLeaseReads.String():
		return targets.Promise{
			ConsistencyModels: []string{"linearizable"},
			FaultModel:        slices.DeleteFunc(slices.Clone(faultModel), func(family string) bool { return family == "clock" }),
			Summary:           "every op is linearizable as long as no wall clock is set back, and after the faults end every client makes progress again",
		}, nil
	}
	return targets.Promise{
		ConsistencyModels: []string{"linearizable"},
		FaultModel:        faultModel,
		Summary:           "every op is linearizable, and after the faults end every client makes progress again",
	}, nil
}

// Open starts a cluster in simulation.
func (t refDB) Open(_ context.Context, cfg targets.Config) (targets.Cluster, error) {
	if cfg.Env != "sim" {
		return nil, fmt.Errorf("refdb cannot run in %q: it runs in sim", cfg.Env)
	}
	words, ok := vocabularies[cfg.Workload]
	if !ok {
		return nil, fmt.Errorf("refdb does not run the workload %q", cfg.Workload)
	}
	bugs, err := refdb.ParseBugs(strings.Join(cfg.Bugs, ","))
	if err != nil {
		return nil, err
	}
	nodeConfig := refdb.DefaultConfig(1, nil)
	nodeConfig.Bugs = bugs
	nodeConfig.SnapshotEvery, nodeConfig.KeepEntries, nodeConfig.MaxChunk = snapshotEvery, keepEntries, maxChunk
	if reads, ok := cfg.Settings[readsSetting]; ok {
		if nodeConfig.Reads, err = refdb.ParseReadMode(reads); err != nil {
			return nil, err
		}
	}
	c, err := open(cfg, nodeConfig, words)
	if err != nil {
		return nil, err
	}
	return c, nil
}
