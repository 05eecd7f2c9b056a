package stores

import (
	"slices"

	"checker/workloads/gen/txns"
)

// inPlace is a store whose transactions write where everybody reads, before they
// commit. With locks, a key that one has written is closed to other writers until
// it ends.
type inPlace struct {
	versions
	locks map[int64]*inPlaceTransaction // nil for none at all
}

// inPlaceTransaction is one of them; commit is its number in the versions.
type inPlaceTransaction struct {
	*inPlace
	number int32
	doomed bool // it met a lock
	wrote  []int64
	elems  []int32
}

func (s *inPlace) begin(int, []txns.Mop) transaction {
	s.commits++
	return &inPlaceTransaction{inPlace: s, number: s.commits}
}

func (t *inPlaceTransaction) read(key int64) []int32 {
	t.elems = appendElems(t.elems[:0], t.of(key))
	return t.elems
}

func (t *inPlaceTransaction) write(key int64, elem int32) {
	if t.locks != nil {
		if holder, locked := t.locks[key]; locked && holder != t {
			t.doomed = true
			return
		}
		t.locks[key] = t
	}
	t.wrote = append(t.wrote, key)
	t.append(key, elem, t.number)
}

func (t *inPlaceTransaction) commit() bool {
	if t.doomed {
		t.abort()
		return false
	}
	t.unlock()
	return true
}

// abort takes back what it wrote, which others may have read.
func (t *inPlaceTransaction) abort() {
	for _, key := range t.wrote {
		t.keys[key] = slices.DeleteFunc(t.keys[key], func(v version) bool { return v.commit == t.number })
	}
	t.unlock()
}

func (t *inPlaceTransaction) unlock() {
	for _, key := range t.wrote {
		delete(t.locks, key)
	}
}
