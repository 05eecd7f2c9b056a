package weak

import (
	"context"

	"checker/internal/graph"
)

// past is the causal order: what happened before what, by session order and
// reading. Beside the transactions it has a node for each element that lists
// show, which bundles the writers of the elements up to it; so a reader needs one
// edge, however long its list is.
type past struct {
	*input
	order  []int32 // nodes, each after those before it; not all if it is cyclic
	rank   []int32 // by node: where it stands in order; 0 if it is cyclic
	cyclic bool
	heads  []bool // by element of a list: whether it is the first
}

// graph returns the causal order as a graph: edges into each transaction from
// what it directly depends on.
func (p *past) graph() *graph.Graph {
	e := &graph.Edges{}
	n := int32(p.len())
	if p.lists {
		for key := range int32(p.keys) {
			for i, writer := range p.input.order.list(key) {
				mark := n + p.input.order.at[key] + int32(i)
				e.Add(writer, mark, aux)
				if i > 0 {
					e.Add(mark-1, mark, aux)
				}
			}
		}
	}
	for t := range n {
		if last := p.before(t); last != initial {
			e.Add(last, t, so)
		}
		for i := p.readAt[t]; i < p.readAt[t+1]; i++ {
			if source := p.source(&p.reads[i]); source != initial {
				e.Add(source, t, wr)
			}
		}
	}
	return graph.New(p.nodes(), e)
}

// source returns the node that a read depends on, or initial.
func (p *past) source(r *read) int32 {
	if p.lists && r.seen > 0 {
		return int32(p.len()) + p.input.order.at[r.key] + r.seen - 1
	}
	return r.from
}

func (p *past) nodes() int {
	if p.lists {
		return p.len() + len(p.input.order.of)
	}
	return p.len()
}

// past sorts the causal order, level by level, so that what happened at about the
// same time stands close together.
func (in *input) past() *past {
	p := &past{input: in}
	p.heads = make([]bool, len(in.order.of))
	for key := range int32(len(in.order.at) - 1) {
		if at := in.order.at[key]; at < in.order.at[key+1] {
			p.heads[at] = true
		}
	}
	g := p.graph()
	missing := make([]int32, p.nodes()) // by node: how many before it are not placed yet
	for _, to := range g.To {
		missing[to]++
	}
	p.order = make([]int32, 0, p.nodes())
	for v, n := range missing {
		if n == 0 {
			p.order = append(p.order, int32(v))
		}
	}
	p.rank = missing
	for i := 0; i < len(p.order); i++ {
		to, _ := g.Out(p.order[i])
		for _, next := range to {
			if missing[next]--; missing[next] == 0 {
				p.order = append(p.order, next)
			}
		}
	}
	if p.cyclic = len(p.order) < p.nodes(); p.cyclic {
		clear(p.rank)
		return p
	}
	for i, v := range p.order {
		p.rank[v] = int32(i)
	}
	return p
}

// sessionsAtOnce is how many sessions the clocks are kept for in one pass, which
// bounds the memory.
const sessionsAtOnce = 64

// causal demands that a transaction sees all that happened before it. For each
// session it is enough to look at its last write of the key that happened before.
// Clocks tell which that is: by node and session, how many of the session's
// transactions happened before. They are kept for a band of sessions at a time,
// from the first transaction of these to the last read of a key that they wrote:
// with crashing clients, there are many sessions, but each is short.
func (p *past) causal(ctx context.Context) (*constraints, error) {
	c := &constraints{input: p.input}
	by := p.writersBySession()
	lastRead := p.lastReads()
	mine := make([]span, p.keys) // by key: its groups of the band
	for key := range mine {
		mine[key] = span{by.groupAt[key], by.groupAt[key]}
	}
	var rows []int32
	for first := int32(0); first < int32(p.sessions()); first += sessionsAtOnce {
		b := &band{first: first, end: min(first+sessionsAtOnce, int32(p.sessions()))}
		until := int32(-1)
		b.from = int32(p.nodes())
		for s := b.first; s < b.end; s++ {
			for _, t := range p.members.list(s) {
				b.from = min(b.from, p.rank[t])
				for _, w := range p.writesOf(t) {
					until = max(until, lastRead[w.key])
				}
			}
		}
		for key := range mine {
			mine[key] = span{mine[key].to, mine[key].to}
			for end := by.groupAt[key+1]; mine[key].to < end && by.groups[mine[key].to].session < b.end; {
				mine[key].to++
			}
		}
		size := max(0, int(until-b.from)+1) * int(b.end-b.first)
		rows = append(rows[:0], make([]int32, size)...)
		b.clocks = rows
		for i := b.from; i <= until; i++ {
			if err := stopped(ctx, i); err != nil {
				return nil, err
			}
			v := p.order[i]
			p.tick(b, v)
			if v < int32(p.len()) {
				c.demandPast(b, b.of(i), v, by, mine)
			}
		}
	}
	return c, nil
}

