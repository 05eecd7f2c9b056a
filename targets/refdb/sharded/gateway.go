package sharded

import (
	"slices"

	"checker/targets/refdb"
)

// A gateway is the node that a client asks. It splits the transaction by shard and coordinates it: it asks
// every shard for its part, counts the votes, has the home decide, and tells the client. All that it knows
// it may forget: any other gateway that the client asks finds out the rest, and a home that hears from
// none decides by itself.
type gateway struct {
	open  map[TxnID]*coordination
	order []*coordination // the oldest first
	past  []pastStamp     // in order of time

	readTo map[uint64]stamp // by client, how far it has read: with SessionLeftBehind
}

// coordination is a transaction that this node coordinates.
type coordination struct {
	request  Request // the latest attempt
	kind     MessageType
	parts    []*asked
	deciding bool
	commit   bool
	reason   Status // of an abort
	snapshot stamp  // as of which it reads, 0 for none yet
	past     bool   // it is one of the past
	lost     bool   // one of the past was tried, and is gone
	stamping bool   // it may commit, as soon as it is known when
	at       stamp  // when
	due      int64  // Mono: when to ask again
	heard    int64  // Mono: when the client last asked
	begun    int64  // Mono
	decided  int64  // Mono: since when it is deciding
}

// asked is what was asked of a shard, and what it said.
type asked struct {
	part     part
	places   []int // of its micro-ops in the transaction
	answered bool
	status   Status // 0: prepared
	results  [][]int64
	foreign  bool // prepared for another coordinator
	promised bool // the announcement of a commit is in its log
}

// Request takes a request of a client.
func (n *Node) Request(now Clock, r Request) {
	if n.fatal != nil {
		return
	}
	n.observe(now)
	if c := n.gateway.open[r.ID]; c != nil {
		c.request.Attempt, c.heard = r.Attempt, n.now.Mono
		return
	}
	switch {
	case !r.valid():
		n.refuse(&r, Invalid)
	case len(n.gateway.order) >= n.cfg.MaxOpen:
		n.refuse(&r, Overloaded)
	case n.gatewayDecides() && n.hasDecided(r.ID):
		// To begin it again would be to change its mind. Another gateway finds out what became of it, and so
		// will this one once all participants know of the commit.
	default:
		n.coordinate(r)
	}
}

// coordinate begins a transaction, or takes it over.
func (n *Node) coordinate(r Request) {
	c := &coordination{request: r, heard: n.now.Mono, begun: n.now.Mono}
	var shards []ShardID
	for i, o := range r.Ops {
		id := n.cfg.shardOf(o.Key)
		at := slices.Index(shards, id)
		if at < 0 {
			at = len(shards)
			shards = append(shards, id)
			c.parts = append(c.parts, &asked{part: part{id: r.ID, priority: r.Priority, gateway: n.cfg.ID, life: n.coordinator.life}})
		}
		a := c.parts[at]
		a.part.ops = append(a.part.ops, o)
		a.places = append(a.places, i)
	}
	for _, a := range c.parts {
		a.part.shards = shards
	}
	c.kind = n.kindOf(r.Ops, len(shards))
	n.gateway.open[r.ID] = c
	n.gateway.order = append(n.gateway.order, c)
	n.trace(Event{Kind: Begun, ID: r.ID, Shards: shards})
	n.ask(c)
}

// kindOf says how a transaction is executed: reads of one shard need no log, writes of one shard no vote.
func (n *Node) kindOf(ops []Op, shards int) MessageType {
	switch {
	case readOnly(ops) && (shards == 1 || n.cfg.Isolation != StrictSerializable || n.cfg.Bugs.Has(ReadsShardByShard)):
		return Fetch
	case shards == 1 && !n.needsStamps():
		return Execute
	}
	return Prepare
}

func (n *Node) waitsForLocks() bool { return n.cfg.Isolation != ReadCommitted }

