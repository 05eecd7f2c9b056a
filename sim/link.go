package sim

import (
	"fmt"
	"math/rand/v2"
	"time"

	"checker/internal/prng"
)

// LinkFaults is what is wrong with a directed link. The zero value is a link
// without faults. Probabilities are per packet, from 0 to 1, and independent.
type LinkFaults struct {
	Loss      float64 // the packet vanishes
	Duplicate float64 // a second copy follows, in no order with later packets
	Corrupt   float64 // a bit flips: the receiver's checksum fails, and it drops the packet

	// Reorder is the probability that a packet is held up by a duration drawn
	// uniformly from (0, ReorderDelay] while later packets overtake it.
	Reorder      float64
	ReorderDelay time.Duration

	// Delay holds every packet up, and Jitter by a further uniform [0, Jitter].
	// Neither changes the order.
	Delay  time.Duration
	Jitter time.Duration

	// Rate is how many bits a second the link carries, one packet after the other; 0
	// is no limit. What is lost takes no room, nor do copies. A packet that would wait
	// for those ahead of it for longer than QueueLength is dropped (rate).
	Rate int64
}

// QueueLength is how long packets may wait for their turn on a link of limited rate.
const QueueLength = time.Second

func (f LinkFaults) validate() {
	for _, p := range [...]float64{f.Loss, f.Duplicate, f.Corrupt, f.Reorder} {
		if !(p >= 0 && p <= 1) {
			panic(fmt.Sprintf("sim: %v is no probability in %+v", p, f))
		}
	}
	if f.Delay < 0 || f.Jitter < 0 || f.ReorderDelay < 0 || f.Reorder > 0 && f.ReorderDelay == 0 || f.Rate < 0 {
		panic(fmt.Sprintf("sim: a negative delay or rate, or a reordering without one, in %+v", f))
	}
}

// link is the way from one host to another.
type link struct {
	from, to *Host
	latency  Latency
	faults   LinkFaults
	cut      bool

	// Faults draw from a stream of their own: a packet that faults leave alone
	// has the latency it would have had without them.
	delays, mishaps *rand.Rand

	lastArrival int64 // of the packets in order, which none of them may precede
	free        int64 // when a link of limited rate has carried what was sent
	counters    Counters
}

func newLink(from, to *Host, l Latency) *link {
	name := from.name + ">" + to.name
	return &link{
		from: from, to: to, latency: l,
		delays:  prng.New(from.world.seed, "sim/link/"+name),
		mishaps: prng.New(from.world.seed, "sim/faults/"+name),
	}
}

// packet is a message on its way, or waiting in an inbox.
type packet struct {
	id      uint64 // counts packets sent in this world, from 1; a copy has its original's
	link    *link
	payload any
	size    int // bytes
	corrupt bool
}

// happens draws whether a fault of probability p strikes. A fault that is off
// draws nothing.
func (l *link) happens(p float64) bool { return p > 0 && l.mishaps.Float64() < p }

// carry returns when a packet that is sent at a time has left the sender, and false if
// too many are ahead of it.
func (l *link) carry(now int64, size int) (int64, bool) {
	if l.faults.Rate == 0 {
		return now, true
	}
	turn := max(now, l.free)
	if turn-now > int64(QueueLength) {
		return 0, false
	}
	l.free = turn + mulDivFloor(uint64(size), 8*uint64(time.Second), uint64(l.faults.Rate))
	if l.free > now {
		l.counters.Throttled++
	}
	return l.free, true
}

// arrival returns when a packet arrives that would do so at a time if the link
// were idle and without faults, and counts the delays that faults add.
func (l *link) arrival(at int64) int64 {
	if l.faults.Delay > 0 || l.faults.Jitter > 0 {
		l.counters.Delayed++
		at += int64(l.faults.Delay) + l.mishaps.Int64N(int64(l.faults.Jitter)+1)
	}
	at = max(at, l.lastArrival)
	if l.happens(l.faults.Reorder) {
		l.counters.Reordered++
		return at + 1 + l.mishaps.Int64N(int64(l.faults.ReorderDelay))
	}
	l.lastArrival = at
	return at
}
