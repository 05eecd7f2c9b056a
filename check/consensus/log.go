package consensus

import "fmt"

// entry is one entry of the replicated log. Those of equal index, term and
// digest are one.
type entry struct {
	index, term uint64
	digest      string
	before      *entry // what stands before it wherever it stands; nil is unknown, or nothing
	other       *entry // the next one of the same index
	at          int64  // its first append or, if the trace has none, application
	by          *node
	step        string
}

func (e *entry) is(term uint64, digest string) bool { return e.term == term && e.digest == digest }

// event is where the entry first appears.
func (e *entry) event() Event {
	return Event{At: e.at, Node: e.by.name, Step: e.step, Term: e.term, Index: e.index, Digest: e.digest}
}

// log is what a node holds. Behind last it keeps what was there before, so that
// its length is that of the longest log that the node ever had.
type log struct {
	slots   []*entry // by index - 1; nil is not known
	last    uint64
	changed uint64 // the lowest index at which an entry ever took the place of another
	agreed  uint64 // up to here the log is known to be the committed one
}

// at returns the entry at an index from 1 to last, or nil for one not known.
func (l *log) at(index uint64) *entry { return l.slots[index-1] }

// end says where the log ends.
func (l *log) end() string {
	if l.last == 0 {
		return "is empty"
	}
	return fmt.Sprintf("ends in entry %d", l.last)
}

// mayHold reports whether nothing speaks against e being in the log.
func (l *log) mayHold(e *entry) bool {
	if e.index > l.last {
		return false
	}
	have := l.at(e.index)
	return have == nil || have == e
}

// put makes e the entry at index, which is at most one behind all that ever was.
func (l *log) put(index uint64, e *entry) {
	switch {
	case index > uint64(len(l.slots)):
		l.slots = append(l.slots, e)
	case l.at(index) != e:
		l.changed = min(l.changed, index)
		l.slots[index-1] = e
	}
}

// cut makes last the end of the log.
func (l *log) cut(last uint64) {
	l.last = last
	l.agreed = min(l.agreed, last)
}

// recover leaves of the log what is certain after a restart with last entries. A
// truncation may be lost along with what was appended after it, so from changed
// on any of the earlier entries may be back.
func (l *log) recover(last uint64) {
	if longer := last - min(last, uint64(len(l.slots))); longer > 0 {
		l.slots = append(l.slots, make([]*entry, longer)...)
	}
	for i := l.changed; i <= last; i++ {
		l.slots[i-1] = nil
	}
	l.cut(last)
	l.agreed = min(l.agreed, l.changed-1)
}

// find returns the entry of that index, term and digest, or nil; and one of the
// same index and term with another digest, or nil.
func (m *Monitor) find(index, term uint64, digest string) (same, rival *entry) {
	if index > uint64(len(m.entries)) {
		return nil, nil
	}
	for e := m.entries[index-1]; e != nil; e = e.other {
		if e.is(term, digest) {
			return e, nil
		}
		if e.term == term {
			rival = e
		}
	}
	return nil, rival
}

// slabSize is how many entries are made at a time, to spare the garbage collector.
const slabSize = 64

// intern makes an entry known that an event tells of for the first time. Index
// is at most one behind all that are known or unknown.
func (m *Monitor) intern(n *node, e *Event) *entry {
	for uint64(len(m.entries)) < e.Index {
		m.entries = append(m.entries, nil)
	}
	if len(m.slab) == 0 {
		m.slab = make([]entry, slabSize)
	}
	made := &m.slab[0]
	m.slab = m.slab[1:]
	*made = entry{index: e.Index, term: e.Term, digest: e.Digest, at: e.At, by: n, step: e.Step, other: m.entries[e.Index-1]}
	m.entries[e.Index-1] = made
	return made
}

