package polygraph

import (
	"container/heap"
	"slices"
)

// resolve learns from a clause that cannot hold and takes back what led there.
// It returns false when nothing was decided: then the choices cannot be made.
func (s *search) resolve(c *clause) bool {
	s.conflicts++
	highest, count := s.highest(c)
	s.backtrack(highest)
	if highest == 0 {
		s.refuted = &clause{proof: []premise{{clause: c}}}
		for _, l := range c.lits {
			s.refuted.proof = append(s.refuted.proof, premise{choice: l.choice()})
		}
		return false
	}
	learned := &clause{lits: slices.Clone(c.lits), proof: []premise{{clause: c}}}
	if count > 1 {
		learned = s.analyse(c, highest)
	}
	s.bump /= activityDecay
	s.learn(learned, highest)
	return true
}

// activityDecay is how fast the activity of choices fades, per conflict; beyond
// mostActivity it is scaled down.
const (
	activityDecay = 0.95
	mostActivity  = 1e100
)

// highest returns the highest level of a clause's literals, all false, and how
// many of them have it.
func (s *search) highest(c *clause) (level int32, count int) {
	for _, l := range c.lits {
		switch at := s.level[l.choice()]; {
		case at > level:
			level, count = at, 1
		case at == level:
			count++
		}
	}
	return level, count
}

// analyse resolves a conflict with the reasons of its literals, latest first,
// until one of the level is left (the first unique implication point). Literals
// that are settled for good are dropped.
func (s *search) analyse(c *clause, level int32) *clause {
	learned := &clause{lits: []literal{0}}
	seen := map[int32]bool{}
	pending := 0
	take := func(from *clause) {
		from.activity += s.bump
		learned.proof = append(learned.proof, premise{clause: from})
		for _, l := range from.lits {
			v := l.choice()
			if seen[v] || s.holds(l) > 0 {
				continue
			}
			seen[v] = true
			s.touch(v)
			switch at := s.level[v]; {
			case at == 0:
				learned.proof = append(learned.proof, premise{choice: v})
			case at == level:
				pending++
			default:
				learned.lits = append(learned.lits, l)
			}
		}
	}
	take(c)
	for at := len(s.trail) - 1; ; at-- {
		l := s.trail[at]
		v := l.choice()
		if !seen[v] || s.level[v] != level {
			continue
		}
		if pending--; pending == 0 {
			learned.lits[0] = l.not()
			return learned
		}
		take(s.reason[v])
	}
}

// touch makes a choice that took part in a conflict more active.
func (s *search) touch(v int32) {
	if s.active[v] += s.bump; s.active[v] > mostActivity {
		for i := range s.active {
			s.active[i] /= mostActivity
		}
		for _, c := range s.learned {
			c.activity /= mostActivity
		}
		s.bump /= mostActivity
	}
	if at := s.open.place[v]; at != noPlace {
		heap.Fix(&s.open, at)
	}
}

// learn enters a clause of which one literal has the level named, takes that
// level back, and makes the literal hold.
func (s *search) learn(c *clause, level int32) {
	second := int32(0)
	for i, l := range c.lits {
		if s.level[l.choice()] == level {
			c.lits[0], c.lits[i] = c.lits[i], c.lits[0]
		}
	}
	for i := 1; i < len(c.lits); i++ {
		if at := s.level[c.lits[i].choice()]; at >= second {
			second = at
			c.lits[1], c.lits[i] = c.lits[i], c.lits[1]
		}
	}
	s.backtrack(second)
	if len(c.lits) > 1 {
		s.watchClause(c)
		s.learned = append(s.learned, c)
		s.budget.memory -= int64(bytesPerClause + 4*len(c.lits) + 16*len(c.proof))
	}
	s.assign(c.lits[0], c)
}

// bytesPerClause and bytesPerChoice are what a search keeps of each beside what
// varies: reckoned from the types on 64-bit machines.
const (
	bytesPerClause = 112
	bytesPerChoice = 400
)
