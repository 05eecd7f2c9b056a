package stores

import (
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// atomicReads is a store after RAMP (Bailis and others, SIGMOD 2014): a
// transaction reads any versions, as long as it sees all or none of each other
// transaction, and all of its own session.
type atomicReads struct {
	versions
	rng     gen.Rand
	wrote   [][]int64       // the keys of each commit
	session map[int][]int32 // the commits of each session
}

type atomicReadsTransaction struct {
	*atomicReads
	id     int
	sees   map[int64]int // how many elements of each key that it will touch
	writes own
	pins   pins
	elems  []int32
}

func (s *atomicReads) begin(session int, mops []txns.Mop) transaction {
	t := &atomicReadsTransaction{atomicReads: s, id: session, sees: map[int64]int{}}
	for _, m := range mops {
		n := len(s.of(m.Key))
		t.sees[m.Key] = n - min(n, s.rng.IntN(6))
	}
	for _, commit := range s.session[session] {
		t.see(commit)
	}
	for again := true; again; {
		again = false
		for _, m := range mops {
			for _, v := range s.of(m.Key)[:t.sees[m.Key]] {
				again = t.see(v.commit) || again
			}
		}
	}
	return t
}

// see extends what is seen to all that a commit wrote, and reports whether that
// was more.
func (t *atomicReadsTransaction) see(commit int32) bool {
	more := false
	for _, key := range t.wrote[commit-1] {
		if seen, touched := t.sees[key]; touched && t.at(key, commit) > seen {
			t.sees[key] = t.at(key, commit)
			more = true
		}
	}
	return more
}

func (t *atomicReadsTransaction) read(key int64) []int32 {
	n := t.sees[key]
	if t.writes.has(key) {
		t.pins.add(key, n)
	}
	t.elems = t.writes.appendTo(appendElems(t.elems[:0], t.of(key)[:n]), key)
	return t.elems
}

func (t *atomicReadsTransaction) write(key int64, elem int32) { t.writes.add(key, elem) }

func (t *atomicReadsTransaction) abort() {}

func (t *atomicReadsTransaction) commit() bool {
	if !t.pins.hold(&t.versions) {
		return false
	}
	number := t.install(t.writes)
	keys := make([]int64, len(t.writes))
	for i, w := range t.writes {
		keys[i] = w.key
	}
	t.wrote = append(t.wrote, keys)
	t.session[t.id] = append(t.session[t.id], number)
	return true
}
