package agent

import (
	"math/rand/v2"
	"time"

	"checker/internal/prng"
)

// Trouble is what is wrong with packets, as the simulator has it. Each chance is per
// packet, from 0 to 1, and independent of the others.
type Trouble struct {
	Delay     time.Duration `json:"delay,omitempty"`  // of every packet
	Jitter    time.Duration `json:"jitter,omitempty"` // and a further uniform [0, Jitter]; neither changes the order
	Loss      float64       `json:"loss,omitempty"`
	Duplicate float64       `json:"duplicate,omitempty"` // a copy follows at once, or held up like the packet
	Reorder   float64       `json:"reorder,omitempty"`   // held up by a uniform (0, HoldUp], while later packets overtake it
	HoldUp    time.Duration `json:"hold_up,omitempty"`
	Corrupt   float64       `json:"corrupt,omitempty"` // a bit flips, and the checksum fails
	Rate      int64         `json:"rate,omitempty"`    // bits a second, one packet after the other; 0 for no limit
	Queue     time.Duration `json:"queue,omitempty"`   // a packet that would wait longer for those ahead of it is dropped
}

// Wire is the way from a peer, whose packets are disturbed.
type Wire struct {
	From string `json:"from"` // address
	Seed uint64 `json:"seed"` // of its randomness, drawn upon from the first packet on
}

// wire decides what becomes of the packets from one peer.
type wire struct {
	random *rand.Rand
	last   time.Time // when the last packet in order is due, which none of them may precede
	free   time.Time // when what came in is carried, where the rate is limited
}

func newWire(seed uint64) *wire { return &wire{random: prng.New(seed, "agent/wire")} }

// fate is what becomes of a packet.
type fate struct {
	lost, copied bool
	due          time.Time
	corrupt      int // the bit that flips, of those behind the IP header, or -1
}

// decide draws the fate of a packet of so many bytes, head of them its IP header, and
// counts it.
func (w *wire) decide(t Trouble, now time.Time, size, head int, c *Counts) fate {
	f := fate{due: now, corrupt: -1}
	if f.lost = w.happens(t.Loss); f.lost {
		c.Lost++
		return f
	}
	if f.due, f.lost = w.carry(t, now, size, c); f.lost {
		return f
	}
	if t.Delay > 0 || t.Jitter > 0 {
		c.Delayed++
		f.due = f.due.Add(t.Delay + time.Duration(w.random.Int64N(int64(t.Jitter)+1)))
	}
	if f.due.Before(w.last) {
		f.due = w.last
	}
	if w.happens(t.Reorder) {
		c.Reordered++
		f.due = f.due.Add(1 + time.Duration(w.random.Int64N(max(1, int64(t.HoldUp)))))
	} else {
		w.last = f.due
	}
	if bits := 8 * (size - head); w.happens(t.Corrupt) && bits > 0 {
		c.Corrupted++
		f.corrupt = w.random.IntN(bits)
	}
	if f.copied = w.happens(t.Duplicate); f.copied {
		c.Duplicated++
	}
	return f
}

// carry returns when a packet is through where the rate is limited, or that it is
// dropped since too many wait ahead of it.
func (w *wire) carry(t Trouble, now time.Time, size int, c *Counts) (through time.Time, dropped bool) {
	if t.Rate == 0 {
		w.free = time.Time{}
		return now, false
	}
	turn := now
	if w.free.After(now) {
		turn = w.free
	}
	if turn.Sub(now) > t.Queue {
		c.Overrun++
		return now, true
	}
	w.free = turn.Add(time.Duration(int64(size) * 8 * int64(time.Second) / t.Rate))
	if w.free.After(now) {
		c.Throttled++
	}
	return w.free, false
}

// happens draws whether something of this chance does. What has none draws nothing.
func (w *wire) happens(chance float64) bool { return chance > 0 && w.random.Float64() < chance }
