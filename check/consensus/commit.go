package consensus

import "fmt"

// decision is the entry that was committed at an index.
type decision struct {
	entry *entry // nil while it is not known
	term  uint64 // of the node that first took it for committed, then
	at    int64
	by    *node

	applied   *node // who applied it first; nil for nobody yet
	appliedAt int64
}

// event is the first commitment of the entry at index.
func (d *decision) event(index uint64) Event {
	return Event{At: d.at, Node: d.by.name, Step: Committed, Index: index}
}

// appliedEvent is the first time that it was applied, or committed if it never was.
func (d *decision) appliedEvent(index uint64) Event {
	if d.applied == nil {
		return d.event(index)
	}
	return Event{At: d.appliedAt, Node: d.applied.name, Step: Applied, Term: d.entry.term, Index: index, Digest: d.entry.digest}
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
	for i := n.commit + 1; i <= index; i++ {
		m.decide(n, i, e)
	}
	n.commit, n.movedAt, n.movedBy = index, e.At, Committed
}

// decide takes the entry at an index of a node's log for committed.
func (m *Monitor) decide(n *node, index uint64, e *Event) {
	have := n.at(index)
	if index > m.highest() {
		m.decided = append(m.decided, decision{entry: have, term: n.term, at: e.At, by: n})
	}
	d := &m.decided[index-1]
	switch {
	case d.entry == nil:
		d.entry = have
	case have == nil:
	case have != d.entry:
		what := fmt.Sprintf("%s committed entry %d of term %d, where %s had committed one of term %d", n.name, index, have.term, d.by.name, d.entry.term)
		m.violation(divergentCommit, what, d.entry.event(), d.event(index), have.event(), *e)
		return
	}
	if have != nil && n.agreed == index-1 {
		n.agreed = index
	}
}

// judgeCommit asks whether a node may take the entries up to index for committed.
func (m *Monitor) judgeCommit(n *node, index uint64, e *Event) {
	have := n.at(index)
	if have == nil {
		return
	}
	if n.leads && have.term < n.term {
		what := fmt.Sprintf("%s, leader of term %d, committed up to entry %d, which is of term %d", n.name, n.term, index, have.term)
		m.violation(oldTermCommit, what, append(m.leadersOf(n.term), have.event(), *e)...)
	}
	if m.options.Voters == 0 || index <= m.highest() {
		return
	}
	if !m.majorityHolds(have) {
		what := fmt.Sprintf("%s committed entry %d, which only %s of %d nodes held", n.name, index, names(m.holders(have)), m.options.Voters)
		m.violation(commitWithoutVotes, what, have.event(), *e)
		m.lost = index
	}
}

// majority is how many voters are needed.
func (m *Monitor) majority() int { return m.options.Voters/2 + 1 }

// holders are the nodes in whose logs an entry may be. It is on the disks of these
// at most.
func (m *Monitor) holders(e *entry) []*node {
	var list []*node
	for _, n := range m.nodes {
		if n.mayHold(e) {
			list = append(list, n)
		}
	}
	return list
}

// majorityHolds reports whether an entry may be in the logs of a majority.
func (m *Monitor) majorityHolds(e *entry) bool {
	count := 0
	for _, n := range m.nodes {
		if n.mayHold(e) {
			count++
		}
	}
	return count >= m.majority()
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
	if d.entry == nil {
		return
	}
	if !m.majorityHolds(d.entry) {
		what := fmt.Sprintf("entry %d of term %d was committed, and only %s of %d nodes still hold it", index, d.entry.term, names(m.holders(d.entry)), m.options.Voters)
		m.violation(lostCommit, what, d.entry.event(), d.event(index), *cause)
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
func (m *Monitor) appliedEntry(n *node, e *Event) *entry {
	have := n.at(e.Index)
	if have != nil && have.is(e.Term, e.Digest) {
		return have
	}
	this, _ := m.find(e.Index, e.Term, e.Digest)
	if this == nil {
		this = m.intern(n, e)
	}
	if have == nil {
		n.slots[e.Index-1] = this
	} else {
		what := fmt.Sprintf("%s applied at index %d another entry than its log holds", n.name, e.Index)
		m.violation(unloggedApply, what, have.event(), *e)
	}
	return this
}

// judgeApplied compares what a node applied with what was decided.
func (m *Monitor) judgeApplied(n *node, e *Event, this *entry) {
	if e.Index > m.highest() {
		return
	}
	d := &m.decided[e.Index-1]
	if d.entry == nil {
		d.entry = this
	}
	switch {
	case d.entry != this:
		what := fmt.Sprintf("%s applied entry %d of term %d, where %s had applied one of term %d", n.name, e.Index, e.Term, d.first(), d.entry.term)
		if d.applied == nil {
			what = fmt.Sprintf("%s applied entry %d of term %d, where %s had committed one of term %d", n.name, e.Index, e.Term, d.first(), d.entry.term)
		}
		m.violation(divergentApply, what, d.entry.event(), d.appliedEvent(e.Index), this.event(), *e)
	case d.applied == nil:
		d.applied, d.appliedAt = n, e.At
	}
}

// first names who applied the entry first or, if nobody did, who committed it.
func (d *decision) first() string {
	if d.applied == nil {
		return d.by.name
	}
	return d.applied.name
}

// snapshot compares the state behind an entry with that of other nodes.
func (m *Monitor) snapshot(n *node, e *Event) {
	if e.Index == 0 || e.Index > m.highest() {
		return
	}
	if d := &m.decided[e.Index-1]; d.entry != nil && d.entry.term != e.Term {
		what := fmt.Sprintf("a snapshot of %s ends in entry %d of term %d, where one of term %d was committed", n.name, e.Index, e.Term, d.entry.term)
		m.violation(divergentSnapshot, what, d.entry.event(), d.event(e.Index), *e)
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
// committed one; what follows stays if the log had the snapshot's last entry.
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
	keeps := e.Index <= n.last && (n.at(e.Index) == nil || n.at(e.Index).term == e.Term)
	for i := n.agreed + 1; i <= e.Index; i++ {
		if e := m.decided[i-1].entry; e != nil || i > uint64(len(n.slots)) {
			n.put(i, e)
		}
	}
	n.agreed = max(n.agreed, e.Index)
	if !keeps {
		n.last = e.Index
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
