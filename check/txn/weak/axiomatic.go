package weak

import (
	"context"

	"checker/internal/graph"
)

// Labels of edges: why one transaction comes before another.
const (
	so    graph.Kind = 1 << iota // session order
	wr                           // the second read what the first wrote
	ww                           // next elements of a list
	order                        // some reader saw the second though it should have seen the first, too
	aux                          // to or from a node that only bundles edges
)

// miss is a read that contradicts the model by itself: it does not show a
// write that it should.
type miss struct {
	reader, read, writer int32 // read is an index
}

// constraints are what a model demands of the order of commits.
type constraints struct {
	*input
	edges graph.Edges
	miss  []miss // none is enough to reject, but the model goes on if there is
	one   [1]int32
}

// maxMisses bounds how many are kept: each is a violation.
const maxMisses = 100

// demand notes that a write of the key that t's read r shows comes before what r
// read, because the model says that t should see it.
func (c *constraints) demand(t, r, w int32) {
	at, writer := &c.reads[r], c.writes[w].txn
	switch {
	case writer == at.from && !c.lists, writer == t:
	case c.misses(at, w):
		if len(c.miss) < maxMisses {
			c.miss = append(c.miss, miss{t, r, writer})
		}
	case !c.lists: // of lists, the order of elements says so already
		c.edges.Add(writer, at.from, order)
	}
}

// base returns the edges that every order of commits contains: session order,
// writers before readers, and the order of each list.
func (in *input) base() *graph.Edges {
	e := &graph.Edges{}
	for t := range int32(in.len()) {
		if last := in.before(t); last != initial {
			e.Add(last, t, so)
		}
		for i := in.readAt[t]; i < in.readAt[t+1]; i++ {
			if from := in.reads[i].from; from != initial {
				e.Add(from, t, wr)
			}
		}
	}
	in.listEdges(e)
	return e
}

// listEdges adds the order of each list: the elements that were read one after
// the other, then those that were not.
func (in *input) listEdges(e *graph.Edges) {
	if !in.lists {
		return
	}
	for key := range int32(in.keys) {
		elems := in.order.list(key)
		for i := 1; i < len(elems); i++ {
			e.Add(elems[i-1], elems[i], ww)
		}
	}
	for _, w := range in.writes {
		if elems := in.order.list(w.key); w.version == never && len(elems) > 0 {
			e.Add(elems[len(elems)-1], w.txn, ww)
		}
	}
}

// readCommitted demands that a transaction which has read from another never
// reads what comes before that one's writes: for each read, the writes of the
// writers read before it. Going backwards, only the first two different readings
// of each key that follow need an edge, since those after follow from it.
func (in *input) readCommitted(ctx context.Context) (*constraints, error) {
	c := &constraints{input: in}
	next := make([]nextReads, in.keys)
	for t := range int32(in.len()) {
		if err := stopped(ctx, t); err != nil {
			return nil, err
		}
		from, to := in.readAt[t], in.readAt[t+1]
		if to-from < 2 {
			continue
		}
		for i := to - 1; i >= from; i-- {
			r := &in.reads[i]
			for _, writer := range in.sources(r, &c.one) {
				if writer != t {
					c.demandNext(t, writer, next, i+1, to)
				}
			}
			next[r.key].push(in, t, i)
		}
	}
	return c, nil
}

// nextReads are the first two different readings of a key that follow in a
// transaction, as indices.
type nextReads struct {
	txn           int32 // + 1
	first, second int32
}

func (n *nextReads) push(in *input, t, i int32) {
	switch {
	case n.txn != t+1:
		*n = nextReads{t + 1, i, i}
	case in.lists && in.reads[i].seen > in.reads[n.first].seen: // the shorter list demands more
	case in.lists || in.reads[n.first].from != in.reads[i].from:
		n.first, n.second = i, n.first
	default:
		n.first = i
	}
}

// demandNext demands that reads from i to end see the writes of writer.
func (c *constraints) demandNext(t, writer int32, next []nextReads, i, end int32) {
	each := func(w int32) {
		n := &next[c.writes[w].key]
		if n.txn != t+1 {
			return
		}
		if !c.lists && c.reads[n.first].from == writer {
			c.demand(t, n.second, w)
		} else {
			c.demand(t, n.first, w)
		}
	}
	from, to := c.writeAt[writer], c.writeAt[writer+1]
	if to-from <= end-i {
		for w := from; w < to; w++ {
			each(w)
		}
		return
	}
	for ; i < end; i++ {
		if w, ok := c.writeOf(writer, c.reads[i].key); ok {
			each(w)
		}
	}
}

// readAtomic demands that a transaction sees all of every transaction that it
// read from, and all of its session. Of the session, the last writer of a key is
// enough, since those before it come before it.
func (in *input) readAtomic(ctx context.Context) (*constraints, error) {
	c := &constraints{input: in}
	type last struct{ session, write int32 }
	wrote := make([]last, in.keys)
	read := make([]nextReads, in.keys)
	marks := make([]int32, in.len()) // the reader + 1 that was told of this writer
	for s := range int32(in.sessions()) {
		for _, t := range in.members.list(s) {
			if err := stopped(ctx, t); err != nil {
				return nil, err
			}
			for i := in.readAt[t]; i < in.readAt[t+1]; i++ {
				read[in.reads[i].key].push(in, t, i)
			}
			for i := in.readAt[t]; i < in.readAt[t+1]; i++ {
				r := &in.reads[i]
				if l := wrote[r.key]; l.session == s+1 {
					c.demand(t, i, l.write)
				}
				for _, writer := range in.sources(r, &c.one) {
					if writer != t && marks[writer] != t+1 {
						marks[writer] = t + 1
						c.demandAll(t, writer, read)
					}
				}
			}
			for w := in.writeAt[t]; w < in.writeAt[t+1]; w++ {
				wrote[in.writes[w].key] = last{s + 1, w}
			}
		}
	}
	return c, nil
}

// demandAll demands that t, with the reads given by key, sees all that writer
// wrote: what the one read or the other wrote is looked up in the other,
// whichever is less. Of reads of one key that differ, two are enough.
func (c *constraints) demandAll(t, writer int32, read []nextReads) {
	reads := c.readsOf(t)
	from, to := c.writeAt[writer], c.writeAt[writer+1]
	if int(to-from) > len(reads) {
		for i := range reads {
			if w, ok := c.writeOf(writer, reads[i].key); ok {
				c.demand(t, c.readAt[t]+int32(i), w)
			}
		}
		return
	}
	for w := from; w < to; w++ {
		if n := &read[c.writes[w].key]; n.txn == t+1 {
			c.demand(t, n.first, w)
			if n.second != n.first {
				c.demand(t, n.second, w)
			}
		}
	}
}

// stopped returns the error of a context that is done, looking now and then.
func stopped(ctx context.Context, t int32) error {
	if t&0xfff != 0 {
		return nil
	}
	return ctx.Err()
}
