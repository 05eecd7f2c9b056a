package polygraph

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"

	"checker/check"
)

// ConsistentView decides whether some order of the versions makes a history one
// of consistent view: no circle of transactions that overwrote or read from each
// other, nor one in which besides a single one missed what the next wrote. Where
// transactions read snapshots, that is parallel snapshot isolation too. There may
// be no schedule then, so that none is returned. Errors are [ErrMalformed].
//
// Of each pair of chains of versions one comes first. A side that closes such a
// circle is left out; when neither does for any pair, both are tried of one.
// That is meant for problems of some hundred transactions. Larger ones are
// decided where no choice is left, or the first guess is right; else the answer is
// unknown.
func ConsistentView(ctx context.Context, p *Problem, o Options) (Result, error) {
	if _, err := p.columns(); err != nil {
		return Result{Verdict: check.Unknown, Reason: err.Error()}, err
	}
	v := newViews(p, newBudget(ctx, o))
	if v.guess() {
		return Result{Verdict: check.Valid}, nil
	}
	if !v.enumerate() {
		return Result{Verdict: check.Unknown, Reason: fmt.Sprintf("the order of more than %d pairs of versions is open", mostPairs)}, nil
	}
	if cycle := v.known(); cycle != nil {
		w := &Witness{Cycle: cycle, Minimal: true}
		w.collectTxns()
		return Result{Verdict: check.Invalid, Witness: w}, nil
	}
	if v.steps <= 0 {
		return Result{Verdict: check.Unknown, Reason: "there is too much to look at"}, nil
	}
	step, valid := v.solve()
	switch {
	case valid:
		return Result{Verdict: check.Valid}, nil
	case step == nil:
		return Result{Verdict: check.Unknown, Reason: fmt.Sprintf("the order of %d pairs of versions is too much to try", len(v.choices))}, nil
	}
	w := &Witness{Proof: step}
	v.keepTold(w)
	w.collectTxns()
	return Result{Verdict: check.Invalid, Witness: w}, nil
}

// viewSteps bounds a decision, in edges looked at, and mostPairs the choices.
const (
	viewSteps = 200_000_000
	mostPairs = 200_000
)

// views are what is known of who must see whom, and the choices that are open.
type views struct {
	*Problem
	budget  *budget
	steps   int64
	keys    []keyChains
	out, in [][]Edge // of each transaction: that later ones must see it (ww, wr)
	missed  []Edge   // rw: From missed what To wrote
	choices []choice
	side    []int8 // 1: a first; -1: b first; 0: open
	fore    marks
	back    marks
}

// marks is a set of transactions that is soon emptied.
type marks struct {
	at    []int32
	stamp int32
	via   []Edge // how a member was reached
	list  []int32
}

func (m *marks) begin(t int32) {
	m.stamp++
	m.list = append(m.list[:0], t)
	m.at[t] = m.stamp
}

func (m *marks) has(t int32) bool { return m.at[t] == m.stamp }

func (m *marks) add(t int32, by Edge) {
	if !m.has(t) {
		m.at[t], m.via[t] = m.stamp, by
		m.list = append(m.list, t)
	}
}

func newViews(p *Problem, b *budget) *views {
	n := len(p.Txns)
	v := &views{Problem: p, budget: b, steps: b.steps, out: make([][]Edge, n), in: make([][]Edge, n)}
	if v.steps == 0 {
		v.steps = viewSteps
	}
	v.fore, v.back = marks{at: make([]int32, n), via: make([]Edge, n)}, marks{at: make([]int32, n), via: make([]Edge, n)}
	for k, key := range p.Keys {
		k := int32(k)
		c := link(k, key, false)
		v.keys = append(v.keys, c)
		for _, r := range key.Reads {
			if r.Writer != Nobody {
				v.see(Edge{From: r.Writer, To: r.Txn, Kind: "wr", Key: k})
			}
			if next, ok := c.next[r.Writer]; ok && next != r.Txn {
				v.missed = append(v.missed, Edge{From: r.Txn, To: next, Kind: "rw", Key: k})
			}
		}
		for i, ch := range c.chains {
			for j := 1; j < len(ch.writers); j++ {
				v.see(Edge{From: ch.writers[j-1], To: ch.writers[j], Kind: "ww", Key: k})
			}
			if i > 0 {
				v.enter(v.edges(k, 0, int32(i), false))
			}
		}
		for _, pair := range key.Order {
			v.see(Edge{From: pair[0], To: pair[1], Kind: "ww", Key: k})
			if a, b := c.of[pair[0]], c.of[pair[1]]; a != b && b != 0 {
				v.enter(v.edges(k, a, b, false))
			}
		}
	}
	return v
}

