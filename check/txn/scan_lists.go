package txn

import (
	"slices"

	"checker/check/txn/micro"
)

// Anomalies that single reads show, in histories of lists.

// listScan looks at every read of a history of lists.
type listScan struct {
	*lists
	*findings
	say narrator

	// By key, how many elements of the longest list can be read before one that is
	// out of place: its length where there is none.
	failed, garbage, doubled, torn []int32
}

// scan looks for the anomalies that single reads of lists show.
func (l *lists) scan(f *findings) {
	s := listScan{lists: l, findings: f, say: narrator{l.Txns}}
	s.run()
}

func (s *listScan) run() {
	s.measure()
	s.dirtyUpdates()
	u := newUpdates(int(s.offset[s.Keys()]) + s.Keys())
	for x := range int32(s.Len()) {
		if s.Status[x] != micro.Ok {
			continue
		}
		for m := s.First[x]; m < s.First[x+1]; m++ {
			if s.Kind[m] == micro.Read {
				s.read(x, m)
			} else if r, ok := updated(s.Txns, m); ok {
				if n, ok := s.Prefix(r); ok {
					u.add(s.offset[s.Key[m]]+s.Key[m]+n, s.Key[m], x)
				}
			}
		}
	}
	u.each(s.lostUpdate)
}

// measure finds, for every key, how far its longest list is in order.
func (s *listScan) measure() {
	n := s.Keys()
	s.failed, s.garbage = make([]int32, n), make([]int32, n)
	s.doubled, s.torn = make([]int32, n), make([]int32, n)
	for k := range int32(n) {
		elems := s.Longest(k)
		size := int32(len(elems))
		s.failed[k], s.garbage[k], s.doubled[k], s.torn[k] = size, size, size, size
		for i, e := range elems {
			i := int32(i)
			if s.Writer[e] == micro.Nobody {
				s.garbage[k] = min(s.garbage[k], i)
			} else if s.byFailed(e) {
				s.failed[k] = min(s.failed[k], i)
			}
			if s.place[e] != i {
				s.doubled[k] = min(s.doubled[k], i)
			}
			if before := s.appendedBefore(e); before >= 0 && (s.place[before] < 0 || s.place[before] > i) {
				s.torn[k] = min(s.torn[k], i)
			}
		}
	}
}

// appendedBefore returns what the transaction that appended a value had last
// appended to the key before, or -1.
func (s *listScan) appendedBefore(value int32) int32 {
	w := s.Writer[value]
	if w < 0 {
		return -1
	}
	for m := w - 1; m >= s.First[s.Txn[w]]; m-- {
		if s.Kind[m] == micro.Write && s.Key[m] == s.Key[w] {
			return s.Val[m]
		}
	}
	return -1
}

func (s *listScan) byFailed(value int32) bool {
	x, ok := s.WriterTxn(value)
	return ok && s.Status[x] == micro.Fail
}

// read looks at the read m of x.
func (s *listScan) read(x, m int32) {
	k := s.Key[m]
	if n, ok := s.Prefix(m); ok {
		if n > s.failed[k] {
			s.abortedRead(x, m, s.Longest(k)[s.failed[k]])
		}
		if n > s.garbage[k] {
			s.garbageRead(x, m, s.Longest(k)[s.garbage[k]])
		}
		if n > s.doubled[k] {
			s.duplicates(x, m, s.Longest(k)[s.doubled[k]])
		}
		if n > s.torn[k] {
			s.tornRead(x, m, s.Longest(k)[s.torn[k]])
		}
	} else {
		s.oddRead(x, m)
	}
	s.intermediateRead(x, m)
	s.ownReads(x, m)
}

