package sim

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestPropertiesUnderFaults does random things to a small world, checking after
// each what must hold whatever happens.
func TestPropertiesUnderFaults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newAudit(t)
		t.Repeat(map[string]func(*rapid.T){
			"send": func(t *rapid.T) {
				from, to := a.draw(t), a.draw(t)
				for range rapid.IntRange(1, 5).Draw(t, "packets") {
					from.Send(to, 10, nil)
				}
			},
			"append": func(t *rapid.T) {
				if h := a.draw(t); h.Up() {
					data := rapid.StringMatching(`[a-z]{1,6}`).Draw(t, "data")
					h.Disk().Append("log", []byte(data))
					a.written[h] += data
				}
			},
			"sync": func(t *rapid.T) {
				if h := a.draw(t); h.Up() {
					h.Disk().Sync("log", uint64(len(a.written[h])))
				}
			},
			"deadline": func(t *rapid.T) {
				h := a.draw(t)
				mono, _ := h.Clock()
				h.SetDeadline(mono + rapid.Int64Range(-1e6, 1e7).Draw(t, "deadline"))
			},
			"start": func(t *rapid.T) { a.draw(t).Start() },
			"kill":  func(t *rapid.T) { a.kill(t, a.draw(t)) },
			"power": func(t *rapid.T) { a.powerOff(t, a.draw(t)) },
			"slow": func(t *rapid.T) {
				delay := func(label string) time.Duration { return time.Duration(rapid.IntRange(0, 3e6).Draw(t, label)) }
				a.draw(t).Disk().SetFaults(DiskFaults{WriteDelay: delay("write"), SyncDelay: delay("sync")})
			},
			"pause":  func(t *rapid.T) { a.draw(t).Pause() },
			"resume": func(t *rapid.T) { a.draw(t).Resume() },
			"cut":    func(t *rapid.T) { a.world.Network().Cut(a.draw(t), a.draw(t)) },
			"uncut":  func(t *rapid.T) { a.world.Network().Uncut(a.draw(t), a.draw(t)) },
			"heal":   func(t *rapid.T) { a.world.Network().HealAll() },
			"faults": func(t *rapid.T) { a.setFaults(t) },
			"clock": func(t *rapid.T) {
				a.draw(t).SetMonoDrift(rapid.Int64Range(-900_000, 1_000_000).Draw(t, "ppm"))
				a.draw(t).BumpWall(rapid.Int64Range(-1e9, 1e9).Draw(t, "bump"))
			},
			"run": func(t *rapid.T) {
				for range rapid.IntRange(1, 20).Draw(t, "steps") {
					a.world.Step()
				}
			},
			"": func(t *rapid.T) { a.check(t) },
		})
		a.settle(t)
	})
}

// audit keeps its own account of a world, from what it observes.
type audit struct {
	world     *World
	t         *rapid.T
	mono      map[*Host]int64
	resumed   map[*Host]int64 // time of the last resume
	written   map[*Host]string
	synced    map[*Host]int // bytes of the log a completed sync covers
	lastID    map[[2]*Host]uint64
	delivered map[uint64]bool
	reordered map[[2]*Host]bool
	counted   Counters
	cuts      map[[2]*Host]bool
}

func newAudit(t *rapid.T) *audit {
	a := &audit{
		world: New(rapid.Uint64().Draw(t, "seed")), t: t,
		mono: map[*Host]int64{}, resumed: map[*Host]int64{}, written: map[*Host]string{}, synced: map[*Host]int{},
		lastID: map[[2]*Host]uint64{}, delivered: map[uint64]bool{}, reordered: map[[2]*Host]bool{}, cuts: map[[2]*Host]bool{},
	}
	a.world.Observe(a)
	for _, name := range []string{"n1", "n2", "n3"} {
		h := a.world.AddHost(name)
		h.SetBuffer(6, 1000)
		h.Boot(func(h *Host) Program { return &audited{a, h, h.Incarnation()} })
		h.Start()
	}
	return a
}

func (a *audit) draw(t *rapid.T) *Host { return rapid.SampledFrom(a.world.Hosts()).Draw(t, "host") }

// audited is a program that may be called only while it runs.
type audited struct {
	audit       *audit
	host        *Host
	incarnation int
}

func (p *audited) called(how string) {
	if p.host.State() != Running || p.host.Incarnation() != p.incarnation || p.host.Program() != Program(p) {
		p.audit.t.Fatalf("%s: incarnation %d of %v was called while %v runs as %d", how, p.incarnation, p.host, p.host.State(), p.host.Incarnation())
	}
}

func (p *audited) Receive(*Host, any) { p.called("Receive") }
func (p *audited) Timer()             { p.called("Timer") }
func (p *audited) DiskDone(token uint64, err error) {
	p.called("DiskDone")
	if err == nil {
		p.audit.synced[p.host] = max(p.audit.synced[p.host], int(token))
	}
}

func (a *audit) Observe(e Event) {
	link := [2]*Host{e.Host, e.Peer}
	switch e.Kind {
	case Sent:
		a.counted.Sent++
	case Duplicated:
		a.counted.Duplicated++
	case Dropped:
		a.counted.Dropped[e.Drop]++
	case Resumed:
		a.resumed[e.Host] = e.At
	case LinkCut:
		a.cuts[link] = true
	case LinkHealed:
		delete(a.cuts, link)
	case Delivered:
		a.counted.Delivered++
		a.checkDelivery(e, link)
	}
}

