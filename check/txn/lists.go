package txn

import (
	"slices"

	"checker/check/txn/micro"
)

// lists are the version orders of a history of lists. The versions of a key are
// the prefixes of the longest list that was read of it; what was appended and is
// in no read comes behind them, in an order that nobody knows.
type lists struct {
	*micro.Txns
	offset []int32 // by key: where its elements begin in the columns below

	// By element of the longest lists.
	writer []int32 // the committed transaction that appended it, or -1
	before []int32 // the same, of the last element up to here that has one
	after  []int32 // of the first element from here on that has one

	place  []int32   // by value: its first place in the longest list of its key, or -1
	unread [][]int32 // by key: values that committed transactions appended and nobody read
}

func newLists(t *micro.Txns) *lists {
	l := &lists{Txns: t, offset: make([]int32, t.Keys()+1), place: make([]int32, t.Values())}
	for k := range int32(t.Keys()) {
		l.offset[k+1] = l.offset[k] + int32(len(t.Longest(k)))
	}
	n := l.offset[t.Keys()]
	l.writer, l.before, l.after = make([]int32, n), make([]int32, n), make([]int32, n)
	for v := range l.place {
		l.place[v] = -1
	}
	for k := range int32(t.Keys()) {
		l.order(k)
	}
	l.findUnread()
	return l
}

// order fills in the columns for the elements of key k.
func (l *lists) order(k int32) {
	at := l.offset[k]
	elems := l.Longest(k)
	last := int32(-1)
	for i, e := range elems {
		w := int32(-1)
		if x, ok := l.WriterTxn(e); ok && l.Happened(x) && l.place[e] < 0 {
			w = x
		}
		if l.place[e] < 0 {
			l.place[e] = int32(i)
		}
		if w >= 0 {
			last = w
		}
		l.writer[at+int32(i)], l.before[at+int32(i)] = w, last
	}
	next := int32(-1)
	for i := len(elems) - 1; i >= 0; i-- {
		if w := l.writer[at+int32(i)]; w >= 0 {
			next = w
		}
		l.after[at+int32(i)] = next
	}
}

func (l *lists) findUnread() {
	l.unread = make([][]int32, l.Keys())
	for m, kind := range l.Kind {
		if kind != micro.Write || !l.Happened(l.Txn[m]) {
			continue
		}
		if v := l.Val[m]; l.place[v] < 0 && l.Writer[v] != micro.Many {
			l.unread[l.Key[m]] = append(l.unread[l.Key[m]], v)
		}
	}
}

// last returns the transaction that appended the last element of the first n of
// key k, or the nearest before that committed; -1 for none.
func (l *lists) last(k, n int32) int32 {
	if n == 0 {
		return -1
	}
	return l.before[l.offset[k]+n-1]
}

// next returns the transaction that appended the first element behind the first
// n of key k, or the nearest after that committed; -1 for none.
func (l *lists) next(k, n int32) int32 {
	if at := l.offset[k] + n; at < l.offset[k+1] {
		return l.after[at]
	}
	return -1
}

// version returns how much of the longest list of its key the read m stands
// for. A list that is no prefix stands for its last element, if that is known
// and nothing that follows it was read too.
func (l *lists) version(m int32) (n int32, ok bool) {
	if n, ok := l.Prefix(m); ok {
		return n, true
	}
	list, known := l.List(m)
	if !known || len(list) == 0 {
		return 0, false
	}
	n = l.place[list[len(list)-1]] + 1
	if n == 0 {
		return 0, false
	}
	if longest := l.Longest(l.Key[m]); int(n) < len(longest) && slices.Contains(list, longest[n]) {
		return 0, false
	}
	return n, true
}

// infer does nothing: the order of versions is that of the elements.
func (l *lists) infer(*findings) {}

// addEdges adds the dependencies between transactions.
func (l *lists) addEdges(b *builder) {
	for k := range l.offset[1:] {
		last := int32(-1)
		for _, w := range l.writer[l.offset[k]:l.offset[k+1]] {
			if w < 0 {
				continue
			}
			if last >= 0 {
				b.edges.Add(last, w, ww)
			}
			last = w
		}
	}
	readers := make([][]source, l.Keys()) // of all that was ever read, where more was written
	for m := range int32(len(l.Txn)) {
		x := l.Txn[m]
		if l.Kind[m] != micro.Read || l.Status[x] != micro.Ok {
			continue
		}
		l.addRead(b, m, x, readers)
	}
	for k, unread := range l.unread {
		if len(unread) == 0 {
			continue
		}
		sources := readers[k]
		if w := l.last(int32(k), l.offset[k+1]-l.offset[k]); w >= 0 {
			sources = append(sources, source{w, ww})
		}
		b.fan(sources, l.writersOf(unread))
	}
}

// addRead adds the dependencies of the read m by x.
func (l *lists) addRead(b *builder, m, x int32, readers [][]source) {
	k := l.Key[m]
	n, ok := l.version(m)
	if !ok {
		if w, ok := l.WriterTxn(max(l.Seen(m), 0)); ok && l.Seen(m) >= 0 && l.Happened(w) {
			b.edges.Add(w, x, wr)
		}
		return
	}
	if w := l.last(k, n); w >= 0 {
		b.edges.Add(w, x, wr)
	}
	if w := l.next(k, n); w >= 0 {
		b.edges.Add(x, w, rw)
	} else if len(l.unread[k]) > 0 {
		readers[k] = append(readers[k], source{x, rw})
	}
}

// writersOf returns the distinct transactions that wrote values, in their order.
func (l *lists) writersOf(values []int32) []int32 {
	writers := make([]int32, 0, len(values))
	for _, v := range values {
		x, _ := l.WriterTxn(v)
		writers = append(writers, x)
	}
	slices.Sort(writers)
	return slices.Compact(writers)
}
