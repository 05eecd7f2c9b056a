package polygraph

import (
	"cmp"
	"container/heap"
)

// edgeKind is why one node comes before another.
type edgeKind uint8

const (
	inside   edgeKind = iota // a transaction starts before it commits
	ww                       // the next version, or a later one
	wr                       // the version that was read
	rw                       // a version later than the one that was read
	process                  // the order of a session
	realtime                 // had ended before the other was invoked
	gather                   // a reader, on the way to the node that stands for all of a version
)

// edge is an edge and its reason.
type edge struct {
	from, to int32
	kind     edgeKind
	key      int32
}

// network is the nodes of all transactions and what is known of their order. A
// transaction is one node, or two with Guarantee.Snapshot: its start 2t and its
// commit 2t+1. A schedule of the history is an order of the nodes that agrees
// with all edges, the known ones and those of the choices.
//
// Further nodes keep the number of edges linear: one per version with several
// readers, which all of them precede, and for real time a chain of barriers,
// each of which is preceded by all that ended before it.
type network struct {
	problem *Problem
	Guarantee
	keys  []keyChains
	wide  int32     // nodes per transaction
	nodes int32     // in all
	edges []edge    // known ones
	after [][]int32 // key → chain → the node that follows all readers of its last version, or -1
	out   rows      // of each node, its known edges
	in    rows
	hints []int32 // where in the history a node may have happened, -1 for helpers
	pairs int     // how many pairs of chains are open
}

func newNetwork(p *Problem, g Guarantee) *network {
	n := &network{problem: p, Guarantee: g, wide: 1}
	if g.Snapshot {
		n.wide = 2
	}
	n.nodes = n.wide * int32(len(p.Txns))
	n.hints = make([]int32, n.nodes)
	for t, txn := range p.Txns {
		n.hints[n.start(int32(t))], n.hints[n.commit(int32(t))] = txn.Inv, txn.End
		if txn.End == Never {
			n.hints[n.commit(int32(t))] = txn.Inv
		}
		if g.Snapshot {
			n.add(n.start(int32(t)), n.commit(int32(t)), inside, -1)
		}
	}
	for k := range p.Keys {
		n.addKey(int32(k))
	}
	if g.Session {
		n.addSessions()
	}
	if g.Realtime {
		n.addBarriers()
	}
	n.out = group(n.edges, n.nodes, func(e edge) int32 { return e.from })
	n.in = group(n.edges, n.nodes, func(e edge) int32 { return e.to })
	return n
}

func (n *network) start(t int32) int32  { return t * n.wide }
func (n *network) commit(t int32) int32 { return t*n.wide + n.wide - 1 }

// txn returns the transaction of a node; ok is false for a helper.
func (n *network) txn(node int32) (t int32, ok bool) {
	t = node / n.wide
	return t, t < int32(len(n.problem.Txns))
}

func (n *network) add(from, to int32, kind edgeKind, key int32) {
	n.edges = append(n.edges, edge{from, to, kind, key})
}

func (n *network) helper() int32 {
	n.nodes++
	n.hints = append(n.hints, -1)
	return n.nodes - 1
}

// version is the edge between the writers of two versions of a key.
func (n *network) version(earlier, later, key int32) edge {
	to := n.start(later)
	if n.Overwrites {
		to = n.commit(later)
	}
	return edge{n.commit(earlier), to, ww, key}
}

func (n *network) addKey(k int32) {
	key := n.problem.Keys[k]
	c := link(k, key, n.Overwrites && n.Snapshot)
	n.keys = append(n.keys, c)
	for _, r := range key.Reads {
		if r.Writer != Nobody {
			n.add(n.commit(r.Writer), n.start(r.Txn), wr, k)
		}
		if next, ok := c.next[r.Writer]; ok && next != r.Txn {
			n.add(n.start(r.Txn), n.commit(next), rw, k)
		}
	}
	after := make([]int32, len(c.chains))
	for i, ch := range c.chains {
		for j := 1; j < len(ch.writers); j++ {
			n.edges = append(n.edges, n.version(ch.writers[j-1], ch.writers[j], k))
		}
		after[i] = n.gather(ch)
	}
	n.after = append(n.after, after)
	for i := 1; i < len(c.chains); i++ {
		n.edges = append(n.edges, n.side(k, 0, int32(i))...)
	}
	for _, pair := range key.Order {
		n.edges = append(n.edges, n.version(pair[0], pair[1], k))
		if a, b := c.of[pair[0]], c.of[pair[1]]; a != b && b != 0 { // before the first chain there is none
			n.edges = append(n.edges, n.side(k, a, b)...)
		}
	}
	m := max(1, len(c.chains)) - 1
	n.pairs += m * (m - 1) / 2
}

