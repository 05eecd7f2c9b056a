package refdb

import (
	"math"
	"slices"
	"strings"
)

// The members of the group change one at a time (Raft dissertation, 4.1): a majority of the old and one
// of the new voters always share a node. docs/decisions/0006 says why not by joint consensus. Three
// rules make it right:
//
//   - A configuration is in force as soon as it is in the log, committed or not, and until it is
//     truncated. What commits it is a majority of the new voters.
//   - No second change begins before the first is committed: else two of them might be two steps apart.
//   - Nor does any before the leader has committed an entry of its own term: else one that a deposed
//     leader left uncommitted could come back and be two steps apart as well.
//
// A new node comes in as a learner, which is sent the log and has no vote, so that it does not count
// before it can help. It is promoted once it has caught up. A leader that is removed leads on until
// that is committed, without counting itself. Who is removed hears no more of it, and stays silent
// once it knows that this is committed: until then it may hold the only whole log.

// Member is a node of the group: a voter or a learner.
type Member struct {
	ID    NodeID
	Voter bool
}

// describeMembers lists members as "n1 n2 (n3)", learners in brackets.
func describeMembers(members []Member) string {
	words := make([]string, len(members))
	for i, m := range members {
		words[i] = verdict(m.Voter, m.ID.String(), "("+m.ID.String()+")")
	}
	return strings.Join(words, " ")
}

// configuration is who the members are from the entry at index on. It never changes once made.
type configuration struct {
	index   uint64
	members []Member // by ID
}

// changed returns the members after a command that changes them, and false if it makes no sense.
func changed(members []Member, c Command) ([]Member, bool) {
	id := NodeID(c.Key)
	at, found := slices.BinarySearchFunc(members, id, func(m Member, id NodeID) int { return int(m.ID) - int(id) })
	next := slices.Clone(members)
	switch {
	case c.Key < 1 || c.Key > math.MaxUint8:
		return members, false
	case c.Op == AddLearner && !found:
		return slices.Insert(next, at, Member{ID: id}), true
	case c.Op == Promote && found && !members[at].Voter:
		next[at].Voter = true
		return next, true
	case c.Op == Remove && found && (!members[at].Voter || countVoters(members) > 1):
		return slices.Delete(next, at, at+1), true
	}
	return members, false
}

func countVoters(members []Member) int {
	count := 0
	for _, m := range members {
		if m.Voter {
			count++
		}
	}
	return count
}

// configurationAt returns the one that the entries up to index add up to.
func (n *Node) configurationAt(index uint64) configuration {
	i := len(n.configurations) - 1
	for i > 0 && n.configurations[i].index > index {
		i--
	}
	return n.configurations[i]
}

// inForce returns the configuration that this node goes by.
func (n *Node) inForce() configuration {
	if n.cfg.Bugs.Has(ConfigAppliedAtCommit) {
		return n.configurationAt(n.commit)
	}
	return n.configurationAt(math.MaxUint64)
}

// noteEntry takes over the configuration that an appended entry makes, if it makes one.
func (n *Node) noteEntry(e *Entry) {
	if !e.Command.Op.changesMembers() {
		return
	}
	members, _ := changed(n.configurationAt(math.MaxUint64).members, e.Command)
	n.configurations = append(n.configurations, configuration{e.Index, members})
	n.applyConfiguration()
}

// forgetEntries drops the configurations of entries from index on, which are truncated.
func (n *Node) forgetEntries(index uint64) {
	kept := len(n.configurations)
	for kept > 1 && n.configurations[kept-1].index >= index {
		kept--
	}
	if kept < len(n.configurations) {
		n.configurations = n.configurations[:kept]
		n.applyConfiguration()
	}
}

// mergeConfigurations drops those that the latest snapshot has overtaken.
func (n *Node) mergeConfigurations() {
	for len(n.configurations) > 1 && n.configurations[1].index <= n.snap.index {
		n.configurations = n.configurations[1:]
	}
}

// restartConfigurations begins with the members of the latest snapshot, and adds what the log behind
// it makes of them.
func (n *Node) restartConfigurations(members []Member) {
	n.configurations = []configuration{{n.snap.index, members}}
	for i := n.snap.index + 1; i <= n.log.last(); i++ {
		n.noteEntry(n.log.at(i))
	}
	n.applyConfiguration()
}

// applyConfiguration tells each peer what it is in the configuration in force.
func (n *Node) applyConfiguration() {
	c := n.inForce()
	if c.index == n.applied {
		return
	}
	n.applied = c.index
	for _, p := range n.peers {
		p.voter = false
		p.member = p.member && slices.ContainsFunc(c.members, func(m Member) bool { return m.ID == p.id })
	}
	for _, m := range c.members {
		p := n.acquaint(m.ID)
		if !p.member { // new, or back with a disk that may be another one
			p.restart(n)
		}
		p.member, p.voter = true, m.Voter
	}
	if c.index > 0 {
		n.trace(Event{Kind: Reconfigured, Index: c.index, Members: c.members})
	}
}

// acquaint returns the peer of that name. Whoever is heard of is a peer, as a member may be removed and
// yet be met, or met before the entry that adds it.
func (n *Node) acquaint(id NodeID) *peer {
	if p := n.peer(id); p != nil {
		return p
	}
	p := &peer{id: id}
	p.restart(n)
	n.peers = append(n.peers, p)
	return p
}

// restart forgets what a leader knows of the peer.
func (p *peer) restart(n *Node) {
	p.match, p.next, p.sending, p.transfer = 0, n.log.last()+1, probing, nil
	p.round, p.heard, p.sent = 0, n.now.Mono, math.MinInt64
}

// mayChange tells a leader whether a change of the members can begin now.
func (n *Node) mayChange(c Command) bool {
	latest := n.configurationAt(math.MaxUint64)
	if latest.index > n.commit || !n.knowsCommit() {
		return false
	}
	p := n.peer(NodeID(c.Key))
	return c.Op != Promote || p != nil && p.match >= n.commit && p.match > 0
}

// canChange tells whether the change makes any sense.
func (n *Node) canChange(c Command) bool {
	_, ok := changed(n.configurationAt(math.MaxUint64).members, c)
	return ok
}

// mayLead tells whether the node is a voter, or was before a removal that may not be committed: it may then
// hold the only log that has it. After a restart little is known to be committed, so that there may be several
// configurations since, of which it counts in some.
func (n *Node) mayLead() bool {
	if n.self.voter {
		return true
	}
	for i := len(n.configurations) - 1; i >= 0; i-- {
		c := n.configurations[i]
		if slices.Contains(c.members, Member{n.cfg.ID, true}) {
			return true
		}
		if c.index <= n.commit {
			break
		}
	}
	return false
}

// leaveOffice has a leader resign that is none of the voters any more, once that is committed.
func (n *Node) leaveOffice() {
	if n.role == Leader && !n.self.voter && n.inForce().index <= n.commit {
		n.becomeFollower(n.term, NoNode)
	}
}
