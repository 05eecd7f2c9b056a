package sharded

// Snapshot isolation after Percolator (Peng and Dabek 2010), on the same two-phase commit. Time is what the
// oracle says it is: shard 0 gives out timestamps, each greater than all that it gave out before.
//
//   - A transaction takes a timestamp when it begins. It reads what was committed up to then: the snapshot.
//   - When all its parts are prepared, and all its writes locked, it takes another one: when it commits.
//   - A read waits for a lock whose owner began before the snapshot: that may be committing at a time
//     before it.
//   - A write aborts if the key has been written since the snapshot: the first committer wins.
//
// A leader gives out timestamps from memory, up to a limit that is in its log. Whoever leads next begins
// above the limit. A leader that was deposed without knowing would give out timestamps of the past, and
// so each is given out behind a barrier.

// stampBatch is by how much the limit is raised at a time.
const stampBatch = 1000

const oracle ShardID = 0

// mayRun tells whether a transaction can still have its snapshot, and its writes are the first.
func (s *shard) mayRun(t *txn, o Op) bool {
	if t.snapshot == 0 {
		return true
	}
	if s.data.lost(o.Key, t.snapshot, s.cfg.MaxVersions) {
		return false
	}
	return o.Kind == Read || s.data.latest(o.Key) <= t.snapshot || s.cfg.Bugs.Has(LastCommitterWins)
}

// needsStamps tells whether transactions have timestamps.
func (n *Node) needsStamps() bool { return n.cfg.Isolation == SnapshotIsolation }

// askStamp asks the oracle for the timestamp that a transaction needs next.
func (n *Node) askStamp(c *coordination) {
	if n.cfg.Bugs.Has(StampsFromLocalClock) {
		n.takeStamp(c, stamp(n.now.Wall))
		return
	}
	if at := max(n.pastSnapshot(c), n.followerSnapshot(c)); at != 0 {
		c.past = true
		n.takeStamp(c, at)
		return
	}
	n.sendToShard(Message{Type: Stamp, Shard: oracle, ID: c.request.ID, Gateway: n.cfg.ID, Commit: c.stamping})
}

// receiveStamped goes on with a transaction that has got its timestamp.
func (n *Node) receiveStamped(m Message) {
	if c := n.gateway.open[m.ID]; c != nil && m.Commit == c.stamping {
		n.notePast(c.begun, m.Stamp)
		n.takeStamp(c, m.Stamp)
	}
}

func (n *Node) takeStamp(c *coordination, at stamp) {
	switch {
	case c.stamping:
		c.stamping, c.at = false, at
		n.decideTo(c, true)
	case c.snapshot == 0:
		c.snapshot = at
		for _, a := range c.parts {
			a.part.snapshot = at
		}
		if n.cfg.Bugs.Has(CommitsAtItsSnapshot) {
			c.at = at
		}
		n.ask(c)
	}
}

// giveStamp gives out a timestamp, behind its barrier, and has the limit raised before it is reached.
func (n *Node) giveStamp(g *group, m Message) {
	if !g.leads {
		return
	}
	if g.next == 0 {
		g.next = n.firstStamp(g)
	}
	if g.next < g.shard.limit {
		g.next++
		n.send(m.Gateway, Message{Type: Stamped, Shard: g.id, ID: m.ID, Stamp: g.next, Commit: m.Commit})
	}
	if limit := max(g.next, g.shard.limit); g.next+stampBatch/2 > limit && (g.raisedTo <= limit || g.next == limit) {
		g.raisedTo = limit + stampBatch
		n.propose(g, entry{kind: stampsEntry, at: g.raisedTo})
	}
}

// firstStamp has a new leader begin above all that was given out before it. Behind its first barrier it
// knows the limit that its predecessors had.
func (n *Node) firstStamp(g *group) stamp {
	if n.cfg.Bugs.Has(OracleRepeats) && g.shard.limit >= stampBatch {
		return g.shard.limit - stampBatch
	}
	return g.shard.limit
}
