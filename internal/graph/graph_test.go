package graph_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"checker/internal/graph"
)

// random returns a graph of n nodes and m edges, with two labels.
func random(rng *rand.Rand, n, m int) *graph.Graph {
	var e graph.Edges
	for range m {
		e.Add(rng.Int32N(int32(n)), rng.Int32N(int32(n)), graph.Kind(1+rng.IntN(3)))
	}
	return graph.New(n, &e)
}

// closure returns for every pair of nodes the length of the shortest path, by
// the rule of Floyd and Warshall; 0 when there is none.
func closure(g *graph.Graph, mask graph.Kind) [][]int {
	n := g.Len()
	d := make([][]int, n)
	for v := range d {
		d[v] = make([]int, n)
		to, kinds := g.Out(int32(v))
		for i, w := range to {
			if kinds[i]&mask != 0 {
				d[v][w] = 1
			}
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				if via := d[i][k] + d[k][j]; d[i][k] > 0 && d[k][j] > 0 && (d[i][j] == 0 || via < d[i][j]) {
					d[i][j] = via
				}
			}
		}
	}
	return d
}

func TestComponentsAgreeWithReachability(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + rng.IntN(12)
		g := random(rng, n, rng.IntN(3*n))
		mask := graph.Kind(1 + rng.IntN(3))
		d, c := closure(g, mask), g.Components(mask)
		for a := range n {
			for b := range n {
				together := a == b || d[a][b] > 0 && d[b][a] > 0
				if (c.Of[a] == c.Of[b]) != together {
					t.Fatalf("%v: nodes %d and %d in components %d and %d, paths of %d and %d", g, a, b, c.Of[a], c.Of[b], d[a][b], d[b][a])
				}
				if d[a][b] > 0 && c.Of[a] < c.Of[b] {
					t.Fatalf("%v: component %d reaches %d, which has a higher number", g, c.Of[a], c.Of[b])
				}
			}
			if int(c.Of[a]) >= c.Count {
				t.Fatalf("component %d of %d", c.Of[a], c.Count)
			}
		}
	}
}

func TestPathsAreShortest(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 1000 {
		n := 1 + rng.IntN(10)
		g := random(rng, n, rng.IntN(3*n))
		mask := graph.Kind(1 + rng.IntN(3))
		d, w := closure(g, mask), graph.Walker{Graph: g}
		for a := range int32(n) {
			for b := range int32(n) {
				path, ok := w.Path(a, b, mask, 0, nil)
				if ok != (d[a][b] > 0) || ok && len(path)-1 != d[a][b] {
					t.Fatalf("%v: path %v from %d to %d, want %d edges", g, path, a, b, d[a][b])
				}
				for i := range max(1, len(path)) - 1 {
					if g.Has(path[i], path[i+1])&mask == 0 {
						t.Fatalf("%v: path %v has an edge that is not there", g, path)
					}
				}
				if _, ok := w.Path(a, b, mask, max(1, d[a][b]-1), nil); ok && d[a][b] > 1 {
					t.Fatalf("%v: a path from %d to %d of fewer than %d edges", g, a, b, d[a][b])
				}
			}
		}
	}
}

func TestShortestCycle(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	cycles := 0
	for range 1000 {
		n := 2 + rng.IntN(10)
		g := random(rng, n, rng.IntN(2*n))
		d := closure(g, graph.Any)
		for _, nodes := range g.Components(graph.Any).Cyclic() {
			least := n + 1
			for _, v := range nodes {
				least = min(least, d[v][v])
			}
			w := graph.Walker{Graph: g}
			cycle, exact := w.ShortestCycle(nodes, graph.Any, 1<<20)
			if !exact || len(cycle)-1 != least || cycle[0] != cycle[len(cycle)-1] {
				t.Fatalf("%v: cycle %v (exact: %v), want one of %d edges", g, cycle, exact, least)
			}
			if _, exact := w.ShortestCycle(nodes, graph.Any, 0); exact {
				t.Fatal("no steps suffice for an exact answer")
			}
			cycles++
		}
	}
	if cycles < 100 {
		t.Errorf("%d cycles seen: too few to tell", cycles)
	}
}

func TestReverse(t *testing.T) {
	g := random(rand.New(rand.NewPCG(7, 8)), 20, 60)
	back := g.Reverse()
	for a := range int32(20) {
		for b := range int32(20) {
			if g.Has(a, b) != back.Has(b, a) {
				t.Errorf("%d to %d: %b, reversed %b", a, b, g.Has(a, b), back.Has(b, a))
			}
		}
	}
}

// TestALongChainDoesNotRecurse: a million nodes in a row, closed to a circle.
func TestALongChainDoesNotRecurse(t *testing.T) {
	const n = 1_000_000
	var e graph.Edges
	for v := range int32(n) {
		e.Add(v, (v+1)%n, 1)
	}
	g := graph.New(n, &e)
	if c := g.Components(1); c.Count != 1 {
		t.Errorf("%d components, want 1", c.Count)
	}
	if c := g.Components(2); c.Count != n || c.Cyclic() != nil {
		t.Errorf("%d components without a label, want %d", c.Count, n)
	}
	groups := g.Components(1).Cyclic()
	if len(groups) != 1 || !slices.IsSorted(groups[0]) || len(groups[0]) != n {
		t.Errorf("the circle is not in one group, in order")
	}
}

func BenchmarkComponents(b *testing.B) {
	rng := rand.New(rand.NewPCG(9, 10))
	const n = 1_000_000
	var e graph.Edges
	for v := range int32(n) {
		for range 6 {
			e.Add(v, min(n-1, v+rng.Int32N(40)), 1)
		}
	}
	g := graph.New(n, &e)
	b.ResetTimer()
	for b.Loop() {
		g.Components(1)
	}
}
