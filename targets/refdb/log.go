package refdb

// Entry is one place in the replicated log. An entry never changes once made; messages share it.
type Entry struct {
	Index, Term uint64
	Client, Seq uint64
	Command     Command
}

// String returns the entry as "index/term command".
func (e Entry) String() string { return string(newLine().entry(&e)) }

// Digest is a hash of what the entry makes the state machine do. Entries with the same digest at
// the same index are, for a reader of traces, the same entry.
func (e Entry) Digest() uint64 {
	const prime = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	h := uint64(prime)
	for _, v := range [...]uint64{e.Client, e.Seq, uint64(e.Command.Op), uint64(e.Command.Key), uint64(e.Command.A), uint64(e.Command.B)} {
		h = (h ^ v) * prime
		h ^= h >> 32
	}
	if data := e.Command.Data; data != "" {
		h = (h ^ uint64(len(data))) * prime
		for i := 0; i < len(data); i += 8 {
			h = (h ^ word(data[i:min(i+8, len(data))])) * prime
			h ^= h >> 32
		}
	}
	return h
}

// word is up to eight bytes as a number.
func word(data string) (w uint64) {
	for i := range len(data) {
		w = w<<8 | uint64(data[i])
	}
	return w
}

// raftLog is what memory holds of the log. Place 0 is the base: the last entry that has been let go,
// of which only index and term are left, so that the entry before the first one needs no special case.
// At first that is an entry 0 of term 0, which every log agrees on.
type raftLog struct{ entries []Entry }

func newRaftLog(base, term uint64) raftLog {
	return raftLog{entries: []Entry{{Index: base, Term: term}}}
}

func (l *raftLog) base() uint64       { return l.entries[0].Index }
func (l *raftLog) last() uint64       { return l.base() + uint64(len(l.entries)-1) }
func (l *raftLog) lastTerm() uint64   { return l.entries[len(l.entries)-1].Term }
func (l *raftLog) at(i uint64) *Entry { return &l.entries[i-l.base()] }

// holds tells whether the term of the entry at i is known.
func (l *raftLog) holds(i uint64) bool { return l.base() <= i && i <= l.last() }

// term returns the term of the entry at i, and 0 where it is not known, which matches no real entry.
func (l *raftLog) term(i uint64) uint64 {
	if !l.holds(i) {
		return 0
	}
	return l.at(i).Term
}

// matches tells whether the log holds an entry of that term at i. If so, the logs of two nodes are
// the same up to i: the log matching property.
func (l *raftLog) matches(i, term uint64) bool { return l.holds(i) && l.at(i).Term == term }

// slice returns at most limit entries from index i on, for sharing: the capacity is cut so that
// nobody's append can write behind them.
func (l *raftLog) slice(i uint64, limit int) []Entry {
	i -= l.base()
	end := min(i+uint64(limit), uint64(len(l.entries)))
	return l.entries[i:end:end]
}

func (l *raftLog) append(e Entry) { l.entries = append(l.entries, e) }

// truncate discards the entries from index i on. The capacity is cut so that the next append moves
// the log elsewhere: messages on their way may still share the discarded entries.
func (l *raftLog) truncate(i uint64) {
	i -= l.base()
	l.entries = l.entries[:i:i]
}

// compact lets go of the entries up to i. The rest moves to memory of its own size, or the old array
// would live on.
func (l *raftLog) compact(i uint64) {
	if i <= l.base() {
		return
	}
	rest := l.entries[i-l.base():]
	base := Entry{Index: i, Term: rest[0].Term}
	l.entries = append(append(make([]Entry, 0, 2*len(rest)), base), rest[1:]...)
}

// rebase has a snapshot that ends in (index, term) take the place of the entries up to there. What
// follows an entry that matches stays, anything else is not known to go on from there.
func (l *raftLog) rebase(index, term uint64) {
	if l.matches(index, term) {
		l.compact(index)
		return
	}
	*l = newRaftLog(index, term)
}

// lastUpToTerm returns the last index, from i downward, whose entry is of term or an earlier one, but
// goes no farther down than the base.
//
// Both sides use it to skip whole terms in which their logs cannot agree: a follower that has no
// (prev, prevTerm) hints at lastUpToTerm(prev, prevTerm), as entries of later terms are not in the
// leader's log there; the leader goes on from lastUpToTerm(hint, hintTerm) for the same reason.
func (l *raftLog) lastUpToTerm(i, term uint64) uint64 {
	i = min(i, l.last())
	for i > l.base() && l.at(i).Term > term {
		i--
	}
	return i
}
