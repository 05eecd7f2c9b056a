package stores

import (
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// snapshots is a store whose transactions read one snapshot each: all commits up
// to a number. What makes the isolation levels is which snapshot that may be and
// what is validated at the commit.
type snapshots struct {
	versions
	rng gen.Rand

	lag         int32 // how many commits a snapshot may be behind
	seesReads   bool  // a session never reads an older snapshot than before
	seesWrites  bool  // a session sees its own commits
	checkReads  bool  // commit only if what was read is still current
	checkWrites bool  // commit only if what is written was not written since the snapshot

	stale    float64 // how many transactions read an old snapshot all the same, and are not validated
	mischief         // what else goes wrong
	session  map[int]sessionPast
	free     []*snapshot
}

// mischief are rates of what should never happen.
type mischief struct {
	forget    float64 // a commit installs nothing
	resurrect float64 // an aborted transaction is installed
	halfway   float64 // a read ends between two writes of another transaction
	garbage   float64 // a read ends with an element that nobody wrote
}

// sessionPast is what a session read and wrote last, as commits.
type sessionPast struct{ read, wrote int32 }

// snapshot is a transaction on one.
type snapshot struct {
	*snapshots
	id        int
	at        int32
	unchecked bool
	reads     []int64
	writes    own
	pins      pins
	elems     []int32
}

func (s *snapshots) begin(session int, _ []txns.Mop) transaction {
	var t *snapshot
	if n := len(s.free); n > 0 {
		t, s.free = s.free[n-1], s.free[:n-1]
	} else {
		t = &snapshot{snapshots: s}
	}
	t.id, t.unchecked = session, s.stale > 0 && s.rng.Float64() < s.stale
	t.at = s.choose(session, t.unchecked)
	t.reads, t.writes, t.pins = t.reads[:0], t.writes[:0], t.pins[:0]
	return t
}

// staleLag is how many commits a transaction that should not be is behind.
const staleLag = 50

// choose returns the snapshot for a transaction.
func (s *snapshots) choose(session int, stale bool) int32 {
	lag := s.lag
	if stale {
		lag = staleLag
	}
	if lag == 0 {
		return s.commits
	}
	at := s.commits - min(s.commits, int32(s.rng.IntN(int(lag)+1)))
	if past := s.session[session]; s.seesReads && past.read > at {
		at = past.read
	}
	if past := s.session[session]; s.seesWrites && past.wrote > at {
		at = past.wrote
	}
	return at
}

// remembers reports whether sessions matter.
func (s *snapshots) remembers() bool { return s.lag > 0 && (s.seesReads || s.seesWrites) }

// nobodysElem is what a garbage read ends with.
const nobodysElem = 1_000_000

func (t *snapshot) read(key int64) []int32 {
	of := t.of(key)
	n := t.versions.at(key, t.at)
	switch {
	case t.writes.has(key):
		// What it appended lies behind all that is there at the commit.
		if t.unchecked {
			n = len(of)
		}
		t.pins.add(key, n)
	case t.checkReads:
		t.reads = append(t.reads, key)
	}
	if n >= 2 && of[n-1].commit == of[n-2].commit && !t.writes.has(key) && t.happens(t.halfway) {
		n--
	}
	t.elems = t.writes.appendTo(appendElems(t.elems[:0], of[:n]), key)
	if t.happens(t.garbage) {
		t.elems = append(t.elems, nobodysElem)
	}
	return t.elems
}

func (s *snapshots) happens(rate float64) bool { return rate > 0 && s.rng.Float64() < rate }

func (t *snapshot) write(key int64, elem int32) { t.writes.add(key, elem) }

func (t *snapshot) commit() bool {
	t.free = append(t.free, t)
	if !t.allowed() {
		return false
	}
	if t.remembers() {
		past := t.session[t.id]
		past.read = max(past.read, t.at)
		t.session[t.id] = past
	}
	// A transaction that read its own elements has shown them.
	if len(t.writes) == 0 || len(t.pins) == 0 && t.happens(t.forget) {
		return true
	}
	number := t.install(t.writes)
	if t.remembers() {
		past := t.session[t.id]
		past.wrote = number
		t.session[t.id] = past
	}
	return true
}

// allowed reports whether the transaction may commit.
func (t *snapshot) allowed() bool {
	if !t.pins.hold(&t.versions) {
		return false
	}
	if t.unchecked || len(t.writes) == 0 {
		return true
	}
	for _, w := range t.writes {
		if t.checkWrites && t.last(w.key) > t.at {
			return false
		}
	}
	for _, key := range t.reads {
		if t.last(key) > t.at {
			return false
		}
	}
	return true
}

func (t *snapshot) abort() {
	t.free = append(t.free, t)
	if t.happens(t.resurrect) {
		t.install(t.writes)
	}
}
