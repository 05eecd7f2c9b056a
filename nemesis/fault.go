package nemesis

import (
	"slices"
	"time"

	"checker/history"
)

// Verb is what a fault does: the function of its op.
type Verb string

// The verbs. Those that end a fault stand behind those that begin one.
const (
	Partition   Verb = "partition"
	Heal        Verb = "heal"
	Kill        Verb = "kill"
	Start       Verb = "start"
	Pause       Verb = "pause"
	Resume      Verb = "resume"
	ClockBump   Verb = "clock-bump"
	ClockStrobe Verb = "clock-strobe"
	ClockDrift  Verb = "clock-drift"
	ClockJump   Verb = "clock-jump"
	ClockReset  Verb = "clock-reset"
	Packet      Verb = "packet"
	PacketClear Verb = "packet-clear"

	PowerOff   Verb = "power-off"
	DiskFull   Verb = "disk-full"
	DiskError  Verb = "disk-error"
	DiskSlow   Verb = "disk-slow"
	DiskFlip   Verb = "disk-flip"
	DiskRot    Verb = "disk-rot"
	DiskCut    Verb = "disk-truncate"
	DiskRepair Verb = "disk-repair"

	MemberRemove  Verb = "member-remove"
	MemberAdd     Verb = "member-add"
	MemberReplace Verb = "member-replace"
	MemberRestore Verb = "member-restore"
)

// Fault is something done to the nodes, or its end. It is a value with a
// one-line text form (see [Parse]) and executed by [Nemesis.Invoke].
//
// A fault is concrete when it says exactly what happens to which node. Drawn
// from a schedule it may instead say in Target how nodes are to be chosen;
// [Resolve] makes it concrete.
type Fault struct {
	Verb   Verb
	Target string       // a grudge's name for partition, else a selector's; "" once concrete
	Nodes  []string     // whom it strikes, where Sides, Ways and Skews do not say
	Sides  [][]string   // partition: groups of nodes, none of which reaches another
	Ways   []Link       // partition: instead of Sides, the directed links that are cut; packet: instead of Nodes
	Skews  []Skew       // clock-bump, clock-jump, clock-drift: how much, by node
	UpTo   int64        // the same with a Target: the largest Amount to draw
	Strobe Strobe       // clock-strobe
	Packet PacketFaults // packet
	Keep   Keep         // power-off
	Disk   DiskFaults   // disk-full, disk-error, disk-slow, disk-flip, disk-rot, disk-truncate
}

// Link is the way that packets take from one node to another.
type Link struct{ From, To string }

// Skew is what is done to the clock of one node.
type Skew struct {
	Node   string
	Amount int64 // ns ahead for clock-bump and clock-jump; for clock-drift the ppm (µs a second) that it gains
}

// Strobe moves a clock to and fro.
type Strobe struct {
	Delta  time.Duration // how far it jumps ahead (negative: back), before it jumps back again
	Period time.Duration // from one jump to the next
	For    time.Duration // how long it goes on
}

// PacketFaults is what is wrong with the packets of some nodes. Each chance is
// per packet and independent of the others.
type PacketFaults struct {
	Delay     time.Duration // by which every packet is held up
	Jitter    time.Duration // by which it is held up further, at random
	Loss      Chance
	Duplicate Chance
	Reorder   Chance // to be overtaken by later packets; see HoldUp
	Corrupt   Chance // to arrive with a flipped bit, so that the receiver's checksum fails
	Rate      Rate   // that a directed link carries, one packet after the other; 0 for no limit
}

// Rate is what a link carries, in bits a second.
type Rate int64

// The units of rates are those of tc, powers of a thousand.
const (
	Bit  Rate = 1
	Kbit      = 1000 * Bit
	Mbit      = 1000 * Kbit
	Gbit      = 1000 * Mbit
)

// QueueLength is how long a packet may have to wait for those ahead of it where a rate
// is limited: the bytes that the link carries in that time. One that would wait longer
// is dropped.
const QueueLength = time.Second

