package consensus

import "fmt"

// decision is the entry that was committed at an index.
type decision struct {
	entry id     // 0 while it is not known
	by    int32  // the node, by number, that first took it for committed
	at    int64  // when
	term  uint64 // which that node was in

	applied   bool
	appliedBy int32 // who applied it first
	appliedAt int64
}

// commitment is the first commitment of the entry at index.
func (m *Monitor) commitment(index uint64) Event {
	d := &m.decided[index-1]
	return Event{At: d.at, Node: m.nodes[d.by].name, Step: Committed, Index: index}
}

// application is the first time that the entry at index was applied, or committed
// if it never was.
func (m *Monitor) application(index uint64) Event {
	d := &m.decided[index-1]
	if !d.applied {
		return m.commitment(index)
	}
	e := m.entry(d.entry)
	return Event{At: d.appliedAt, Node: m.nodes[d.appliedBy].name, Step: Applied, Term: e.term, Index: index, Digest: e.digest}
}

// committedEvent is the one that brought a node's commit index where it is.
func (n *node) committedEvent() Event {
	return Event{At: n.movedAt, Node: n.name, Step: n.movedBy, Index: n.commit}
}

// highest is the highest index committed anywhere.
func (m *Monitor) highest() uint64 { return uint64(len(m.decided)) }

// committed moves the commit index of a node.
func (m *Monitor) committed(n *node, e *Event) {
	index := e.Index
	if index < n.commit {
		what := fmt.Sprintf("the commit index of %s went back from %d to %d", n.name, n.commit, index)
		m.violation(commitRegression, what, n.committedEvent(), *e)
		return
	}
	if index > n.last {
		m.violation(unloggedCommit, fmt.Sprintf("%s committed entry %d, and its log %s", n.name, index, n.end()), n.start, *e)
		index = n.last
	}
	if index <= n.commit {
		return
	}
	m.judgeCommit(n, index, e)
	if index > m.highest() {
		m.group = n.group()
	}
	for i := n.commit + 1; i <= index; i++ {
		m.decide(n, i, e)
	}
	n.commit, n.movedAt, n.movedBy = index, e.At, Committed
	if n.loose < index {
		n.loose = 0
	}
}

// decide takes the entry at an index of a node's log for committed.
func (m *Monitor) decide(n *node, index uint64, e *Event) {
	have := n.at(index)
	if index > m.highest() {
		m.decided = append(m.decided, decision{entry: have, term: n.term, at: e.At, by: n.number})
	}
	d := &m.decided[index-1]
	switch {
	case d.entry == 0:
		d.entry = have
	case have == 0:
	case have != d.entry:
		what := fmt.Sprintf("%s committed entry %d of term %d, where %s had committed one of term %d", n.name, index, m.entry(have).term, m.nodes[d.by].name, m.entry(d.entry).term)
		m.violation(divergentCommit, what, m.entryEvent(d.entry), m.commitment(index), m.entryEvent(have), *e)
		return
	}
	if have != 0 && n.agreed == index-1 {
		n.agreed = index
	}
}

// judgeCommit asks whether a node may take the entries up to index for committed.
func (m *Monitor) judgeCommit(n *node, index uint64, e *Event) {
	have := n.at(index)
	if have == 0 {
		return
	}
	if term := m.entry(have).term; n.leads && term < n.term {
		what := fmt.Sprintf("%s, leader of term %d, committed up to entry %d, which is of term %d", n.name, n.term, index, term)
		m.violation(oldTermCommit, what, append(m.leadersOf(n.term), m.entryEvent(have), *e)...)
	}
	if m.options.Voters == 0 || index <= m.highest() {
		return
	}
	if g := n.group(); !m.majorityHolds(g, index, have) {
		what := fmt.Sprintf("%s committed entry %d, which only %s of %d voters held", n.name, index, names(m.holders(g, index, have)), m.size(g))
		m.violation(commitWithoutVotes, what, m.entryEvent(have), *e)
		m.lost = index
	}
}

// judgeHolders asks, when a log has become shorter, whether a majority still
// holds all that was committed. Once it is on the disks of one, no crash takes
// it away.
func (m *Monitor) judgeHolders(cause *Event) {
	index := m.highest()
	if m.options.Voters == 0 || index == 0 || index == m.lost {
		return
	}
	d := &m.decided[index-1]
	if d.entry == 0 {
		return
	}
	if !m.majorityHolds(m.group, index, d.entry) {
		what := fmt.Sprintf("entry %d of term %d was committed, and only %s of %d voters still hold it", index, m.entry(d.entry).term, names(m.holders(m.group, index, d.entry)), m.size(m.group))
		m.violation(lostCommit, what, m.entryEvent(d.entry), m.commitment(index), *cause)
		m.lost = index
	}
}

