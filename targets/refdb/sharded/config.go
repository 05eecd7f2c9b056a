package sharded

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"checker/targets/refdb"
)

// NodeID names a node of the cluster, as in package refdb: 1 and up.
type NodeID = refdb.NodeID

// Clock is what the clocks of a node show at an input, as in package refdb.
type Clock = refdb.Clock

// ShardID names a shard: 0 and up.
type ShardID uint8

// MaxShards is how many shards there can be. CoordinatorLog stands for the log of the decisions that a node
// makes by itself, where files are told apart.
const (
	MaxShards              = 63
	CoordinatorLog ShardID = MaxShards
)

// String returns "s0", "s1"…, or "coordinator".
func (s ShardID) String() string {
	if s == CoordinatorLog {
		return "coordinator"
	}
	return fmt.Sprintf("s%d", uint8(s))
}

// Isolation is how much transactions may see of each other.
type Isolation uint8

const (
	// StrictSerializable has reads take shared locks and writes exclusive ones, all held until the
	// transaction is decided: strict two-phase locking.
	StrictSerializable Isolation = iota
	// SnapshotIsolation has reads see the data as of one timestamp, and aborts whoever writes what
	// another has written since: Percolator's scheme.
	SnapshotIsolation
	// ReadCommitted has reads take no locks: they see what is committed at the moment.
	ReadCommitted
	numIsolations
)

var isolationNames = [numIsolations]string{"strict-serializable", "snapshot-isolation", "read-committed"}

// String returns the isolation's name, such as "strict-serializable".
func (i Isolation) String() string { return isolationNames[i] }

// ParseIsolation reads an isolation's name.
func ParseIsolation(s string) (Isolation, error) {
	if i := slices.Index(isolationNames[:], s); i >= 0 {
		return Isolation(i), nil
	}
	return 0, fmt.Errorf("refdb: no isolation is called %q", s)
}

// Commit is how the shards of a transaction agree on its outcome.
type Commit uint8

const (
	// TwoPhase has a home shard decide: the decision is in a replicated log. In doubt no longer than a
	// fail-over takes.
	TwoPhase Commit = iota
	// TwoPhasePlain has the gateway decide, by its own log on its own disk. Participants are in doubt for
	// as long as it is down.
	TwoPhasePlain
	// ThreePhase has the gateway announce a commit before it tells it. Participants that hear no more of
	// it find out by themselves: all of them the same under crashes, but not under partitions.
	ThreePhase
	numCommits
)

var commitNames = [numCommits]string{"2pc", "2pc-plain", "3pc"}

// String returns the name, such as "2pc".
func (c Commit) String() string { return commitNames[c] }

// ParseCommit reads a name.
func ParseCommit(s string) (Commit, error) {
	if i := slices.Index(commitNames[:], s); i >= 0 {
		return Commit(i), nil
	}
	return 0, fmt.Errorf("refdb: no way to commit is called %q", s)
}

// Config is the constitution of one node. All nodes of a cluster share it but for ID and Rand.
type Config struct {
	_ struct{} // no positional literals

	ID          NodeID
	Nodes       []NodeID // of the cluster, the same order everywhere
	Shards      int
	Replication int // nodes per shard
	Isolation   Isolation
	Commit      Commit
	Bugs        Bugs // planted bugs, none by default
	Rand        *rand.Rand

	// Raft is the configuration of the group of each shard, but for ID, Peers, Rand and Machine. Its bugs
	// are planted in every group.
	Raft refdb.Config

	Staleness time.Duration // how old a snapshot may be that a transaction only reads; 0 is not at all

	RetryAfter   time.Duration // a message to a shard that stays unanswered is repeated after this
	InquireAfter time.Duration // a participant without a decision asks for it after this
	DecideAfter  time.Duration // a home without a decision aborts after this
	ForgetClient time.Duration // a gateway forgets a transaction that its client no longer asks about
	MaxVersions  int           // of a key that are kept, for snapshots
	MaxOutcomes  int           // clients whose latest outcome a shard remembers
	MaxOpen      int           // transactions that a gateway coordinates at a time
}

// DefaultConfig returns a correct configuration for a network with round trips of some milliseconds.
func DefaultConfig(id NodeID, nodes []NodeID) Config {
	return Config{
		ID: id, Nodes: nodes, Shards: 3, Replication: min(3, len(nodes)),
		Rand:         rand.New(rand.NewPCG(uint64(id), 1)),
		Raft:         refdb.DefaultConfig(id, nodes),
		RetryAfter:   120 * time.Millisecond,
		InquireAfter: 200 * time.Millisecond,
		DecideAfter:  700 * time.Millisecond,
		ForgetClient: 3 * time.Second,
		MaxVersions:  64,
		MaxOutcomes:  4096,
		MaxOpen:      4096,
	}
}

func (c *Config) validate() error {
	switch {
	case !slices.Contains(c.Nodes, c.ID):
		return fmt.Errorf("node %v is none of %v", c.ID, c.Nodes)
	case c.Shards < 1 || c.Shards > MaxShards:
		return fmt.Errorf("%d shards: want 1 to %d", c.Shards, MaxShards)
	case c.Commit != TwoPhase && c.Isolation == SnapshotIsolation:
		return fmt.Errorf("%v does not go with %v: a snapshot needs a decision that outlives its coordinator", c.Commit, c.Isolation)
	case c.Staleness < 0 || c.Staleness > 0 && c.Isolation != SnapshotIsolation:
		return fmt.Errorf("snapshots %v old do not go with %v: it keeps the present only", c.Staleness, c.Isolation)
	case c.Replication < 1 || c.Replication > len(c.Nodes):
		return fmt.Errorf("%d replicas of a shard on %d nodes", c.Replication, len(c.Nodes))
	case c.Rand == nil:
		return fmt.Errorf("no source of randomness")
	case c.RetryAfter <= 0 || c.InquireAfter <= 0 || c.DecideAfter <= c.InquireAfter || c.ForgetClient <= 0:
		return fmt.Errorf("want 0 < retry %v, forget %v and 0 < inquire %v < decide %v", c.RetryAfter, c.ForgetClient, c.InquireAfter, c.DecideAfter)
	case c.MaxVersions <= 0 || c.MaxOutcomes <= 0 || c.MaxOpen <= 0:
		return fmt.Errorf("want 0 < versions %d, outcomes %d, open transactions %d", c.MaxVersions, c.MaxOutcomes, c.MaxOpen)
	}
	return nil
}

// replicas returns the nodes that hold a shard: as many as Replication, in the order of Nodes, beginning
// with another node for each shard.
func (c *Config) replicas(s ShardID) []NodeID {
	nodes := make([]NodeID, c.Replication)
	for i := range nodes {
		nodes[i] = c.Nodes[(int(s)+i)%len(c.Nodes)]
	}
	return nodes
}

// Home returns the shard that decides a transaction: that of its first key.
func (c *Config) Home(ops []Op) ShardID { return c.shardOf(ops[0].Key) }

// shardOf returns the shard that a key lies in, by a hash that spreads neighbours.
func (c *Config) shardOf(key int64) ShardID {
	h := uint64(key) // the finaliser of MurmurHash3
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	h ^= h >> 33
	return ShardID(h % uint64(c.Shards))
}
