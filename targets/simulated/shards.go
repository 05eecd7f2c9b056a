package simulated

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"checker/targets"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// The settings of workloads with transactions.
const (
	shardsSetting      = "shards"
	replicationSetting = "replication"
	isolationSetting   = "isolation"
	commitSetting      = "commit"

	autoReplication = "auto"
)

// shardHeartbeat is longer than that of a group alone, as a node has several: still a third of the time after
// which a leader is given up.
const shardHeartbeat = 100 * time.Millisecond

// isTransactional tells the workloads that run over shards.
func isTransactional(workload string) bool {
	_, ok := txnVocabularies[workload]
	return ok
}

func shardSettings() []targets.Setting {
	return []targets.Setting{{
		Name:    shardsSetting,
		Summary: "how many shards the keys of transactions are spread over",
		Default: "3",
	}, {
		Name:    replicationSetting,
		Summary: "how many nodes hold each shard of transactions; 1 shows a commit protocol bare; auto is 3, but 1 with 3pc, for which silence must be a crash",
		Default: autoReplication,
	}, {
		Name:    isolationSetting,
		Summary: "what transactions may see of each other: strict-serializable is two-phase locking, snapshot-isolation is timestamps from an oracle, read-committed takes no locks for reads",
		Values:  []string{sharded.StrictSerializable.String(), sharded.SnapshotIsolation.String(), sharded.ReadCommitted.String()},
	}, {
		Name:    commitSetting,
		Summary: "how shards agree on an outcome: 2pc decides in a replicated log, 2pc-plain on the coordinator's disk and blocks while that is down, 3pc announces a commit first and does not block, but splits under partitions",
		Values:  []string{sharded.TwoPhase.String(), sharded.TwoPhasePlain.String(), sharded.ThreePhase.String()},
	}}
}

// shardConfig reads the settings.
func shardConfig(settings map[string]string, raft refdb.Config, bugs sharded.Bugs) (*sharded.Config, error) {
	cfg := sharded.DefaultConfig(1, []refdb.NodeID{1})
	cfg.Raft, cfg.Bugs = raft, bugs
	cfg.Raft.Heartbeat = shardHeartbeat
	cfg.Replication = 3
	var err error
	if s, ok := settings[shardsSetting]; ok {
		if cfg.Shards, err = number(shardsSetting, s, sharded.MaxShards); err != nil {
			return nil, err
		}
	}
	if s, ok := settings[isolationSetting]; ok {
		if cfg.Isolation, err = sharded.ParseIsolation(s); err != nil {
			return nil, err
		}
	}
	if s, ok := settings[commitSetting]; ok {
		if cfg.Commit, err = sharded.ParseCommit(s); err != nil {
			return nil, err
		}
	}
	if cfg.Commit == sharded.ThreePhase {
		cfg.Replication = 1
	}
	if s, ok := settings[replicationSetting]; ok && s != autoReplication {
		if cfg.Replication, err = number(replicationSetting, s, maxNodes); err != nil {
			return nil, err
		}
	}
	if cfg.Commit != sharded.TwoPhase && cfg.Isolation == sharded.SnapshotIsolation {
		return nil, fmt.Errorf("refdb: %s=%v does not go with %s=%v", commitSetting, cfg.Commit, isolationSetting, cfg.Isolation)
	}
	return &cfg, nil
}

func number(name, s string, most int) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > most {
		return 0, fmt.Errorf("setting %s of refdb cannot be %q: expected 1 to %d", name, s, most)
	}
	return n, nil
}

// modelOfLoad is what a workload can tell: the weakest model that forbids all it finds. The database keeps it
// under every isolation but read-committed.
var modelOfLoad = map[string]string{
	"bank":           "snapshot-isolation",
	"causal":         "causal-memory",
	"causal-reverse": "strong-snapshot-isolation",
	"long-fork":      "snapshot-isolation",
	"sequential":     "strong-session-snapshot-isolation",
}

// promiseOfShards says what holds for transactions.
func promiseOfShards(workload string, settings map[string]string) (targets.Promise, error) {
	cfg, err := shardConfig(settings, refdb.Config{}, 0)
	if err != nil {
		return targets.Promise{}, err
	}
	p := targets.Promise{
		Voters:            cfg.Replication,
		Transactions:      true,
		ConsistencyModels: []string{"strict-serializable"},
		FaultModel:        slices.DeleteFunc(slices.Clone(faultsOf(settings)), func(family string) bool { return family == "membership" }),
		Summary:           "transactions are strictly serializable, and after the faults end every client makes progress again",
	}
	if cfg.Commit == sharded.ThreePhase {
		p.FaultModel = faultsOfThreePhase(cfg)
	}
	switch settings[isolationSetting] {
	case sharded.SnapshotIsolation.String():
		p.ConsistencyModels = []string{"strong-snapshot-isolation"}
		p.Summary = "transactions see a snapshot that is not older than they are, the first committer wins, and after the faults end every client makes progress again"
	case sharded.ReadCommitted.String():
		p.ConsistencyModels = []string{"read-committed"}
		p.Summary = "transactions read what is committed, and after the faults end every client makes progress again"
	}
	weak := settings[isolationSetting] == sharded.ReadCommitted.String()
	model, fixed := modelOfLoad[workload]
	if fixed {
		p.ConsistencyModels = []string{model}
	}
	if settings[readsSetting] == refdb.LocalReads.String() || (fixed || workload == "transfer") && weak {
		p.ConsistencyModels = nil
		p.Summary = "transactions take effect in all or in none, and after the faults end every client makes progress again"
	}
	return p, nil
}

// faultsOfThreePhase is what makes a participant silent that has crashed. Whatever else does may split a
// decision: a shard of several replicas is silent while it has no majority, and goes on as if nothing had been.
func faultsOfThreePhase(cfg *sharded.Config) []string {
	if cfg.Replication > 1 {
		return nil
	}
	return []string{"kill"}
}
