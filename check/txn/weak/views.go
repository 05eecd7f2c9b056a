package weak

import (
	"context"

	"checker/internal/graph"
)

// views are what a session guarantee demands. Each session may have an order of
// writes of its own, its view, that must contain the edges of base and those
// that its own reads demand.
type views struct {
	*input
	base  graph.Edges
	edges graph.Edges
	view  []int32 // by edge of edges: the session whose view it belongs to
	miss  []miss
	nodes int32

	chains []chain // by key, for the session at work
	slot   []slot  // by write: where it stands in the chain of its key
	one    [1]int32
}

// chain is the writes of a key that a session must see from some moment on, in
// the order in which they came. A cut is a node that comes after all writes up to
// there, so that a demand costs one edge, however many writes there are.
type chain struct {
	session int32 // + 1
	writes  []int32
	cutAt   []int32 // how many writes come before the cut
	cut     []int32 // its node
}

type slot struct{ session, at int32 }

func (in *input) views() *views {
	return &views{input: in, nodes: int32(in.len()), chains: make([]chain, in.keys), slot: make([]slot, len(in.writes))}
}

// chainOf returns the chain of a key, empty at the beginning of a session.
func (v *views) chainOf(key, s int32) *chain {
	c := &v.chains[key]
	if c.session != s+1 {
		*c = chain{session: s + 1, writes: c.writes[:0], cutAt: c.cutAt[:0], cut: c.cut[:0]}
	}
	return c
}

// add notes that session s must see a write from now on. Of a list, the latest
// version is enough, and the one before in case that the latest is the reader's
// own.
func (v *views) add(s, w int32) {
	c := v.chainOf(v.writes[w].key, s)
	if v.slot[w].session == s+1 {
		return
	}
	v.slot[w] = slot{s + 1, int32(len(c.writes))}
	c.writes = append(c.writes, w)
	if !v.lists {
		return
	}
	for i := len(c.writes) - 1; i > 0 && v.writes[c.writes[i]].version > v.writes[c.writes[i-1]].version; i-- {
		c.writes[i], c.writes[i-1] = c.writes[i-1], c.writes[i]
	}
	c.writes = c.writes[:min(2, len(c.writes))]
}

// addSources notes that session s must see all that t read from.
func (v *views) addSources(s, t int32, told []int32) {
	for i := v.readAt[t]; i < v.readAt[t+1]; i++ {
		for _, source := range v.sources(&v.reads[i], &v.one) {
			if told[source] == s+1 {
				continue
			}
			told[source] = s + 1
			for w := v.writeAt[source]; w < v.writeAt[source+1]; w++ {
				v.add(s, w)
			}
		}
	}
}

// demandOne demands that a read sees a write, in a view.
func (v *views) demandOne(view, t, r, w int32) {
	at, writer := &v.reads[r], v.writes[w].txn
	switch {
	case writer == t, !v.lists && writer == at.from:
	case v.misses(at, w):
		if len(v.miss) < maxMisses {
			v.miss = append(v.miss, miss{t, r, writer})
		}
	case !v.lists:
		v.edge(view, writer, at.from, order)
	}
}

func (v *views) edge(view, a, b int32, k graph.Kind) {
	if a != b {
		v.edges.Add(a, b, k)
		v.view = append(v.view, view)
	}
}

// demandChain demands, in a view, that a read sees what session s must see.
func (v *views) demandChain(view, t, r, s int32) {
	at := &v.reads[r]
	c := v.chainOf(at.key, s)
	own, writes := v.writeOf(t, at.key)
	if v.lists || at.from == initial || writes && v.slot[own].session == s+1 { // the last: read from its own future
		for _, w := range c.writes {
			v.demandOne(view, t, r, w)
		}
		return
	}
	end := int32(len(c.writes))
	if known := v.slot[at.write]; known.session == s+1 {
		for i := known.at + 1; i < end; i++ {
			v.demandOne(view, t, r, c.writes[i])
		}
		end = known.at
	}
	if end > 0 {
		v.edge(view, v.cutAfter(c, end), at.from, order)
	}
}

// cutAfter returns the node after the first n writes of a chain.
func (v *views) cutAfter(c *chain, n int32) int32 {
	last := len(c.cutAt) - 1
	for last >= 0 && c.cutAt[last] > n {
		last--
	}
	from := int32(0)
	if last >= 0 {
		if from = c.cutAt[last]; from == n {
			return c.cut[last]
		}
	}
	node := v.nodes
	v.nodes++
	if last >= 0 {
		v.base.Add(c.cut[last], node, aux)
	}
	for _, w := range c.writes[from:n] {
		v.base.Add(v.input.writes[w].txn, node, aux)
	}
	if last == len(c.cutAt)-1 {
		c.cutAt, c.cut = append(c.cutAt, n), append(c.cut, node)
	}
	return node
}

