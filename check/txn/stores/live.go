package stores

import (
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// live is a store whose every read takes what is committed at that moment, or was
// a while ago, key by key. Commits may be installed half now and half later.
type live struct {
	versions
	rng     gen.Rand
	lag     int // how many elements a read may be behind, each read for itself
	split   bool
	pending own // the later halves of commits
}

type liveTransaction struct {
	*live
	writes own
	pins   pins
	elems  []int32
}

func (s *live) begin(int, []txns.Mop) transaction { return &liveTransaction{live: s} }

// trickle now and then installs what is pending for the key that waits longest.
// It is all of one transaction, since the key is locked.
func (s *live) trickle() {
	if len(s.pending) == 0 || s.rng.IntN(4) != 0 {
		return
	}
	var now, rest own
	for _, w := range s.pending {
		if w.key == s.pending[0].key {
			now = append(now, w)
		} else {
			rest = append(rest, w)
		}
	}
	s.install(now)
	s.pending = rest
}

func (t *liveTransaction) read(key int64) []int32 {
	t.trickle()
	of := t.of(key)
	n := len(of)
	if t.writes.has(key) {
		t.pins.add(key, n)
	} else if t.lag > 0 {
		// A whole commit is there or not: elements of one stay together.
		for n -= min(n, t.rng.IntN(t.lag+1)); n > 0 && n < len(of) && of[n].commit == of[n-1].commit; {
			n--
		}
	}
	t.elems = t.writes.appendTo(appendElems(t.elems[:0], of[:n]), key)
	return t.elems
}

func (t *liveTransaction) write(key int64, elem int32) {
	t.trickle()
	t.writes.add(key, elem)
}

func (t *liveTransaction) commit() bool {
	for _, w := range t.writes {
		if t.pending.has(w.key) {
			return false // locked until it is installed
		}
	}
	if !t.pins.hold(&t.versions) {
		return false
	}
	now := t.writes
	if t.split && len(now) > 1 {
		// The writes of one key stay together.
		first := now[0].key
		now = nil
		for _, w := range t.writes {
			if w.key == first {
				now = append(now, w)
			} else {
				t.pending = append(t.pending, w)
			}
		}
	}
	t.install(now)
	return true
}

func (t *liveTransaction) abort() {}
