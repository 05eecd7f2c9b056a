package graph

// Walker finds shortest paths in one graph by breadth-first search. Its arrays
// are used again from search to search, so that a short search costs little
// however large the graph is. The zero Walker with a Graph is ready.
type Walker struct {
	Graph *Graph
	from  []int32 // by node: the edge's start through which it was reached, or -1
	queue []int32
}

// Path returns the nodes of a shortest path from a to b, both included, along
// edges that bear a label of mask and through nodes that within allows (nil
// allows all). The path has at least one edge, so that from a to a it is a
// cycle, and at most most edges unless most is 0. ok is false when there is
// none. Of several, it is the one that a search in the order of edges meets
// first.
func (w *Walker) Path(a, b int32, mask Kind, most int, within func(int32) bool) (path []int32, ok bool) {
	w.prepare()
	defer w.forget()
	w.queue = append(w.queue, a)
	depth, level := 0, 1
	for at := 0; at < len(w.queue); at++ {
		if at == level {
			depth, level = depth+1, len(w.queue)
		}
		if most > 0 && depth == most {
			return nil, false
		}
		v := w.queue[at]
		to, kinds := w.Graph.Out(v)
		for i, next := range to {
			if kinds[i]&mask == 0 {
				continue
			}
			if next == b {
				return w.back(a, v, b), true
			}
			if next == a || w.from[next] >= 0 || within != nil && !within(next) {
				continue
			}
			w.from[next] = v
			w.queue = append(w.queue, next)
		}
	}
	return nil, false
}

// back lists the path from a over v to b.
func (w *Walker) back(a, v, b int32) []int32 {
	path := []int32{b}
	for ; v != a; v = w.from[v] {
		path = append(path, v)
	}
	path = append(path, a)
	for i, j := 0, len(path)-1; i < j; i, j = i+1, j-1 {
		path[i], path[j] = path[j], path[i]
	}
	return path
}

func (w *Walker) prepare() {
	if len(w.from) == w.Graph.Len() {
		return
	}
	w.from = make([]int32, w.Graph.Len())
	for v := range w.from {
		w.from[v] = -1
	}
}

func (w *Walker) forget() {
	for _, v := range w.queue {
		w.from[v] = -1
	}
	w.queue = w.queue[:0]
}

// ShortestCycle returns the nodes of a shortest cycle of the subgraph of mask,
// the first node again at the end, looking for one through each of nodes in
// their order. steps bounds how many edges are followed in all; when they run
// out, exact is false and the cycle is the shortest one found so far, nil if
// none was.
func (w *Walker) ShortestCycle(nodes []int32, mask Kind, steps int) (cycle []int32, exact bool) {
	in := make(map[int32]bool, len(nodes))
	for _, v := range nodes {
		in[v] = true
	}
	for _, v := range nodes {
		if steps <= 0 {
			return cycle, false
		}
		most := 0
		if cycle != nil {
			most = len(cycle) - 2
		}
		if most == 1 {
			break
		}
		found, ok := w.Path(v, v, mask, most, func(n int32) bool { steps--; return in[n] })
		if ok {
			cycle = found
		}
	}
	return cycle, true
}
