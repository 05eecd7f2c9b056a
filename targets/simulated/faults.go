package simulated

import (
	"context"
	"slices"
	"time"

	"checker/nemesis"
	"checker/sim"
	"checker/targets"
)

// A cluster offers every family of faults but membership: see dynamic.
var (
	_ nemesis.Partitioner = (*Cluster)(nil)
	_ nemesis.Killer      = (*Cluster)(nil)
	_ nemesis.Pauser      = (*Cluster)(nil)
	_ nemesis.Clocks      = (*Cluster)(nil)
	_ nemesis.Shaper      = (*Cluster)(nil)
	_ nemesis.Disks       = (*Cluster)(nil)
	_ nemesis.Leaders     = (*Cluster)(nil)
	_ nemesis.Counters    = (*Cluster)(nil)
)

// eachLink calls f for every directed link between two nodes.
func (c *Cluster) eachLink(f func(from, to *sim.Host)) {
	for _, from := range c.nodes {
		for _, to := range c.nodes {
			if from != to {
				f(from, to)
			}
		}
	}
}

// linkSet has these links, whose ends are nodes.
func (c *Cluster) linkSet(links []nemesis.Link) (map[nemesis.Link]bool, error) {
	set := map[nemesis.Link]bool{}
	for _, l := range links {
		for _, name := range []string{l.From, l.To} {
			if _, err := c.node(name); err != nil {
				return nil, err
			}
		}
		set[l] = true
	}
	return set, nil
}

// Cut cuts these links between nodes and no others.
func (c *Cluster) Cut(_ context.Context, links []nemesis.Link) error {
	network := c.world.Network()
	cut, err := c.linkSet(links)
	if err != nil {
		return err
	}
	c.eachLink(func(from, to *sim.Host) {
		if cut[nemesis.Link{From: from.Name(), To: to.Name()}] {
			network.Cut(from, to)
		} else {
			network.Uncut(from, to)
		}
	})
	return nil
}

// Heal takes all cuts away.
func (c *Cluster) Heal(context.Context) error {
	c.world.Network().HealAll()
	return nil
}

// Kill ends a node's process; what that wrote stays in the machine's cache.
func (c *Cluster) Kill(_ context.Context, name string) (bool, error) {
	killed, err := c.act(name, (*sim.Host).Kill)
	if killed {
		c.tell(&targets.ProtocolEvent{At: c.Now(), Node: name, Step: stopped})
	}
	return killed, err
}

// PowerOff ends a node's process; its disk forgets what was not synced.
func (c *Cluster) PowerOff(_ context.Context, name string, keep nemesis.Keep) (killed bool, lost uint64, err error) {
	crash, err := sim.ParseCrash(string(keep))
	if err != nil {
		return false, 0, err
	}
	h, err := c.node(name)
	if err != nil {
		return false, 0, err
	}
	lost, killed = h.PowerOff(crash)
	if killed {
		c.tell(&targets.ProtocolEvent{At: c.Now(), Node: name, Step: stopped})
	}
	return killed, lost, nil
}

// Impair makes the disks of these nodes faulty, and those of the others well.
func (c *Cluster) Impair(_ context.Context, names []string, f nemesis.DiskFaults) error {
	for _, name := range names {
		if _, err := c.node(name); err != nil {
			return err
		}
	}
	faults := sim.DiskFaults{
		ReadError: f.Read.Probability(), WriteError: f.Write.Probability(), SyncError: f.Sync.Probability(),
		ReadDelay: f.SlowRead, WriteDelay: f.SlowWrite, SyncDelay: f.SlowSync,
		Flip: f.Flip.Probability(), Full: f.Full, Left: int(f.Left),
	}
	for _, h := range c.nodes {
		if slices.Contains(names, h.Name()) {
			h.Disk().SetFaults(faults)
		} else {
			h.Disk().SetFaults(sim.DiskFaults{})
		}
	}
	return nil
}

// Damage flips bits of a node's files, or cuts one short.
func (c *Cluster) Damage(_ context.Context, name string, f nemesis.DiskFaults) ([]nemesis.Harm, error) {
	h, err := c.node(name)
	if err != nil {
		return nil, err
	}
	var harm []nemesis.Harm
	for _, done := range slices.Concat(h.Disk().Rot(int(f.Bits)), h.Disk().CutOff(int(f.Bytes))) {
		harm = append(harm, nemesis.Harm{File: done.File, Amount: uint64(done.Amount)})
	}
	return harm, nil
}

// Repair makes all disks well, and mends their files.
func (c *Cluster) Repair(context.Context) error {
	for _, h := range c.nodes {
		h.Disk().Mend()
		h.Disk().SetFaults(sim.DiskFaults{})
	}
	return nil
}