// appended puts an entry at the end of a log.
func (m *Monitor) appended(n *node, e *Event) {
	if e.Index != n.last+1 {
		m.reject("%s: until then the log %s, so a part of the trace is missing", *e, n.end())
		return
	}
	this, rival := m.find(e.Index, e.Term, e.Digest)
	if this == nil {
		this = m.propose(n, e, rival)
	}
	if n.last > 0 {
		m.link(n, e, this)
	}
	n.put(e.Index, this)
	n.last++
	if n.agreed == e.Index-1 && e.Index <= m.highest() && m.decided[e.Index-1].entry == this {
		n.agreed++
	}
}

// propose takes up an entry at its first append, which must be its leader's.
func (m *Monitor) propose(n *node, e *Event, rival *entry) *entry {
	this := m.intern(n, e)
	switch {
	case rival != nil:
		m.violation(logMismatch, fmt.Sprintf("two entries of index %d and term %d differ", e.Index, e.Term), rival.event(), *e)
	case e.Term > m.before && !(n.leads && n.term == e.Term):
		what := fmt.Sprintf("%s appended entry %d of term %d, which no leader of that term had appended before", n.name, e.Index, e.Term)
		m.violation(unproposedEntry, what, append(m.leadersOf(e.Term), *e)...)
	}
	return this
}

// link compares what stands before an entry with what stood before it elsewhere.
// From entry to entry, that makes two logs with one entry in common the same up
// to there.
func (m *Monitor) link(n *node, e *Event, this *entry) {
	before := n.at(n.last)
	if before == nil {
		return
	}
	if before.term > e.Term {
		m.violation(logMismatch, fmt.Sprintf("in the log of %s an entry of term %d follows one of term %d", n.name, e.Term, before.term), before.event(), *e)
	}
	switch {
	case this.before == nil:
		this.before = before
	case this.before != before:
		what := fmt.Sprintf("entry %d of term %d follows different entries in the logs of %s and %s", e.Index, e.Term, this.by.name, n.name)
		m.violation(logMismatch, what, this.before.event(), this.event(), before.event(), *e)
	}
}

// truncated cuts a log.
func (m *Monitor) truncated(n *node, e *Event) {
	if e.Index == 0 || e.Index > n.last {
		m.reject("%s: until then the log %s, so a part of the trace is missing", *e, n.end())
		return
	}
	if n.leads {
		what := fmt.Sprintf("%s, leader of term %d, cut its own log from entry %d of %d on", n.name, n.term, e.Index, n.last)
		m.violation(leaderTruncates, what, append(m.leadersOf(n.term), *e)...)
	}
	n.cut(e.Index - 1)
	if e.Index <= n.commit {
		what := fmt.Sprintf("%s cut its log from entry %d on, of which it had committed all up to %d", n.name, e.Index, n.commit)
		m.violation(lostCommit, what, n.committedEvent(), *e)
		n.commit = n.last
		return
	}
	m.judgeHolders(e)
}

// started begins a life with what the disk kept.
func (m *Monitor) started(n *node, e *Event) {
	high := uint64(len(n.slots))
	switch {
	case n.life > 0 && e.Index > high:
		m.violation(phantomEntry, fmt.Sprintf("%s recovered %d entries and never had more than %d", n.name, e.Index, high), n.start, *e)
	case n.life == 0 && e.Index > 0:
		m.before = max(m.before, e.Term)
	}
	if e.Index > high {
		if m.unknown += e.Index - high; m.unknown > mostUnknown {
			m.reject("%s: more than %d entries are older than the trace: let it begin with shorter logs, or count from a later index", *e, mostUnknown)
			return
		}
	}
	m.judgeRecoveredTerm(n, e)
	shorter := e.Index < n.last
	n.recover(e.Index)
	n.life++
	n.alive, n.leads = true, false
	n.term, n.commit, n.applied, n.start, n.caught = e.Term, 0, 0, *e, -1
	m.noteCaughtUp(n, e.At)
	if shorter {
		m.judgeHolders(e)
	}
}