// gather returns the node that follows all readers of a chain's last version.
func (n *network) gather(ch chain) int32 {
	switch len(ch.readers) {
	case 0:
		return -1
	case 1:
		return n.start(ch.readers[0])
	}
	all := n.helper()
	for _, r := range ch.readers {
		n.add(n.start(r), all, gather, ch.key)
	}
	return all
}

// side returns the edges that say that chain a of a key comes before chain b.
func (n *network) side(k, a, b int32) []edge {
	first, then := n.keys[k].chains[a], n.keys[k].chains[b]
	var edges []edge
	if len(first.writers) > 0 {
		edges = append(edges, n.version(first.writers[len(first.writers)-1], then.writers[0], k))
	}
	if from := n.after[k][a]; from >= 0 {
		edges = append(edges, edge{from, n.commit(then.writers[0]), rw, k})
	}
	return edges
}

func (n *network) addSessions() {
	last := map[int32]int32{}
	for _, t := range n.problem.inOrder(func(t Txn) int32 { return t.Inv }) {
		s := n.problem.Txns[t].Session
		if s < 0 {
			continue
		}
		if earlier, ok := last[s]; ok {
			n.add(n.commit(earlier), n.start(t), process, -1)
		}
		last[s] = t
	}
}

// addBarriers puts a barrier between the ends that come before an invocation and
// that invocation, one for each run of ends.
func (n *network) addBarriers() {
	ends := n.problem.inOrder(func(t Txn) int32 { return t.End })
	barrier := int32(-1)
	for _, t := range n.problem.inOrder(func(t Txn) int32 { return t.Inv }) {
		for fresh := false; len(ends) > 0 && n.problem.Txns[ends[0]].End < n.problem.Txns[t].Inv; ends = ends[1:] {
			if !fresh {
				earlier := barrier
				barrier, fresh = n.helper(), true
				if earlier >= 0 {
					n.add(earlier, barrier, realtime, -1)
				}
			}
			n.add(n.commit(ends[0]), barrier, realtime, -1)
		}
		if barrier >= 0 {
			n.add(barrier, n.start(t), realtime, -1)
		}
	}
}

// group returns of each node the edges that belong to it.
func group(edges []edge, nodes int32, by func(edge) int32) rows {
	return collect(nodes, func(add func(node, e int32)) {
		for i, e := range edges {
			add(by(e), int32(i))
		}
	})
}

// sort returns the rank of each node in an order that agrees with the known
// edges and else follows the history. If there is none, left is the nodes that
// lie on a cycle or behind one.
func (n *network) sort() (rank []int32, left []int32) {
	rank = make([]int32, n.nodes)
	missing := make([]int32, n.nodes)
	for _, e := range n.edges {
		missing[e.to]++
	}
	ready := &queue{hints: n.hints}
	for v := range n.nodes {
		if missing[v] == 0 {
			heap.Push(ready, v)
		}
	}
	placed := int32(0)
	for ready.Len() > 0 {
		v := heap.Pop(ready).(int32)
		rank[v], placed = placed, placed+1
		for _, e := range n.out.of(v) {
			to := n.edges[e].to
			if missing[to]--; missing[to] == 0 {
				heap.Push(ready, to)
			}
		}
	}
	if placed < n.nodes {
		for v := range n.nodes {
			if missing[v] > 0 {
				left = append(left, v)
			}
		}
	}
	return rank, left
}

// queue is the nodes that may come next, the earliest in the history first.
type queue struct {
	hints []int32
	nodes []int32
}

// Len, Less, Swap, Push and Pop are container/heap's.
func (q *queue) Len() int { return len(q.nodes) }

func (q *queue) Less(i, j int) bool {
	a, b := q.nodes[i], q.nodes[j]
	return cmp.Or(cmp.Compare(q.hints[a], q.hints[b]), cmp.Compare(a, b)) < 0
}

func (q *queue) Swap(i, j int) { q.nodes[i], q.nodes[j] = q.nodes[j], q.nodes[i] }

func (q *queue) Push(v any) { q.nodes = append(q.nodes, v.(int32)) }

func (q *queue) Pop() any {
	last := q.nodes[len(q.nodes)-1]
	q.nodes = q.nodes[:len(q.nodes)-1]
	return last
}
