package foreign

import (
	"container/heap"
	"fmt"
	"slices"

	"checker/check/atomic"
)

// Merge puts the steps of several nodes in one order, and their times on one scale that begins at 0 and does not
// go back; where none has a time, they count from 0. Each node's steps must be given in the order in which it
// took them.
func Merge(steps []Step) ([]atomic.Event, error) {
	m := &merger{steps: steps, places: make([]place, len(steps))}
	if err := m.checkTimes(); err != nil {
		return nil, err
	}
	m.followNodes()
	if err := m.followMessages(); err != nil {
		return nil, err
	}
	m.favour()
	events, err := m.sort()
	return presume(events), err
}

// presume has the coordinator of a transaction, of which no decision is told, tell that it presumed an abort,
// before anybody carries one out: many write down no other decision than commits.
func presume(events []atomic.Event) []atomic.Event {
	begun, told := map[string]string{}, map[string]bool{}
	for _, e := range events {
		switch e.Step {
		case atomic.Begun:
			begun[e.Txn] = e.Node
		case atomic.Decided, atomic.Presumed:
			told[e.Txn] = true
		}
	}
	var all []atomic.Event
	for _, e := range events {
		if by, any := begun[e.Txn]; any && !told[e.Txn] && e.Outcome == atomic.Abort {
			told[e.Txn] = true
			all = append(all, atomic.Event{At: e.At, Node: by, Step: atomic.Presumed, Txn: e.Txn})
		}
		all = append(all, e)
	}
	return all
}

// merger orders steps. A step waits for those that certainly came before it, and, as long as that is possible,
// for one of each group that it should come after.
type merger struct {
	steps  []Step
	places []place // of each step
	groups []group
	ready  queue
	order  []int
	timed  bool
}

// place is what is known of when a step was.
type place struct {
	nexts, befores []int // steps that certainly came later, and earlier
	oneOf, hopes   []int // groups that it is one of, and that it should come after
	waits          int   // how many of befores and hopes it waits for
	taken          bool
}

// group is some steps, one of which should come before others.
type group struct {
	of, before []int
	done       bool // one has its place, or nobody waits for it any more
}

// checkTimes gives steps without a time that of the step before in their file, and counts from the first.
func (m *merger) checkTimes() error {
	m.timed = slices.ContainsFunc(m.steps, func(s Step) bool { return s.Timed })
	first := int64(0)
	for i := range m.steps {
		s := &m.steps[i]
		switch world := s.Step == atomic.Fault || s.Step == atomic.Healed || s.Step == atomic.Settled; {
		case world && !s.Timed:
			return fmt.Errorf("%s: %s needs a t: it is about all nodes, and nothing else tells when it was", s.where(), s.Step)
		case !s.Timed && m.timed && i > 0 && m.steps[i-1].File == s.File:
			s.At = m.steps[i-1].At
		case !s.Timed && m.timed:
			return fmt.Errorf("%s: the t is missing, and other steps have one", s.where())
		}
		if i == 0 || s.At < first {
			first = s.At
		}
	}
	for i := range m.steps {
		m.steps[i].At -= first
	}
	return nil
}

func (m *merger) followNodes() {
	last := map[string]int{}
	for i := range m.steps {
		node := m.steps[i].Node
		if before, any := last[node]; any {
			m.follows(i, before)
		}
		last[node] = i
	}
}

func (m *merger) follows(later, earlier int) {
	m.places[earlier].nexts = append(m.places[earlier].nexts, later)
	m.places[later].befores = append(m.places[later].befores, earlier)
	m.places[later].waits++
}

