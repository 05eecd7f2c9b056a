package simulated

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"checker/targets"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// maxNodes keeps a cluster within what a node's identifier can name.
const maxNodes = 99

// faultModel are the families of faults that the reference database survives in
// every configuration: it promises the same under all of them. docs/faults.md says
// how it survives each.
var faultModel = []string{"partition", "kill", "pause", "clock", "packet", "disk"}

// faultsOf is the fault model under settings.
func faultsOf(settings map[string]string) []string {
	var families []string
	for _, family := range faultModel {
		if family != "clock" || settings[readsSetting] != refdb.WallLeaseReads.String() {
			families = append(families, family)
		}
	}
	if settings[membersSetting] == membersDynamic {
		families = append(families, "membership")
	}
	return families
}

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
	membersDynamic = "dynamic"
)

// Sending is the setting that chooses how a leader sends its log.
const (
	sendingSetting  = "sending"
	sendingStreamed = "streamed"
	sendingOneByOne = "one-by-one"
)

// oneByOnePending is how many requests wait at a leader that sends entry by entry.
// It gets through some ten a second over slow links: more of them would have
// been asked again before their turn, and fill the log with what nobody waits for.
const oneByOnePending = 64

// Election is the setting that chooses how long a leader may be silent. A lease lasts
// nine tenths of that, so that the last tenth is what wall clocks may be set back by.
const electionSetting = "election-timeout"

// Links is the setting that chooses how long a message takes.
const (
	linksSetting = "links"
	linksDrawn   = "drawn"
	linksSlow    = "slow"
)

// RefDB is the reference database as a target.
func RefDB() Words { return refDB{} }

type refDB struct{}

// Describe says what the reference database offers.
func (refDB) Describe() targets.Description {
	d := targets.Description{
		Name:         "refdb",
		Summary:      "the reference database: transactions over shards that Raft replicates, correct by default, wrong on demand",
		Version:      "built in",
		Environments: []string{"sim"},
		Protocol:     true,
		Workloads: []string{"append", "wr", "bank", "transfer", "register", "cas-register", "set", "counter", "lock", "leased-lock", "fenced-lock", "queue", "unique-ids", "monotonic",
			"long-fork", "causal", "causal-reverse", "sequential", "write-skew", "lost-update"},
		Settings: append(shardSettings(), []targets.Setting{{
			Name:    readsSetting,
			Summary: "how reads are answered: read-index asks a majority first, lease and lease-wall trust a lease judged by the monotonic or the wall clock, follower has any node answer once it knows what the leader knows, local answers from the node's own state",
			Values:  readModes(),
		}, {
			Name:    membersSetting,
			Summary: "who replicates the data: fixed is every node, dynamic lets nodes be removed and added, so that the nemesis membership can",
			Values:  []string{membersFixed, membersDynamic},
		}, {
			Name:    sendingSetting,
			Summary: "how a leader sends its log to a follower: streamed is in batches, many of them on their way at a time, one-by-one is an entry at a time, each once the last one is acknowledged",
			Values:  []string{sendingStreamed, sendingOneByOne},
		}, {
			Name:    linksSetting,
			Summary: "how long a message takes: drawn is by the seed, from that of a rack to that of a region, slow is that between distant regions",
			Values:  []string{linksDrawn, linksSlow},
		}, {
			Name:    electionSetting,
			Summary: "how long a leader may be silent until the next election; under reads=lease-wall clocks may be set back by a tenth of it",
			Values:  []string{"300ms", "1s", "3s"},
		}}...),
	}
	for _, b := range refdb.BugTable() {
		d.Bugs = append(d.Bugs, targets.Bug{
			Name: b.Name, Summary: b.Summary, Source: b.After, Faults: b.Faults, Anomaly: b.Anomaly, Workload: b.Workload, Settings: b.Settings, Interval: b.Interval, SimOnly: b.SimOnly,
		})
	}
	for _, b := range sharded.BugTable() {
		d.Bugs = append(d.Bugs, targets.Bug{
			Name: b.Name, Summary: b.Summary, Source: b.After, Faults: b.Faults, Anomaly: b.Anomaly, Workload: b.Workload, Settings: b.Settings, SimOnly: b.SimOnly,
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
	if isTransactional(workload) {
		return promiseOfShards(workload, settings)
	}
	switch settings[readsSetting] {
	case refdb.LocalReads.String():
		return targets.Promise{
			ConsistencyModels: nil,
			FaultModel:        faultsOf(settings),
			Summary:           "writes are linearizable; a read sees some prefix of the log, perhaps a stale one",
		}, nil
	case refdb.WallLeaseReads.String():
		return targets.Promise{
			ConsistencyModels: []string{"linearizable"},
			FaultModel:        faultsOf(settings),
			Summary:           "every op is linearizable as long as no wall clock is set back, and after the faults end every client makes progress again",
		}, nil
	}
	return targets.Promise{
		ConsistencyModels: []string{"linearizable"},
		FaultModel:        faultsOf(settings),
		Summary:           "every op is linearizable, and after the faults end every client makes progress again",
	}, nil
}

// Open starts a cluster in simulation.
func (t refDB) Open(_ context.Context, cfg targets.Config) (targets.Cluster, error) {
	if cfg.Env != "sim" {
		return nil, fmt.Errorf("refdb cannot run in %q: it runs in sim", cfg.Env)
	}
	raftBugs, txnBugs, err := parseBugs(cfg.Bugs)
	if err != nil {
		return nil, err
	}
	nodeConfig := refdb.DefaultConfig(1, nil)
	nodeConfig.Bugs = raftBugs
	nodeConfig.SnapshotEvery, nodeConfig.KeepEntries, nodeConfig.MaxChunk = snapshotEvery, keepEntries, maxChunk
	if cfg.Settings[sendingSetting] == sendingOneByOne {
		nodeConfig.MaxBatch, nodeConfig.MaxInflight, nodeConfig.MaxPending = 1, 1, oneByOnePending
	}
	if election, ok := cfg.Settings[electionSetting]; ok {
		if nodeConfig.ElectionTimeout, err = time.ParseDuration(election); err != nil {
			return nil, err
		}
	}
	if reads, ok := cfg.Settings[readsSetting]; ok {
		if nodeConfig.Reads, err = refdb.ParseReadMode(reads); err != nil {
			return nil, err
		}
	}
	var shards *sharded.Config
	if isTransactional(cfg.Workload) {
		if shards, err = shardConfig(cfg.Settings, nodeConfig, txnBugs); err != nil {
			return nil, err
		}
	}
	c, err := open(cfg, nodeConfig, shards)
	if err != nil {
		return nil, err
	}
	if cfg.Settings[membersSetting] == membersDynamic && shards == nil {
		return c.addOperator(), nil
	}
	return c, nil
}

// parseBugs tells the bugs of the groups from those of the transactions.
func parseBugs(names []string) (raft refdb.Bugs, txn sharded.Bugs, err error) {
	for _, name := range names {
		if bug, err := sharded.ParseBug(name); err == nil {
			txn |= bug
			continue
		}
		bug, err := refdb.ParseBugs(name)
		if err != nil {
			return 0, 0, err
		}
		raft |= bug
	}
	return raft, txn, nil
}
