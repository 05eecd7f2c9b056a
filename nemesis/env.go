package nemesis

import (
	"context"
	"time"
)

// What an environment can do to its nodes shows in the interfaces that it
// implements; [New] finds them by type assertion. Every method gets names of nodes
// that the environment knows, returns when the fault is in force, and has an error
// for when it is not. All of them may be called again with the same arguments, and
// what undoes a fault works when there is nothing to undo.

// ClientName stands for all clients in the partition of a node that is alone, and so
// has nobody else to be cut off from.
const ClientName = "clients"

// ClientPartitioner is a [Partitioner] that can also cut links to [ClientName]. It need
// not cut both directions: a node that hears nobody answers nobody.
type ClientPartitioner interface {
	Partitioner
	// CutsClients says so; it does nothing.
	CutsClients()
}

// Partitioner cuts the network between nodes. Links to clients and to the harness
// stay.
type Partitioner interface {
	// Cut cuts these links and no others: it takes the place of an earlier cut.
	Cut(ctx context.Context, links []Link) error
	// Heal lets all nodes hear each other again.
	Heal(ctx context.Context) error
}

// Killer ends and begins the processes of a node's database.
type Killer interface {
	// Kill kills the process without warning, a paused one too, and reports whether
	// there was one.
	Kill(ctx context.Context, node string) (killed bool, err error)
	// Start starts the process unless it is alive, and reports whether it did. It does
	// not wait until the database is ready.
	Start(ctx context.Context, node string) (started bool, err error)
}

// Pauser freezes the processes of a node's database.
type Pauser interface {
	// Pause freezes the process, and reports whether there was one that was running.
	Pause(ctx context.Context, node string) (paused bool, err error)
	// Resume lets the process go on, and reports whether it was frozen.
	Resume(ctx context.Context, node string) (resumed bool, err error)
}

// Clocks changes the wall clock that a node's database reads; its monotonic clock
// stays right. What is done to a clock outlasts the process.
type Clocks interface {
	// Bump moves the clock ahead (negative: back).
	Bump(ctx context.Context, node string, delta time.Duration) error
	// Strobe bumps the clock by s.Delta at once, back after s.Period, and so on until
	// s.For is over, when the clock is as it was. It returns after the first bump.
	// The clock is not strobing when it is called.
	Strobe(ctx context.Context, node string, s Strobe) error
	// Steady ends a strobe, and leaves the clock as it was before it.
	Steady(ctx context.Context, node string) error
	// Drift makes the clock gain ppm µs a second from now on, in place of any earlier
	// drift.
	Drift(ctx context.Context, node string, ppm int64) error
	// Reset sets the clock right and ends strobe and drift.
	Reset(ctx context.Context, node string) error
	// Offset returns how far the clock is ahead of the truth.
	Offset(ctx context.Context, node string) (time.Duration, error)
}

// Shaper disturbs packets between nodes. Those from and to clients are left alone.
type Shaper interface {
	// Shape disturbs each packet on these directed links between nodes, and no others:
	// it takes the place of an earlier call.
	Shape(ctx context.Context, links []Link, faults PacketFaults) error
	// Unshape lets all packets pass as they are.
	Unshape(ctx context.Context) error
}

// Disks cuts the power of nodes, and makes their disks fail.
type Disks interface {
	// PowerOff cuts the power: the process ends, paused or not, and the disk forgets
	// what was not synced but for what keep says. It reports whether there was a
	// process, and how many bytes that were written are lost. Killer.Start also
	// switches the node on again.
	PowerOff(ctx context.Context, node string, keep Keep) (killed bool, lost uint64, err error)
	// Impair makes the disks of these nodes faulty and those of all others well: it
	// takes the place of an earlier call.
	Impair(ctx context.Context, nodes []string, faults DiskFaults) error
	// Damage flips faults.Bits bits on the medium, drawn over all files of a node, or cuts
	// faults.Bytes bytes off the end of one of them, and returns what it did to which;
	// what it did before is mended. The process is down, and what it wrote is on the
	// medium.
	Damage(ctx context.Context, node string, faults DiskFaults) ([]Harm, error)
	// Repair makes all disks well, and mends files that nobody has written to since they
	// were damaged. A process that has ended for their faults stays down.
	Repair(ctx context.Context) error
	// DiskCounts returns the counts since the nodes were set up, over all disks.
	DiskCounts(ctx context.Context) (DiskCounts, error)
}

// Harm is what was done to a file at rest.
type Harm struct {
	File   string
	Amount uint64 // bits that were flipped, or bytes that were cut off
}

// DiskCounts counts what faulty disks did.
type DiskCounts struct {
	Failed  uint64        // operations that ended with an I/O error
	Refused uint64        // writes that did not fit
	Flipped uint64        // bits, of what was read
	Delayed time.Duration // by which operations took longer
}

// Sub returns what was counted since an earlier reading.
func (c DiskCounts) Sub(earlier DiskCounts) DiskCounts {
	return DiskCounts{
		Failed:  c.Failed - earlier.Failed,
		Refused: c.Refused - earlier.Refused,
		Flipped: c.Flipped - earlier.Flipped,
		Delayed: c.Delayed - earlier.Delayed,
	}
}

// Members changes the group of nodes that replicate the data. A change needs the
// group's consent and so takes its time: Remove and Add only ask for it. What was
// asked for is done in the background, in that order; what the group does not agree
// to for some time is given up.
type Members interface {
	// Remove asks for the node to leave.
	Remove(ctx context.Context, node string) error
	// Add asks for the node to come in, or to come back.
	Add(ctx context.Context, node string) error
	// Restore asks for every node to be in, again and again until another call, and
	// forgets what was asked for before.
	Restore(ctx context.Context) error
	// MemberChanges returns how many changes of the group have taken effect since the
	// nodes were set up.
	MemberChanges(ctx context.Context) (uint64, error)
}

// Leaders knows who leads.
type Leaders interface {
	// Primaries returns the nodes that take themselves for primaries or leaders at this
	// moment: none, one, or several that do not agree.
	Primaries(ctx context.Context) ([]string, error)
}

// Counters counts what happens to packets between nodes.
type Counters interface {
	// PacketCounts returns the counts since the nodes were set up, over all links.
	PacketCounts(ctx context.Context) (PacketCounts, error)
}

// PacketCounts counts packets by what was done to them. One packet may count
// several times.
type PacketCounts struct {
	Cut        uint64 // dropped since their link is cut
	Delayed    uint64 // by Delay or Jitter of a Shaper
	Lost       uint64
	Duplicated uint64
	Reordered  uint64
	Corrupted  uint64
	Throttled  uint64 // held up by a Rate
	Overrun    uint64 // dropped since too many waited for a Rate
}

// Sub returns what was counted since an earlier reading.
func (c PacketCounts) Sub(earlier PacketCounts) PacketCounts {
	return PacketCounts{
		Cut:        c.Cut - earlier.Cut,
		Delayed:    c.Delayed - earlier.Delayed,
		Lost:       c.Lost - earlier.Lost,
		Duplicated: c.Duplicated - earlier.Duplicated,
		Reordered:  c.Reordered - earlier.Reordered,
		Corrupted:  c.Corrupted - earlier.Corrupted,
		Throttled:  c.Throttled - earlier.Throttled,
		Overrun:    c.Overrun - earlier.Overrun,
	}
}
