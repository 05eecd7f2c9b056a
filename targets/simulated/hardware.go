package simulated

import (
	"fmt"
	"math/rand/v2"
	"time"

	"checker/sim"
)

// hardware is how fast the disks and links of a run are. Each seed draws its own:
// what is lost in a crash depends on how long a sync takes, and what a race needs
// on how long a message does.
type hardware struct {
	sync sim.Latency // of a disk
	link sim.Latency // between any two hosts
}

// drawHardware draws disks from a fast NVMe drive to a busy spinning one, and
// links from a rack to a region.
func drawHardware(r *rand.Rand) hardware {
	h := hardware{sync: sim.DefaultSyncLatency, link: sim.DefaultLatency}
	h.sync.Tail = []time.Duration{300 * time.Microsecond, time.Millisecond, 4 * time.Millisecond, 15 * time.Millisecond}[r.IntN(4)]
	h.link.Tail = []time.Duration{100 * time.Microsecond, 200 * time.Microsecond, time.Millisecond, 4 * time.Millisecond}[r.IntN(4)]
	return h
}

// slowLink is that of the setting links=slow.
var slowLink = sim.Latency{Base: 20 * time.Millisecond, Tail: 5 * time.Millisecond}

// String says how long syncs and messages take in the mean.
func (h hardware) String() string {
	return fmt.Sprintf("a sync takes %v and a message %v in the mean", h.sync.Base+h.sync.Tail, h.link.Base+h.link.Tail)
}
