//go:build invariants

package refdb

import (
	"bytes"
	"slices"
)

// dear tells tests that they may take their time as well.
const dear = true

// assertInvariants holds the whole state against itself at the end of each batch of inputs. It costs as
// much as the log is long, so it is there with -tags invariants only; what is cheap is asserted always,
// where it happens (see violated).
func (n *Node) assertInvariants() {
	if n.fatal != nil {
		return
	}
	n.assertLog()
	n.assertMembers()
	if n.role == Leader {
		n.assertLeader()
	}
	n.assertReplay()
}

// assertLog: indexes are consecutive and terms do not decrease; commit, snapshot and log fit together.
func (n *Node) assertLog() {
	entries := n.log.entries
	for i := 1; i < len(entries); i++ {
		if entries[i].Index != entries[i-1].Index+1 || entries[i].Term < entries[i-1].Term {
			n.violated("entry %v follows %v", entries[i], entries[i-1])
		}
	}
	if n.log.lastTerm() > n.term {
		n.violated("term %d with an entry of term %d", n.term, n.log.lastTerm())
	}
	if n.commit > n.log.last() || n.commit < n.snap.index || n.snap.index < n.log.base() {
		n.violated("log from %d to %d, snapshot of %d, commit %d", n.log.base(), n.log.last(), n.snap.index, n.commit)
	}
}

// assertMembers: the configurations are those that snapshot and log add up to, and peers are what the one
// in force says.
func (n *Node) assertMembers() {
	want := []configuration{n.configurations[0]}
	for i := max(n.configurations[0].index, n.snap.index) + 1; i <= n.log.last(); i++ {
		if e := n.log.at(i); e.Command.Op.changesMembers() {
			members, _ := changed(want[len(want)-1].members, e.Command)
			want = append(want, configuration{i, members})
		}
	}
	same := slices.EqualFunc(want, n.configurations, func(a, b configuration) bool {
		return a.index == b.index && slices.Equal(a.members, b.members)
	})
	if !same {
		n.violated("configurations %v, and the log makes %v", n.configurations, want)
	}
	for _, p := range n.peers {
		at := slices.IndexFunc(n.inForce().members, func(m Member) bool { return m.ID == p.id })
		if p.member != (at >= 0) || p.voter != (at >= 0 && n.inForce().members[at].Voter) {
			n.violated("%v is taken for member %v, voter %v; in force are %s", p.id, p.member, p.voter, describeMembers(n.inForce().members))
		}
	}
}

// assertLeader: what a leader knows of its peers makes sense, and what is on its way to them and who waits
// is bounded.
func (n *Node) assertLeader() {
	for _, p := range n.peers {
		if !p.member {
			continue
		}
		if p.match > n.log.last() || p.next <= p.match || p.next > n.log.last()+1 {
			n.violated("%v has match %d, next %d, in a log up to %d", p.id, p.match, p.next, n.log.last())
		}
		if p.sending == streaming && p.next > p.match+uint64(n.cfg.MaxInflight)+uint64(n.cfg.MaxBatch) {
			n.violated("%d entries are on their way to %v", p.next-p.match-1, p.id)
		}
	}
	if waiting := n.writes.len() + n.reads.len(); waiting > n.cfg.MaxPending {
		n.violated("%d requests wait", waiting)
	}
}

// assertReplay: the state is that of the latest snapshot and the committed entries behind it. A Machine
// cannot be had twice, so its state is not looked at.
func (n *Node) assertReplay() {
	if n.cfg.Machine != nil {
		return
	}
	begin, err := n.snap.decode()
	if err != nil {
		n.violated("%v", err)
		return
	}
	again := Node{cfg: n.cfg, store: begin.store, sessions: begin.sessions}
	again.timeLocks()
	for i := n.snap.index + 1; i <= n.commit; i++ {
		again.execute(n.log.at(i))
	}
	if !bytes.Equal(encodeState(nil, again.store, again.sessions), encodeState(nil, n.store, n.sessions)) {
		n.violated("the state at %d is not that of the snapshot at %d and the entries since", n.commit, n.snap.index)
	}
}