// oddRead looks at a list that is no prefix of the longest of its key.
func (s *listScan) oddRead(x, m int32) {
	list, _ := s.List(m)
	failed, garbage, doubled, torn := int32(-1), int32(-1), int32(-1), int32(-1)
	seen := make(map[int32]bool, len(list))
	for _, e := range list {
		switch {
		case s.Writer[e] == micro.Nobody && garbage < 0:
			garbage = e
		case s.byFailed(e) && failed < 0:
			failed = e
		}
		if seen[e] && doubled < 0 {
			doubled = e
		}
		if before := s.appendedBefore(e); before >= 0 && !seen[before] && torn < 0 {
			torn = e
		}
		seen[e] = true
	}
	if failed >= 0 {
		s.abortedRead(x, m, failed)
	}
	if garbage >= 0 {
		s.garbageRead(x, m, garbage)
	}
	if doubled >= 0 {
		s.duplicates(x, m, doubled)
	}
	if torn >= 0 {
		s.tornRead(x, m, torn)
	}
	s.incompatible(x, m)
}

// intermediateRead: the last element is one that another transaction appended
// before its last one.
func (s *listScan) intermediateRead(x, m int32) {
	e := s.Seen(m)
	if e < 0 || s.Writer[e] < 0 {
		return
	}
	w := s.Writer[e]
	other := s.Txn[w]
	if other == x || s.Status[other] == micro.Fail {
		return
	}
	for later := w + 1; later < s.First[other+1]; later++ {
		if s.Kind[later] == micro.Write && s.Key[later] == s.Key[m] {
			s.intermediate(x, m, later)
			return
		}
	}
}

// ownReads compares a read with what its transaction did to the key before and
// will do after.
func (s *listScan) ownReads(x, m int32) {
	from := m // what is known of the key before m: an earlier read, or -1
	var own []int32
	k := s.Key[m]
	for from--; from >= s.First[x]; from-- {
		if s.Key[from] != k {
			continue
		}
		if s.Kind[from] == micro.Read {
			break
		}
		own = append(own, s.Val[from])
	}
	slices.Reverse(own)
	list, _ := s.List(m)
	known := from >= s.First[x]
	if known || len(own) > 0 {
		var base []int32
		if known {
			base, _ = s.List(from)
		}
		if !follows(list, base, own, known) {
			s.internal(x, m, base, own, known)
		}
	}
	for later := m + 1; later < s.First[x+1]; later++ {
		if s.Kind[later] == micro.Write && s.Key[later] == k && slices.Contains(list, s.Val[later]) {
			s.futureRead(x, m, s.Val[later])
			return
		}
	}
}

// follows reports whether list is base and then own, or, where the base is not
// known, anything and then own.
func follows(list, base, own []int32, known bool) bool {
	rest := len(list) - len(own)
	if rest < 0 || !slices.Equal(list[rest:], own) {
		return false
	}
	return !known || slices.Equal(list[:rest], base)
}

// updated returns the read with which the transaction of the write m began to
// use its key, when m is the first write of the key after that.
func updated(t *micro.Txns, m int32) (read int32, ok bool) {
	read = -1
	for i := t.First[t.Txn[m]]; i < m; i++ {
		if t.Key[i] != t.Key[m] {
			continue
		}
		if t.Kind[i] == micro.Write {
			return 0, false
		}
		if read < 0 {
			read = i
		}
	}
	return read, read >= 0
}

// dirtyUpdates: in the order of a key's elements, one that a failed transaction
// appended comes before one of an ok transaction.
func (s *listScan) dirtyUpdates() {
	for k := range int32(s.Keys()) {
		if s.failed[k] == int32(len(s.Longest(k))) {
			continue
		}
		failed := int32(-1)
		for i, e := range s.Longest(k) {
			x, ok := s.WriterTxn(e)
			switch {
			case !ok || s.place[e] != int32(i):
			case s.Status[x] == micro.Fail:
				failed = e
			case s.Status[x] == micro.Ok:
				if failed >= 0 {
					s.dirtyUpdate(k, failed, e)
				}
				failed = -1
			}
		}
	}
}
