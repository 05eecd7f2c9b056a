package txn

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/check/txn/micro"
	"checker/internal/graph"
)

func (s *listScan) abortedRead(x, m, e int32) {
	s.add("G1a", func() check.Witness {
		w, _ := s.WriterTxn(e)
		return s.say.readOf(w, x, m, fmt.Sprintf("op %d read an element %s of key %s that op %d appended before it failed", s.Index(x), s.ValueText(e), s.KeyText(s.Key[m]), s.Index(w)),
			"What a failed transaction wrote must never be seen.")
	})
}

// readOf describes a read m by x of what w wrote, and should not have.
func (n narrator) readOf(w, x, m int32, headline, end string) check.Witness {
	return n.witness(headline, n.Key[m], []int32{w, x},
		[]step{{0, 1, "wr", n.Key[m], fmt.Sprintf("T2 read %s", n.read(m))}}, end)
}

// alone describes a transaction that contradicts itself.
func (n narrator) alone(x, m int32, headline string) check.Witness {
	return n.witness(headline, n.Key[m], []int32{x}, nil, "")
}

func (s *listScan) garbageRead(x, m, e int32) {
	s.add("garbage-read", func() check.Witness {
		return s.say.alone(x, m, fmt.Sprintf("op %d read an element %s of key %s that nobody ever tried to append", s.Index(x), s.ValueText(e), s.KeyText(s.Key[m])))
	})
}

func (s *listScan) duplicates(x, m, e int32) {
	s.add("duplicate-elements", func() check.Witness {
		return s.say.alone(x, m, fmt.Sprintf("op %d read the element %s of key %s more than once, which was appended once", s.Index(x), s.ValueText(e), s.KeyText(s.Key[m])))
	})
}

func (s *listScan) intermediate(x, m, later int32) {
	s.add("G1b", func() check.Witness {
		w, e := s.Txn[later], s.Seen(m)
		return s.say.readOf(w, x, m, fmt.Sprintf("op %d read key %s up to %s, but op %d, which appended that, went on to append %s", s.Index(x), s.KeyText(s.Key[m]), s.ValueText(e), s.Index(w), s.ValueText(s.Val[later])),
			"Only the last state that a transaction leaves may be seen by others.")
	})
}

// tornRead describes a read of an element without what its transaction had
// appended before it. A transaction that misses its own appends contradicts
// itself, and is found as such.
func (s *listScan) tornRead(x, m, e int32) {
	w, _ := s.WriterTxn(e)
	if w == x {
		return
	}
	s.add("G1b", func() check.Witness {
		return s.say.readOf(w, x, m, fmt.Sprintf("op %d read an element %s of key %s, but not %s before it, which op %d had appended first", s.Index(x), s.ValueText(e), s.KeyText(s.Key[m]), s.ValueText(s.appendedBefore(e)), s.Index(w)),
			"Of what a transaction appends to a key, nobody may see a part.")
	})
}

func (s *listScan) internal(x, m int32, base, own []int32, known bool) {
	s.add("internal", func() check.Witness {
		expected := s.say.list(append(append([]int32{}, base...), own...))
		if !known {
			expected = "a list that ends in " + s.say.list(own)
		}
		return s.say.alone(x, m, fmt.Sprintf("op %d read %s, but after what it had done itself it should have been %s", s.Index(x), s.say.read(m), expected))
	})
}

func (s *listScan) futureRead(x, m, e int32) {
	s.add("future-read", func() check.Witness {
		return s.say.alone(x, m, fmt.Sprintf("op %d read %s, with %s, which it appended only later", s.Index(x), s.say.read(m), s.ValueText(e)))
	})
}

func (s *listScan) incompatible(x, m int32) {
	s.add("incompatible-order", func() check.Witness {
		k := s.Key[m]
		other := s.longestReader(k)
		list, _ := s.List(m)
		reads := s.reads(k)
		w := s.say.witness(fmt.Sprintf("ops %d and %d read key %s as lists of which neither is a prefix of the other: %s and %s",
			s.Index(other), s.Index(x), s.KeyText(k), s.say.list(s.Longest(k)), s.say.list(list)), k, []int32{other, x}, nil,
			"A list only grows at its end, so two states of it always have that form. What was read of it:"+tellReads(reads))
		w.Reads = reads
		return w
	})
}

// reads lists the distinct lists that were read of key k, the longest first.
func (s *listScan) reads(k int32) []check.Read {
	type row struct {
		check.Read
		size int
	}
	var rows []row
	place := map[string]int{}
	for m, key := range s.Key {
		list, known := s.List(int32(m))
		if key != k || !known {
			continue
		}
		i, seen := place[fmt.Sprint(list)]
		if !seen {
			i = len(rows)
			place[fmt.Sprint(list)] = i
			_, prefix := s.Prefix(int32(m))
			rows = append(rows, row{check.Read{Op: s.Index(s.Txn[m]), Prefix: prefix, Value: s.say.list(list)}, len(list)})
		}
		rows[i].Count++
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(b.size, a.size) })
	reads := make([]check.Read, len(rows))
	for i, r := range rows {
		reads[i] = r.Read
	}
	return reads
}

// mostReads is how many lists of a table are written out.
const mostReads = 20