func (a *audit) checkDelivery(e Event, link [2]*Host) {
	// What waited in an inbox arrived before the cut: for a process that was paused,
	// or that waited for its disk.
	waited := a.resumed[e.Peer] == e.At || e.Peer.stalled == e.At
	if a.cuts[link] && !waited {
		a.t.Fatalf("delivered over a cut: %v", e)
	}
	if e.Peer.State() != Running {
		a.t.Fatalf("delivered to a host that is %v: %v", e.Peer.State(), e)
	}
	if !a.delivered[e.Packet] && !a.reordered[link] {
		if e.Packet <= a.lastID[link] {
			a.t.Fatalf("delivered after packet %d: %v", a.lastID[link], e)
		}
		a.lastID[link] = e.Packet
	}
	a.delivered[e.Packet] = true
}

func (a *audit) setFaults(t *rapid.T) {
	p := rapid.SampledFrom([]float64{0, 0, 0.3, 1})
	f := LinkFaults{
		Loss: p.Draw(t, "loss"), Duplicate: p.Draw(t, "duplicate"), Corrupt: p.Draw(t, "corrupt"), Reorder: p.Draw(t, "reorder"),
		ReorderDelay: time.Millisecond, Jitter: time.Duration(rapid.IntRange(0, 1e6).Draw(t, "jitter")),
		Rate: rapid.SampledFrom([]int64{0, 0, 400, 1e6}).Draw(t, "rate"),
	}
	from, to := a.draw(t), a.draw(t)
	a.world.Network().SetFaults(from, to, f)
	// Copies have no order either: a copy may arrive when its original, corrupt,
	// was dropped.
	if f.Reorder > 0 || f.Duplicate > 0 {
		a.reordered[[2]*Host{from, to}] = true
	}
}

// kill checks that a process that ends leaves all it wrote behind.
func (a *audit) kill(t *rapid.T, h *Host) {
	h.Kill()
	if left := a.left(t, h); left != a.written[h] {
		t.Fatalf("%v holds %q after a kill; it wrote %q", h, left, a.written[h])
	}
}

// powerOff checks that what survives was written there, that all of it that was
// synced is, and that it is a prefix unless writes may be lost at random.
func (a *audit) powerOff(t *rapid.T, h *Host) {
	mode := rapid.SampledFrom([]Crash{CrashMixed, CrashLosesAll, CrashPrefix, CrashSubset, CrashTorn}).Draw(t, "mode")
	before := h.Disk().Counters().LostBytes
	lost, _ := h.PowerOff(mode)
	left := a.left(t, h)
	wrong := len(left) > len(a.written[h]) || len(left) < a.synced[h] || h.Disk().Counters().LostBytes-before != lost
	missing := len(a.written[h]) - len(left)
	for i := range min(len(left), len(a.written[h])) {
		if left[i] != a.written[h][i] {
			missing++
			wrong = wrong || left[i] != 0 || i < a.synced[h] || mode != CrashSubset && mode != CrashMixed
		}
	}
	if wrong || missing != int(lost) {
		t.Fatalf("%v holds %q after a crash that keeps %v and lost %d bytes; it wrote %q and synced %d bytes", h, left, mode, lost, a.written[h], a.synced[h])
	}
	a.written[h], a.synced[h] = left, len(left)
}

func (a *audit) left(t *rapid.T, h *Host) string {
	data, err := h.Disk().ReadFile("log")
	if err != nil && h.Disk().Exists("log") {
		t.Fatal(err)
	}
	return string(data)
}

func (a *audit) check(t *rapid.T) {
	c := a.world.Network().Counters()
	if got, want := c.InFlight(), uint64(a.world.packets.used()); got != want {
		t.Fatalf("the counters leave %d packets in flight, there are %d: %+v", got, want, c)
	}
	if c.Sent != a.counted.Sent || c.Duplicated != a.counted.Duplicated || c.Delivered != a.counted.Delivered || c.Dropped != a.counted.Dropped {
		t.Fatalf("counters %+v, but observed %+v", c, a.counted)
	}
	for _, h := range a.world.Hosts() {
		mono, _ := h.Clock()
		if mono < a.mono[h] {
			t.Fatalf("the monotonic clock of %v went back from %d to %d", h, a.mono[h], mono)
		}
		a.mono[h] = mono
	}
}

// settle resumes everything and runs to the end: nothing may be left over.
func (a *audit) settle(t *rapid.T) {
	for _, h := range a.world.Hosts() {
		h.Resume()
	}
	for a.world.Step() {
	}
	a.check(t)
	if a.world.packets.used()+a.world.syncs.used()+a.world.callbacks.used() != 0 {
		t.Fatalf("left over: %d packets, %d syncs, %d callbacks", a.world.packets.used(), a.world.syncs.used(), a.world.callbacks.used())
	}
	for _, h := range a.world.Hosts() {
		if h.deadline != NoDeadline {
			t.Fatalf("%v still waits for a deadline", h)
		}
	}
}