// ask sends what is unanswered.
func (n *Node) ask(c *coordination) {
	c.due = n.now.Mono + int64(n.cfg.RetryAfter)
	if n.needsStamps() && c.snapshot == 0 || c.stamping {
		n.askStamp(c)
		return
	}
	if c.deciding && n.gatewayDecides() {
		n.pursue(c)
		return
	}
	if c.deciding {
		n.sendToShard(Message{Type: Decide, Shard: c.home(), ID: c.request.ID, Commit: c.commit, Gateway: n.cfg.ID, Stamp: c.at})
		return
	}
	for i, a := range c.parts {
		if !a.answered {
			shard := a.part.shards[i]
			if c.kind == Fetch && (n.readsAnywhere() || c.past) {
				n.send(n.anyReplica(shard), Message{Type: Fetch, Shard: shard, ID: c.request.ID, Part: &a.part})
				continue
			}
			n.sendToShard(Message{Type: c.kind, Shard: shard, ID: c.request.ID, Part: &a.part})
		}
	}
}

func (n *Node) readsAnywhere() bool { return n.answersReads(refdb.Follower) }

func (c *coordination) home() ShardID { return c.parts[0].part.shards[0] }

// retryDue asks again where no answer came, of whichever replica; and lets go of transactions that have come
// to nothing, without a word: another gateway may have got further.
func (n *Node) retryDue() {
	for _, c := range slices.Clone(n.gateway.order) {
		switch {
		case c.due > n.now.Mono:
		case n.endsHere(c):
			if n.gatewayDecides() && c.kind == Prepare {
				n.abortAlone(c)
			}
			n.drop(c)
		default:
			n.givesUp(c)
			for i, a := range c.parts {
				if !a.answered || c.deciding {
					n.hints[c.parts[0].part.shards[i]] = hint{}
				}
			}
			n.ask(c)
		}
	}
}

func (n *Node) drop(c *coordination) {
	delete(n.gateway.open, c.request.ID)
	n.gateway.order = slices.DeleteFunc(n.gateway.order, func(other *coordination) bool { return other == c })
}

func (n *Node) receiveVote(m Message) {
	c := n.gateway.open[m.ID]
	if c == nil {
		return
	}
	at := slices.Index(c.parts[0].part.shards, m.Shard)
	if at < 0 || c.parts[at].answered && c.parts[at].status == m.Status {
		return
	}
	if c.kind == Fetch && n.readsPresent(c, &m) {
		return
	}
	if m.Stamp != c.snapshot && m.Status != Aborted && m.Status != Refused {
		n.countOther(c)
		return
	}
	a := c.parts[at]
	a.answered, a.status, a.results = true, m.Status, m.Results
	a.foreign = n.gatewayDecides() && m.Status == 0 && (m.Gateway != n.cfg.ID || m.Life != n.coordinator.life)
	n.count(c)
}

// countOther takes a vote on another snapshot: that of an earlier attempt, by another gateway, whose other
// parts may not have been prepared. Two snapshots cannot be one transaction's.
func (n *Node) countOther(c *coordination) {
	if c.kind == Prepare && c.snapshot != 0 {
		c.reason = max(c.reason, Aborted)
		n.decideTo(c, false)
	}
}

// count draws the conclusion from the votes.
func (n *Node) count(c *coordination) {
	if n.gatewayDecides() && n.countForeign(c) {
		return
	}
	yes, committed, answered := 0, 0, 0
	for _, a := range c.parts {
		switch {
		case a.answered && a.status == 0:
			yes++
		case a.answered && a.status == Committed:
			committed++
		case a.answered:
			c.reason = max(c.reason, a.status)
		}
		if a.answered {
			answered++
		}
	}
	switch {
	case c.reason != 0 && c.kind != Prepare:
		n.conclude(c, c.reason)
	case c.reason != 0:
		n.decideTo(c, false)
	case answered == len(c.parts) && (committed > 0 || c.kind != Prepare):
		n.conclude(c, Committed) // a retry of what was decided before, or nothing to decide
	case yes == len(c.parts):
		n.decideTo(c, true)
	}
}

