package sharded

import "slices"

// Three-phase commit (Skeen 1981; Bernstein, Hadzilacos and Goodman 1987, section 7.5). The coordinator
// announces a commit, and tells it only when the announcement is in the log of every participant. So no
// participant commits while another does not even know that all have voted yes; and those that the
// coordinator has left alone can find out what it may have done. Each asks all the others, over and over:
//
//   - one has committed, or aborted: so do all;
//   - one has been told of the commit to come: it tells the others, and commits when all who are up know;
//   - none has, so that nobody can have committed: abort.
//
// Before a participant answers it closes its ears to the coordinator. Who has not answered for long counts
// as crashed. Who was down since it voted has missed what the others did meanwhile: it takes over what they
// decide, and they do not count on it; only when all have been down do they go by what their logs say,
// which by then cannot change any more.
//
// All that is sound as long as silence means a crash. When a partition makes both sides silent to each
// other, one side may have been told and the other not: they decide differently. So does a shard of several
// replicas that lost its majority for a while, and with it its voice but not its memory.

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

// receiveAnnounce takes the announcement of a commit: from the coordinator, unless others have been told that
// there was none, and from another participant.
func (n *Node) receiveAnnounce(g *group, m Message) {
	t := g.shard.open[m.ID]
	_, known := g.shard.outcomeOf(m.ID)
	switch {
	case t == nil && known && g.shard.endingOf(m.ID) == Committed, t != nil && t.state == announced:
		n.send(m.Gateway, Message{Type: Promised, Shard: g.id, ID: m.ID})
	case t != nil && t.state == prepared && (!t.fenced || m.Operational):
		n.propose(g, entry{kind: announceEntry, part: part{id: m.ID, shards: []ShardID{m.Peer}}, commit: m.Operational})
	}
}

// answerPending lets a participant know that its coordinator is alive, for as long as it can be expected to
// get somewhere: whoever holds an announcement up is down.
func (n *Node) answerPending(m Message) {
	c := n.gateway.open[m.ID]
	if n.cfg.Commit == ThreePhase && (!c.deciding || n.now.Mono-c.decided < int64(n.cfg.DecideAfter)) {
		n.sendToShard(Message{Type: Pending, Shard: m.Peer, Peer: m.Shard, ID: m.ID, Gateway: n.cfg.ID})
	}
}

// receivePending has a participant wait for longer, unless it has turned away from the coordinator.
func (n *Node) receivePending(g *group, m Message) {
	if t := g.shard.open[m.ID]; t != nil && t.gateway == m.Gateway && !t.fenced {
		n.watch(g, t).since = n.now.Mono
	}
}

// step is what a participant does next to find out an outcome.
type step uint8

const (
	askAgain   step = iota
	spreadWord      // of the commit to come
	commitNow
	abortNow
	abandon // abort, unless an announcement has made its way into the log meanwhile
)

// terminate finds out the outcome of a transaction whose coordinator is silent.
func (n *Node) terminate(g *group, t *txn) {
	w := n.watch(g, t)
	switch {
	case t.state == waiting:
		n.withdraw(g, t)
		return
	case !t.fenced:
		n.fence(g, t)
		return
	}
	end := part{id: t.id, gateway: t.gateway, life: t.life, shards: t.shards}
	next := w.next(g.id, t)
	switch next {
	case commitNow, abortNow:
		n.trace(Event{Kind: Decided, ID: t.id, Shard: g.id, Commit: next == commitNow})
		n.propose(g, entry{kind: finishEntry, part: end, commit: next == commitNow})
		return
	case abandon:
		n.trace(Event{Kind: Presumed, ID: t.id, Shard: g.id})
		n.propose(g, entry{kind: abandonEntry, part: end})
		return
	case spreadWord:
		n.spreadWord(g, t, w)
	}
	w.round++
	for _, s := range t.shards {
		if s != g.id {
			n.sendToShard(Message{Type: Query, Shard: s, Peer: g.id, ID: t.id})
		}
	}
}

// fence has the shard take no announcement of the coordinator any more. Only then may it say that it has
// none: one might be on its way through the log.
func (n *Node) fence(g *group, t *txn) {
	n.propose(g, entry{kind: fenceEntry, part: part{id: t.id, shards: t.shards[:1]}})
}

// Rounds of questions after which an answer has had its time, and after which silence is taken for a crash:
// messages and disks need less.
const (
	fresh    = 3
	patience = 24
)

// next is the rule of termination, for a participant that takes no announcement of the coordinator any more.
func (w *watched) next(self ShardID, t *txn) step {
	for _, s := range t.shards {
		switch a := w.answers[s]; {
		case a.Status == Committed:
			return commitNow
		case a.Status != 0:
			return abortNow
		}
	}
	if !w.voted {
		return w.nextAfterFailure(self, t)
	}
	told, uninformed, pending := t.state == announced, t.state != announced, false
	for _, s := range t.shards {
		a := w.answers[s]
		silence := w.round - a.up
		switch {
		case s == self || silence > patience:
		case a.up == 0 || silence > fresh:
			pending = true
		case a.Commit:
			told = true
		default:
			uninformed = true
		}
	}
	switch {
	case told && uninformed:
		return spreadWord
	case pending:
		return askAgain
	case told:
		return commitNow
	}
	return abandon
}

// nextAfterFailure is the rule for one that was down since its vote: whoever was not decides. If all were,
// nothing changes any more, and all come to the same conclusion from it.
func (w *watched) nextAfterFailure(self ShardID, t *txn) step {
	told := t.state == announced
	for _, s := range t.shards {
		a, answered := w.answers[s]
		switch {
		case s == self:
		case !answered || a.Operational:
			return askAgain
		case a.Commit:
			told = true
		}
	}
	if told {
		return commitNow
	}
	return abortNow
}

// spreadWord has this participant, and those who are up, know of the commit to come.
func (n *Node) spreadWord(g *group, t *txn, w *watched) {
	if t.state != announced {
		n.propose(g, entry{kind: announceEntry, part: part{id: t.id, shards: t.shards[:1]}, commit: true})
	}
	for _, s := range t.shards {
		if a := w.answers[s]; a.Operational && !a.Commit {
			n.sendToShard(Message{Type: Announce, Shard: s, Peer: t.home(), ID: t.id, Gateway: t.gateway, Operational: true})
		}
	}
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
		answer.Commit, answer.Operational = t.state == announced, n.watch(g, t).voted
	case t == nil && known:
		if answer.Status = g.shard.endingOf(m.ID); answer.Status == 0 {
			return // too long ago
		}
	case t == nil:
		n.propose(g, entry{kind: withdrawEntry, part: decidedHere(g, m.ID)})
		return
	default:
		n.withdraw(g, t)
		return
	}
	n.sendToShard(answer)
}

// withdraw aborts a transaction that has not voted, if it still has not when that comes up in the log.
func (n *Node) withdraw(g *group, t *txn) {
	n.trace(Event{Kind: Presumed, ID: t.id, Shard: g.id})
	n.propose(g, entry{kind: withdrawEntry, part: part{id: t.id, shards: t.shards[:1]}})
}

func (n *Node) receiveAnswer(g *group, m Message) {
	t := g.shard.open[m.ID]
	if t == nil || !t.ready() || !slices.Contains(t.shards, m.Peer) {
		return
	}
	w := n.watch(g, t)
	if w.answers == nil {
		w.answers = map[ShardID]standing{}
	}
	up := w.answers[m.Peer].up
	if m.Operational {
		up = w.round
	}
	w.answers[m.Peer] = standing{m, up}
}
