package txn

import (
	"slices"

	"checker/check/txn/micro"
	"checker/check/txn/polygraph"
)

// posed is a history as a problem for check/txn/polygraph.
type posed struct {
	polygraph.Problem
	txns []int32 // by transaction of the problem: that of the history
	at   []int32 // by transaction of the history: that of the problem, or -1
	keys []int32 // by key of the problem: that of the history
}

func pose(t *micro.Txns) *posed {
	p := &posed{at: make([]int32, t.Len())}
	for x := range int32(t.Len()) {
		p.at[x] = -1
		if t.Happened(x) {
			p.at[x] = int32(len(p.txns))
			p.txns = append(p.txns, x)
			p.Txns = append(p.Txns, polygraph.Txn{Session: t.Session[x], Inv: t.Inv[x], End: t.End(x)})
		}
	}
	return p
}

func (p *posed) add(key int32, k polygraph.Key) {
	p.Keys = append(p.Keys, k)
	p.keys = append(p.keys, key)
}

// linked reports whether a transaction read what another wrote or overwrote.
func (p *posed) linked() bool {
	for _, key := range p.Keys {
		for _, r := range key.Reads {
			if r.Writer != polygraph.Nobody || slices.ContainsFunc(key.Writers, func(w int32) bool { return w != r.Txn }) {
				return true
			}
		}
	}
	return false
}

// problem poses what is known of registers.
func (r *registers) problem() *posed {
	p := pose(r.Txns)
	keys := make([]polygraph.Key, r.Keys())
	for k := range int32(r.Keys()) {
		for _, v := range r.written.of(k) {
			w := p.at[r.writer[v]]
			keys[k].Writers = append(keys[k].Writers, w)
			for _, x := range r.readers.of(v) {
				if p.at[x] != w {
					keys[k].Reads = append(keys[k].Reads, polygraph.Read{Txn: p.at[x], Writer: w})
				}
			}
		}
		for _, x := range r.readers.of(r.initial(k)) {
			keys[k].Reads = append(keys[k].Reads, polygraph.Read{Txn: p.at[x], Writer: polygraph.Nobody})
		}
	}
	for i, first := range r.order.first {
		second, w := r.order.second[i], wayOf(r.order.kind[i])
		if _, bad := r.refuted[r.key(first)]; bad || !r.trusted[w] || r.isInitial(first) || r.isInitial(second) || r.writer[first] < 0 || r.writer[second] < 0 {
			continue
		}
		k := &keys[r.key(first)]
		k.Order = append(k.Order, [2]int32{p.at[r.writer[first]], p.at[r.writer[second]]})
	}
	for k, key := range keys {
		p.add(int32(k), key)
	}
	return p
}

// problem poses what is known of lists.
func (l *lists) problem() *posed {
	p := pose(l.Txns)
	keys := make([]polygraph.Key, l.Keys())
	for k := range int32(l.Keys()) {
		key := &keys[k]
		for _, w := range l.writer[l.offset[k]:l.offset[k+1]] {
			if w >= 0 && !slices.Contains(key.Prefix, p.at[w]) {
				key.Prefix = append(key.Prefix, p.at[w])
			}
		}
		key.Writers = slices.Clone(key.Prefix)
		for _, w := range l.writersOf(l.unread[k]) {
			if !slices.Contains(key.Writers, p.at[w]) {
				key.Writers = append(key.Writers, p.at[w])
			}
		}
	}
	for m := range int32(len(l.Txn)) {
		x := l.Txn[m]
		if l.Kind[m] != micro.Read || l.Status[x] != micro.Ok {
			continue
		}
		n, ok := l.version(m)
		if n -= l.own(x, m); ok && n >= 0 {
			w := polygraph.Nobody
			if last := l.last(l.Key[m], n); last >= 0 {
				w = p.at[last]
			}
			if w != p.at[x] {
				keys[l.Key[m]].Reads = append(keys[l.Key[m]].Reads, polygraph.Read{Txn: p.at[x], Writer: w})
			}
		}
	}
	for k, key := range keys {
		p.add(int32(k), key)
	}
	return p
}

// own returns how many elements x appended to the key of its read m before that.
func (l *lists) own(x, m int32) (n int32) {
	for i := l.First[x]; i < m; i++ {
		if l.Kind[i] == micro.Write && l.Key[i] == l.Key[m] {
			n++
		}
	}
	return n
}
