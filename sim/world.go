package sim

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"checker/internal/prng"
)

// instantLimit bounds how many events may happen without time advancing. A
// program that asks for a deadline in the past whenever it runs would
// otherwise hang the run in silence.
const instantLimit = 10_000_000

// World is one simulation: virtual time, the events to come, and the hosts and
// network they happen to. Worlds share nothing; a world is for one goroutine.
type World struct {
	seed     uint64
	now      int64
	seq      uint64 // of the last event created
	executed uint64
	atNow    int // events executed since time last advanced
	running  bool

	queue     queue
	packets   slab[packet]
	syncs     slab[syncing]
	callbacks slab[func()]

	hosts    []*Host
	network  *Network
	observer Observer
}

// New returns an empty world at virtual time 0. All randomness in it follows
// from the seed.
func New(seed uint64) *World {
	w := &World{seed: seed}
	w.network = &Network{world: w, latency: DefaultLatency}
	return w
}

// Now returns the virtual time: nanoseconds since the start.
func (w *World) Now() int64 { return w.now }

// Seed returns the seed the world was made with.
func (w *World) Seed() uint64 { return w.seed }

// Rand returns the stream of randomness called name under the world's seed,
// from its beginning: ask once and keep it. The world's own streams have
// names under "sim/".
func (w *World) Rand(name string) *rand.Rand { return prng.New(w.seed, name) }

// Events returns how many events have been executed.
func (w *World) Events() uint64 { return w.executed }

// Network returns the network that joins all hosts.
func (w *World) Network() *Network { return w.network }

// Hosts returns the hosts in the order they were added, which is that of their
// ids. The slice is the world's: do not change it.
func (w *World) Hosts() []*Host { return w.hosts }

// AddHost adds a machine that is down and has no program yet. Names are
// unique, not empty, and hold neither blanks nor '>'.
func (w *World) AddHost(name string) *Host {
	if name == "" || strings.ContainsAny(name, "> \t\n") {
		panic(fmt.Sprintf("sim: bad host name %q", name))
	}
	for _, h := range w.hosts {
		if h.name == name {
			panic(fmt.Sprintf("sim: a second host %q", name))
		}
	}
	h := newHost(w, len(w.hosts), name)
	w.hosts = append(w.hosts, h)
	return h
}

// At has f called at virtual time t, which must not be in the past. Callbacks
// of the same time run in the order in which they were asked for, and after
// whatever else was already due then.
func (w *World) At(t int64, f func()) {
	if t < w.now {
		panic(fmt.Sprintf("sim: a callback at %d, but it is %d already", t, w.now))
	}
	w.schedule(t, kindCallback, w.callbacks.put(f))
}

// Step executes the next event and reports whether there was one.
func (w *World) Step() bool {
	w.mustRest()
	for w.queue.len() > 0 {
		if w.execute(w.queue.pop()) {
			return true
		}
	}
	return false
}

// RunUntil executes every event due at or before t, those included that they
// cause, and leaves the time at t.
func (w *World) RunUntil(t int64) {
	w.mustRest()
	for w.queue.len() > 0 && w.queue.first().at <= t {
		w.execute(w.queue.pop())
	}
	w.moveTo(t)
}

// mustRest panics inside an event: time must not run on before it is over.
func (w *World) mustRest() {
	if w.running {
		panic("sim: Step or RunUntil called from inside an event")
	}
}

// schedule adds an event and returns its sequence number.
func (w *World) schedule(at int64, k kind, slot uint32) uint64 {
	w.seq++
	w.queue.push(event{at: at, seq: w.seq, slot: slot, kind: k})
	return w.seq
}

// execute advances time to e and lets it happen. It reports false for an event
// that turns out to be void, such as a timer that was moved since.
func (w *World) execute(e event) bool {
	w.moveTo(e.at)
	if w.atNow++; w.atNow > instantLimit {
		panic(fmt.Sprintf("sim: %d events at virtual time %d: does a program ask for a deadline that has passed each time it runs?", instantLimit, w.now))
	}
	w.running = true
	happened := w.dispatch(e)
	w.running = false
	if happened {
		w.executed++
	}
	return happened
}

// moveTo sets the time, which never goes back.
func (w *World) moveTo(t int64) {
	if t > w.now {
		w.now, w.atNow = t, 0
	}
}

func (w *World) dispatch(e event) bool {
	switch e.kind {
	case kindPacket:
		w.network.arrive(e)
	case kindTimer:
		return w.hosts[e.slot].ring(e)
	case kindDisk:
		return w.syncDone(e)
	case kindWake:
		return w.hosts[e.slot].wake(e)
	case kindCallback:
		w.callbacks.take(e.slot)()
	}
	return true
}
