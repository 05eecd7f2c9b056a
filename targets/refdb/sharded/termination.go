package sharded

import "slices"

// Three-phase commit (Skeen 1981; Bernstein, Hadzilacos and Goodman 1987, section 7.5). The coordinator
// announces a commit, and tells it only when the announcement is in the log of every participant. So no
// participant commits while another does not even know that all have voted yes; and those that the
// coordinator has left alone can find out what it may have done:
//
//   - one has committed, or aborted: so do all;
//   - one has been told of the commit to come: commit;
//   - none has: nobody can have committed: abort.
//
// Each participant asks all the others and concludes by itself; before it answers it closes its ears to the
// coordinator. One that does not answer counts as
// crashed, and will have to ask when it is back: a participant that has not been up since its vote must not
// conclude from silence. All that is sound as long as silence means a crash. When a partition
// makes both sides silent to each other, one side may have been told and the other not: they decide
// differently.

// isTooLate tells whether a commit may not be announced any more. Some participant may have voted so long ago
// that it has begun to find out the outcome by itself, and have taken another one that was down, and had not
// voted, for crashed: what that one is told now it would take for true.
func (n *Node) isTooLate(c *coordination) bool {
	return n.cfg.Commit == ThreePhase && n.now.Mono-c.begun > int64(n.cfg.DecideAfter)
}

// pursue goes on with a commit: it is announced, and once that is everywhere, told.
func (n *Node) pursue(c *coordination) {
	if n.cfg.Commit != ThreePhase || !c.commit {
		return
	}
	for i, a := range c.parts {
		if !a.promised {
			n.sendToShard(Message{Type: Announce, Shard: c.parts[0].part.shards[i], Peer: c.home(), ID: c.request.ID, Gateway: n.cfg.ID, Life: n.coordinator.life})
		}
	}
}

func (n *Node) receivePromised(m Message) {
	c := n.gateway.open[m.ID]
	if c == nil || !c.deciding || !c.commit {
		return
	}
	all := true
	for i, a := range c.parts {
		if c.parts[0].part.shards[i] == m.Shard {
			a.promised = true
		}
		all = all && a.promised
	}
	if !all {
		return
	}
	n.trace(Event{Kind: Decided, ID: m.ID, Shard: c.home(), Commit: true})
	d := &decision{id: m.ID, shards: c.parts[0].part.shards, durable: true} // or as good as: the announcements are
	n.coordinator.add(d)
	n.tellCommit(d)
	n.conclude(c, Committed)
}

// receiveAnnounce takes the announcement of a commit, unless others have been told that there was none.
func (n *Node) receiveAnnounce(g *group, m Message) {
	t := g.shard.open[m.ID]
	_, known := g.shard.outcomeOf(m.ID)
	switch {
	case t == nil && known && g.shard.endingOf(m.ID) == Committed, t != nil && t.state == announced:
		n.send(m.Gateway, Message{Type: Promised, Shard: g.id, ID: m.ID})
	case t != nil && t.state == prepared && !t.fenced:
		n.propose(g, entry{kind: announceEntry, part: part{id: m.ID, shards: []ShardID{m.Peer}}})
	}
}

// terminate finds out the outcome of a transaction whose coordinator is silent.
func (n *Node) terminate(g *group, t *txn) {
	w := n.watch(g, t)
	if t.state == waiting {
		n.withdraw(g, t)
		return
	}
	if !t.fenced {
		n.fence(g, t)
		return
	}
	if commit, known := n.conclusion(g, t, w); known {
		n.trace(Event{Kind: Decided, ID: t.id, Shard: g.id, Commit: commit})
		n.propose(g, entry{kind: finishEntry, part: part{id: t.id, gateway: t.gateway, life: t.life, shards: t.shards}, commit: commit})
		return
	}
	w.asked++
	for _, s := range t.shards {
		if s != g.id {
			n.sendToShard(Message{Type: Query, Shard: s, Peer: g.id, ID: t.id})
		}
	}
}

// fence has the shard take no announcement any more. Only then may it say that it has none: one might be on
// its way through the log.
func (n *Node) fence(g *group, t *txn) {
	n.propose(g, entry{kind: fenceEntry, part: part{id: t.id, shards: t.shards[:1]}})
}

// patience is how often a participant asks before it takes silence for a crash: a fail-over takes less.
const patience = 24

// conclusion is the rule of termination.
func (n *Node) conclusion(g *group, t *txn, w *watched) (commit, known bool) {
	told := t.state == announced
	for _, s := range t.shards {
		a, answered := w.answers[s]
		switch {
		case !answered:
		case a.Status == Committed:
			return true, true
		case a.Status != 0:
			return false, true
		case a.Commit:
			told = true
		}
	}
	if len(w.answers) == len(t.shards)-1 || w.asked > patience && w.voted {
		return told, true
	}
	return false, false
}

// receiveQuery tells another participant how far this one is. Who has not voted aborts, so that it can say
// that.
func (n *Node) receiveQuery(g *group, m Message) {
	answer := Message{Type: Answer, Shard: m.Peer, Peer: g.id, ID: m.ID}
	t := g.shard.open[m.ID]
	_, known := g.shard.outcomeOf(m.ID)
	switch {
	case t != nil && t.ready() && !t.fenced:
		n.fence(g, t)
		return
	case t != nil && t.ready():
		answer.Commit = t.state == announced
	case t == nil && known:
		if answer.Status = g.shard.endingOf(m.ID); answer.Status == 0 {
			return // too long ago
		}
	case t == nil:
		n.propose(g, entry{kind: decideEntry, part: decidedHere(g, m.ID)})
		return
	default:
		n.withdraw(g, t)
		return
	}
	n.sendToShard(answer)
}

// withdraw aborts a transaction that has not voted. Should it vote before the abort comes up in the log, it
// still has not promised anything: nobody can have committed.
func (n *Node) withdraw(g *group, t *txn) {
	n.trace(Event{Kind: Presumed, ID: t.id, Shard: g.id})
	n.propose(g, entry{kind: finishEntry, part: part{id: t.id, gateway: t.gateway, life: t.life, shards: t.shards}})
}

func (n *Node) receiveAnswer(g *group, m Message) {
	t := g.shard.open[m.ID]
	if t == nil || !t.ready() || !slices.Contains(t.shards, m.Peer) {
		return
	}
	w := n.watch(g, t)
	if w.answers == nil {
		w.answers = map[ShardID]Message{}
	}
	w.answers[m.Peer] = m
}
