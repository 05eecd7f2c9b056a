package graph

import (
	"fmt"
	"math"
)

// Kind is a set of edge labels. What the bits mean is the caller's business;
// an edge may bear several.
type Kind uint16

// Any is the set of all labels.
const Any Kind = 0xffff

// Graph is a directed graph in compressed rows: the edges that leave node v are
// at First[v] up to First[v+1]. The zero Graph has no nodes.
type Graph struct {
	First []int32 // by node, and the number of edges behind the last
	To    []int32 // by edge: where it goes
	Kind  []Kind  // by edge: its labels
}

// Edges collects edges on their way into a [Graph].
type Edges struct {
	From, To []int32
	Kind     []Kind
}

// Add adds the edge from a to b. Edges from a node to itself are dropped.
func (e *Edges) Add(a, b int32, k Kind) {
	if a == b {
		return
	}
	e.From = append(e.From, a)
	e.To = append(e.To, b)
	e.Kind = append(e.Kind, k)
}

// Len returns how many edges were added.
func (e *Edges) Len() int { return len(e.From) }

// New builds a graph of n nodes from parts of its edges. Edges of one node stay
// in the order given. It panics when there are more than 2^31-1 edges.
func New(n int, parts ...*Edges) *Graph {
	total := 0
	for _, p := range parts {
		total += p.Len()
	}
	if total > math.MaxInt32 {
		panic(fmt.Sprintf("graph: %d edges are too many for 32 bits", total))
	}
	g := &Graph{First: make([]int32, n+2), To: make([]int32, total), Kind: make([]Kind, total)}
	for _, p := range parts {
		for _, a := range p.From {
			g.First[a+2]++
		}
	}
	for v := range n {
		g.First[v+2] += g.First[v+1]
	}
	at := g.First[1:] // where the next edge of a node goes; ends as the node's end
	for _, p := range parts {
		for i, a := range p.From {
			j := at[a]
			at[a]++
			g.To[j], g.Kind[j] = p.To[i], p.Kind[i]
		}
	}
	g.First = g.First[:n+1]
	return g
}

// Len returns the number of nodes.
func (g *Graph) Len() int { return max(0, len(g.First)-1) }

// Out returns the edges that leave v: where they go and what labels they bear.
func (g *Graph) Out(v int32) ([]int32, []Kind) {
	i, j := g.First[v], g.First[v+1]
	return g.To[i:j], g.Kind[i:j]
}

// Has returns the labels of all edges from a to b, 0 when there is none.
func (g *Graph) Has(a, b int32) Kind {
	var k Kind
	to, kinds := g.Out(a)
	for i, w := range to {
		if w == b {
			k |= kinds[i]
		}
	}
	return k
}

// Reverse returns the graph with every edge turned round.
func (g *Graph) Reverse() *Graph {
	e := Edges{From: g.To, To: make([]int32, len(g.To)), Kind: g.Kind}
	for v := range int32(g.Len()) {
		for i := g.First[v]; i < g.First[v+1]; i++ {
			e.To[i] = v
		}
	}
	return New(g.Len(), &e)
}

// Induce returns the subgraph of nodes, numbered by their places in it, with the
// edges between them that bear a label of mask. place is scratch: an entry for
// every node of g, all -1, as which it is handed back.
func (g *Graph) Induce(nodes []int32, mask Kind, place []int32) *Graph {
	for i, v := range nodes {
		place[v] = int32(i)
	}
	sub := &Graph{First: make([]int32, len(nodes)+1)}
	for i, v := range nodes {
		for e := g.First[v]; e < g.First[v+1]; e++ {
			if to := place[g.To[e]]; to >= 0 && g.Kind[e]&mask != 0 {
				sub.To = append(sub.To, to)
				sub.Kind = append(sub.Kind, g.Kind[e])
			}
		}
		sub.First[i+1] = int32(len(sub.To))
	}
	for _, v := range nodes {
		place[v] = -1
	}
	return sub
}
