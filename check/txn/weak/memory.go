package weak

import (
	"context"
	"slices"

	"checker/internal/graph"
)

// later is the label of a node that nothing puts before a session's end.
const later = never

// memory finds, session by session, the order in which that session must have
// seen all transactions, with others' reads left out: its own happen one after
// the other, each after all that happened before it, and what it reads is the
// last write of its key. It is the fixpoint of Bouajjani, Enea, Guerraoui and
// Hamza (On verifying causal consistency, POPL 2017), for transactions. Of every
// node it holds the first transaction of the session that it comes before; where
// that comes no later than a read of a key that the node writes, the node comes
// before what was read. The session's transactions are in one order, so a number
// says it all, and what is not before any of them may be put behind.
type memory struct {
	*past
	causal bool // other sessions see what happened before in reading order, too; else in session order only

	session    int32
	from       int32   // the least rank of a node that can matter: a writer of what the session reads
	touched    []int32 // nodes with a label
	number     []int32 // by node, room for graph
	label      []int32 // by node: the place in the session that it comes before
	work       []int32
	steps      int32
	reads      []int32 // of the session, by key and then place
	least      []int32 // by read of a list: the one that shows least from there on
	readAt     []int32 // by key: where its reads begin; valid if readOf is the session
	readOf     []int32 // by key: session + 1
	extra      map[int32][]int32
	firstWrite []int32 // by key: the least rank of a writer
	drawn      []int32 // by write: what it was put before last, + 1
	edges      graph.Edges
}

func (p *past) memory(causal bool) *memory {
	m := &memory{past: p, causal: causal, label: make([]int32, p.nodes()), number: make([]int32, p.nodes()), extra: map[int32][]int32{}}
	m.readAt, m.readOf = make([]int32, p.keys), make([]int32, p.keys)
	m.drawn = make([]int32, len(p.writes))
	for v := range m.label {
		m.label[v] = later
	}
	m.firstWrite = make([]int32, p.keys)
	for key := range m.firstWrite {
		m.firstWrite[key] = int32(p.nodes())
	}
	for _, w := range p.writes {
		m.firstWrite[w.key] = min(m.firstWrite[w.key], p.rank[w.txn])
	}
	return m
}

// view computes what session s demands beyond the base, as m.edges.
func (m *memory) view(ctx context.Context, s int32) error {
	m.session, m.edges = s, graph.Edges{}
	clear(m.extra)
	for _, v := range m.touched {
		m.label[v] = later
		if v < int32(m.len()) {
			clear(m.drawn[m.writeAt[v]:m.writeAt[v+1]])
		}
	}
	m.touched = m.touched[:0]
	m.collectReads()
	// In the order of the session, so that most labels are final at once.
	for _, t := range m.members.list(s) {
		m.lower(t, m.place[t])
		if err := m.spread(ctx); err != nil {
			return err
		}
	}
	return nil
}

// spread lowers labels until each agrees with those of the nodes after it, and
// with the reads of the session.
func (m *memory) spread(ctx context.Context) error {
	for len(m.work) > 0 {
		m.steps++
		if err := stopped(ctx, m.steps); err != nil {
			return err
		}
		v := m.work[len(m.work)-1]
		m.work = m.work[:len(m.work)-1]
		m.eachBefore(v, func(before int32, _ graph.Kind) { m.lower(before, m.label[v]) })
		for _, before := range m.extra[v] {
			m.lower(before, m.label[v])
		}
		if v < int32(m.len()) {
			for w := m.writeAt[v]; w < m.writeAt[v+1]; w++ {
				m.demand(v, w)
			}
		}
	}
	return nil
}

// collectReads sorts the reads of the session, and demands of lists that their
// elements come in their order.
func (m *memory) collectReads() {
	in := m.input
	m.reads, m.from = m.reads[:0], int32(m.nodes())
	for _, t := range m.members.list(m.session) {
		for r := in.readAt[t]; r < in.readAt[t+1]; r++ {
			m.reads = append(m.reads, r)
			m.from = min(m.from, m.firstWrite[in.reads[r].key])
		}
	}
	slices.SortStableFunc(m.reads, func(a, b int32) int { return int(in.reads[a].key) - int(in.reads[b].key) })
	for i, r := range m.reads {
		if key := in.reads[r].key; i == 0 || in.reads[m.reads[i-1]].key != key {
			m.readAt[key], m.readOf[key] = int32(i), m.session+1
			if m.lists {
				m.orderElements(i, key)
			}
		}
	}
	m.least = slices.Clone(m.reads)
	for i := len(m.reads) - 2; i >= 0; i-- {
		here, next := &in.reads[m.reads[i]], &in.reads[m.least[i+1]]
		if here.key == next.key && next.seen <= here.seen {
			m.least[i] = m.least[i+1]
		}
	}
}

