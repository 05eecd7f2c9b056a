package sharded

import (
	"slices"

	"checker/targets/refdb"
)

// Reads of one shard need no place in the log. The replica makes sure that its state is as a
// linearizable read may see it (refdb.Barrier, so by ReadIndex, a lease, or a question to the leader), and
// waits as long as somebody holds the lock of what it reads: that one may be committed already, and
// what it writes must not be missed.

// receiveFetch begins a read, or whatever else needs a barrier.
func (n *Node) receiveFetch(g *group, m Message) {
	if m.Type == Fetch && n.isPast(g, m.Part) {
		n.fetch(g, m)
		return
	}
	g.fetched++
	g.fetches[g.fetched] = m
	g.touched = true
	g.raft.Request(n.now, refdb.Request{Client: uint64(n.cfg.ID), Seq: g.fetched, Command: refdb.Command{Op: refdb.Barrier}})
}

// fetchReady goes on with a read once the state is recent enough.
func (n *Node) fetchReady(g *group, r *refdb.Reply) {
	m, found := g.fetches[r.Seq]
	delete(g.fetches, r.Seq)
	switch {
	case !found || r.Status != refdb.OK:
	case m.Type == Stamp:
		n.giveStamp(g, m)
	default:
		n.fetch(g, m)
	}
}

// fetch answers a read, or has it wait for a lock.
func (n *Node) fetch(g *group, m Message) {
	results := make([][]int64, len(m.Part.ops))
	for i, o := range m.Part.ops {
		if n.waitsForLock(g, o.Key, m.Part.snapshot) {
			g.block(m)
			return
		}
		if g.shard.data.lost(o.Key, m.Part.snapshot, n.cfg.MaxVersions) {
			n.vote(g, m.Part.gateway, m.Part, nil, Aborted)
			return
		}
		results[i] = n.valueOf(g, o.Key, m.Part.snapshot)
	}
	n.vote(g, m.Part.gateway, m.Part, results, Committed)
}

// waitsForLock tells whether a read has to wait until a lock is given up.
func (n *Node) waitsForLock(g *group, key int64, snapshot stamp) bool {
	ignores := n.cfg.Bugs.Has(ReadsIgnoreLocks) || n.cfg.Bugs.Has(ReadsSeePrepared)
	return n.waitsForLocks() && !ignores && g.shard.isLocked(key, snapshot)
}

// block has a read wait, unless an earlier attempt of it does.
func (g *group) block(m Message) {
	same := func(b Message) bool { return b.ID == m.ID && b.Part.gateway == m.Part.gateway }
	if !slices.ContainsFunc(g.blocked, same) {
		g.blocked = append(g.blocked, m)
	}
}

func (n *Node) valueOf(g *group, key int64, snapshot stamp) []int64 {
	if k := g.shard.locks[key]; k != nil && k.exclusive != nil && n.cfg.Bugs.Has(ReadsSeePrepared) {
		for _, w := range k.exclusive.writes {
			if w.key == key {
				return w.list
			}
		}
	}
	if n.cfg.Bugs.Has(SnapshotsShardByShard) {
		snapshot = 0
	}
	return g.shard.data.read(key, snapshot)
}

// retryBlocked tries the reads again that wait for a lock.
func (n *Node) retryBlocked(g *group) {
	blocked := g.blocked
	g.blocked = nil
	for _, m := range blocked {
		n.fetch(g, m)
	}
}