// DiskCounts counts what the disks of all nodes did wrong.
func (c *Cluster) DiskCounts(context.Context) (nemesis.DiskCounts, error) {
	var sum nemesis.DiskCounts
	for _, h := range c.nodes {
		n := h.Disk().Counters()
		sum.Failed += n.Errors
		sum.Refused += n.Refused
		sum.Flipped += n.Flipped
		sum.Delayed += n.Delayed
	}
	return sum, nil
}

// Start starts a node's process from its disk.
func (c *Cluster) Start(_ context.Context, name string) (bool, error) {
	return c.act(name, (*sim.Host).Start)
}

// Pause freezes a node's process.
func (c *Cluster) Pause(_ context.Context, name string) (bool, error) {
	return c.act(name, (*sim.Host).Pause)
}

// Resume lets a frozen process go on.
func (c *Cluster) Resume(_ context.Context, name string) (bool, error) {
	return c.act(name, (*sim.Host).Resume)
}

func (c *Cluster) act(name string, f func(*sim.Host) bool) (bool, error) {
	h, err := c.node(name)
	if err != nil {
		return false, err
	}
	return f(h), nil
}

// Bump moves a node's wall clock.
func (c *Cluster) Bump(_ context.Context, name string, delta time.Duration) error {
	return c.clock(name, func(h *sim.Host) { h.BumpWall(int64(delta)) })
}

// Strobe moves a node's wall clock to and fro.
func (c *Cluster) Strobe(_ context.Context, name string, s nemesis.Strobe) error {
	return c.clock(name, func(h *sim.Host) { h.Strobe(int64(s.Delta), s.Period, s.For) })
}

// Steady ends a strobe of a node's wall clock.
func (c *Cluster) Steady(_ context.Context, name string) error {
	return c.clock(name, (*sim.Host).EndStrobe)
}

// Drift makes a node's wall clock run fast or slow.
func (c *Cluster) Drift(_ context.Context, name string, ppm int64) error {
	return c.clock(name, func(h *sim.Host) { h.SetWallDrift(ppm) })
}

// Reset sets a node's wall clock right.
func (c *Cluster) Reset(_ context.Context, name string) error {
	return c.clock(name, (*sim.Host).ResetWall)
}

// Offset is how far a node's wall clock is ahead of the truth.
func (c *Cluster) Offset(_ context.Context, name string) (time.Duration, error) {
	h, err := c.node(name)
	if err != nil {
		return 0, err
	}
	return time.Duration(h.WallOffset()), nil
}

func (c *Cluster) clock(name string, f func(*sim.Host)) error {
	h, err := c.node(name)
	if err == nil {
		f(h)
	}
	return err
}

// Shape disturbs the packets on these links.
func (c *Cluster) Shape(_ context.Context, links []nemesis.Link, p nemesis.PacketFaults) error {
	shaped, err := c.linkSet(links)
	if err != nil {
		return err
	}
	faults := sim.LinkFaults{
		Loss:         p.Loss.Probability(),
		Duplicate:    p.Duplicate.Probability(),
		Corrupt:      p.Corrupt.Probability(),
		Reorder:      p.Reorder.Probability(),
		ReorderDelay: p.HoldUp(),
		Delay:        p.Delay,
		Jitter:       p.Jitter,
		Rate:         int64(p.Rate),
	}
	c.eachLink(func(from, to *sim.Host) {
		f := sim.LinkFaults{}
		if shaped[nemesis.Link{From: from.Name(), To: to.Name()}] {
			f = faults
		}
		c.world.Network().SetFaults(from, to, f)
	})
	return nil
}

// Unshape lets all packets pass as they are.
func (c *Cluster) Unshape(context.Context) error {
	c.world.Network().ClearAllFaults()
	return nil
}

// Primaries names the nodes that take themselves for leaders.
func (c *Cluster) Primaries(context.Context) ([]string, error) {
	var names []string
	for _, h := range c.nodes {
		if n, ok := h.Program().(interface{ leads() bool }); ok && n.leads() {
			names = append(names, h.Name())
		}
	}
	return names, nil
}

// PacketCounts counts what was done to packets between nodes. Only those links
// are ever cut or disturbed, so the counts over all links are theirs.
func (c *Cluster) PacketCounts(context.Context) (nemesis.PacketCounts, error) {
	n := c.world.Network().Counters()
	return nemesis.PacketCounts{
		Cut:        n.Dropped[sim.DropPartition],
		Delayed:    n.Delayed,
		Lost:       n.Dropped[sim.DropLoss],
		Duplicated: n.Duplicated,
		Reordered:  n.Reordered,
		Corrupted:  n.Dropped[sim.DropCorrupt],
		Throttled:  n.Throttled,
		Overrun:    n.Dropped[sim.DropRate],
	}, nil
}