func (m *memory) orderElements(i int, key int32) {
	most := int32(0)
	for ; i < len(m.reads) && m.input.reads[m.reads[i]].key == key; i++ {
		most = max(most, m.input.reads[m.reads[i]].seen)
	}
	elems := m.input.order.list(key)[:most]
	for i := 1; i < len(elems); i++ {
		m.put(elems[i-1], elems[i], ww)
	}
}

// put puts one transaction before another in this view.
func (m *memory) put(a, b int32, k graph.Kind) {
	if a != b {
		m.edges.Add(a, b, k)
		m.extra[b] = append(m.extra[b], a)
		m.lower(a, m.label[b])
	}
}

func (m *memory) lower(v, label int32) {
	if label < m.label[v] && m.rank[v] >= m.from {
		if m.label[v] == later {
			m.touched = append(m.touched, v)
		}
		m.label[v] = label
		m.work = append(m.work, v)
	}
}

// eachBefore calls f for the nodes that a node directly comes after, without
// what the view adds.
func (m *memory) eachBefore(v int32, f func(before int32, k graph.Kind)) {
	n := int32(m.len())
	if v >= n {
		f(m.input.order.of[v-n], aux)
		if !m.heads[v-n] {
			f(v-1, aux)
		}
		return
	}
	if last := m.before(v); last != initial {
		f(last, so)
	}
	if !m.causal && m.input.session[v] != m.session {
		return
	}
	for i := m.input.readAt[v]; i < m.input.readAt[v+1]; i++ {
		if source := m.source(&m.input.reads[i]); source != initial {
			f(source, wr)
		}
	}
}

// demand puts the writer v of w before what the session first reads of that key
// when v has happened; the reads after that then follow.
func (m *memory) demand(v, w int32) {
	key := m.writes[w].key
	if m.readOf[key] != m.session+1 {
		return
	}
	first := m.label[v]
	if m.input.session[v] == m.session && m.place[v] == first {
		first++
	}
	reads := m.reads
	if m.lists {
		reads = m.least
	}
	from := int(m.readAt[key])
	for _, r := range reads[from+m.firstRead(m.reads[from:], key, first):] {
		at := &m.input.reads[r]
		if at.key != key {
			return
		}
		switch {
		case m.misses(at, w):
			m.put(m.reader(r), v, order)
			return
		case m.lists:
			return
		case at.from != v:
			if m.drawn[w] != at.from+1 {
				m.drawn[w] = at.from + 1
				m.put(v, at.from, order)
			}
			return
		}
	}
}

// firstRead returns the first of reads that is of another key or by a
// transaction at a place or later.
func (m *memory) firstRead(reads []int32, key, place int32) int {
	lo, hi := 0, len(reads)
	for lo < hi {
		mid := (lo + hi) / 2
		if r := reads[mid]; m.input.reads[r].key == key && m.place[m.reader(r)] < place {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// reader returns the transaction of a read of the session.
func (m *memory) reader(r int32) int32 {
	of := m.members.list(m.session)
	at, _ := slices.BinarySearchFunc(of, r, func(t, r int32) int {
		if m.input.readAt[t+1] <= r {
			return -1
		}
		return 1
	})
	return of[at]
}

// graph returns everything that the view of the session demands, the base and
// what view found, on the nodes that can matter: number i is m.touched[i].
func (m *memory) graph() *graph.Graph {
	for i, v := range m.touched {
		m.number[v] = int32(i)
	}
	all := &graph.Edges{}
	for i, v := range m.touched {
		m.eachBefore(v, func(before int32, k graph.Kind) {
			if m.label[before] != later {
				all.Add(m.number[before], int32(i), k)
			}
		})
	}
	for i, a := range m.edges.From {
		all.Add(m.number[a], m.number[m.edges.To[i]], m.edges.Kind[i])
	}
	return graph.New(len(m.touched), all)
}

// forward reports whether all that the view adds agrees with the causal order as
// it is sorted, so that it cannot be circular.
func (m *memory) forward() bool {
	if m.cyclic {
		return false
	}
	for i, a := range m.edges.From {
		if m.rank[a] > m.rank[m.edges.To[i]] {
			return false
		}
	}
	return true
}
