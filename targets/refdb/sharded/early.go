package sharded

// What a leader does with LockReleasedTooSoon: as soon as a commit is in its own log, reads pass the locks and
// see what it writes. Should the leader fail before a majority has the entry, the commit may come later, with
// others before it, or never.

// earlyWrite is what a key is about to hold.
type earlyWrite struct {
	by   TxnID
	list []int64
}

// releaseEarly shows the writes of a transaction whose commit was proposed.
func (n *Node) releaseEarly(g *group, id TxnID, writes []write) {
	if !n.cfg.Bugs.Has(LockReleasedTooSoon) {
		return
	}
	for _, w := range writes {
		if _, taken := g.early[w.key]; !taken {
			g.early[w.key] = earlyWrite{id, w.list}
		}
	}
}

// executeEarly does so for a transaction that commits where it is executed, unless it has to wait for another.
func (n *Node) executeEarly(g *group, p part) {
	t := &txn{part: p, alone: true}
	for _, o := range p.ops {
		if _, taken := g.early[o.Key]; taken {
			return
		}
	}
	if n.cfg.Bugs.Has(LockReleasedTooSoon) && !g.shard.mustWait(t) && g.shard.run(t) == 0 {
		n.releaseEarly(g, p.id, t.writes)
	}
}

// endEarly forgets what has become true.
func (g *group) endEarly(id TxnID) {
	for key, w := range g.early {
		if w.by == id {
			delete(g.early, key)
		}
	}
}