// enumerate lists the choices, if these are not too many.
func (v *views) enumerate() bool {
	for k, c := range v.keys {
		if m := max(1, len(c.chains)) - 1; len(v.choices)+m*(m-1)/2 > mostPairs {
			return false
		}
		for i := 1; i < len(c.chains); i++ {
			for j := 1; j < i; j++ {
				v.choices = append(v.choices, choice{int32(k), int32(j), int32(i)})
			}
		}
	}
	v.side = make([]int8, len(v.choices))
	return true
}

// edges are those that say that chain a of a key comes before chain b.
func (v *views) edges(k, a, b int32, chosen bool) (edges []Edge) {
	first, then := v.keys[k].chains[a], v.keys[k].chains[b].writers[0]
	if n := len(first.writers); n > 0 {
		edges = append(edges, Edge{From: first.writers[n-1], To: then, Kind: "ww", Key: k, Chosen: chosen})
	}
	for _, r := range first.readers {
		if r != then {
			edges = append(edges, Edge{From: r, To: then, Kind: "rw", Key: k, Chosen: chosen})
		}
	}
	return edges
}

func (v *views) see(e Edge) {
	v.out[e.From], v.in[e.To] = append(v.out[e.From], e), append(v.in[e.To], e)
}

func (v *views) enter(edges []Edge) {
	for _, e := range edges {
		if e.Kind == "rw" {
			v.missed = append(v.missed, e)
		} else {
			v.see(e)
		}
	}
}

// leave takes back what was entered last.
func (v *views) leave(edges []Edge) {
	for _, e := range slices.Backward(edges) {
		if e.Kind == "rw" {
			v.missed = v.missed[:len(v.missed)-1]
		} else {
			v.out[e.From], v.in[e.To] = v.out[e.From][:len(v.out[e.From])-1], v.in[e.To][:len(v.in[e.To])-1]
		}
	}
}

// known returns a circle of what is known without a choice, or nil.
func (v *views) known() []Edge {
	for t := range int32(len(v.Txns)) {
		if v.steps < 0 {
			return nil
		}
		v.reach(&v.fore, t, v.out, func(e Edge) int32 { return e.To })
		for _, e := range v.in[t] {
			if v.fore.has(e.From) {
				return append(v.path(t, e.From), e)
			}
		}
		for _, e := range v.missed {
			if e.To == t && v.fore.has(e.From) {
				return append(v.path(t, e.From), e)
			}
		}
	}
	return nil
}

func (v *views) reach(m *marks, from int32, edges [][]Edge, end func(Edge) int32) {
	m.begin(from)
	for i := 0; i < len(m.list); i++ {
		at := m.list[i]
		v.steps -= int64(1 + len(edges[at]))
		for _, e := range edges[at] {
			m.add(end(e), e)
		}
	}
}

// path lists the edges from a transaction to one that it was found to reach.
func (v *views) path(from, to int32) []Edge {
	var path []Edge
	for at := to; at != from; at = v.fore.via[at].From {
		path = append(path, v.fore.via[at])
	}
	slices.Reverse(path)
	return path
}

