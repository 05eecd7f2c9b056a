package sim

import "fmt"

// Drop is the cause why a packet never reached a program.
type Drop uint8

const (
	DropPartition Drop = iota // the link was cut when the packet was sent or arrived
	DropLoss                  // LinkFaults.Loss
	DropCorrupt               // LinkFaults.Corrupt
	DropDead                  // the receiver was down, or was killed before it got to it
	DropFull                  // the paused receiver's buffer was full
	DropRate                  // LinkFaults.Rate: too many packets waited for their turn
	dropCauses
)

func (d Drop) String() string {
	return [...]string{"partition", "loss", "corrupt", "dead", "full", "rate"}[d]
}

// Counters counts packets, on one link or on all. At any time
//
//	Sent + Duplicated = Delivered + DroppedTotal() + InFlight()
//
// where packets in an inbox are still in flight.
type Counters struct {
	Sent       uint64 // by a program, each once
	Duplicated uint64 // copies added by LinkFaults.Duplicate
	Delivered  uint64 // to a program, copies included
	Delayed    uint64 // by LinkFaults.Delay or Jitter
	Reordered  uint64 // by LinkFaults.Reorder: held up, not necessarily overtaken
	Throttled  uint64 // by LinkFaults.Rate
	Dropped    [dropCauses]uint64
}

// DroppedTotal returns the number of packets dropped for whatever cause.
func (c Counters) DroppedTotal() uint64 {
	var sum uint64
	for _, n := range c.Dropped {
		sum += n
	}
	return sum
}

// InFlight returns the number of packets sent and neither delivered nor dropped.
func (c Counters) InFlight() uint64 {
	return c.Sent + c.Duplicated - c.Delivered - c.DroppedTotal()
}

// Sub returns what was counted since an earlier reading: how a fault shows that
// it bit. InFlight of a difference has no meaning.
func (c Counters) Sub(earlier Counters) Counters {
	c.Sent -= earlier.Sent
	c.Duplicated -= earlier.Duplicated
	c.Delivered -= earlier.Delivered
	c.Delayed -= earlier.Delayed
	c.Reordered -= earlier.Reordered
	c.Throttled -= earlier.Throttled
	for i := range c.Dropped {
		c.Dropped[i] -= earlier.Dropped[i]
	}
	return c
}

// add returns the sum of two counts.
func (c Counters) add(o Counters) Counters {
	c.Sent += o.Sent
	c.Duplicated += o.Duplicated
	c.Delivered += o.Delivered
	c.Delayed += o.Delayed
	c.Reordered += o.Reordered
	c.Throttled += o.Throttled
	for i := range c.Dropped {
		c.Dropped[i] += o.Dropped[i]
	}
	return c
}

// Network joins every host to every other by two directed links, each with its
// own latency, faults and cut. A packet takes these hurdles:
//
//	at sending    the link is cut: dropped (partition)
//	              loss: dropped (loss)
//	              the rate is limited: waits for its turn, or is dropped (rate)
//	on the way    latency; delay, jitter and reordering if asked for; a copy
//	at arrival    the link is cut: dropped (partition)
//	              the host is down: dropped (dead)
//	              it is corrupt: dropped (corrupt)
//	              the host is paused: waits, or is dropped (full)
//
// A link delivers in the order of sending, as a TCP connection does, except for
// packets that reordering holds up and for copies. Unlike TCP it does not tear
// when a host restarts: a packet to a host that was killed and started while it
// was under way reaches the new program, as after a fast reconnect.
//
// A host reaches itself by a link that has no faults and is never cut.
type Network struct {
	world   *World
	latency Latency
	lastID  uint64
}

// link returns the link between two hosts of the world, making it at first use.
func (n *Network) link(from, to *Host) *link {
	if to.id < len(from.links) {
		if l := from.links[to.id]; l != nil {
			return l
		}
	}
	return n.connect(from, to)
}

func (n *Network) connect(from, to *Host) *link {
	if from.world != n.world || to.world != n.world {
		panic(fmt.Sprintf("sim: %q or %q is a host of another world", from.name, to.name))
	}
	for len(from.links) <= to.id {
		from.links = append(from.links, nil)
	}
	latency := n.latency
	if from == to {
		latency = LoopbackLatency
	}
	l := newLink(from, to, latency)
	from.links[to.id] = l
	return l
}

// each calls f for every link in use, in the order of host ids.
func (n *Network) each(f func(*link)) {
	for _, h := range n.world.hosts {
		for _, l := range h.links {
			if l != nil {
				f(l)
			}
		}
	}
}

// SetLatency gives all links between different hosts, those of hosts added
// later too, this latency.
func (n *Network) SetLatency(latency Latency) {
	n.latency = latency
	n.each(func(l *link) {
		if l.from != l.to {
			l.latency = latency
		}
	})
}

// SetLinkLatency gives one link this latency.
func (n *Network) SetLinkLatency(from, to *Host, latency Latency) {
	n.link(from, to).latency = latency
}

// Cut drops all packets from one host to another, those under way included if
// it lasts until they arrive. The other direction stays. It reports whether the
// link was whole.
func (n *Network) Cut(from, to *Host) bool { return n.setCut(from, to, true) }

// Uncut takes a cut away and reports whether there was one.
func (n *Network) Uncut(from, to *Host) bool { return n.setCut(from, to, false) }

