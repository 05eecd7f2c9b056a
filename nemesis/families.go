package nemesis

import "slices"

// Family is a kind of fault, the unit in which faults are asked for.
type Family struct {
	Name    string
	Summary string // one sentence
	Verbs   []Verb // those that begin a fault, then the one that ends it
	Exposes string // what it can bring to light, one sentence
}

var families = []Family{
	{
		Name:    "partition",
		Summary: "cuts the network between nodes: in halves, around one node or the primaries, as a bridge or a ring of majorities, in one direction only, or flapping; a node in a container that is alone, from its clients",
		Verbs:   []Verb{Partition, Heal},
		Exposes: "split brain, stale reads from a deposed leader, lost acknowledged writes, elections that never end",
	},
	{
		Name:    "kill",
		Summary: "kills the database process on some nodes without warning and starts it again",
		Verbs:   []Verb{Kill, Start},
		Exposes: "votes and promises forgotten by a restart, writes acknowledged before they left the process, transactions in doubt after their coordinator died",
	},
	{
		Name:    "pause",
		Summary: "freezes the database process on some nodes and lets it go on as if no time had passed",
		Verbs:   []Verb{Pause, Resume},
		Exposes: "leases and locks used after they ran out, a leader that serves reads after its successor was elected, timeouts taken for failures",
	},
	{
		Name:    "clock",
		Summary: "moves, strobes or speeds up the wall clocks of some nodes, or restarts them with another time",
		Verbs:   []Verb{ClockBump, ClockStrobe, ClockDrift, ClockJump, ClockReset},
		Exposes: "leases judged by the wall clock, last-write-wins that drops the later write, snapshots taken in the past or the future",
	},
	{
		Name:    "packet",
		Summary: "delays, loses, duplicates, reorders or corrupts the packets of some nodes, or limits what their links carry",
		Verbs:   []Verb{Packet, PacketClear},
		Exposes: "requests applied twice, messages of an old term taken for new, retries that reorder writes",
	},
	{
		Name:    "disk",
		Summary: "cuts the power of some nodes, whose disks forget what was not synced; fills disks, slows them down, has them fail or flip bits; damages files while nobody uses them",
		Verbs:   []Verb{PowerOff, DiskFull, DiskError, DiskSlow, DiskFlip, DiskRot, DiskCut, DiskRepair},
		Exposes: "writes acknowledged before they were synced, failed syncs that are trusted, torn and damaged logs that are served, nodes that go on after an error",
	},
	{
		Name:    "membership",
		Summary: "removes nodes from the group, adds and replaces them, while other faults go on",
		Verbs:   []Verb{MemberRemove, MemberAdd, MemberReplace, MemberRestore},
		Exposes: "majorities of two configurations that do not meet, configurations lost with a leader, removed nodes that still vote or serve",
	},
}

// Families returns the table of what can be done to nodes, in a fixed order.
func Families() []Family { return slices.Clone(families) }

// FamilyNames returns the names of all families, in the order of the table.
func FamilyNames() []string {
	names := make([]string, len(families))
	for i, f := range families {
		names[i] = f.Name
	}
	return names
}

func verbNames() []string {
	var names []string
	for _, f := range families {
		for _, v := range f.Verbs {
			names = append(names, string(v))
		}
	}
	return names
}
