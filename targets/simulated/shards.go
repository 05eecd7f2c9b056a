package simulated

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"checker/models/consistency"
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
	snapshotsSetting   = "snapshots"

	autoReplication  = "auto"
	snapshotsPresent = "present"
	snapshotsPast    = "past"
)

// maxStaleness is how old a snapshot of the past may be.
const maxStaleness = time.Second

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
	}, {
		Name:    snapshotsSetting,
		Summary: "which snapshot a transaction reads that only reads, with isolation=snapshot-isolation: present is no older than itself, past is up to a second old, from any replica, and no earlier than what its client has seen",
		Values:  []string{snapshotsPresent, snapshotsPast},
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
	if s, ok := settings[readsSetting]; ok {
		if cfg.Raft.Reads, err = refdb.ParseReadMode(s); err != nil {
			return nil, err
		}
	}
	if settings[snapshotsSetting] == snapshotsPast {
		cfg.Staleness = maxStaleness
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
	if cfg.Staleness > 0 && cfg.Isolation != sharded.SnapshotIsolation {
		return nil, fmt.Errorf("refdb: %s=%s does not go with %s=%v", snapshotsSetting, snapshotsPast, isolationSetting, cfg.Isolation)
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

// modelOfLoad is what a workload can tell: the weakest model that forbids all it finds.
var modelOfLoad = map[string]string{
	"bank":           "strong-snapshot-isolation",
	"causal":         "causal-memory",
	"causal-reverse": "strong-snapshot-isolation",
	"long-fork":      "snapshot-isolation",
	"sequential":     "strong-session-snapshot-isolation",
}

// leastOfTransfers is the weakest model under which what transfers are looked at with is of one recent state.
const leastOfTransfers = "strong-snapshot-isolation"

// promiseOfShards says what holds for transactions.
func promiseOfShards(workload string, settings map[string]string) (targets.Promise, error) {
	cfg, err := shardConfig(settings, refdb.Config{}, 0)
	if err != nil {
		return targets.Promise{}, err
	}
	p := targets.Promise{
		Voters:       cfg.Replication,
		Transactions: true,
		FaultModel:   slices.DeleteFunc(slices.Clone(faultsOf(settings)), func(family string) bool { return family == "membership" }),
	}
	if cfg.Commit == sharded.ThreePhase {
		p.FaultModel = faultsOfThreePhase(cfg)
	}
	var what string
	p.ConsistencyModels, what = modelsOf(cfg)
	needs := modelOfLoad[workload]
	if workload == "transfer" {
		needs = leastOfTransfers
	}
	kept := func(promised string) bool { return consistency.Implies(promised, needs) }
	switch model, fixed := modelOfLoad[workload]; {
	case needs != "" && !slices.ContainsFunc(p.ConsistencyModels, kept):
		p.ConsistencyModels, what = modelsOf(nil)
	case fixed:
		p.ConsistencyModels = []string{model}
	}
	p.Summary = what + ", and after the faults end every client makes progress again"
	return p, nil
}

// modelsOf are the consistency models that transactions keep, and what they are in words; of nil those of
// which nothing is known but that they are atomic.
func modelsOf(cfg *sharded.Config) (models []string, what string) {
	switch {
	case cfg == nil || cfg.Raft.Reads == refdb.LocalReads:
		return nil, "transactions take effect in all or in none"
	case cfg.Staleness > 0:
		return []string{"strong-session-snapshot-isolation", "strong-read-committed"}, "transactions see a snapshot, no earlier one than their session has seen, and not older than they are if they write, the first committer wins"
	case cfg.Isolation == sharded.SnapshotIsolation:
		return []string{"strong-snapshot-isolation"}, "transactions see a snapshot that is not older than they are, the first committer wins"
	case cfg.Isolation == sharded.ReadCommitted:
		return []string{"read-committed"}, "transactions read what is committed"
	}
	return []string{"strict-serializable"}, "transactions are strictly serializable"
}

// faultsOfThreePhase is what makes a participant silent that has crashed. Whatever else does may split a
// decision: a shard of several replicas is silent while it has no majority, and goes on as if nothing had been.
func faultsOfThreePhase(cfg *sharded.Config) []string {
	if cfg.Replication > 1 {
		return nil
	}
	return []string{"kill"}
}
