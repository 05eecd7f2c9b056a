package refdb

// store is the state machine: what the committed log adds up to. Same log, same store.
type store struct {
	registers map[int64]int64
	counters  map[int64]int64
	sets      map[int64]*set
	queues    map[int64][]int64 // the oldest first
	locks     map[int64]lock
}

// lock is granted to one owner at a time, each time with a larger token, and guards a register that is
// written under the latest token only. So who lost the lock and does not know it can do no harm.
type lock struct {
	owner   int64
	held    bool
	token   int64 // of the latest grant
	guarded int64
}

// set keeps its elements in the order they came, append only, so that readers may share them.
type set struct {
	elements []int64
	members  map[int64]struct{}
}

func newStore() store {
	return store{registers: map[int64]int64{}, counters: map[int64]int64{}, sets: map[int64]*set{},
		queues: map[int64][]int64{}, locks: map[int64]lock{}}
}

// apply executes a command that writes.
func (s *store) apply(c Command) (Status, Result) {
	switch c.Op {
	case Write:
		s.registers[c.Key] = c.A
	case CAS:
		value, found := s.registers[c.Key]
		if !found || value != c.A {
			return CASMismatch, Result{Found: found, Value: value}
		}
		s.registers[c.Key] = c.B
	case Add:
		s.counters[c.Key] += c.A
		return OK, Result{Found: true, Value: s.counters[c.Key]}
	case SetAdd:
		s.set(c.Key).add(c.A)
	case Enqueue:
		s.queues[c.Key] = append(s.queues[c.Key], c.A)
	case Dequeue:
		queue := s.queues[c.Key]
		if len(queue) == 0 {
			return Empty, Result{}
		}
		s.queues[c.Key] = queue[1:]
		return OK, Result{Found: true, Value: queue[0]}
	case Acquire, Release, Seize, Guard, Lease, Refresh:
		return s.applyLock(c)
	}
	return OK, Result{}
}

// applyLock executes a command on a lock.
func (s *store) applyLock(c Command) (Status, Result) {
	l := s.locks[c.Key]
	var result Result
	switch c.Op {
	case Acquire, Seize, Lease:
		if c.Op == Acquire && l.held || c.Op == Lease && l.held && c.B != l.token {
			return Held, Result{}
		}
		l.owner, l.held = c.A, true
		l.token++
		result = Result{Found: true, Value: l.token}
	case Refresh:
		if !l.held || l.owner != c.A {
			return NotHolder, Result{}
		}
		l.token++
		result = Result{Found: true, Value: l.token}
	case Release:
		if !l.held || l.owner != c.A {
			return NotHolder, Result{}
		}
		l.held = false
	case Guard:
		if c.A != l.token {
			return StaleToken, Result{}
		}
		l.guarded = c.B
	}
	s.locks[c.Key] = l
	return OK, result
}

// read answers a command that only reads.
func (s *store) read(c Command) Result {
	switch c.Op {
	case Read:
		value, found := s.registers[c.Key]
		return Result{Found: found, Value: value}
	case ReadCounter:
		value, found := s.counters[c.Key]
		return Result{Found: found, Value: value}
	case ReadSet:
		if set, found := s.sets[c.Key]; found {
			n := len(set.elements)
			return Result{Found: true, Set: set.elements[:n:n]}
		}
	}
	return Result{}
}

func (s *store) set(key int64) *set {
	if s.sets[key] == nil {
		s.sets[key] = &set{members: map[int64]struct{}{}}
	}
	return s.sets[key]
}

func (s *set) add(element int64) {
	if _, found := s.members[element]; found {
		return
	}
	s.members[element] = struct{}{}
	s.elements = append(s.elements, element)
}
