package polygraph

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"checker/check"
)

// Result is whether some schedule explains a problem.
type Result struct {
	Verdict  check.Verdict
	Schedule []Point  // when valid: such a schedule
	Witness  *Witness // when invalid: why there is none
	Reason   string   // when unknown: why, and how far the search came
	Residue  Residue  // when unknown: what is not decided
	Stats    Stats
}

// Point is a moment of a schedule: the start of a transaction, or its commit. For
// a guarantee without snapshots, where both are one moment, only commits occur.
type Point struct {
	Txn    int32
	Commit bool
}

// Residue is the part of a problem that a search left open.
type Residue struct {
	Choices int     // pairs of chains of versions whose order is not settled
	Keys    []int32 // of these choices, ascending
	Txns    []int32 // that wrote their versions, ascending
}

// Stats tells what a search did.
type Stats struct {
	Pairs     int   // pairs of chains whose order is not known from the start
	Choices   int   // those that the search had to look at
	Conflicts int64 // dead ends
	Steps     int64 // nodes, edges and clauses looked at
}

// Solve decides whether some schedule that the guarantee allows explains a
// problem. Errors are [ErrMalformed].
func Solve(ctx context.Context, p *Problem, g Guarantee, o Options) (Result, error) {
	c, err := p.columns()
	if err != nil {
		return Result{Verdict: check.Unknown, Reason: err.Error()}, err
	}
	if !o.Drafted {
		if points := c.draftStricter(ctx, g); points != nil {
			return Result{Verdict: check.Valid, Schedule: points}, nil
		}
	}
	if r, solved := p.solveCore(ctx, g, o); solved {
		return r, nil
	}
	return p.search(ctx, g, o), nil
}

// search decides by making choices, until it can or its budget is spent.
func (p *Problem) search(ctx context.Context, g Guarantee, o Options) Result {
	n := newNetwork(p, g)
	rank, left := n.sort()
	if len(left) > 0 {
		return Result{Verdict: check.Invalid, Witness: n.knownCycle(left), Stats: Stats{Pairs: n.pairs}}
	}
	b := newBudget(ctx, o)
	s := newSearch(n, rank, b)
	explained := s.run(s.conflictsOfOrder)
	result := Result{Stats: s.stats()}
	switch {
	case explained:
		result.Verdict, result.Schedule = check.Valid, s.schedule()
	case s.refuted != nil:
		result.Verdict, result.Witness = check.Invalid, s.witness(rank)
	default:
		result.Verdict, result.Residue = check.Unknown, s.residue()
		result.Reason = fmt.Sprintf("%s with the order of %d pairs of versions undecided, after %d dead ends",
			b.spent, result.Residue.Choices, s.conflicts)
	}
	return result
}

func (s *search) stats() Stats {
	return Stats{Pairs: s.order.pairs, Choices: len(s.choices), Conflicts: s.conflicts, Steps: s.order.steps}
}

// conflictsOfOrder makes choices of the pairs of chains that the present order
// interleaves: neither is read and overwritten before the other is written. When
// there are none, the order is a schedule of the history, since of every key the
// versions follow one another and are read in between. The edges of a choice
// that was made keep its chains apart, so that no pair is chosen twice.
func (s *search) conflictsOfOrder() {
	var sorted []int32
	for k := range s.order.keys {
		chains := s.order.keys[k].chains
		sorted = sorted[:0]
		for i := 1; i < len(chains); i++ { // the first holds the initial version
			sorted = append(sorted, int32(i))
		}
		slices.SortFunc(sorted, func(a, b int32) int {
			return cmp.Compare(s.written(&chains[a]), s.written(&chains[b]))
		})
		for i := 1; i < len(sorted); i++ {
			a, b := sorted[i-1], sorted[i]
			if s.follows(&chains[a], &chains[b]) {
				continue
			}
			if !s.choose(choice{int32(k), min(a, b), max(a, b)}) {
				panic(fmt.Sprintf("polygraph: chains %d and %d of key %d are interleaved, though their order was chosen", a, b, k))
			}
			if a > b { // the order at hand is the first guess
				s.phase[len(s.phase)-1] = -1
			}
			if s.ends(&chains[a]) > s.ends(&chains[b]) {
				sorted[i] = a // the next one may lie within it too
			}
		}
	}
}

// written is the rank at which the first version of a chain is there.
func (s *search) written(c *chain) int32 { return s.order.rank[s.order.commit(c.writers[0])] }

// ends is the rank at which the last version of a chain was last needed.
func (s *search) ends(c *chain) int32 {
	at := s.order.rank[s.order.commit(c.writers[len(c.writers)-1])]
	for _, r := range c.readers {
		at = max(at, s.order.rank[s.order.start(r)])
	}
	return at
}

// follows reports whether chain b begins where a's last version is written and
// read for the last time.
func (s *search) follows(a, b *chain) bool {
	ww := s.order.version(a.writers[len(a.writers)-1], b.writers[0], 0)
	if s.order.rank[ww.from] > s.order.rank[ww.to] {
		return false
	}
	overwritten := s.order.rank[s.order.commit(b.writers[0])]
	for _, r := range a.readers {
		if s.order.rank[s.order.start(r)] > overwritten {
			return false
		}
	}
	return true
}

func (s *search) schedule() []Point {
	nodes := make([]int32, len(s.order.rank))
	for v, rank := range s.order.rank {
		nodes[rank] = int32(v)
	}
	var points []Point
	for _, v := range nodes {
		if t, ok := s.order.txn(v); ok {
			points = append(points, Point{t, v == s.order.commit(t)})
		}
	}
	return points
}

func (s *search) residue() Residue {
	var r Residue
	for v, c := range s.choices {
		if s.value[v] != 0 && s.level[v] == 0 {
			continue
		}
		r.Choices++
		r.Keys = append(r.Keys, c.key)
		chains := s.order.keys[c.key].chains
		r.Txns = append(r.Txns, chains[c.a].writers...)
		r.Txns = append(r.Txns, chains[c.b].writers...)
	}
	slices.Sort(r.Keys)
	slices.Sort(r.Txns)
	r.Keys, r.Txns = slices.Compact(r.Keys), slices.Compact(r.Txns)
	return r
}