// reorderDelay is netem's usual example and the delay of Jepsen's shape!,
// whose reordering implies one.
const reorderDelay = 50 * time.Millisecond

// HoldUp returns how long a reordered packet is held up at most: Delay, or 50 ms
// when there is none.
func (p PacketFaults) HoldUp() time.Duration {
	if p.Delay > 0 {
		return p.Delay
	}
	return reorderDelay
}

// Keep says what a loss of power leaves of what was written and not synced.
type Keep string

// What is kept. What was synced always is.
const (
	KeepMixed   Keep = "mixed"   // any of the others, file by file, or everything
	KeepNothing Keep = "nothing" // nothing
	KeepPrefix  Keep = "prefix"  // what was written first
	KeepSubset  Keep = "subset"  // some writes, whichever came first; zeros stand for the others
	KeepTorn    Keep = "torn"    // everything but the end of the last write
)

var keeps = []Keep{KeepMixed, KeepNothing, KeepPrefix, KeepSubset, KeepTorn}

// DiskFaults is what is wrong with a disk. Each chance is per operation and
// independent of the others.
type DiskFaults struct {
	Read, Write, Sync             Chance        // disk-error: to fail with an I/O error
	SlowRead, SlowWrite, SlowSync time.Duration // disk-slow: what an operation takes longer
	Flip                          Chance        // disk-flip: that one bit of what is read is wrong
	Full                          bool          // disk-full: only Left more bytes fit
	Left                          int64
	Bits                          int64 // disk-rot: so many are flipped on the medium, while the process is down
	Bytes                         int64 // disk-truncate: so many are cut off the end of a file, likewise
}

// ofReads reports whether the faults strike what reads. A database reads its disk
// when it starts above all, so such a fault restarts it.
func (d DiskFaults) ofReads() bool { return d.Read > 0 || d.Flip > 0 }

// Chance is a probability in parts per million, so that its text form is exact.
type Chance int32

// Percent is a chance of one in a hundred.
const Percent Chance = 10_000

// Probability returns the chance as a number from 0 to 1.
func (c Chance) Probability() float64 { return float64(c) / float64(100*Percent) }

// Family returns the family that the verb belongs to, or "" for a word that is
// no verb.
func (v Verb) Family() string {
	for _, f := range families {
		if slices.Contains(f.Verbs, v) {
			return f.Name
		}
	}
	return ""
}

// Ends reports whether the verb undoes what another verb of its family did.
func (v Verb) Ends() bool {
	switch v {
	case Heal, Start, Resume, ClockReset, PacketClear, DiskRepair, MemberRestore:
		return true
	}
	return false
}

// Lasts reports whether what the verb does is there until somebody mends it, whoever
// restarts: no fault model has that.
func (v Verb) Lasts() bool { return v == DiskRot || v == DiskCut }

// Concrete reports whether the fault says exactly what happens to which node.
func (f Fault) Concrete() bool { return f.Target == "" }

// Links returns the directed links between these nodes that a concrete partition cuts,
// or a concrete packet fault disturbs: of a node that it strikes, all from and to it.
func (f Fault) Links(nodes []string) []Link {
	switch {
	case f.Sides != nil:
		return Complete(f.Sides)
	case f.Nodes == nil:
		return f.Ways
	}
	var links []Link
	for _, from := range nodes {
		for _, to := range nodes {
			if from != to && (slices.Contains(f.Nodes, from) || slices.Contains(f.Nodes, to)) {
				links = append(links, Link{from, to})
			}
		}
	}
	return links
}

// Op returns the invocation of the fault: process nemesis, type info, and the
// text as its value, nil if there is none.
func (f Fault) Op() history.Op {
	op := history.Op{Process: history.Nemesis, Type: history.Info, F: string(f.Verb)}
	if text := f.Text(); text != "" {
		op.Value = history.String(text)
	}
	return op
}

// OfOp reads the fault that an op invokes. An error names what is wrong with it.
func OfOp(op history.Op) (Fault, error) { return Parse(op.F, op.Value.Text()) }
