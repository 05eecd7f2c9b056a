package sim

import "time"

// inbox is what happened to a process while it was paused, or waited for its disk,
// and that it has not worked off yet: packets in its socket buffer, completions and a timer that
// its kernel holds. Entries are the events themselves, in order; a packet or
// completion stays in its slab meanwhile.
type inbox struct {
	events     []event
	head       int
	packets    int
	bytes      int
	maxPackets int
	maxBytes   int
	waker      uint64 // seq of the wake event that counts, 0 if none
}

func (b *inbox) empty() bool { return b.head == len(b.events) }

func (b *inbox) push(e event) { b.events = append(b.events, e) }

// pop removes the oldest entry; the inbox must not be empty.
func (b *inbox) pop() event {
	e := b.events[b.head]
	b.head++
	if b.empty() {
		b.events, b.head = b.events[:0], 0
	}
	return e
}

// fits reports whether the socket buffer has room for a packet of size bytes.
func (b *inbox) fits(size int) bool {
	return b.packets < b.maxPackets && b.bytes+size <= b.maxBytes
}

// SetBuffer limits what packets wait while the host is paused; beyond either
// limit they are dropped (DropFull). Packets that wait already stay.
func (h *Host) SetBuffer(packets, bytes int) {
	h.inbox.maxPackets, h.inbox.maxBytes = packets, bytes
}

// holds reports whether what happens to the host now must wait: it is paused, it
// waits for its disk, or it is still working off what came before.
func (h *Host) holds() bool {
	return h.state == Paused || !h.inbox.empty() || h.world.now < h.stalled
}

// stall has the process wait, in addition to what it waits for already, when the
// present step is over.
func (h *Host) stall(d time.Duration) {
	h.stalled = max(h.stalled, h.world.now) + int64(d)
	h.inbox.waker = h.world.schedule(h.stalled, kindWake, uint32(h.id))
}

// callWake has the host take the next entry of its inbox.
func (h *Host) callWake() {
	if !h.inbox.empty() {
		h.inbox.waker = h.world.schedule(max(h.world.now, h.stalled), kindWake, uint32(h.id))
	}
}

// wake handles the oldest entry of the inbox and reports whether anything came
// of it. A host that was paused or killed again in the meantime ignores it.
func (h *Host) wake(e event) bool {
	if e.seq != h.inbox.waker || h.state != Running {
		return false
	}
	h.inbox.waker = 0
	if h.inbox.empty() { // a stall in which nothing happened
		return false
	}
	next := h.inbox.pop()
	happened := h.handle(next)
	if h.state == Running {
		h.callWake()
	}
	return happened
}

func (h *Host) handle(e event) bool {
	switch e.kind {
	case kindPacket:
		p := h.world.packets.take(e.slot)
		h.inbox.packets--
		h.inbox.bytes -= p.size
		h.world.network.deliver(p)
	case kindDisk:
		s := h.world.syncs.take(e.slot)
		h.program.DiskDone(s.token, s.err)
	case kindTimer:
		// A packet before it in the inbox may have moved the deadline.
		if !h.due() {
			return false
		}
		h.fire()
	}
	return true
}

// dropInbox loses what a killed process had not worked off.
func (h *Host) dropInbox() {
	for !h.inbox.empty() {
		switch e := h.inbox.pop(); e.kind {
		case kindPacket:
			h.world.network.drop(h.world.packets.take(e.slot), DropDead)
		case kindDisk:
			h.world.syncs.take(e.slot)
		}
	}
	h.inbox.packets, h.inbox.bytes, h.inbox.waker = 0, 0, 0
}