func tellReads(reads []check.Read) string {
	var b strings.Builder
	for i, r := range reads {
		if i == mostReads {
			fmt.Fprintf(&b, "\n    … and %d more", len(reads)-i)
			break
		}
		fmt.Fprintf(&b, "\n    %s  op %d", r.Value, r.Op)
		if r.Count > 1 {
			fmt.Fprintf(&b, " and %d more", r.Count-1)
		}
		if !r.Prefix {
			b.WriteString(", no prefix of the longest")
		}
	}
	return b.String()
}

// longestReader returns the first transaction that read the longest list of key k.
func (s *listScan) longestReader(k int32) int32 {
	size := int32(len(s.Longest(k)))
	for m := range int32(len(s.Txn)) {
		if n, ok := s.Prefix(m); ok && s.Kind[m] == micro.Read && s.Key[m] == k && n == size {
			return s.Txn[m]
		}
	}
	return -1
}

func (s *listScan) dirtyUpdate(k, failed, e int32) {
	s.add("dirty-update", func() check.Witness {
		a, _ := s.WriterTxn(failed)
		b, _ := s.WriterTxn(e)
		return s.say.witness(fmt.Sprintf("op %d appended %s to key %s on top of %s, which op %d had appended before it failed",
			s.Index(b), s.ValueText(e), s.KeyText(k), s.ValueText(failed), s.Index(a)), k, []int32{a, b},
			[]step{{0, 1, "ww", k, fmt.Sprintf("key %s was read as %s", s.KeyText(k), s.say.list(s.Longest(k)[:s.place[e]+1]))}}, "")
	})
}

func (s *listScan) lostUpdate(u update) {
	s.add("lost-update", func() check.Witness { return s.say.lostUpdate(u) })
}

// lostUpdate describes transactions that updated one version of a key.
func (n narrator) lostUpdate(u update) check.Witness {
	read := int32(-1)
	for m := n.First[u.txns[0]]; m < n.First[u.txns[0]+1]; m++ {
		if n.Key[m] == u.key {
			read = m
			break
		}
	}
	return n.witness(fmt.Sprintf("%s all read %s and then wrote it: at least one update was lost on the others", n.ops(u.txns), n.read(read)), u.key, u.txns, nil, "")
}

// why says why a comes before b, in a history of lists.
func (l *lists) why(a, b int32, kind graph.Kind, first, second string) (key int32, why string) {
	say := narrator{l.Txns}
	switch kind {
	case wr:
		for m := l.First[b]; m < l.First[b+1]; m++ {
			if l.Kind[m] == micro.Read && l.readsFrom(m, a) {
				return l.Key[m], fmt.Sprintf("%s read %s, and the last of it %s had appended", second, say.read(m), first)
			}
		}
	case ww:
		for m := l.First[b]; m < l.First[b+1]; m++ {
			if l.Kind[m] != micro.Write {
				continue
			}
			if e, seen, ok := l.previous(m, a); ok {
				return l.Key[m], l.behind(m, seen, fmt.Sprintf("%s appended %s to key %s", first, l.ValueText(e), l.KeyText(l.Key[m])), second)
			}
		}
	case rw:
		for m := l.First[b]; m < l.First[b+1]; m++ {
			if l.Kind[m] != micro.Write {
				continue
			}
			if r, seen, ok := l.missed(m, a); ok {
				return l.Key[m], l.behind(m, seen, fmt.Sprintf("%s read %s", first, say.read(r)), second)
			}
		}
	}
	return -1, fmt.Sprintf("%s comes before %s", first, second)
}

// behind says how the append m follows on what was before.
func (l *lists) behind(m int32, seen bool, before, second string) string {
	text := fmt.Sprintf("%s and %s appended %s, ", before, second, l.ValueText(l.Val[m]))
	if seen {
		return text + "the next version"
	}
	return text + "which is in no list that was read and so comes behind the longest"
}

// readsFrom reports whether x appended what the read m saw last.
func (l *lists) readsFrom(m, x int32) bool {
	if n, ok := l.version(m); ok {
		return l.last(l.Key[m], n) == x
	}
	e := l.Seen(m)
	if e < 0 {
		return false
	}
	w, ok := l.WriterTxn(e)
	return ok && w == x
}

// previous returns the element that x appended next before the append m; seen
// says whether m's own was ever read.
func (l *lists) previous(m, x int32) (e int32, seen, ok bool) {
	k, p := l.Key[m], l.place[l.Val[m]]
	seen = p >= 0
	if !seen {
		p = l.offset[k+1] - l.offset[k]
	}
	for p--; p >= 0; p-- {
		if w := l.writer[l.offset[k]+p]; w >= 0 {
			return l.Longest(k)[p], seen, w == x
		}
	}
	return 0, seen, false
}

// missed returns the read by x of the version just before the append m.
func (l *lists) missed(m, x int32) (read int32, seen, ok bool) {
	k, e := l.Key[m], l.Val[m]
	seen = l.place[e] >= 0
	for r := l.First[x]; r < l.First[x+1]; r++ {
		if l.Kind[r] != micro.Read || l.Key[r] != k {
			continue
		}
		n, ok := l.version(r)
		if !ok {
			continue
		}
		w := l.next(k, n)
		if seen && w == l.Txn[m] && l.place[e] >= n || !seen && w < 0 {
			return r, seen, true
		}
	}
	return 0, seen, false
}