func (m *merger) followMessages() error {
	senders := map[string]int{}
	for i := range m.steps {
		for _, name := range m.steps[i].Sent {
			if before, twice := senders[name]; twice {
				return fmt.Errorf("%s: message %s was sent before, at %s", m.steps[i].where(), name, m.steps[before].where())
			}
			senders[name] = i
		}
	}
	for i := range m.steps {
		for _, name := range m.steps[i].Received {
			from, sent := senders[name]
			if !sent {
				return fmt.Errorf("%s: message %s is received, and nobody sent it", m.steps[i].where(), name)
			}
			if from != i {
				m.follows(i, from)
			}
		}
	}
	return nil
}

// sort places the steps: of those that wait for nothing the earliest by the clock, then the first in the files.
func (m *merger) sort() ([]atomic.Event, error) {
	m.ready.less = func(a, b int) bool {
		if m.steps[a].At != m.steps[b].At {
			return m.steps[a].At < m.steps[b].At
		}
		return a < b
	}
	for i := range m.steps {
		m.offer(i)
	}
	for len(m.order) < len(m.steps) {
		if m.ready.Len() == 0 {
			if err := m.giveUp(); err != nil {
				return nil, err
			}
			continue
		}
		m.place(heap.Pop(&m.ready).(int))
	}
	events := make([]atomic.Event, len(m.order))
	for i, at := range m.order {
		events[i] = m.steps[at].Event
		switch {
		case !m.timed:
			events[i].At = int64(i)
		case i > 0:
			events[i].At = max(events[i].At, events[i-1].At)
		}
	}
	return events, nil
}

func (m *merger) offer(i int) {
	if m.places[i].waits == 0 {
		heap.Push(&m.ready, i)
	}
}

// release has a step wait for one thing less.
func (m *merger) release(i int) {
	m.places[i].waits--
	m.offer(i)
}

func (m *merger) place(i int) {
	m.places[i].taken = true
	m.order = append(m.order, i)
	for _, next := range m.places[i].nexts {
		m.release(next)
	}
	for _, g := range m.places[i].oneOf {
		m.fulfil(g)
	}
}

func (m *merger) fulfil(g int) {
	if m.groups[g].done {
		return
	}
	m.groups[g].done = true
	for _, i := range m.groups[g].before {
		m.release(i)
	}
}

// giveUp is for when every step waits for another: what certainly came first contradicts what should have. It
// finds steps that wait for each other in a circle, and drops one group in it.
func (m *merger) giveUp() error {
	at := slices.IndexFunc(m.places, func(p place) bool { return !p.taken })
	seen := map[int]int{} // how far back a step is
	var path, through []int
	for {
		if from, circle := seen[at]; circle {
			for k := from; k < len(path); k++ {
				if through[k] >= 0 {
					m.fulfil(through[k])
					return nil
				}
			}
			return fmt.Errorf("%s: by the messages, this step came before itself", m.steps[at].where())
		}
		seen[at] = len(path)
		path = append(path, at)
		next, group := m.waitsFor(at)
		through = append(through, group)
		at = next
	}
}

// waitsFor returns a step that is not placed and that another one waits for, and through which group, or -1 where
// it certainly came first.
func (m *merger) waitsFor(i int) (step, through int) {
	for _, g := range m.places[i].hopes {
		if !m.groups[g].done {
			return m.groups[g].of[0], g
		}
	}
	for _, before := range m.places[i].befores {
		if !m.places[before].taken {
			return before, -1
		}
	}
	panic("foreign: a step that waits for nothing is not offered")
}

// queue is a heap of steps.
type queue struct {
	list []int
	less func(a, b int) bool
}

// Len is of heap.Interface, and so are the others.
func (q *queue) Len() int           { return len(q.list) }
func (q *queue) Less(a, b int) bool { return q.less(q.list[a], q.list[b]) }
func (q *queue) Swap(a, b int)      { q.list[a], q.list[b] = q.list[b], q.list[a] }

// Push appends a step.
func (q *queue) Push(x any) { q.list = append(q.list, x.(int)) }

// Pop takes the last one off.
func (q *queue) Pop() any {
	last := len(q.list) - 1
	x := q.list[last]
	q.list = q.list[:last]
	return x
}