// applied hands an entry to the state machine of a node.
func (m *Monitor) applied(n *node, e *Event) {
	if e.Index != n.applied+1 {
		what := fmt.Sprintf("%s applied entry %d after entry %d", n.name, e.Index, n.applied)
		m.violation(outOfOrderApply, what, n.start, *e)
	}
	if e.Index > n.commit {
		what := fmt.Sprintf("%s applied entry %d, having committed up to %d", n.name, e.Index, n.commit)
		m.violation(uncommittedApply, what, n.start, *e)
	}
	if e.Index == 0 || e.Index > n.last {
		what := fmt.Sprintf("%s applied entry %d, and its log %s", n.name, e.Index, n.end())
		m.violation(unloggedApply, what, n.start, *e)
		return
	}
	m.judgeApplied(n, e, m.appliedEntry(n, e))
	n.applied = e.Index
	m.noteCaughtUp(n, e.At)
}

// appliedEntry is the entry that an event says was applied. It should be the one
// in the log.
func (m *Monitor) appliedEntry(n *node, e *Event) id {
	have := n.at(e.Index)
	if have != 0 && m.entry(have).is(e.Term, e.Digest) {
		return have
	}
	this, _ := m.find(e.Index, e.Term, e.Digest)
	if this == 0 {
		this = m.intern(n, e)
	}
	if have == 0 {
		n.slots[e.Index-1] = this
	} else {
		what := fmt.Sprintf("%s applied at index %d another entry than its log holds", n.name, e.Index)
		m.violation(unloggedApply, what, m.entryEvent(have), *e)
	}
	return this
}

// judgeApplied compares what a node applied with what was decided.
func (m *Monitor) judgeApplied(n *node, e *Event, this id) {
	if e.Index > m.highest() {
		return
	}
	d := &m.decided[e.Index-1]
	if d.entry == 0 {
		d.entry = this
	}
	switch {
	case d.entry != this:
		first, did := d.by, "committed"
		if d.applied {
			first, did = d.appliedBy, "applied"
		}
		what := fmt.Sprintf("%s applied entry %d of term %d, where %s had %s one of term %d", n.name, e.Index, e.Term, m.nodes[first].name, did, m.entry(d.entry).term)
		m.violation(divergentApply, what, m.entryEvent(d.entry), m.application(e.Index), m.entryEvent(this), *e)
	case !d.applied:
		d.applied, d.appliedBy, d.appliedAt = true, n.number, e.At
	}
}

// snapshot compares the state behind an entry with that of other nodes.
func (m *Monitor) snapshot(n *node, e *Event) {
	if e.Index == 0 || e.Index > m.highest() {
		return
	}
	if d := &m.decided[e.Index-1]; d.entry != 0 && m.entry(d.entry).term != e.Term {
		what := fmt.Sprintf("a snapshot of %s ends in entry %d of term %d, where one of term %d was committed", n.name, e.Index, e.Term, m.entry(d.entry).term)
		m.violation(divergentSnapshot, what, m.entryEvent(d.entry), m.commitment(e.Index), *e)
	}
	first, known := m.states[e.Index]
	switch {
	case !known:
		m.states[e.Index] = *e
	case first.Digest != "" && e.Digest != "" && first.Digest != e.Digest:
		what := fmt.Sprintf("the snapshots of %s and %s behind entry %d differ", first.Node, n.name, e.Index)
		m.violation(divergentSnapshot, what, first, *e)
	}
}

// restored makes a snapshot the state of a node. Up to there its log is the
// committed one; what follows stays if the log had the snapshot's last entry, and
// may if nobody knows whether it had.
func (m *Monitor) restored(n *node, e *Event) {
	if e.Index == 0 {
		return
	}
	if e.Index > m.highest() && (m.before == 0 || e.Index > n.last) {
		what := fmt.Sprintf("%s restored a snapshot up to entry %d, and nothing behind %d was committed", n.name, e.Index, m.highest())
		m.violation(uncommittedApply, what, n.start, *e)
		return
	}
	for i := m.highest() + 1; i <= e.Index; i++ { // committed before the trace began
		m.decide(n, i, e)
	}
	if e.Index < n.applied {
		what := fmt.Sprintf("%s went back from entry %d to a snapshot up to entry %d", n.name, n.applied, e.Index)
		m.violation(outOfOrderApply, what, n.start, *e)
	}
	m.snapshot(n, e)
	had := n.last
	keeps := e.Index <= n.last && (n.at(e.Index) == 0 || m.entry(n.at(e.Index)).term == e.Term)
	n.loose = 0
	if keeps && n.at(e.Index) == 0 {
		n.loose = e.Index
	}
	for i := n.agreed + 1; i <= e.Index; i++ {
		if e := m.decided[i-1].entry; e != 0 || i > uint64(len(n.slots)) {
			n.put(i, e)
		}
	}
	n.agreed = max(n.agreed, e.Index)
	if !keeps {
		n.cut(e.Index)
		n.forgetGroups(n.last)
	}
	if e.Index > n.commit {
		n.commit, n.movedAt, n.movedBy = e.Index, e.At, Restored
	}
	n.applied = e.Index
	m.noteCaughtUp(n, e.At)
	if n.last < had {
		m.judgeHolders(e)
	}
}

// names lists nodes for a sentence.
func names(nodes []*node) string {
	if len(nodes) == 0 {
		return "none"
	}
	text := nodes[0].name
	for _, n := range nodes[1:] {
		text += ", " + n.name
	}
	return text
}
