package refdb

import "fmt"

// safety watches a cluster for breaches of the five properties of Raft (figure 3 of the paper). It
// knows nothing of clients; see clients_test.go for what they must see.
type safety struct {
	leaders   map[uint64]NodeID // by term
	digests   map[[2]uint64]uint64
	committed map[uint64]commitment // by index
	snapshots map[uint64]uint64     // digest by index
	highest   uint64                // index committed anywhere
	restored  int                   // snapshots that have come to use
	broken    []string
}

// commitment is an entry as it was first applied anywhere, and the term of the node that did.
type commitment struct{ term, digest, in uint64 }

func newSafety() *safety {
	return &safety{
		leaders:   map[uint64]NodeID{},
		digests:   map[[2]uint64]uint64{},
		committed: map[uint64]commitment{},
		snapshots: map[uint64]uint64{},
	}
}

func (s *safety) breach(format string, args ...any) {
	s.broken = append(s.broken, fmt.Sprintf(format, args...))
}

func (s *safety) observe(m *member, e Event) {
	switch e.Kind {
	case BecameLeader:
		if other, ok := s.leaders[e.Term]; ok {
			s.breach("election safety: %v leads term %d, which %v has led", m.cfg.ID, e.Term, other)
		}
		s.leaders[e.Term] = m.cfg.ID
		s.leaderCompleteness(m, e.Term)
	case Appended:
		place := [2]uint64{e.Index, e.Term}
		if digest, ok := s.digests[place]; ok && digest != e.Digest {
			s.breach("log matching: two entries %d/%d", e.Index, e.Term)
		}
		s.digests[place] = e.Digest
	case Applied:
		c := commitment{e.Term, e.Digest, m.node.term}
		if first, ok := s.committed[e.Index]; !ok {
			s.committed[e.Index] = c
			s.highest = max(s.highest, e.Index)
		} else if first.term != c.term || first.digest != c.digest {
			s.breach("state machine safety: %v applies %d/%d where %d/%d was applied", m.cfg.ID, e.Index, e.Term, e.Index, first.term)
		}
	case SnapshotTaken, Restored:
		if digest, ok := s.snapshots[e.Index]; ok && digest != e.Digest {
			s.breach("state machine safety: two snapshots %d/%d", e.Index, e.Term)
		}
		s.snapshots[e.Index] = e.Digest
		if e.Kind == Restored {
			s.restored++
		}
	}
}

// leaderCompleteness checks that a leader has all that was committed in earlier terms.
func (s *safety) leaderCompleteness(m *member, term uint64) {
	for index := m.node.log.base() + 1; index <= s.highest; index++ {
		c := s.committed[index]
		if c.in < term && !m.node.log.matches(index, c.term) {
			s.breach("leader completeness: %v leads term %d without %d/%d", m.cfg.ID, term, index, c.term)
			return
		}
	}
}

// logMatching checks that two logs with the same entry somewhere are the same up to there.
func (s *safety) logMatching(a, b *member) {
	if a.node == nil || b.node == nil {
		return
	}
	x, y := &a.node.log, &b.node.log
	agreed := false
	for i := min(x.last(), y.last()); i > max(x.base(), y.base()); i-- {
		same := x.term(i) == y.term(i)
		if (agreed || same) && *x.at(i) != *y.at(i) {
			s.breach("log matching: %v has %v, %v has %v", a.cfg.ID, x.at(i), b.cfg.ID, y.at(i))
			return
		}
		agreed = agreed || same
	}
}

// allLogs checks the logs of all nodes against each other, and against all that was ever committed: a
// committed entry stays as it is in whatever log has it as committed.
func (s *safety) allLogs(members []*member) {
	for i, m := range members {
		for _, other := range members[:i] {
			s.logMatching(m, other)
		}
		if m.node == nil {
			continue
		}
		for index := m.node.log.base() + 1; index <= m.node.commit; index++ {
			if c, known := s.committed[index]; known && !m.node.log.matches(index, c.term) {
				s.breach("committed prefix: %v has %v, where %d/%d was committed", m.cfg.ID, m.node.log.at(index), index, c.term)
			}
		}
	}
}
