package polygraph

import "slices"

// literal is one side of a choice: twice the choice's number, plus one for the
// side on which its second chain comes first.
type literal int32

func (l literal) not() literal  { return l ^ 1 }
func (l literal) choice() int32 { return int32(l >> 1) }

// clause says that one of its literals holds. The first two are watched.
type clause struct {
	lits     []literal
	proof    []premise
	activity float64
	dead     bool
}

// premise is what a clause was derived from: another clause or, where that is
// nil, a choice, whose edges lie on the cycle that the clause forbids, or that
// was settled for good when the clause was derived.
type premise struct {
	clause *clause
	choice int32
}

// forbid makes the clause that a path, together with the sides named, must not
// be chosen: it would be a cycle.
func (s *search) forbid(path []int32, sides ...literal) *clause {
	c := &clause{}
	for _, l := range sides {
		c.lits = append(c.lits, l.not())
	}
	for _, e := range path {
		if l, chosen := s.order.literal(e); chosen && !slices.Contains(c.lits, l.not()) {
			c.lits = append(c.lits, l.not())
		}
	}
	for _, l := range c.lits {
		c.proof = append(c.proof, premise{choice: l.choice()})
	}
	return c
}

// holds says of a literal 1 when it was chosen, -1 when the other side was, else 0.
func (s *search) holds(l literal) int8 {
	if l&1 == 1 {
		return -s.value[l>>1]
	}
	return s.value[l>>1]
}

// watchClause enters a clause of two literals or more.
func (s *search) watchClause(c *clause) {
	for _, l := range c.lits[:2] {
		s.watches[l] = append(s.watches[l], c)
	}
}

// visit looks at the clauses that watch a literal which has become false. It
// returns one that cannot hold any more, if there is one.
func (s *search) visit(l literal) *clause {
	watching := s.watches[l]
	kept := watching[:0]
	for i, c := range watching {
		if c.dead {
			continue
		}
		s.order.steps++
		if c.lits[0] == l {
			c.lits[0], c.lits[1] = c.lits[1], c.lits[0]
		}
		if s.holds(c.lits[0]) > 0 {
			kept = append(kept, c)
			continue
		}
		if at := s.unwatchedUnfalse(c); at > 0 {
			c.lits[1], c.lits[at] = c.lits[at], c.lits[1]
			s.watches[c.lits[1]] = append(s.watches[c.lits[1]], c)
			continue
		}
		kept = append(kept, c)
		if s.holds(c.lits[0]) < 0 {
			s.watches[l] = append(kept, watching[i+1:]...)
			return c
		}
		s.watchLatest(c, &kept)
		s.assign(c.lits[0], c)
	}
	s.watches[l] = kept
	return nil
}

// unwatchedUnfalse returns the place of a literal beyond the first two that is
// not false, or 0.
func (s *search) unwatchedUnfalse(c *clause) int {
	for at := 2; at < len(c.lits); at++ {
		if s.holds(c.lits[at]) >= 0 {
			return at
		}
	}
	return 0
}

// watchLatest makes a clause of which only the first literal can hold watch the
// false one that will be taken back first. Kept is the list that it was in.
func (s *search) watchLatest(c *clause, kept *[]*clause) {
	latest := 1
	for at := 2; at < len(c.lits); at++ {
		if s.level[c.lits[at].choice()] > s.level[c.lits[latest].choice()] {
			latest = at
		}
	}
	if latest != 1 {
		c.lits[1], c.lits[latest] = c.lits[latest], c.lits[1]
		s.watches[c.lits[1]] = append(s.watches[c.lits[1]], c)
		*kept = (*kept)[:len(*kept)-1]
	}
}

// reduce forgets the half of the learned clauses that took the least part in
// conflicts.
func (s *search) reduce() {
	slices.SortStableFunc(s.learned, func(a, b *clause) int {
		switch {
		case a.activity > b.activity:
			return -1
		case a.activity < b.activity:
			return 1
		}
		return 0
	})
	keep := len(s.learned) / 2
	kept := s.learned[:keep]
	for _, c := range s.learned[keep:] {
		if len(c.lits) <= 2 || s.reason[c.lits[0].choice()] == c {
			kept = append(kept, c)
		} else {
			c.dead = true
		}
	}
	s.learned = kept
}
