package sharded

import (
	"errors"
	"maps"
	"slices"
)

var errSaved = errors.New("refdb: the saved state of a shard makes no sense")

// Save returns the shard in bytes: the data, the open transactions and the outcomes, each in ascending
// order. Locks and who waits for them follow from the transactions.
func (s *shard) Save() []byte {
	var w writer
	w.uint(s.index)
	w.uint(uint64(s.limit))
	w.uint(uint64(len(s.data)))
	for _, key := range slices.Sorted(maps.Keys(s.data)) {
		w.int(key)
		w.versions(s.data[key])
	}
	w.uint(uint64(len(s.open)))
	for _, t := range s.sortedOpen() {
		w.txn(t)
	}
	w.uint(uint64(len(s.outcomes)))
	for _, client := range slices.Sorted(maps.Keys(s.outcomes)) {
		o := s.outcomes[client]
		w.uint(client)
		w.uint(o.used)
		w.uint(o.seq)
		w.uint(uint64(o.status))
		w.lists(o.results)
		w.uint(uint64(len(o.earlier)))
		for _, e := range o.earlier {
			w.uint(e.seq)
			w.uint(uint64(e.status))
		}
	}
	return w.bytes
}

// Restore makes the shard what it was when it was saved; nil is an empty one.
func (s *shard) Restore(state []byte) error {
	s.clear()
	if state == nil {
		return nil
	}
	r := reader{rest: state}
	s.index = r.uint()
	s.limit = stamp(r.uint())
	for range r.count() {
		key := r.int()
		s.data[key] = r.versions()
		s.closed = max(s.closed, s.data.latest(key))
	}
	for range r.count() {
		t := r.txn()
		s.open[t.id] = t
	}
	for range r.count() {
		client := r.uint()
		o := outcome{used: r.uint(), seq: r.uint(), status: Status(r.uint()), results: r.lists()}
		for range r.count() {
			o.earlier = append(o.earlier, ending{r.uint(), Status(r.uint())})
		}
		s.outcomes[client] = o
	}
	if r.bad || len(r.rest) > 0 {
		return errSaved
	}
	for _, t := range s.sortedOpen() {
		switch t.state {
		case waiting:
			s.waiting = append(s.waiting, t)
		case prepared, announced:
			if s.cfg.Bugs.Has(LocksNotRestored) {
				continue
			}
			s.locks.take(t, s.claims(t))
		}
	}
	slices.SortFunc(s.waiting, compareAge)
	return nil
}

// sortedOpen lists the open transactions in an order that is the same on all replicas.
func (s *shard) sortedOpen() []*txn {
	return slices.SortedFunc(maps.Values(s.open), func(a, b *txn) int {
		if a.id.Client != b.id.Client {
			return compare(a.id.Client, b.id.Client)
		}
		return compare(a.id.Seq, b.id.Seq)
	})
}

func (w *writer) versions(list []version) {
	w.uint(uint64(len(list)))
	for _, v := range list {
		w.uint(uint64(v.at))
		w.ints(v.list)
	}
}

func (r *reader) versions() []version {
	list := make([]version, r.count())
	for i := range list {
		list[i] = version{stamp(r.uint()), r.ints()}
	}
	return list
}

func (w *writer) txn(t *txn) {
	w.part(&t.part)
	w.bool(t.alone)
	w.uint(uint64(t.state))
	w.bool(t.fenced)
	w.bool(t.commit)
	w.uint(uint64(t.at))
	w.lists(t.results)
	w.uint(uint64(len(t.writes)))
	for _, x := range t.writes {
		w.int(x.key)
		w.ints(x.list)
	}
}

func (r *reader) txn() *txn {
	t := &txn{part: r.part(), alone: r.bool(), state: txnState(r.uint()), fenced: r.bool(), commit: r.bool(), at: stamp(r.uint()), results: r.lists()}
	for range r.count() {
		t.writes = append(t.writes, write{r.int(), r.ints()})
	}
	return t
}
