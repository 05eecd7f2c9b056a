package sim

import (
	"fmt"
	"math"

	"checker/internal/prng"
)

// Program is a single-threaded state machine that runs on a host. The world
// calls one method at a time; inside, the program acts through the methods of
// its Host (Clock, Send, SetDeadline, Disk) and must use no other source of
// time, randomness or I/O.
type Program interface {
	// Receive gets a packet that arrived from a host. The payload is the value
	// that was sent, not a copy: sender and receivers must not change it.
	Receive(from *Host, payload any)
	// Timer says that the deadline set with SetDeadline has passed. There is
	// no deadline then until the next SetDeadline.
	Timer()
	// DiskDone says that the sync issued with this token has completed. With
	// a nil error all it covers is durable.
	DiskDone(token uint64, err error)
}

// State is what a host's process is doing.
type State uint8

const (
	Down    State = iota // not started yet, or killed
	Running              // executes events
	Paused               // stopped (SIGSTOP): keeps its memory, executes nothing
)

func (s State) String() string { return [...]string{"down", "running", "paused"}[s] }

// NoDeadline is the deadline of a program that waits for none.
const NoDeadline int64 = math.MaxInt64

// A paused process goes on receiving into its socket buffers until they are
// full. These are the sizes a host starts with, in the order of magnitude of
// Linux's default tcp_rmem maximum (6 MiB per connection).
const (
	BufferPackets = 4096
	BufferBytes   = 4 << 20
)

// Host is a machine: a process that can be started, killed and paused, two
// clocks and a disk that outlive it, and a place in the network.
type Host struct {
	world *World
	id    int
	name  string

	boot        func(*Host) Program
	program     Program
	state       State
	incarnation uint32 // counts starts: what an earlier process waited for is void

	mono, wall clock
	strobe     strobe

	deadline int64  // monotonic; NoDeadline if none
	armed    uint64 // seq of the timer event that counts, 0 if none
	armedAt  int64  // its virtual time: never later than the deadline's
	stalled  int64  // virtual time until which the process waits for its disk

	inbox inbox
	disk  *Disk
	links []*link // to each host, by id; nil until used
}

func newHost(w *World, id int, name string) *Host {
	h := &Host{world: w, id: id, name: name, deadline: NoDeadline}
	h.mono = clock{rate: million}
	h.wall = clock{base: Epoch, rate: million}
	drift := prng.New(w.seed, "sim/clock/"+name).Int64N(2*MonoDriftPPM+1) - MonoDriftPPM
	h.mono.setDrift(0, drift, 1)
	h.inbox = inbox{maxPackets: BufferPackets, maxBytes: BufferBytes}
	h.disk = newDisk(h)
	return h
}

// ID returns the host's number, counted from 0 in the order of addition.
func (h *Host) ID() int { return h.id }

// Name returns the host's name.
func (h *Host) Name() string { return h.name }

func (h *Host) String() string { return h.name }

// World returns the world the host is in.
func (h *Host) World() *World { return h.world }

// Disk returns the host's disk.
func (h *Host) Disk() *Disk { return h.disk }

// State returns what the host's process is doing.
func (h *Host) State() State { return h.state }

// Up reports whether the host has a process, paused or not.
func (h *Host) Up() bool { return h.state != Down }

// Paused reports whether the host's process is stopped.
func (h *Host) Paused() bool { return h.state == Paused }

// Incarnation counts the host's starts.
func (h *Host) Incarnation() int { return int(h.incarnation) }

// Program returns the running program, nil when the host is down.
func (h *Host) Program() Program { return h.program }

// Boot sets what a start runs: the factory is called at each Start, with the
// host up, and may read the disk, send and set a deadline.
func (h *Host) Boot(f func(h *Host) Program) { h.boot = f }

// Start boots a new program if the host is down, and reports whether it was.
func (h *Host) Start() bool {
	if h.state != Down {
		return false
	}
	if h.boot == nil {
		panic(fmt.Sprintf("sim: host %q has nothing to boot", h.name))
	}
	h.state = Running
	h.incarnation++
	h.world.note(Event{Kind: Started, Host: h, Value: int64(h.incarnation)})
	// The factory may kill its own host: recovery that finds a broken log.
	if program := h.boot(h); h.state != Down {
		h.program = program
	}
	return true
}

// Kill ends the process, paused or not, and reports whether there was one. Its
// memory is lost, with it what lay in its inbox, its deadline and the
// completions it waited for; what it has written to its disk, synced or not,
// stays in the machine's cache (see PowerOff). Packets it sent are on their way
// and arrive.
func (h *Host) Kill() bool {
	if !h.end() {
		return false
	}
	h.world.note(Event{Kind: Killed, Host: h})
	h.dropInbox()
	return true
}

// end forgets the process, and reports whether there was one.
func (h *Host) end() bool {
	if h.state == Down {
		return false
	}
	h.state = Down
	h.program = nil
	h.deadline, h.armed = NoDeadline, 0
	h.stalled = 0
	return true
}

// Pause stops a running process and reports whether it ran. Its clocks go on;
// what happens to it meanwhile waits in its inbox.
func (h *Host) Pause() bool {
	if h.state != Running {
		return false
	}
	h.state = Paused
	h.world.note(Event{Kind: HostPaused, Host: h})
	return true
}

// Resume lets a paused process go on and reports whether it was paused. The
// process first works off its inbox, in the order in which things happened.
func (h *Host) Resume() bool {
	if h.state != Paused {
		return false
	}
	h.state = Running
	h.world.note(Event{Kind: Resumed, Host: h})
	h.callWake()
	return true
}

// Send puts a packet of size bytes on the link to a host; see Network for what
// may become of it. It does nothing if h is down: a dead process sends nothing.
func (h *Host) Send(to *Host, size int, payload any) {
	if h.state != Down {
		h.world.network.send(h, to, size, payload)
	}
}

// SetDeadline asks for one call of Timer as soon as the monotonic clock shows
// mono or more, at once (as an event of its own) if it does already. It
// replaces the deadline set before; NoDeadline takes it away.
func (h *Host) SetDeadline(mono int64) {
	if mono == h.deadline || h.state == Down {
		return
	}
	h.deadline = mono
	h.arm()
}

// arm makes sure that a timer event is due no later than the deadline. A
// deadline that only moves away, as that of an election does with each
// heartbeat, leaves the earlier event in place, which then goes off in vain
// once and is set anew: so the queue does not fill up with void timers.
func (h *Host) arm() {
	if h.deadline == NoDeadline {
		return
	}
	at := max(h.world.now, h.mono.when(h.deadline))
	if h.armed != 0 && h.armedAt <= at {
		return
	}
	h.armedAt = at
	h.armed = h.world.schedule(at, kindTimer, uint32(h.id))
}

// ring handles the timer event e and reports whether anything came of it.
func (h *Host) ring(e event) bool {
	if e.seq != h.armed {
		return false
	}
	h.armed = 0
	if !h.due() {
		h.arm()
		return false
	}
	if h.holds() {
		h.inbox.push(e)
		return false
	}
	h.fire()
	return true
}

// due reports whether the deadline has passed.
func (h *Host) due() bool {
	return h.deadline != NoDeadline && h.mono.read(h.world.now) >= h.deadline
}

func (h *Host) fire() {
	h.deadline, h.armed = NoDeadline, 0
	h.program.Timer()
}