// closes returns a circle that edges to one transaction would close, or nil.
func (v *views) closes(edges []Edge) []Edge {
	to := edges[0].To
	v.reach(&v.fore, to, v.out, func(e Edge) int32 { return e.To })
	for _, e := range edges {
		if v.fore.has(e.From) {
			return append(v.path(to, e.From), e)
		}
	}
	e := edges[0]
	if e.Kind != "ww" {
		return nil
	}
	v.reach(&v.back, e.From, v.in, func(e Edge) int32 { return e.From })
	v.steps -= int64(len(v.missed))
	for _, m := range v.missed {
		if v.fore.has(m.From) && v.back.has(m.To) {
			cycle := append([]Edge{e}, v.path(to, m.From)...)
			cycle = append(cycle, m)
			for at := m.To; at != e.From; at = v.back.via[at].To {
				cycle = append(cycle, v.back.via[at])
			}
			return cycle
		}
	}
	return nil
}

// forced is a choice of which a side closes a circle, so that the other holds.
type forced struct {
	choice int
	dead   int // the side that does
	cycle  []Edge
	edges  []Edge // of the other
}

// solve decides what is open. It returns a proof that it cannot be, or nothing
// when the budget is spent.
func (v *views) solve() (proof *Step, valid bool) {
	if v.guess() {
		return nil, true
	}
	drawn, proof := v.conclude()
	open := slices.Index(v.side, 0)
	switch {
	case proof != nil:
		proof = v.tell(drawn, proof)
	case open < 0 || v.guess():
		return nil, true
	case v.afford():
		if proof, valid = v.split(open); valid {
			return nil, true
		}
		if proof != nil {
			proof = v.tell(drawn, proof)
		}
	}
	for _, f := range slices.Backward(drawn) {
		v.side[f.choice] = 0
		v.leave(f.edges)
	}
	return proof, false
}

// guess orders transactions by what is known and else by their ends, and the
// versions as their writers, and reports whether that closes no circle: one can
// only be where a transaction missed what an earlier one wrote.
func (v *views) guess() bool {
	rank, sorted := v.sorted()
	if !sorted {
		return false
	}
	then := make([][]int32, len(v.Txns)) // by transaction: who wrote the versions after its own
	var doubts [][2]int32
	for _, key := range v.Problem.Keys {
		writers := slices.Clone(key.Writers)
		slices.SortFunc(writers, func(a, b int32) int { return cmp.Compare(rank[a], rank[b]) })
		next, last := make(map[int32]int32, len(writers)), Nobody
		for _, w := range writers {
			if next[last] = w; last != Nobody {
				then[last] = append(then[last], w)
			}
			last = w
		}
		for _, r := range key.Reads {
			if to, ok := next[r.Writer]; ok && to != r.Txn && rank[to] < rank[r.Txn] {
				doubts = append(doubts, [2]int32{r.Txn, to})
			}
		}
	}
	return !slices.ContainsFunc(doubts, func(d [2]int32) bool { return v.leads(d[1], d[0], then, rank) })
}

// leads reports whether from leads to goal by what is known and by then.
func (v *views) leads(from, goal int32, then [][]int32, rank []int32) bool {
	v.fore.begin(from)
	for i := 0; i < len(v.fore.list); i++ {
		at := v.fore.list[i]
		v.steps -= int64(1 + len(v.out[at]) + len(then[at]))
		for _, e := range v.out[at] {
			if rank[e.To] <= rank[goal] {
				v.fore.add(e.To, e)
			}
		}
		for _, to := range then[at] {
			if rank[to] <= rank[goal] {
				v.fore.add(to, Edge{})
			}
		}
	}
	return v.fore.has(goal)
}

