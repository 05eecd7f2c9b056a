package sharded

import (
	"slices"

	"checker/targets/refdb"
)

// What the leader of a shard does for the transactions that are open there. Whatever matters is in the
// shard's log before it is said, so that any later leader can go on: it looks after all open ones anew.

// lead takes a message to a shard that this replica leads.
func (n *Node) lead(g *group, m Message) {
	switch m.Type {
	case Execute, Prepare:
		n.receivePart(g, m)
	case Fetch, Stamp:
		n.receiveFetch(g, m)
	case Decide:
		n.receiveDecide(g, m)
	case Finish:
		n.receiveFinish(g, m)
	case Finished:
		n.receiveFinished(g, m)
	case Inquire:
		n.receiveInquire(g, m)
	case Wound:
		n.receiveWound(g, m.ID)
	case Announce:
		n.receiveAnnounce(g, m)
	case Query:
		n.receiveQuery(g, m)
	case Answer:
		n.receiveAnswer(g, m)
	case Pending:
		n.receivePending(g, m)
	}
}

// receivePart begins a transaction here, or says once more what has become of it.
func (n *Node) receivePart(g *group, m Message) {
	if t := g.shard.open[m.ID]; t != nil {
		if t.state != waiting {
			n.vote(g, m.Part.gateway, &t.part, t.results, n.statusOf(t))
		}
		return
	}
	if o, known := g.shard.outcomeOf(m.ID); known && !(m.Type == Execute && n.cfg.Bugs.Has(RetryCommitsTwice)) {
		if o.seq == m.ID.Seq {
			n.vote(g, m.Part.gateway, m.Part, o.results, o.status)
		}
		return
	}
	kind := prepareEntry
	if m.Type == Execute {
		kind = executeEntry
	}
	n.propose(g, entry{kind: kind, part: *m.Part})
	if n.cfg.Bugs.Has(VoteBeforeDurable) {
		n.voteTooSoon(g, m)
	}
}

// voteTooSoon says yes to what is not in the log of a majority yet.
func (n *Node) voteTooSoon(g *group, m Message) {
	t := &txn{part: *m.Part}
	if m.Type == Prepare && !g.shard.mustWait(t) && g.shard.run(t) == 0 {
		n.vote(g, t.gateway, &t.part, t.results, 0)
	}
}

// statusOf returns what a vote says of an open transaction that does not wait.
func (n *Node) statusOf(t *txn) Status {
	switch {
	case t.ready():
		return 0
	case t.commit:
		return Committed
	}
	return Aborted
}

func (n *Node) vote(g *group, gateway NodeID, p *part, results [][]int64, status Status) {
	n.send(gateway, Message{Type: Vote, Shard: g.id, ID: p.id, Results: results, Status: status, Stamp: p.snapshot, Gateway: p.gateway, Life: p.life})
}

// receiveDecide has the home decide, unless it has.
func (n *Node) receiveDecide(g *group, m Message) {
	if t := g.shard.open[m.ID]; t != nil && t.state != decided {
		n.propose(g, entry{kind: decideEntry, part: decidedHere(g, m.ID), commit: m.Commit, at: m.Stamp})
		return
	}
	o, known := g.shard.outcomeOf(m.ID)
	switch {
	case !known:
		n.propose(g, entry{kind: decideEntry, part: decidedHere(g, m.ID), commit: m.Commit, at: m.Stamp})
	case o.seq == m.ID.Seq:
		n.send(m.Gateway, Message{Type: Decision, Shard: g.id, ID: m.ID, Status: o.status})
	}
}

// decidedHere is what an entry says of a transaction that has its home in this shard.
func decidedHere(g *group, id TxnID) part { return part{id: id, shards: []ShardID{g.id}} }

