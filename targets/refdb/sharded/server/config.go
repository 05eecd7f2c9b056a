package server

import (
	"fmt"
	"math/rand/v2"
	"time"

	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// Config is what a node needs to know.
type Config struct {
	ID    int      // from 1
	Peers []string // addresses of all nodes, host:port, by ID-1
	Data  string   // the folder of the logs
	Reads string   // as refdb.ParseReadMode takes it
	Bugs  []string // as refdb.ParseBugs or sharded.ParseBug takes each

	SnapshotEvery   int           // entries between two snapshots; 0 is refdb's default
	ElectionTimeout time.Duration // as of refdb; 0 is its default
	OneByOne        bool          // a leader sends an entry at a time

	Shards      int           // 0 is a single group of all nodes, without transactions
	Replication int           // nodes per shard
	Isolation   string        // as sharded.ParseIsolation takes it
	Commit      string        // as sharded.ParseCommit takes it
	Staleness   time.Duration // of snapshots that are only read
}

// oneByOnePending is how many requests wait at a leader that sends entry by entry.
const oneByOnePending = 64

// group is the configuration of the group, or of that of each shard.
func (c Config) group() (refdb.Config, error) {
	if c.ID < 1 || c.ID > len(c.Peers) {
		return refdb.Config{}, fmt.Errorf("node %d is none of %d", c.ID, len(c.Peers))
	}
	s := refdb.DefaultConfig(refdb.NodeID(c.ID), c.nodes())
	s.Rand = rand.New(rand.NewPCG(rand.Uint64(), uint64(c.ID)))
	if c.SnapshotEvery > 0 {
		s.SnapshotEvery, s.KeepEntries, s.MaxChunk = c.SnapshotEvery, 10, 1<<10
	}
	if c.ElectionTimeout > 0 {
		s.ElectionTimeout = c.ElectionTimeout
	}
	if c.OneByOne {
		s.MaxBatch, s.MaxInflight, s.MaxPending = 1, 1, oneByOnePending
	}
	var err error
	if s.Reads, err = refdb.ParseReadMode(c.Reads); err != nil {
		return s, err
	}
	for _, name := range c.Bugs {
		if _, err := sharded.ParseBug(name); err == nil && c.Shards > 0 {
			continue
		}
		bug, err := refdb.ParseBugs(name)
		if err != nil {
			return s, err
		}
		s.Bugs |= bug
	}
	return s, nil
}

func (c Config) nodes() []refdb.NodeID {
	all := make([]refdb.NodeID, len(c.Peers))
	for i := range all {
		all[i] = refdb.NodeID(i + 1)
	}
	return all
}

// shards is the configuration of a node that holds shards.
func (c Config) shards() (sharded.Config, error) {
	raft, err := c.group()
	if err != nil {
		return sharded.Config{}, err
	}
	s := sharded.DefaultConfig(raft.ID, c.nodes())
	s.Raft, s.Rand = raft, raft.Rand
	s.Shards, s.Replication = c.Shards, min(c.Replication, len(c.Peers))
	s.Staleness = c.Staleness
	for _, name := range c.Bugs {
		if bug, err := sharded.ParseBug(name); err == nil {
			s.Bugs |= bug
		}
	}
	if s.Isolation, err = sharded.ParseIsolation(c.Isolation); err != nil {
		return s, err
	}
	s.Commit, err = sharded.ParseCommit(c.Commit)
	return s, err
}
