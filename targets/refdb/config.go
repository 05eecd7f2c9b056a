package refdb

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// NodeID names a node of the cluster: 1 and up. NoNode stands for nobody.
type NodeID uint8

// NoNode is the zero NodeID: no leader known, no vote given.
const NoNode NodeID = 0

// String returns "n1", "n2"…, or "none".
func (id NodeID) String() string {
	if id == NoNode {
		return "none"
	}
	return "n" + strconv.Itoa(int(id))
}

// Clock is what the clocks of a node show at an input, in nanoseconds.
//
// Mono never goes back but may run at any rate: only liveness depends on it, and reads under a lease.
// Wall may do anything; only WallLeaseReads depend on it.
type Clock struct{ Mono, Wall int64 }

// ReadMode says how reads are answered.
type ReadMode uint8

const (
	// ReadIndex has the leader confirm, by a round of heartbeats begun after the read arrived, that
	// it still leads. Reads are linearizable.
	ReadIndex ReadMode = iota
	// LeaseReads has the leader answer at once while it holds a lease judged by the monotonic clock,
	// and as with ReadIndex otherwise. Reads are linearizable as long as the monotonic clocks of
	// any two nodes run at rates within a tenth of each other.
	LeaseReads
	// WallLeaseReads judges the lease by the wall clock. Reads are linearizable as long as besides
	// no wall clock is set back by a tenth of ElectionTimeout.
	WallLeaseReads
	// FollowerReads has any follower answer, from its own state, once the leader has told it how far
	// that must have come, as with ReadIndex. Reads are linearizable.
	FollowerReads
	// LocalReads answers at once from the applied state of whichever node was asked. A read sees
	// some prefix of the log: stale, and after a restart possibly empty.
	LocalReads
	numReadModes
)

var readModeNames = [numReadModes]string{"read-index", "lease", "lease-wall", "follower", "local"}

// String returns the mode's name, such as "read-index".
func (m ReadMode) String() string { return readModeNames[m] }

// ParseReadMode reads a mode's name.
func ParseReadMode(s string) (ReadMode, error) {
	if i := slices.Index(readModeNames[:], s); i >= 0 {
		return ReadMode(i), nil
	}
	return 0, fmt.Errorf("refdb: no way to read is called %q", s)
}

// Config is the constitution of one node. All nodes of a cluster share it but for ID and Rand.
type Config struct {
	_ struct{} // no positional literals

	ID    NodeID
	Peers []NodeID // the voters at first; a node that is not among them waits to be added

	ElectionTimeout time.Duration // silence of a leader before the next election: drawn from [T, 2T)
	Heartbeat       time.Duration // at most this long between two messages of a leader to a peer

	Machine Machine // what the log is for; nil for the node's own store

	Reads ReadMode
	Bugs  Bugs // planted bugs, none by default
	Rand  *rand.Rand

	MaxBatch    int // entries in one Append
	MaxInflight int // entries sent to a peer beyond those it has acknowledged
	MaxPending  int // requests a leader holds unanswered
	MaxSessions int // clients whose last write is remembered

	SnapshotEvery int // entries applied between two snapshots
	KeepEntries   int // entries kept in memory, though a snapshot covers them, for peers somewhat behind
	MaxChunk      int // bytes of a snapshot in one message
}

// DefaultConfig returns a correct configuration for a network with round trips of some milliseconds.
// Its Rand is seeded by id; a simulation puts its own stream there.
func DefaultConfig(id NodeID, peers []NodeID) Config {
	return Config{
		ID:              id,
		Peers:           peers,
		ElectionTimeout: 300 * time.Millisecond,
		Heartbeat:       50 * time.Millisecond,
		Rand:            rand.New(rand.NewPCG(uint64(id), 0)),
		MaxBatch:        64,
		MaxInflight:     1024,
		MaxPending:      4096,
		MaxSessions:     4096,
		SnapshotEvery:   4096,
		KeepEntries:     1024,
		MaxChunk:        64 << 10,
	}
}

func (c *Config) validate() error {
	sorted := slices.Sorted(slices.Values(c.Peers))
	switch {
	case c.ID == NoNode:
		return fmt.Errorf("a node cannot be called 0")
	case len(c.Peers) == 0:
		return fmt.Errorf("no peers")
	case sorted[0] == NoNode:
		return fmt.Errorf("peers %v name node 0", c.Peers)
	case len(slices.Compact(sorted)) != len(c.Peers):
		return fmt.Errorf("peers %v name a node twice", c.Peers)
	case c.Heartbeat <= 0 || c.ElectionTimeout <= c.Heartbeat:
		return fmt.Errorf("want 0 < heartbeat %v < election timeout %v", c.Heartbeat, c.ElectionTimeout)
	case c.Rand == nil:
		return fmt.Errorf("no source of randomness")
	case c.MaxBatch <= 0 || c.MaxInflight < c.MaxBatch || c.MaxPending <= 0:
		return fmt.Errorf("want 0 < batch %d <= inflight %d and 0 < pending %d", c.MaxBatch, c.MaxInflight, c.MaxPending)
	case c.MaxSessions <= 0 || c.SnapshotEvery <= 0 || c.KeepEntries < 0 || c.MaxChunk <= 0:
		return fmt.Errorf("want 0 < sessions %d, entries between snapshots %d, chunk %d and 0 <= entries kept %d",
			c.MaxSessions, c.SnapshotEvery, c.MaxChunk, c.KeepEntries)
	}
	return nil
}