// receiveFinish has a participant carry out the decision, and confirms it if that is done. That a
// transaction is not open proves nothing: this replica may have been deposed without knowing, and its
// state be older than the vote. A known outcome proves it, as no transaction is admitted behind its own.
func (n *Node) receiveFinish(g *group, m Message) {
	_, known := g.shard.outcomeOf(m.ID)
	t := g.shard.open[m.ID]
	if t != nil && t.isForeign(m.Gateway, m.Life, n.cfg.Commit) {
		return
	}
	if t != nil && t.state != decided || t == nil && !known {
		n.propose(g, entry{kind: finishEntry, part: part{id: m.ID, gateway: m.Gateway, life: m.Life, shards: []ShardID{m.Peer}}, commit: m.Commit, at: m.Stamp})
		return
	}
	n.confirm(g, part{id: m.ID, gateway: m.Gateway, shards: []ShardID{m.Peer}})
}

// confirm tells whoever has decided that the decision is carried out here.
func (n *Node) confirm(g *group, p part) {
	m := Message{Type: Finished, Shard: p.home(), Peer: g.id, ID: p.id}
	if n.gatewayDecides() {
		n.send(p.gateway, m)
		return
	}
	n.sendToShard(m)
}

// receiveFinished notes that a participant knows the decision. Once all do the home may forget it.
func (n *Node) receiveFinished(g *group, m Message) {
	t := g.shard.open[m.ID]
	if t == nil || t.state != decided {
		return
	}
	w := n.watch(g, t)
	if !slices.Contains(w.acked, m.Peer) {
		w.acked = append(w.acked, m.Peer)
	}
	n.forgetKnown(g, t)
}

// forgetKnown has the home forget a decision that all participants know.
func (n *Node) forgetKnown(g *group, t *txn) {
	if len(n.watch(g, t).acked) == len(t.shards)-1 && !slices.Contains(g.forget, t.id) {
		g.forget = append(g.forget, t.id)
	}
}

// receiveInquire answers a participant in doubt. What the home has never heard of, or heard of and
// forgotten without its having been committed, is aborted: presumed abort.
func (n *Node) receiveInquire(g *group, m Message) {
	finish := Message{Type: Finish, Shard: m.Peer, Peer: g.id, ID: m.ID}
	if t := g.shard.open[m.ID]; t != nil {
		if t.state == decided {
			finish.Commit, finish.Stamp = t.commit, t.at
			n.sendToShard(finish)
		}
		return
	}
	o, known := g.shard.outcomeOf(m.ID)
	if !known {
		n.propose(g, entry{kind: decideEntry, part: decidedHere(g, m.ID)})
		return
	}
	finish.Commit = o.seq == m.ID.Seq && o.status == Committed
	if !finish.Commit {
		n.trace(Event{Kind: Presumed, ID: m.ID, Shard: g.id})
	}
	n.sendToShard(finish)
}

// receiveWound aborts a transaction that is in the way of an older one, unless it is decided.
func (n *Node) receiveWound(g *group, id TxnID) {
	t := g.shard.open[id]
	_, known := g.shard.outcomeOf(id)
	if t == nil && !known || t != nil && t.state != decided {
		n.trace(Event{Kind: Wounded, ID: id, Shard: g.id})
		n.propose(g, entry{kind: decideEntry, part: decidedHere(g, id)})
	}
}

// carryOut does what the entries applied lately call for, if this replica leads.
func (n *Node) carryOut(g *group) {
	effects := g.shard.takeEffects()
	if len(effects) == 0 {
		return
	}
	leads := g.raft.State().Role == refdb.Leader
	freed := false
	for _, e := range effects {
		n.traceEffect(g, e)
		if e.kind == unlocked {
			freed = true
		} else if leads {
			n.act(g, e)
		}
	}
	if freed {
		n.retryBlocked(g)
	}
}

// act does what one effect calls for.
func (n *Node) act(g *group, e effect) {
	t := e.txn
	switch e.kind {
	case voted:
		if e.status == 0 && e.index > g.since {
			n.watch(g, t).voted = true
		}
		n.vote(g, t.gateway, &t.part, t.results, e.status)
	case resolved:
		if t.gateway != refdb.NoNode {
			n.send(t.gateway, Message{Type: Decision, Shard: g.id, ID: t.id, Status: statusOf(t.commit)})
		}
		n.spread(g, t)
	case finished:
		n.confirm(g, t.part)
	case promised:
		n.send(t.gateway, Message{Type: Promised, Shard: g.id, ID: t.id})
	case obstructs:
		if n.cfg.Bugs.Has(WoundBreaksVote) && !t.alone {
			n.propose(g, entry{kind: finishEntry, part: part{id: t.id, gateway: t.gateway, life: t.life, shards: t.shards[:1]}})
			return
		}
		n.askDecider(t, Message{Type: Wound, Shard: t.home(), Peer: g.id, ID: t.id, Life: t.life})
	}
}