// decideTo asks the home to decide so.
func (n *Node) decideTo(c *coordination, commit bool) {
	if c.deciding || commit && c.stamping {
		return
	}
	c.stamping = false
	if commit && n.needsStamps() && c.at == 0 {
		c.stamping = true
		n.ask(c)
		return
	}
	c.deciding, c.commit, c.decided = true, commit, n.now.Mono
	if n.gatewayDecides() {
		n.decideAlone(c)
		return
	}
	n.ask(c)
	if commit && n.cfg.Bugs.Has(DecisionToldTooSoon) {
		n.tellDecision(c, commit)
		n.conclude(c, Committed)
	}
}

// tellDecision tells all participants but the home.
func (n *Node) tellDecision(c *coordination, commit bool) {
	for _, s := range c.parts[0].part.shards[1:] {
		n.sendToShard(Message{Type: Finish, Shard: s, Peer: c.home(), ID: c.request.ID, Commit: commit, Stamp: c.at})
	}
}

// votesAfter is after how many times DecideAfter the votes have to be there in three-phase commit, in which
// nobody is to wait for who is down.
const votesAfter = 3

// endsHere tells whether a coordination has come to nothing: the client has gone, or a participant is down.
func (n *Node) endsHere(c *coordination) bool {
	if n.gatewayDecides() && c.deciding {
		return false
	}
	late := n.cfg.Commit == ThreePhase && c.kind == Prepare && n.now.Mono-c.begun > votesAfter*int64(n.cfg.DecideAfter)
	return late || n.now.Mono-c.heard > int64(n.cfg.ForgetClient)
}

// givesUp is what impatient gateways do that must not: the home alone decides, once.
func (n *Node) givesUp(c *coordination) {
	if c.kind != Prepare || c.deciding {
		return
	}
	yes := 0
	for _, a := range c.parts {
		if a.answered && a.status == 0 {
			yes++
		}
	}
	switch {
	case n.cfg.Bugs.Has(CommitWithoutVote) && yes == len(c.parts)-1:
		n.decideTo(c, true)
	case n.cfg.Bugs.Has(GatewaysDecide) && n.now.Mono-c.begun > int64(n.cfg.RetryAfter):
		n.tellDecision(c, false)
		n.decideTo(c, false)
	}
}

func (n *Node) receiveDecision(m Message) {
	c := n.gateway.open[m.ID]
	switch {
	case c == nil:
	case m.Status != Committed:
		n.conclude(c, max(m.Status, c.reason))
	case !slices.ContainsFunc(c.parts, func(a *asked) bool { return !a.answered }) || n.cfg.Bugs.Has(CommitWithoutVote):
		n.conclude(c, Committed)
	default: // another gateway has brought it about; the results are still to come
		c.deciding = false
	}
}

// conclude tells the client.
func (n *Node) conclude(c *coordination, status Status) {
	var results [][]int64
	if status == Committed {
		results = make([][]int64, len(c.request.Ops))
		for _, a := range c.parts {
			for i, place := range a.places {
				if i < len(a.results) {
					results[place] = a.results[i]
				}
			}
		}
	}
	n.tell(&c.request, Reply{Status: status, Results: results, Seen: n.seen(c, status)})
	n.drop(c)
}

// refuse tells the client that nothing is begun.
func (n *Node) refuse(r *Request, status Status) { n.tell(r, Reply{Status: status}) }

// tell sends a reply to a request, whose ID and leader it is given.
func (n *Node) tell(r *Request, to Reply) {
	out := &n.outs[n.filling]
	to.ID, to.Attempt = r.ID, r.Attempt
	if len(r.Ops) > 0 {
		to.Leader = n.leaderOf(n.cfg.Home(r.Ops))
	}
	out.Replies = append(out.Replies, to)
}
