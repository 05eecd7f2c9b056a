package sim

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// Every reading is the exact rational number rounded down.
func TestClockIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawClock(t)
		at := c.since + rapid.Int64Range(0, 1e18).Draw(t, "elapsed")
		want := big.NewInt(at - c.since)
		want.Mul(want, new(big.Int).SetUint64(c.rate))
		want.Div(want, big.NewInt(million))
		want.Add(want, big.NewInt(c.base))
		if want.IsInt64() && c.read(at) != want.Int64() {
			t.Fatalf("%+v shows %d at %d, want %v", c, c.read(at), at, want)
		}
	})
}

// when is the first instant at which a reading is reached: neither later nor
// earlier, or timers would fire late or in vain.
func TestWhenIsTheFirstInstantOfAReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawClock(t)
		c.rate = max(c.rate, 1)
		reading := c.base + rapid.Int64Range(-1e6, 1e11).Draw(t, "ahead")
		at := c.when(reading)
		if got := c.read(at); got < reading {
			t.Fatalf("%+v shows %d at %d, before %d", c, got, at, reading)
		}
		if at > c.since && c.read(at-1) >= reading {
			t.Fatalf("%+v shows %d before %d already", c, reading, at)
		}
	})
}

// A clock whose rate changes at any moments never goes back.
func TestClockNeverGoesBackWhenItsDriftChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := clock{rate: million}
		var now, last int64
		for range 50 {
			now += rapid.Int64Range(0, 1000).Draw(t, "step")
			if rapid.Bool().Draw(t, "change") {
				c.setDrift(now, rapid.Int64Range(1-million, maxRate-million).Draw(t, "ppm"), 1)
			}
			reading := c.read(now)
			if reading < last {
				t.Fatalf("at %d the clock went back from %d to %d", now, last, reading)
			}
			last = reading
		}
	})
}

func TestFarReadingsSaturate(t *testing.T) {
	slow := clock{since: 5, rate: 1}
	if got := slow.when(math.MaxInt64 - 1); got != math.MaxInt64 {
		t.Errorf("a reading that is 290,000 years off comes at %d, want never", got)
	}
	if got := mulDivFloor(math.MaxUint64, math.MaxUint64, 1); got != math.MaxInt64 {
		t.Errorf("an overflowing product gives %d", got)
	}
}

func drawClock(t *rapid.T) clock {
	return clock{
		since: rapid.Int64Range(0, 1e15).Draw(t, "since"),
		base:  rapid.Int64Range(-1e15, 1e15).Draw(t, "base"),
		rate:  uint64(rapid.Int64Range(0, maxRate).Draw(t, "rate")),
	}
}

// A new host's monotonic clock is a little off, each by its own amount, within
// the bound, and its wall clock is right.
func TestNewClocksDriftWithinTheBound(t *testing.T) {
	w := New(1)
	seen := map[int64]bool{}
	for i := range 100 {
		h := w.AddHost(string(rune('A' + i)))
		ppm := h.mono.drift()
		if ppm < -MonoDriftPPM || ppm > MonoDriftPPM {
			t.Errorf("host %v drifts by %d ppm", h, ppm)
		}
		seen[ppm] = true
		if h.WallOffset() != 0 || h.wall.drift() != 0 {
			t.Errorf("the wall clock of host %v is off", h)
		}
	}
	if len(seen) < 50 {
		t.Errorf("100 clocks have only %d rates", len(seen))
	}
}