// readYourWrites demands that a session sees what it wrote.
func (in *input) readYourWrites(ctx context.Context) (*views, error) {
	v := in.views()
	in.listEdges(&v.base)
	return v, in.eachInSession(ctx, func(s, t int32) {
		for r := in.readAt[t]; r < in.readAt[t+1]; r++ {
			v.demandChain(s, t, r, s)
		}
		for w := in.writeAt[t]; w < in.writeAt[t+1]; w++ {
			v.add(s, w)
		}
	})
}

// monotonicReads demands that a session sees what it has seen.
func (in *input) monotonicReads(ctx context.Context) (*views, error) {
	v := in.views()
	in.listEdges(&v.base)
	told := make([]int32, in.len())
	return v, in.eachInSession(ctx, func(s, t int32) {
		for r := in.readAt[t]; r < in.readAt[t+1]; r++ {
			v.demandChain(s, t, r, s)
		}
		v.addSources(s, t, told)
	})
}

// monotonicWrites demands that who sees a transaction sees what its session wrote
// before it, and that all see the writes of a session in their order.
func (in *input) monotonicWrites(ctx context.Context) (*views, error) {
	v := in.views()
	in.listEdges(&v.base)
	by := in.writersBySession()
	return v, in.eachInSession(ctx, func(s, t int32) {
		if last := in.before(t); last != initial {
			v.base.Add(last, t, so)
		}
		for i := in.readAt[t]; i < in.readAt[t+1]; i++ {
			for _, source := range in.sources(&in.reads[i], &v.one) {
				for r := in.readAt[t]; r < in.readAt[t+1]; r++ {
					w, ok := in.lastBefore(by, in.reads[r].key, source)
					if ok && in.writes[w].txn == t { // which read from its own future
						w, ok = in.lastBefore(by, in.reads[r].key, t)
					}
					if ok {
						v.demandOne(s, t, r, w)
					}
				}
			}
		}
	})
}

// lastBefore returns the last write of a key by the session of t before t.
func (in *input) lastBefore(by writers, key, t int32) (w int32, ok bool) {
	lo, hi := by.groupAt[key], by.groupAt[key+1]
	for lo < hi {
		mid := (lo + hi) / 2
		if by.groups[mid].session < in.session[t] {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == by.groupAt[key+1] || by.groups[lo].session != in.session[t] {
		return 0, false
	}
	return in.last(by, by.groups[lo], in.place[t])
}

// writesFollowReads demands that who sees a transaction sees what its session had
// read by then, and that all see the writes that a session had read before those
// that it wrote then. For the latter, each transaction has a second node: after
// all that its session has read so far, and before it if it writes.
func (in *input) writesFollowReads(ctx context.Context) (*views, error) {
	v := in.views()
	in.listEdges(&v.base)
	v.nodes += int32(in.len())
	told := make([]int32, in.len())
	readers := in.readers()
	return v, in.eachInSession(ctx, func(s, t int32) {
		past := int32(in.len()) + t
		if last := in.before(t); last != initial {
			v.base.Add(int32(in.len())+last, past, aux)
		}
		for i := in.readAt[t]; i < in.readAt[t+1]; i++ {
			if from := in.reads[i].from; from != initial {
				v.base.Add(from, past, wr)
			}
		}
		v.addSources(s, t, told)
		if len(in.writesOf(t)) == 0 {
			return
		}
		v.base.Add(past, t, so)
		for _, reader := range readers.list(t) {
			for r := in.readAt[reader]; r < in.readAt[reader+1]; r++ {
				v.demandChain(in.session[reader], reader, r, s)
			}
		}
	})
}

// readers returns by transaction those that read from it.
func (in *input) readers() spans {
	var from, by []int32
	var one [1]int32
	for t := range int32(in.len()) {
		for i := in.readAt[t]; i < in.readAt[t+1]; i++ {
			for _, source := range in.sources(&in.reads[i], &one) {
				from, by = append(from, source), append(by, t)
			}
		}
	}
	s := spansOf(in.len(), len(from), func(i int32) int32 { return from[i] })
	for i, at := range s.of {
		s.of[i] = by[at]
	}
	return s
}

// eachInSession calls f for the transactions of each session in their order.
func (in *input) eachInSession(ctx context.Context, f func(s, t int32)) error {
	for s := range int32(in.sessions()) {
		for _, t := range in.members.list(s) {
			if err := stopped(ctx, t); err != nil {
				return err
			}
			f(s, t)
		}
	}
	return nil
}
