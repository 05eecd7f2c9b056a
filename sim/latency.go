package sim

import (
	"math/bits"
	"math/rand/v2"
	"time"
)

// Latency is a distribution of durations: Base, plus an exponential tail of
// mean Tail. The mean is Base+Tail; 1 % of the draws exceed Base + 4.6 Tail,
// and none Base + 44 Tail.
type Latency struct {
	Base time.Duration
	Tail time.Duration
}

var (
	// DefaultLatency of a link is that of a switched LAN or the zones of one
	// region: 0.2 ms at best, 0.4 ms in the mean, 1.1 ms at the 99th percentile.
	DefaultLatency = Latency{Base: 200 * time.Microsecond, Tail: 200 * time.Microsecond}

	// LoopbackLatency is that of the link from a host to itself.
	LoopbackLatency = Latency{Base: 10 * time.Microsecond, Tail: 5 * time.Microsecond}

	// DefaultSyncLatency of a disk is that of a data-centre NVMe drive that
	// others use too: 0.2 ms at best, 0.5 ms in the mean, 1.6 ms at the 99th
	// percentile.
	DefaultSyncLatency = Latency{Base: 200 * time.Microsecond, Tail: 300 * time.Microsecond}
)

// draw takes one duration in nanoseconds, at the price of one draw from rng.
//
// -log2 of a uniform number is exponentially distributed. It is taken here as
// the count of leading zeros plus a linear interpolation down to the next power
// of two (off by at most 0.09), in integers, so that a seed gives the same run
// on every processor: floating-point logarithms differ between architectures.
// With the interpolation the mean is 1.5 instead of 1/ln 2 = 1.44.
func (l Latency) draw(rng *rand.Rand) int64 {
	u := rng.Uint64() | 1
	zeros := bits.LeadingZeros64(u)
	const unit = 1 << 16
	mantissa := u << zeros << 1 >> 48
	exponential := uint64(zeros)*unit + unit - mantissa
	return int64(l.Base) + mulDivFloor(uint64(l.Tail), exponential, unit*3/2)
}
