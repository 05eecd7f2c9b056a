package consensus

import "fmt"

// id names an entry of a [Monitor]; those of equal index, term and digest have
// one. 0 is an entry that is not known. Logs are made of ids rather than of
// pointers since there are as many as places in all logs, and the garbage
// collector has nothing to look for in them.
type id uint32

// entry is one entry of the replicated log.
type entry struct {
	index, term uint64
	digest      string
	at          int64 // where it first appears
	by          *node
	before      id   // what stands before it wherever it stands; 0 is not known, or nothing
	other       id   // another one of the same index
	unlogged    bool // it first appears as applied
}

func (e *entry) is(term uint64, digest string) bool { return e.term == term && e.digest == digest }

// entry returns the entry of an id other than 0, to be read at once: the next one
// that is made may move it.
func (m *Monitor) entry(e id) *entry { return &m.entries[e] }

// entryEvent is where an entry first appears.
func (m *Monitor) entryEvent(e id) Event {
	this := m.entry(e)
	step := Appended
	if this.unlogged {
		step = Applied
	}
	return Event{At: this.at, Node: this.by.name, Step: step, Term: this.term, Index: this.index, Digest: this.digest}
}

// log is what a node holds. Behind last it keeps what was there before, so that
// its length is that of the longest log that the node ever had.
type log struct {
	slots   []id // by index - 1; 0 is not known
	last    uint64
	changed uint64 // the lowest index at which an entry ever took the place of another
	agreed  uint64 // up to here the log is known to be the committed one
	loose   uint64 // the log may as well end here, which the next append tells; 0 is not so
}

// at returns the entry at an index from 1 to last, or 0 for one not known.
func (l *log) at(index uint64) id { return l.slots[index-1] }

// tail returns the last entry, or 0 if there is none or it is not known.
func (l *log) tail() id {
	if l.last == 0 || l.loose > 0 {
		return 0
	}
	return l.at(l.last)
}

// end says where the log ends.
func (l *log) end() string {
	if l.last == 0 {
		return "is empty"
	}
	return fmt.Sprintf("ends in entry %d", l.last)
}

// mayHold reports whether nothing speaks against e standing at an index.
func (l *log) mayHold(index uint64, e id) bool {
	if index > l.last {
		return false
	}
	have := l.at(index)
	return have == 0 || have == e
}

// put makes e the entry at index, which is at most one behind all that ever was.
func (l *log) put(index uint64, e id) {
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
	l.last, l.loose = last, 0
	l.agreed = min(l.agreed, last)
}

// recover leaves of the log what is certain after a restart with last entries. A
// truncation may be lost along with what was appended after it, so from changed
// on any of the earlier entries may be back.
func (l *log) recover(last uint64) {
	if longer := last - min(last, uint64(len(l.slots))); longer > 0 {
		l.slots = append(l.slots, make([]id, longer)...)
	}
	for i := l.changed; i <= last; i++ {
		l.slots[i-1] = 0
	}
	l.cut(last)
	l.agreed = min(l.agreed, l.changed-1)
}

// find returns the entry of that index, term and digest, or 0; and one of the
// same index and term with another digest, or 0.
func (m *Monitor) find(index, term uint64, digest string) (same, rival id) {
	if index > uint64(len(m.places)) {
		return 0, 0
	}
	for i := m.places[index-1]; i != 0; i = m.entry(i).other {
		e := m.entry(i)
		if e.is(term, digest) {
			return i, 0
		}
		if e.term == term {
			rival = i
		}
	}
	return 0, rival
}

// intern makes an entry known that an event tells of for the first time. Index
// is at most one behind all that are known or unknown.
func (m *Monitor) intern(n *node, e *Event) id {
	for uint64(len(m.places)) < e.Index {
		m.places = append(m.places, 0)
	}
	made := id(len(m.entries))
	m.entries = append(m.entries, entry{
		index: e.Index, term: e.Term, digest: e.Digest, at: e.At, by: n,
		other: m.places[e.Index-1], unlogged: e.Step == Applied,
	})
	m.places[e.Index-1] = made
	return made
}

// appended puts an entry at the end of a log.
func (m *Monitor) appended(n *node, e *Event) {
	if n.loose > 0 && e.Index == n.loose+1 {
		n.cut(n.loose)
		n.forgetGroups(n.last)
	}
	n.loose = 0
	if e.Index != n.last+1 {
		m.reject("%s: until then the log %s, so a part of the trace is missing", *e, n.end())
		return
	}
	this, rival := m.find(e.Index, e.Term, e.Digest)
	if this == 0 {
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
func (m *Monitor) propose(n *node, e *Event, rival id) id {
	switch {
	case rival != 0:
		m.violation(logMismatch, fmt.Sprintf("two entries of index %d and term %d differ", e.Index, e.Term), m.entryEvent(rival), *e)
	case e.Term > m.before && !(n.leads && n.term == e.Term):
		what := fmt.Sprintf("%s appended entry %d of term %d, which no leader of that term had appended before", n.name, e.Index, e.Term)
		m.violation(unproposedEntry, what, append(m.leadersOf(e.Term), *e)...)
	}
	return m.intern(n, e)
}

// link compares what stands before an entry with what stood before it elsewhere.
// From entry to entry, that makes two logs with one entry in common the same up
// to there.
func (m *Monitor) link(n *node, e *Event, this id) {
	before, known := n.at(n.last), &m.entry(this).before
	switch {
	case before == 0:
		return
	case *known == before:
		return
	case *known == 0:
		*known = before
	default:
		what := fmt.Sprintf("entry %d of term %d follows different entries in the logs of %s and %s", e.Index, e.Term, m.entry(this).by.name, n.name)
		m.violation(logMismatch, what, m.entryEvent(*known), m.entryEvent(this), m.entryEvent(before), *e)
	}
	if term := m.entry(before).term; term > e.Term {
		m.violation(logMismatch, fmt.Sprintf("in the log of %s an entry of term %d follows one of term %d", n.name, e.Term, term), m.entryEvent(before), *e)
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
	n.forgetGroups(n.last)
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
	n.alive, n.leads, n.groups = true, false, nil
	n.term, n.commit, n.applied, n.start, n.caught = e.Term, 0, 0, *e, -1
	m.noteCaughtUp(n, e.At)
	if shorter {
		m.judgeHolders(e)
	}
}
