// Package sim is a deterministic simulator of machines: virtual time, hosts that
// crash and pause, clocks that drift and jump, a network that misbehaves and
// disks that forget what was not synced. It knows nothing of databases; what
// runs on a host is any state machine that implements Program.
//
// # Use
//
//	w := sim.New(seed)
//	for _, name := range []string{"n1", "n2", "n3"} {
//		h := w.AddHost(name)
//		h.Boot(func(h *sim.Host) sim.Program { return newNode(h) })
//		h.Start()
//	}
//	w.At(2e9, func() { w.Network().Cut(w.Hosts()[0], w.Hosts()[1]) })
//	w.RunUntil(60e9)
//
// Two kinds of code act on a world. Programs are called one at a time and act
// through their own Host alone: Clock, Send, SetDeadline and Disk. The harness
// (callbacks given to At, and code between steps) may do anything at any time:
// send for a host, kill it, cut links, set clocks.
//
// # Contract
//
// A run is a function of the seed and of what programs and harness do: the
// same calls give the same events, byte for byte, in any process on any
// architecture. To that end events are ordered by (virtual time, order of
// creation), nothing iterates over a map in its own order, and everything that
// is drawn (the latency of a link, its faults, a disk's latency and losses, a
// clock's drift) has a stream of its own, named after the host or link. So a
// fault on one link leaves the latencies of all links as they were, and a host
// added last shifts nothing of the others.
//
// Time stands still while a program runs: a step costs no virtual time, and so
// a program that never waits never lets time pass. After ten million events at
// one instant the world panics. A panic, the program's or the world's own at
// misuse, ends the world: it cannot be stepped on.
//
// A killed process loses its memory, and what it wrote stays in the machine's
// cache; a machine that loses power (PowerOff) loses the cache too, in part.
//
// Faults take and report: Kill, Pause, Cut and their opposites return whether
// anything changed, and Counters tell by cause what became of packets, so that
// a nemesis can say whether a fault bit.
//
// The defaults are in DefaultLatency, DefaultSyncLatency, MonoDriftPPM,
// BufferPackets and BufferBytes; links and disks have no faults until they are
// given some.
//
// # The event log
//
// Event.String gives one line per event, in aligned columns:
//
//	0.000000000  started     n1         incarnation 1
//	0.000000000  started     n2         incarnation 1
//	0.002000000  sent        n1 > n2    #1       5B  hello
//	0.002338354  delivered   n1 > n2    #1       5B  hello
//	0.003000000  cut         n1 > n2
//	0.004000000  sent        n1 > n2    #2       5B  again
//	0.004000000  dropped     n1 > n2    #2       5B  again (partition)
//	0.005000000  power-lost  n2         lost 12B
//
// The columns are:
//
//  1. virtual time since the start, in seconds and nanoseconds;
//  2. the kind of event;
//  3. the host, or the link as "from > to";
//  4. details: for a packet its number in the order of sending (a copy has that
//     of its original), its size in bytes, its payload as printed by %v, and if
//     it was dropped the cause in brackets; for a start the incarnation, for a
//     loss of power the bytes its disk lost, for a clock its offset from the truth or
//     its drift, for link faults their values.
//
// Dropped at the time of sending means partition, loss or rate; the other causes, and
// partition too, strike at arrival. A packet to a paused host has no line when
// it arrives: it is delivered when the host has resumed and got to it.
//
// # Reading order
//
// world.go (time and the loop), queue.go (the heap of events), host.go (the life
// of a process, its timer), inbox.go (what waits while it is paused), clock.go,
// network.go and link.go (the way of a packet), latency.go, disk.go, disk_faults.go,
// power.go and file.go (what a loss of power leaves), rot.go (damage that lasts), observer.go (the event log).
package sim
