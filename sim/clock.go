package sim

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

// Epoch is what every wall clock shows at virtual time 0: 2026-01-01 00:00:00
// UTC in Unix nanoseconds. It is a real date, so that a clock set back by
// minutes at the start of a run does not show a time before 1970, which no
// database meets in the field.
const Epoch int64 = 1_767_225_600_000_000_000

// MonoDriftPPM bounds the error of a new host's monotonic clock: its rate is
// drawn from [-MonoDriftPPM, +MonoDriftPPM] parts per million, the tolerance
// of an uncorrected quartz oscillator. SetMonoDrift overrides it.
const MonoDriftPPM = 100

// million is the rate of a perfect clock, and maxRate that of the fastest one
// (eleven times too fast; Jepsen's skewed clocks run up to five times).
const (
	million = 1_000_000
	maxRate = 11 * million
)

// clock turns virtual time into a reading that starts at base and advances at
// rate parts per million since the virtual time since. All arithmetic is exact
// on integers (128-bit products, rounded down), so a reading does not depend
// on how often or when the clock was read.
type clock struct {
	since, base int64
	rate        uint64
}

// read returns the reading at virtual time t >= since.
func (c *clock) read(t int64) int64 {
	return c.base + mulDivFloor(uint64(t-c.since), c.rate, million)
}

// when returns the first virtual time at which the clock shows at least the
// reading, or since if that was before; far future is math.MaxInt64.
func (c *clock) when(reading int64) int64 {
	if reading <= c.base {
		return c.since
	}
	// floor(dt*rate/10^6) >= x is dt*rate >= x*10^6 for whole x, so the
	// first such dt is x*10^6/rate rounded up.
	dt := mulDivCeil(uint64(reading-c.base), million, c.rate)
	if dt > math.MaxInt64-c.since {
		return math.MaxInt64
	}
	return c.since + dt
}

// set makes the clock show the reading at virtual time t; its rate stays.
func (c *clock) set(t, reading int64) { c.since, c.base = t, reading }

// setDrift changes the rate from virtual time t on; the reading stays.
func (c *clock) setDrift(t, ppm, slowest int64) {
	rate := million + ppm
	if rate < slowest || rate > maxRate {
		panic(fmt.Sprintf("sim: a drift of %d ppm is outside [%d, %d]", ppm, slowest-million, maxRate-million))
	}
	c.set(t, c.read(t))
	c.rate = uint64(rate)
}

// drift returns the error of the rate in parts per million.
func (c *clock) drift() int64 { return int64(c.rate) - million }

// mulDivFloor returns a*b/d rounded down, math.MaxInt64 if that is too large.
func mulDivFloor(a, b, d uint64) int64 {
	hi, lo := bits.Mul64(a, b)
	return divide(hi, lo, d)
}

// mulDivCeil returns a*b/d rounded up, math.MaxInt64 if that is too large.
func mulDivCeil(a, b, d uint64) int64 {
	hi, lo := bits.Mul64(a, b)
	lo, carry := bits.Add64(lo, d-1, 0)
	return divide(hi+carry, lo, d)
}

func divide(hi, lo, d uint64) int64 {
	if hi >= d {
		return math.MaxInt64
	}
	if q, _ := bits.Div64(hi, lo, d); q < math.MaxInt64 {
		return int64(q)
	}
	return math.MaxInt64
}

// Clock returns the host's own readings now: mono never goes back and is not
// comparable between hosts, wall is Unix nanoseconds and jumps when a fault
// sets it. Both go on while the host is paused or down.
func (h *Host) Clock() (mono, wall int64) {
	return h.mono.read(h.world.now), h.wall.read(h.world.now)
}

// WallOffset returns how far the host's wall clock is ahead of the truth
// (negative: behind), in nanoseconds.
func (h *Host) WallOffset() int64 {
	return h.wall.read(h.world.now) - (Epoch + h.world.now)
}

// SetWallOffset sets the wall clock offset nanoseconds ahead of the truth, as
// an operator's date command would. Its drift goes on; a strobe ends.
func (h *Host) SetWallOffset(offset int64) {
	h.strobe.end()
	h.setWall(Epoch + h.world.now + offset)
}

// BumpWall moves the wall clock by delta nanoseconds (negative: back).
func (h *Host) BumpWall(delta int64) {
	h.setWall(h.wall.read(h.world.now) + delta)
}

// ResetWall sets the wall clock right, stops its drift and ends a strobe.
func (h *Host) ResetWall() {
	h.SetWallDrift(0)
	h.SetWallOffset(0)
}

// SetWallDrift makes the wall clock gain ppm microseconds per second from now
// on, from -1,000,000 (it stands still) to +10,000,000.
func (h *Host) SetWallDrift(ppm int64) {
	if ppm == h.wall.drift() {
		return
	}
	h.wall.setDrift(h.world.now, ppm, 0)
	h.world.note(Event{Kind: WallDrift, Host: h, Value: ppm})
}

// SetMonoDrift makes the monotonic clock gain ppm microseconds per second
// from now on, from -999,999 to +10,000,000. A pending deadline follows.
func (h *Host) SetMonoDrift(ppm int64) {
	if ppm == h.mono.drift() {
		return
	}
	h.mono.setDrift(h.world.now, ppm, 1)
	h.arm()
	h.world.note(Event{Kind: MonoDrift, Host: h, Value: ppm})
}

func (h *Host) setWall(reading int64) {
	h.wall.set(h.world.now, reading)
	h.world.note(Event{Kind: WallSet, Host: h, Value: h.WallOffset()})
}

// strobe is a wall clock that is bumped to and fro. Its run number tells the
// callback of a strobe that has ended from that of the current one.
type strobe struct {
	run   uint64
	delta int64
	until int64
	ahead bool // the last bump was +delta and has not been taken back
}

// end stops the strobe and leaves the clock where it is.
func (s *strobe) end() {
	s.run++
	s.ahead = false
}

// Strobe bumps the wall clock by delta nanoseconds now and back after a
// period, over and over until duration has passed; it leaves the clock where it
// was found (apart from drift and bumps in between). A second strobe takes the
// place of the first. It goes on through pauses and kills: the clock belongs
// to the machine.
func (h *Host) Strobe(delta int64, period, duration time.Duration) {
	if period <= 0 {
		panic(fmt.Sprintf("sim: a strobe with a period of %v", period))
	}
	h.EndStrobe()
	h.strobe.delta = delta
	h.strobe.until = h.world.now + int64(duration)
	h.flip(h.strobe.run, int64(period))
}

// flip is one beat of the strobe numbered run.
func (h *Host) flip(run uint64, period int64) {
	if h.strobe.run != run {
		return
	}
	if h.world.now >= h.strobe.until {
		h.EndStrobe()
		return
	}
	delta := h.strobe.delta
	if h.strobe.ahead {
		delta = -delta
	}
	h.strobe.ahead = !h.strobe.ahead
	h.BumpWall(delta)
	h.world.At(min(h.world.now+period, h.strobe.until), func() { h.flip(run, period) })
}

// EndStrobe ends a strobe, if there is one, and takes its last bump back.
func (h *Host) EndStrobe() {
	ahead := h.strobe.ahead
	h.strobe.end()
	if ahead {
		h.BumpWall(-h.strobe.delta)
	}
}
