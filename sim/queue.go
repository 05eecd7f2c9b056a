package sim

// kind says what an event does when its time has come.
type kind uint8

const (
	kindPacket   kind = iota // a packet reaches its receiver; slot: packet
	kindTimer                // a host's timer goes off; slot: host id
	kindDisk                 // a sync completes; slot: sync
	kindWake                 // a resumed host takes the next thing from its inbox; slot: host id
	kindCallback             // a harness callback; slot: callback
)

// event is one entry of the queue: 24 bytes, no pointers, so that moving it
// about in the heap costs no write barrier and the collector never scans the
// queue. What it is about lies in a slab, at slot.
type event struct {
	at   int64  // virtual ns
	seq  uint64 // order of creation: breaks ties, and names the event
	slot uint32
	kind kind
}

// before is the order of execution. It is total, because seq is unique.
func (e event) before(o event) bool {
	return e.at < o.at || e.at == o.at && e.seq < o.seq
}

// queue is a 4-ary min-heap of events: half the depth of a binary one, and
// the four children share two cache lines.
type queue struct {
	heap []event
}

const arity = 4

func (q *queue) len() int     { return len(q.heap) }
func (q *queue) first() event { return q.heap[0] }

// push adds e, moving larger ancestors down into the hole it comes from.
func (q *queue) push(e event) {
	q.heap = append(q.heap, e)
	hole := len(q.heap) - 1
	for hole > 0 {
		parent := (hole - 1) / arity
		if !e.before(q.heap[parent]) {
			break
		}
		q.heap[hole] = q.heap[parent]
		hole = parent
	}
	q.heap[hole] = e
}

// pop removes the first event; the queue must not be empty.
func (q *queue) pop() event {
	first := q.heap[0]
	last := q.heap[len(q.heap)-1]
	q.heap = q.heap[:len(q.heap)-1]
	if len(q.heap) > 0 {
		q.sink(last)
	}
	return first
}

// sink puts e into the hole at the root and moves smaller children up until
// it rests.
func (q *queue) sink(e event) {
	heap := q.heap
	hole := 0
	for {
		child := hole*arity + 1
		if child >= len(heap) {
			break
		}
		least := child
		for c := child + 1; c < min(child+arity, len(heap)); c++ {
			if heap[c].before(heap[least]) {
				least = c
			}
		}
		if !heap[least].before(e) {
			break
		}
		heap[hole] = heap[least]
		hole = least
	}
	heap[hole] = e
}

// slab holds what events are about, in slots that are used again, so that a
// running world allocates nothing per event.
type slab[T any] struct {
	items []T
	free  []uint32
}

// put stores v and returns its slot.
func (s *slab[T]) put(v T) uint32 {
	if n := len(s.free); n > 0 {
		slot := s.free[n-1]
		s.free = s.free[:n-1]
		s.items[slot] = v
		return slot
	}
	s.items = append(s.items, v)
	return uint32(len(s.items) - 1)
}

// take removes and returns what is in the slot, clearing it for the collector.
func (s *slab[T]) take(slot uint32) T {
	v := s.items[slot]
	var zero T
	s.items[slot] = zero
	s.free = append(s.free, slot)
	return v
}

// used returns how many slots are taken.
func (s *slab[T]) used() int { return len(s.items) - len(s.free) }
