package txn

import (
	"math"

	"checker/check/txn/micro"
	"checker/internal/graph"
)

// builder collects the edges of the dependency graph. Nodes below the number of
// transactions are these; those above are auxiliary, and stand for many edges.
type builder struct {
	*micro.Txns
	edges graph.Edges
	nodes int32
}

func newBuilder(t *micro.Txns) *builder {
	return &builder{Txns: t, nodes: int32(t.Len())}
}

func (b *builder) node() int32 {
	if b.nodes == math.MaxInt32 {
		panic("check/txn: more than 2^31 nodes")
	}
	b.nodes++
	return b.nodes - 1
}

// build ends the collection.
func (b *builder) build() *graph.Graph { return graph.New(int(b.nodes), &b.edges) }

// sessions adds the order of each session.
func (b *builder) sessions() {
	last := make([]int32, b.Sessions)
	for s := range last {
		last[s] = -1
	}
	for x := range int32(b.Len()) {
		if !b.Happened(x) {
			continue
		}
		s := b.Session[x]
		if last[s] >= 0 {
			b.edges.Add(last[s], x, process)
		}
		last[s] = x
	}
}

// realTime adds the order of real time as a chain of barriers, one for every
// completion after which something is invoked before the next: a transaction
// leads to the first barrier after its end, and the last barrier before an
// invocation leads to that. So the edges are at most three per transaction,
// however many of them are concurrent.
func (b *builder) realTime() {
	if !b.History.HasRealTime() {
		return
	}
	barrier, next := int32(-1), int32(0)
	var ended []int32
	h := b.History
	owner := b.owners()
	for row := range int32(h.Len()) {
		if x := owner[row]; x >= 0 {
			ended = append(ended, x)
			continue
		}
		if int(next) >= b.Len() || b.Inv[next] != row {
			continue
		}
		x := next
		next++
		if !b.Happened(x) {
			continue
		}
		if len(ended) > 0 {
			barrier = b.barrier(barrier, ended)
			ended = ended[:0]
		}
		if barrier >= 0 {
			b.edges.Add(barrier, x, via)
		}
	}
}

// owners returns, by row, which transaction ends there as ok, or -1.
func (b *builder) owners() []int32 {
	owner := make([]int32, b.History.Len())
	for row := range owner {
		owner[row] = -1
	}
	for x := range int32(b.Len()) {
		if end := b.End(x); end != micro.Never {
			owner[end] = x
		}
	}
	return owner
}

func (b *builder) barrier(before int32, ended []int32) int32 {
	now := b.node()
	if before >= 0 {
		b.edges.Add(before, now, via)
	}
	for _, x := range ended {
		b.edges.Add(x, now, realtime)
	}
	return now
}

// source is where edges of a fan come from.
type source struct {
	txn  int32
	kind graph.Kind
}

// fan adds an edge from every source to every target but itself. Where that
// would be many, they pass through auxiliary nodes: node i of one chain leads to
// the targets from i on, node i of another to those up to i, so that a source
// that is a target too can pass itself by.
func (b *builder) fan(sources []source, targets []int32) {
	s, t := len(sources), len(targets)
	if s*t <= 2*(s+t)+8 {
		for _, from := range sources {
			for _, to := range targets {
				b.edges.Add(from.txn, to, from.kind)
			}
		}
		return
	}
	up, down := make([]int32, t), make([]int32, t)
	place := make(map[int32]int, t)
	for i, to := range targets {
		up[i], down[i] = b.node(), b.node()
		b.edges.Add(up[i], to, via)
		b.edges.Add(down[i], to, via)
		place[to] = i
	}
	for i := range t - 1 {
		b.edges.Add(up[i], up[i+1], via)
		b.edges.Add(down[i+1], down[i], via)
	}
	for _, from := range sources {
		i, both := place[from.txn]
		switch {
		case !both:
			b.edges.Add(from.txn, up[0], from.kind)
			continue
		case i+1 < t:
			b.edges.Add(from.txn, up[i+1], from.kind)
		}
		if i > 0 {
			b.edges.Add(from.txn, down[i-1], from.kind)
		}
	}
}
