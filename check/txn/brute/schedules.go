package brute

// schedule is an interleaving of starts and commits, as far as it goes.
type schedule struct {
	txns    []Txn
	before  precedence // a commits before b starts
	started []bool
	done    []bool
	left    []state // what a transaction that has started leaves of its snapshot
	now     state   // what has been committed
}

// snapshots reports whether some schedule of the committed transactions explains
// their reads: each sees what was committed when it starts, and commits only if
// nobody who committed in between wrote what it writes.
func snapshots(committed []Txn, before precedence) bool {
	n := len(committed)
	s := &schedule{
		txns: committed, before: before,
		started: make([]bool, n), done: make([]bool, n), left: make([]state, n),
		now: state{},
	}
	return s.extend(0)
}

// extend tries all next steps. Of starts that follow one another the order does
// not matter, so they are tried in one only: least is the first that may start.
func (s *schedule) extend(least int) bool {
	finished := true
	for i, t := range s.txns {
		switch {
		case s.done[i]:
			continue
		case s.started[i]:
			if s.commit(i) {
				return true
			}
		case i >= least && mayBeNext(s.txns, s.done, t, s.before):
			if s.start(i) {
				return true
			}
		}
		finished = false
	}
	return finished
}

func (s *schedule) start(i int) bool {
	left, explained := run(s.txns[i], s.now)
	if !explained {
		return false
	}
	s.started[i], s.left[i] = true, left
	found := s.extend(i + 1)
	s.started[i] = false
	return found
}

// commit fails if a transaction that is running writes the same: it could not
// commit any more, yet it did.
func (s *schedule) commit(i int) bool {
	for j, other := range s.txns {
		if j != i && s.started[j] && !s.done[j] && conflict(s.txns[i], other) {
			return false
		}
	}
	earlier := s.now
	s.now = state{}
	for key, value := range earlier {
		s.now[key] = value
	}
	for _, o := range s.txns[i].Ops {
		if o.Kind != Read {
			s.now[o.Key] = s.left[i][o.Key]
		}
	}
	s.done[i] = true
	found := s.extend(0)
	s.done[i], s.now = false, earlier
	return found
}