// sorted returns the rank of each transaction; ok is false when what is known is
// a circle.
func (v *views) sorted() (rank []int32, ok bool) {
	n := int32(len(v.Txns))
	rank = make([]int32, n)
	missing, placed := make([]int32, n), int32(0)
	ready := &queue{hints: v.flat.place}
	for t := range n {
		if missing[t] = int32(len(v.in[t])); missing[t] == 0 {
			heap.Push(ready, t)
		}
	}
	for ; ready.Len() > 0; placed++ {
		t := heap.Pop(ready).(int32)
		rank[t] = placed
		for _, e := range v.out[t] {
			if missing[e.To]--; missing[e.To] == 0 {
				heap.Push(ready, e.To)
			}
		}
	}
	return rank, placed == n
}

// conclude makes the choices of which a side closes a circle, until there are none
// left, or both sides of one do: then it returns that as a proof.
func (v *views) conclude() (drawn []forced, proof *Step) {
	for known := -1; known < len(drawn); {
		known = len(drawn)
		for i := range v.choices {
			if v.side[i] != 0 {
				continue
			}
			if !v.afford() {
				return drawn, nil
			}
			sides := v.sides(i)
			first, second := v.closes(sides[0]), v.closes(sides[1])
			switch {
			case first != nil && second != nil:
				return drawn, &Step{Choice: i, Sides: [2]Side{{Cycle: first}, {Cycle: second}}}
			case first != nil:
				drawn = append(drawn, forced{i, 0, first, sides[1]})
			case second != nil:
				drawn = append(drawn, forced{i, 1, second, sides[0]})
			default:
				continue
			}
			f := drawn[len(drawn)-1]
			v.side[i] = int8(2*f.dead - 1)
			v.enter(f.edges)
		}
	}
	return drawn, nil
}

// split tries both sides of a choice. A proof that does not rest on the side it
// was made for is one without the choice.
func (v *views) split(open int) (proof *Step, valid bool) {
	s := &Step{Choice: open}
	for at, edges := range v.sides(open) {
		v.enter(edges)
		v.side[open] = int8(1 - 2*at)
		then, valid := v.solve()
		if valid {
			return nil, true
		}
		v.leave(edges)
		v.side[open] = 0
		if then == nil || !then.restsOn(edges) {
			return then, false
		}
		s.Sides[at].Then = then
	}
	return s, false
}

// sides are the edges of the two sides of a choice.
func (v *views) sides(i int) [2][]Edge {
	c := v.choices[i]
	return [2][]Edge{v.edges(c.key, c.a, c.b, true), v.edges(c.key, c.b, c.a, true)}
}

func (v *views) afford() bool {
	v.budget.turns++
	return v.steps > 0 && (v.budget.turns%turnsPerLook != 0 || v.budget.ctx.Err() == nil)
}

// tell puts the forced choices before a step that rests on them.
func (v *views) tell(drawn []forced, s *Step) *Step {
	for _, f := range slices.Backward(drawn) {
		if !s.restsOn(f.edges) {
			continue
		}
		one := &Step{Choice: f.choice}
		one.Sides[f.dead].Cycle, one.Sides[1-f.dead].Then = f.cycle, s
		s = one
	}
	return s
}

// restsOn reports whether one of the edges is on a cycle of a proof.
func (s *Step) restsOn(edges []Edge) bool {
	for _, side := range s.Sides {
		if side.Then != nil && side.Then.restsOn(edges) ||
			slices.ContainsFunc(side.Cycle, func(e Edge) bool { return slices.Contains(edges, e) }) {
			return true
		}
	}
	return false
}

// keepTold fills in the choices that a proof takes.
func (v *views) keepTold(w *Witness) {
	number := map[int]int{}
	var walk func(*Step)
	walk = func(s *Step) {
		if s == nil {
			return
		}
		if _, known := number[s.Choice]; !known {
			number[s.Choice] = len(w.Choices)
			c := v.choices[s.Choice]
			chains := v.keys[c.key].chains
			w.Choices = append(w.Choices, Choice{c.key, run(&chains[c.a]), run(&chains[c.b])})
		}
		s.Choice = number[s.Choice]
		walk(s.Sides[0].Then)
		walk(s.Sides[1].Then)
	}
	walk(w.Proof)
}