// span is a part of an array.
type span struct{ from, to int32 }

// lastReads returns by key the largest rank of a transaction that reads it, -1
// where none does.
func (p *past) lastReads() []int32 {
	last := make([]int32, p.keys)
	for key := range last {
		last[key] = -1
	}
	for t := range int32(p.len()) {
		for _, r := range p.readsOf(t) {
			last[r.key] = max(last[r.key], p.rank[t])
		}
	}
	return last
}

// band is the clocks of some sessions, for the nodes from a rank on.
type band struct {
	first, end int32
	from       int32
	clocks     []int32
}

// of returns the clock of the node of a rank.
func (b *band) of(rank int32) []int32 {
	width := int(b.end - b.first)
	at := int(rank-b.from) * width
	return b.clocks[at : at+width]
}

// tick computes the clock of a node from those before it. A transaction counts
// as happened before those after it, not before itself.
func (p *past) tick(b *band, v int32) {
	clock := b.of(p.rank[v])
	if v >= int32(p.len()) {
		at := v - int32(p.len())
		p.join(b, clock, p.input.order.of[at])
		if !p.heads[at] {
			p.join(b, clock, v-1)
		}
		return
	}
	if last := p.before(v); last != initial {
		p.join(b, clock, last)
	}
	for i := p.readAt[v]; i < p.readAt[v+1]; i++ {
		if source := p.source(&p.reads[i]); source != initial {
			p.join(b, clock, source)
		}
	}
}

// join makes clock at least that of the node before, which then has happened.
func (p *past) join(b *band, clock []int32, before int32) {
	rank := p.rank[before]
	if rank < b.from {
		return
	}
	other := b.of(rank)
	for i, n := range other[:len(clock)] {
		if n > clock[i] {
			clock[i] = n
		}
	}
	if before < int32(p.len()) {
		if s := p.session[before]; s >= b.first && s < b.end {
			clock[s-b.first] = max(clock[s-b.first], p.place[before]+1)
		}
	}
}

// writers are the writes of each key, session by session, each in its order.
type writers struct {
	writes  []int32 // indices
	groups  []group
	groupAt []int32 // by key
}

// group is the writes of one key and session: writers.writes[from:to].
type group struct{ session, from, to int32 }

func (in *input) writersBySession() writers {
	var inOrder []int32
	for _, t := range in.members.of {
		for w := in.writeAt[t]; w < in.writeAt[t+1]; w++ {
			inOrder = append(inOrder, w)
		}
	}
	sorted := spansOf(in.keys, len(inOrder), func(i int32) int32 { return in.writes[inOrder[i]].key })
	by := writers{writes: sorted.of, groupAt: make([]int32, 0, in.keys+1)}
	for i, at := range sorted.of {
		sorted.of[i] = inOrder[at]
	}
	for key := range int32(in.keys) {
		by.groupAt = append(by.groupAt, int32(len(by.groups)))
		last := int32(-1)
		for i := sorted.at[key]; i < sorted.at[key+1]; i++ {
			if s := in.session[in.writes[by.writes[i]].txn]; s != last {
				by.groups = append(by.groups, group{s, i, i})
				last = s
			}
			by.groups[len(by.groups)-1].to = i + 1
		}
	}
	by.groupAt = append(by.groupAt, int32(len(by.groups)))
	return by
}

// last returns the last write of a group among the first transactions of its
// session; ok is false when there is none.
func (in *input) last(by writers, g group, transactions int32) (w int32, ok bool) {
	lo, hi := g.from, g.to
	for lo < hi {
		mid := (lo + hi) / 2
		if in.place[in.writes[by.writes[mid]].txn] < transactions {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == g.from {
		return 0, false
	}
	return by.writes[lo-1], true
}

// demandPast demands that t sees what happened before it in the sessions of b,
// whose groups of writes are those of mine.
func (c *constraints) demandPast(b *band, clock []int32, t int32, by writers, mine []span) {
	for i := c.readAt[t]; i < c.readAt[t+1]; i++ {
		of := mine[c.reads[i].key]
		for _, g := range by.groups[of.from:of.to] {
			if clock[g.session-b.first] == 0 {
				continue
			}
			if w, ok := c.last(by, g, clock[g.session-b.first]); ok {
				c.demand(t, i, w)
			}
		}
	}
}
