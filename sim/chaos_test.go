package sim

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// gossip is the program of the determinism tests and benchmarks: with each
// timer it tells a random peer something and writes its count to disk, and it
// passes on what it hears for a few hops.
type gossip struct {
	host  *Host
	rng   *rand.Rand
	count uint64
	token uint64
}

// period is how often a gossip's timer goes off, and hops how far a packet goes.
const (
	period = int64(2 * time.Millisecond)
	hops   = 16
)

// logs are the files of a gossip, synced in turn, so that a crash may meet
// unsynced writes in both.
var logs = [2]string{"log0", "log1"}

type rumour struct{ hops int }

func (r *rumour) String() string { return fmt.Sprintf("rumour/%d", r.hops) }

// rumours are made once: sending one allocates nothing.
var rumours = func() (all [hops + 1]*rumour) {
	for i := range all {
		all[i] = &rumour{i}
	}
	return all
}()

func newGossip(h *Host) Program {
	g := &gossip{host: h, rng: h.World().Rand(fmt.Sprintf("gossip/%s/%d", h, h.Incarnation()))}
	g.count = uint64(h.Disk().Size(logs[0]) + h.Disk().Size(logs[1]))
	g.again()
	return g
}

func (g *gossip) again() {
	mono, _ := g.host.Clock()
	g.host.SetDeadline(mono + period)
}

func (g *gossip) pass(hops int) {
	hosts := g.host.World().Hosts()
	g.host.Send(hosts[g.rng.IntN(len(hosts))], 100, rumours[hops])
}

func (g *gossip) Receive(_ *Host, payload any) {
	g.count++
	if r := payload.(*rumour); r.hops > 0 {
		g.pass(r.hops - 1)
	}
}

func (g *gossip) Timer() {
	g.again()
	g.pass(hops)
	g.token++
	log := logs[g.token%2]
	for _, name := range logs {
		g.host.Disk().Append(name, []byte{byte(g.count)})
	}
	g.host.Disk().Sync(log, g.token)
}

func (g *gossip) DiskDone(uint64, error) { g.pass(1) }

// gossipWorld returns n gossiping hosts.
func gossipWorld(seed uint64, n int) *World {
	w := New(seed)
	for i := range n {
		h := w.AddHost(fmt.Sprintf("n%d", i+1))
		h.Boot(newGossip)
		h.Start()
	}
	return w
}

// chaos draws a fault every few milliseconds.
type chaos struct {
	world *World
	rng   *rand.Rand
}

func unleash(w *World) {
	c := &chaos{w, w.Rand("chaos")}
	w.At(0, c.strike)
}

func (c *chaos) strike() {
	c.world.At(c.world.Now()+c.rng.Int64N(int64(5*time.Millisecond)), c.strike)
	hosts, net := c.world.Hosts(), c.world.Network()
	h, peer := hosts[c.rng.IntN(len(hosts))], hosts[c.rng.IntN(len(hosts))]
	switch c.rng.IntN(15) {
	case 0:
		h.Kill()
	case 1, 2:
		h.Start()
	case 3:
		h.Pause()
	case 4, 5:
		h.Resume()
	case 6:
		net.Cut(h, peer)
	case 7:
		net.HealAll()
	case 8:
		net.SetFaults(h, peer, LinkFaults{Loss: 0.2, Duplicate: 0.2, Corrupt: 0.1, Reorder: 0.3, ReorderDelay: time.Millisecond, Jitter: time.Millisecond, Rate: 400 * c.rng.Int64N(2)})
	case 9:
		net.ClearAllFaults()
	case 10:
		h.Strobe(int64(200*time.Millisecond), time.Millisecond, 4*time.Millisecond)
	case 11:
		h.SetMonoDrift(c.rng.Int64N(20_000) - 10_000)
	case 12:
		h.PowerOff(CrashMixed)
	case 13:
		h.Disk().SetFaults(DiskFaults{WriteError: 0.1, SyncError: 0.1, WriteDelay: time.Millisecond, SyncDelay: time.Millisecond, Full: true, Left: 100})
	case 14:
		h.Disk().SetFaults(DiskFaults{})
	}
}
