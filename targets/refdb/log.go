package refdb

import "fmt"

// Entry is one place in the replicated log. An entry never changes once made; messages share it.
type Entry struct {
	Index, Term uint64
	Client, Seq uint64
	Command     Command
}

// String returns the entry as "index/term command".
func (e Entry) String() string { return fmt.Sprintf("%d/%d %v", e.Index, e.Term, e.Command) }

// Digest is a hash of what the entry makes the state machine do. Entries with the same digest at
// the same index are, for a reader of traces, the same entry.
func (e Entry) Digest() uint64 {
	const prime = 0x9e3779b97f4a7c15 // 2^64 divided by the golden ratio
	h := uint64(prime)
	for _, v := range [...]uint64{e.Client, e.Seq, uint64(e.Command.Op), uint64(e.Command.Key), uint64(e.Command.A), uint64(e.Command.B)} {
		h = (h ^ v) * prime
		h ^= h >> 32
	}
	return h
}

// raftLog is the log in memory. Place 0 holds an entry of term 0 that every log agrees on, so
// that the entry before the first one needs no special case. A snapshot will take its place.
type raftLog struct{ entries []Entry }

func newRaftLog() raftLog { return raftLog{entries: make([]Entry, 1)} }

func (l *raftLog) last() uint64       { return uint64(len(l.entries) - 1) }
func (l *raftLog) lastTerm() uint64   { return l.entries[len(l.entries)-1].Term }
func (l *raftLog) at(i uint64) *Entry { return &l.entries[i] }

// term returns the term of the entry at i, and 0 beyond the end, which matches no real entry.
func (l *raftLog) term(i uint64) uint64 {
	if i > l.last() {
		return 0
	}
	return l.entries[i].Term
}

// matches tells whether the log holds an entry of that term at i. If so, the logs of two nodes are
// the same up to i: the log matching property.
func (l *raftLog) matches(i, term uint64) bool { return i <= l.last() && l.entries[i].Term == term }

// slice returns at most limit entries from index i on, for sharing: the capacity is cut so that
// nobody's append can write behind them.
func (l *raftLog) slice(i uint64, limit int) []Entry {
	end := min(i+uint64(limit), l.last()+1)
	return l.entries[i:end:end]
}

func (l *raftLog) append(e Entry) { l.entries = append(l.entries, e) }

// truncate discards the entries from index i on. The capacity is cut so that the next append moves
// the log elsewhere: messages on their way may still share the discarded entries.
func (l *raftLog) truncate(i uint64) { l.entries = l.entries[:i:i] }

// upToDate tells whether a log that ends in (index, term) is at least as up to date as this one:
// the rule which keeps a candidate without all committed entries from winning (Raft, 5.4.1).
func (l *raftLog) upToDate(index, term uint64) bool {
	if term != l.lastTerm() {
		return term > l.lastTerm()
	}
	return index >= l.last()
}

// lastUpToTerm returns the last index, from i downward, whose entry is of term or an earlier one.
//
// Both sides use it to skip whole terms in which their logs cannot agree: a follower that has no
// (prev, prevTerm) hints at lastUpToTerm(prev, prevTerm), as entries of later terms are not in the
// leader's log there; the leader goes on from lastUpToTerm(hint, hintTerm) for the same reason.
func (l *raftLog) lastUpToTerm(i, term uint64) uint64 {
	i = min(i, l.last())
	for i > 0 && l.entries[i].Term > term {
		i--
	}
	return i
}