func (n *Network) setCut(from, to *Host, cut bool) bool {
	l := n.link(from, to)
	if l.cut == cut || from == to {
		return false
	}
	l.cut = cut
	k := LinkCut
	if !cut {
		k = LinkHealed
	}
	n.world.note(Event{Kind: k, Host: from, Peer: to})
	return true
}

// IsCut reports whether packets from one host to another are being dropped.
func (n *Network) IsCut(from, to *Host) bool { return n.link(from, to).cut }

// HealAll takes all cuts away. Link faults stay: see ClearAllFaults.
func (n *Network) HealAll() {
	n.each(func(l *link) { n.setCut(l.from, l.to, false) })
}

// SetFaults replaces the faults of the link from one host to another. It
// applies to packets sent from now on; on the link of a host to itself it does
// nothing.
func (n *Network) SetFaults(from, to *Host, f LinkFaults) {
	f.validate()
	l := n.link(from, to)
	if from == to || l.faults == f {
		return
	}
	if f.Rate != l.faults.Rate {
		l.free = 0
	}
	l.faults = f
	n.world.note(Event{Kind: FaultsSet, Host: from, Peer: to, Payload: f})
}

// SetHostFaults replaces the faults of all links from and to a host, as a bad
// network card would. Hosts added later are not affected.
func (n *Network) SetHostFaults(h *Host, f LinkFaults) {
	for _, other := range n.world.hosts {
		n.SetFaults(h, other, f)
		n.SetFaults(other, h, f)
	}
}

// ClearFaults takes the faults of a link away. Its cut stays.
func (n *Network) ClearFaults(from, to *Host) { n.SetFaults(from, to, LinkFaults{}) }

// ClearHostFaults takes the faults of all links from and to a host away.
func (n *Network) ClearHostFaults(h *Host) { n.SetHostFaults(h, LinkFaults{}) }

// ClearAllFaults takes the faults of all links away. Cuts stay: see HealAll.
func (n *Network) ClearAllFaults() {
	n.each(func(l *link) { n.ClearFaults(l.from, l.to) })
}

// Counters returns the sum over all links since the start.
func (n *Network) Counters() Counters {
	var sum Counters
	n.each(func(l *link) { sum = sum.add(l.counters) })
	return sum
}

// LinkCounters returns what was counted on one link since the start.
func (n *Network) LinkCounters(from, to *Host) Counters { return n.link(from, to).counters }

// send puts a new packet on its link.
func (n *Network) send(from, to *Host, size int, payload any) {
	n.lastID++
	l := n.link(from, to)
	p := packet{id: n.lastID, link: l, payload: payload, size: size}
	l.counters.Sent++
	n.note(Sent, &p)
	// The latency is drawn for dropped packets too: whether one packet gets
	// through does not change the latency of the next.
	delay := l.latency.draw(l.delays)
	if l.cut {
		n.drop(p, DropPartition)
		return
	}
	if l.happens(l.faults.Loss) {
		n.drop(p, DropLoss)
		return
	}
	left, ok := l.carry(n.world.now, size)
	if !ok {
		n.drop(p, DropRate)
		return
	}
	at := l.arrival(left + delay)
	duplicate := l.happens(l.faults.Duplicate)
	p.corrupt = l.happens(l.faults.Corrupt)
	n.transmit(p, at)
	if duplicate {
		n.copy(p, at)
	}
}

// copy sends a second copy of a packet that arrives at a time, to arrive later.
func (n *Network) copy(p packet, at int64) {
	p.corrupt = false
	p.link.counters.Duplicated++
	n.note(Duplicated, &p)
	n.transmit(p, at+p.link.latency.draw(p.link.mishaps))
}

func (n *Network) transmit(p packet, at int64) {
	n.world.schedule(at, kindPacket, n.world.packets.put(p))
}

// arrive handles the end of a packet's way.
func (n *Network) arrive(e event) {
	p := &n.world.packets.items[e.slot]
	to := p.link.to
	switch {
	case p.link.cut:
		n.drop(n.world.packets.take(e.slot), DropPartition)
	case to.state == Down:
		n.drop(n.world.packets.take(e.slot), DropDead)
	case p.corrupt:
		n.drop(n.world.packets.take(e.slot), DropCorrupt)
	case !to.holds():
		n.deliver(n.world.packets.take(e.slot))
	case to.inbox.fits(p.size):
		to.inbox.packets++
		to.inbox.bytes += p.size
		to.inbox.push(e)
	default:
		n.drop(n.world.packets.take(e.slot), DropFull)
	}
}

func (n *Network) deliver(p packet) {
	p.link.counters.Delivered++
	n.note(Delivered, &p)
	p.link.to.program.Receive(p.link.from, p.payload)
}

func (n *Network) drop(p packet, cause Drop) {
	p.link.counters.Dropped[cause]++
	if n.world.observer != nil {
		n.world.observer.Observe(p.event(n.world.now, Dropped, cause))
	}
}

// note tells the observer, if there is one, about a packet.
func (n *Network) note(k Kind, p *packet) {
	if n.world.observer != nil {
		n.world.observer.Observe(p.event(n.world.now, k, 0))
	}
}

func (p *packet) event(now int64, k Kind, cause Drop) Event {
	return Event{
		At: now, Kind: k, Host: p.link.from, Peer: p.link.to,
		Packet: p.id, Size: p.size, Payload: p.payload, Drop: cause,
	}
}
