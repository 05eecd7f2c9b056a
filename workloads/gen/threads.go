package gen

import (
	"iter"
	"math/bits"
	"strconv"

	"checker/history"
)

// Thread is a worker of the run: clients are 0, 1, 2…, and the nemesis is one
// more. A thread executes one op at a time. While a process may crash and be
// replaced, its thread stays.
type Thread int32

// NemesisThread executes the faults.
const NemesisThread Thread = -1

func (t Thread) String() string {
	if t == NemesisThread {
		return "nemesis"
	}
	return strconv.Itoa(int(t))
}

// set is a set of the threads of a run: bit t stands for client t, and the bit
// after the last client's for the nemesis. Sets are immutable once built.
type set struct {
	words     []uint64
	from, end int // the words outside from:end are 0
	size      int
}

func newSet(length int) *set {
	return &set{words: make([]uint64, (length+63)/64)}
}

// add puts an element in while a set is being built.
func (s *set) add(i int) {
	w := i / 64
	if s.size == 0 {
		s.from, s.end = w, w+1
	}
	s.from, s.end = min(s.from, w), max(s.end, w+1)
	s.words[w] |= 1 << (i % 64)
	s.size++
}

func (s *set) has(i int) bool { return s.words[i/64]&(1<<(i%64)) != 0 }

// all yields the elements in ascending order.
func (s *set) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for w := s.from; w < s.end; w++ {
			for word := s.words[w]; word != 0; word &= word - 1 {
				if !yield(w*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}

// count returns how many elements are also in other.
func (s *set) count(other []uint64) int {
	n := 0
	for w := s.from; w < s.end; w++ {
		n += bits.OnesCount64(s.words[w] & other[w])
	}
	return n
}

// meets reports whether an element is also in other.
func (s *set) meets(other []uint64) bool {
	for w := s.from; w < s.end; w++ {
		if s.words[w]&other[w] != 0 {
			return true
		}
	}
	return false
}

// nth returns the n-th element, from 0, of those also in other.
func (s *set) nth(n int, other []uint64) int {
	for w := s.from; w < s.end; w++ {
		word := s.words[w] & other[w]
		if c := bits.OnesCount64(word); n >= c {
			n -= c
			continue
		}
		for range n {
			word &= word - 1
		}
		return w*64 + bits.TrailingZeros64(word)
	}
	panic("gen: a set has fewer elements than were counted")
}

// table is what is known of all threads of a run.
type table struct {
	clients int
	every   *set
	free    []uint64
	process []history.Process // by bit
}

func newTable(clients int) *table {
	t := &table{clients: clients, every: newSet(clients + 1), process: make([]history.Process, clients+1)}
	for i := range clients + 1 {
		t.every.add(i)
		t.process[i] = history.Process(i)
	}
	t.process[clients] = history.Nemesis
	t.free = append(t.free, t.every.words...)
	return t
}

// bit returns which bit stands for a thread.
func (t *table) bit(thread Thread) int {
	if thread == NemesisThread {
		return t.clients
	}
	return int(thread)
}

func (t *table) thread(bit int) Thread {
	if bit == t.clients {
		return NemesisThread
	}
	return Thread(bit)
}

// threadOf returns the thread that executes a process, or did before it crashed.
func (t *table) threadOf(p history.Process) (Thread, bool) {
	switch {
	case p == history.Nemesis:
		return NemesisThread, true
	case p < 0 || t.clients == 0:
		return 0, false
	}
	return Thread(int(p) % t.clients), true
}

// split cuts a set of threads into parts, and remembers how, since the set is
// nearly always the one of the last time. A split is shared by all later states
// of its generator; it is a memory, not a state.
type split struct {
	// cut says which part each thread belongs to, from 0; below 0 is none.
	cut    func(threads []Thread) []int
	of     *set
	parts  []*set
	partOf []int // by bit; -1 for none
}

// within returns the parts of the threads of a context.
func (s *split) within(ctx *Context) []*set {
	if s.of == ctx.members {
		return s.parts
	}
	t := ctx.table
	var threads []Thread
	for bit := range ctx.members.all() {
		threads = append(threads, t.thread(bit))
	}
	s.parts, s.partOf = nil, make([]int, t.clients+1)
	for bit := range s.partOf {
		s.partOf[bit] = -1
	}
	for i, part := range s.cut(threads) {
		if part < 0 {
			continue
		}
		for len(s.parts) <= part {
			s.parts = append(s.parts, newSet(t.clients+1))
		}
		bit := t.bit(threads[i])
		s.parts[part].add(bit)
		s.partOf[bit] = part
	}
	s.of = ctx.members
	return s.parts
}

// part returns the part of the thread that a process belongs to, or -1.
func (s *split) part(ctx *Context, p history.Process) int {
	s.within(ctx)
	if t, ok := ctx.table.threadOf(p); ok {
		return s.partOf[ctx.table.bit(t)]
	}
	return -1
}
