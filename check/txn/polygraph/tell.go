package polygraph

// teller turns a refutation into a proof by cases, as short as it finds: a
// choice of which a side is impossible comes before one that has to be split.
type teller struct {
	*network
	rank  []int32
	core  []choice
	sides []int8 // 1: a first; -1: b first; 0: not taken yet
	left  int    // how many steps may still be told
}

// step returns the next step, or nil when there is too much to tell.
func (t *teller) step() *Step {
	if t.left--; t.left < 0 {
		return nil
	}
	o := t.assume()
	if o == nil {
		return nil
	}
	open := -1
	for i, side := range t.sides {
		if side != 0 {
			continue
		}
		if open < 0 {
			open = i
		}
		first, second := t.try(o, i, 1), t.try(o, i, -1)
		if first == nil && second == nil {
			continue
		}
		return t.split(i, [2][]Edge{first, second})
	}
	if open < 0 {
		return nil
	}
	return t.split(open, [2][]Edge{})
}

// split tells both sides of a choice, of which some close a cycle.
func (t *teller) split(i int, cycles [2][]Edge) *Step {
	s := &Step{Choice: i}
	for at, side := range [2]int8{1, -1} {
		s.Sides[at].Cycle = cycles[at]
		if cycles[at] != nil {
			continue
		}
		t.sides[i] = side
		s.Sides[at].Then = t.step()
		t.sides[i] = 0
		if s.Sides[at].Then == nil {
			return nil
		}
	}
	return s
}

// assume orders the nodes by the sides taken so far, none of which closes a cycle.
func (t *teller) assume() *order {
	o := newOrder(t.network, t.rank)
	for i, side := range t.sides {
		if side != 0 && t.try(o, i, side) != nil {
			return nil
		}
	}
	return o
}

// try returns the cycle that a side of choice i closes. If it closes none and
// the side is one that was taken, it stays in the order.
func (t *teller) try(o *order, i int, side int8) []Edge {
	c := t.core[i]
	edges := t.side(c.key, c.a, c.b)
	if side < 0 {
		edges = t.side(c.key, c.b, c.a)
	}
	from := int32(len(o.made))
	for _, e := range edges {
		at := int32(len(o.made))
		o.made = append(o.made, madeEdge{e, literal(2 * i)})
		path, ok := o.insert(at, func(literal) bool { return false })
		if !ok {
			for done := from; done < at; done++ {
				o.remove(done)
			}
			return t.cycle(o, append(path, int32(len(o.edges))+at))
		}
	}
	if t.sides[i] == 0 {
		for e := from; e < int32(len(o.made)); e++ {
			o.remove(e)
		}
	}
	return nil
}

// cycle turns a closed path of edges between nodes into one between transactions.
// One that reads a version before it overwrites it is not an edge.
func (n *network) cycle(o *order, path []int32) []Edge {
	start := 0 // an edge that leaves a transaction
	for i, e := range path {
		if _, ok := n.txn(o.edge(e).from); ok {
			start = i
			break
		}
	}
	var cycle []Edge
	var open *Edge
	for i := range path {
		number := path[(start+i)%len(path)]
		e := o.edge(number)
		if from, ok := n.txn(e.from); ok {
			if e.kind == inside {
				continue
			}
			open = &Edge{From: from, Key: -1}
		}
		open.Kind = kindNames[e.kind]
		if e.key >= 0 {
			open.Key = e.key
		}
		if _, chosen := o.literal(number); chosen {
			open.Chosen = true
		}
		if to, ok := n.txn(e.to); ok && to != open.From {
			open.To = to
			cycle = append(cycle, *open)
		}
	}
	return cycle
}

// kindNames are Adya's and Elle's words.
var kindNames = [...]string{ww: "ww", wr: "wr", rw: "rw", process: "process", realtime: "realtime", gather: "rw"}

// mostCycleSteps is how long a search goes on for a shorter cycle.
const mostCycleSteps = 4_000_000

// knownCycle makes a witness of known edges, given the nodes on cycles or behind
// them: the shortest of the cycles that it looks at.
func (n *network) knownCycle(left []int32) *Witness {
	w := &Witness{Minimal: true}
	o := newOrder(n, make([]int32, n.nodes)) // without an order, nothing bounds a search
	within := make([]bool, n.nodes)
	for _, v := range left {
		within[v] = true
	}
	for _, v := range left {
		if path := n.shortest(o, v, within); path != nil {
			if cycle := n.cycle(o, path); w.Cycle == nil || len(cycle) < len(w.Cycle) {
				w.Cycle = cycle
			}
		}
		if o.steps > mostCycleSteps && w.Cycle != nil {
			break
		}
	}
	w.collectTxns()
	return w
}

// shortest returns the edges of a cycle through v with as few edges as any
// within the nodes named, or nil if there is none.
func (n *network) shortest(o *order, v int32, within []bool) []int32 {
	o.stamp += 2
	near, far := []int32{v}, []int32(nil)
	for len(near) > 0 {
		for len(near) > 0 {
			at := near[len(near)-1]
			near = near[:len(near)-1]
			o.steps += int64(1 + len(n.out.of(at)))
			for _, e := range n.out.of(at) {
				to := n.edges[e].to
				if to == v {
					o.parent[v] = -1
					return append(o.path(v, at), e)
				}
				if !within[to] || o.mark[to] == o.stamp {
					continue
				}
				o.mark[to], o.parent[to] = o.stamp, e
				far = append(far, to)
			}
		}
		near, far = far, near[:0]
	}
	return nil
}
