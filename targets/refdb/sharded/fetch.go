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
	s := g.shard
	if g.ahead != nil {
		s = g.ahead
	}
	results := make([][]int64, len(m.Part.ops))
	for i, o := range m.Part.ops {
		if n.waitsForLock(s, m.Part, o.Key) {
			g.block(m)
			return
		}
		if s.data.lost(o.Key, m.Part.snapshot, n.cfg.MaxVersions) {
			n.vote(g, m.Part.gateway, m.Part, nil, Aborted)
			return
		}
		results[i] = n.valueOf(s, m.Part, o.Key)
	}
	n.vote(g, m.Part.gateway, m.Part, results, Committed)
}

// waitsForLock tells whether a read has to wait until a lock is given up.
func (n *Node) waitsForLock(s *shard, p *part, key int64) bool {
	ignores := n.cfg.Bugs.Has(ReadsIgnoreLocks) || n.cfg.Bugs.Has(ReadsSeePrepared)
	return n.waitsForLocks() && !ignores && s.isLocked(key, p)
}

// block has a read wait, unless an earlier attempt of it does.
func (g *group) block(m Message) {
	same := func(b Message) bool { return b.ID == m.ID && b.Part.gateway == m.Part.gateway }
	if !slices.ContainsFunc(g.blocked, same) {
		g.blocked = append(g.blocked, m)
	}
}

// valueOf is what a key holds for a read that need not wait.
func (n *Node) valueOf(s *shard, p *part, key int64) []int64 {
	if k := s.locks[key]; k != nil && k.exclusive != nil && n.cfg.Bugs.Has(ReadsSeePrepared) {
		if list, written := k.exclusive.written(key); written {
			return list
		}
	}
	snapshot := p.snapshot
	if n.cfg.Bugs.Has(SnapshotsShardByShard) {
		snapshot = 0
	}
	return s.read(key, p.id.Client, snapshot)
}

// retryBlocked tries the reads again that wait for a lock.
func (n *Node) retryBlocked(g *group) {
	blocked := g.blocked
	g.blocked = nil
	for _, m := range blocked {
		n.fetch(g, m)
	}
}