// spread tells a decision to the participants that have not confirmed it.
func (n *Node) spread(g *group, t *txn) {
	w := n.watch(g, t)
	for _, s := range t.shards[1:] {
		if !slices.Contains(w.acked, s) {
			n.sendToShard(Message{Type: Finish, Shard: s, Peer: g.id, ID: t.id, Commit: t.commit, Stamp: t.at})
		}
	}
	n.forgetKnown(g, t)
}

// watch returns what the leader knows of an open transaction.
func (n *Node) watch(g *group, t *txn) *watched {
	w := g.watched[t.id]
	if w == nil {
		w = &watched{since: n.now.Mono}
		g.watched[t.id] = w
	}
	return w
}

// A home forgets decisions many at a time, or after so many times InquireAfter: each time is an entry.
const (
	forgetAtOnce = 64
	forgetAfter  = 4
)

// forgetSome has the home forget what it was not told to forget before.
func (n *Node) forgetSome(g *group) {
	if len(g.forget) < forgetAtOnce && g.forgetDue > n.now.Mono {
		return
	}
	g.forgetDue = n.now.Mono + forgetAfter*int64(n.cfg.InquireAfter)
	ids := slices.DeleteFunc(g.forget, func(id TxnID) bool { return g.shard.open[id] == nil })
	g.forget = nil
	if len(ids) > 0 {
		n.propose(g, entry{kind: forgetEntry, ids: ids})
	}
}

// sweep looks after the open transactions: a home repeats its decisions, or decides at last; a participant
// asks for the decision; the wounded are reminded.
func (n *Node) sweep(g *group) {
	g.sweepDue = n.now.Mono + int64(n.cfg.InquireAfter)/2
	n.forgetSome(g)
	for id := range g.watched {
		if g.shard.open[id] == nil {
			delete(g.watched, id)
		}
	}
	for _, t := range g.shard.sortedOpen() {
		n.look(g, t, n.now.Mono-n.watch(g, t).since)
	}
}

// look is the sweep for one transaction, which the leader has known for some time.
func (n *Node) look(g *group, t *txn, age int64) {
	switch {
	case t.state == waiting:
		g.shard.wound(t)
		g.touched = true
	case t.state == decided:
		n.spread(g, t)
		return
	}
	switch {
	case t.alone:
	case n.cfg.Commit == ThreePhase && age > int64(n.cfg.DecideAfter):
		n.terminate(g, t)
	case !n.gatewayDecides() && t.home() == g.id && age > int64(n.cfg.DecideAfter):
		commit := n.cfg.Bugs.Has(RecoveryPresumesCommit) && t.state == prepared
		n.propose(g, entry{kind: decideEntry, part: decidedHere(g, t.id), commit: commit})
	case !n.gatewayDecides() && t.home() == g.id || age < int64(n.cfg.InquireAfter):
	case n.cfg.Bugs.Has(InDoubtReleased):
		n.propose(g, entry{kind: finishEntry, part: part{id: t.id, gateway: t.gateway, life: t.life, shards: t.shards[:1]}})
	case n.cfg.Bugs.Has(SecondaryWithoutPrimary) && t.ready():
		n.propose(g, entry{kind: finishEntry, part: part{id: t.id, shards: t.shards[:1]}, commit: true, at: t.snapshot})
	default:
		n.askDecider(t, Message{Type: Inquire, Shard: t.home(), Peer: g.id, ID: t.id, Life: t.life})
	}
}

// askDecider sends a message to whoever decides.
func (n *Node) askDecider(t *txn, m Message) {
	if n.gatewayDecides() {
		n.send(t.gateway, m)
		return
	}
	n.sendToShard(m)
}
