package agent

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestWireKeepsOrder is what the simulator promises of links: delay and jitter keep
// the order, and reordered packets come later by what is allowed and no more.
func TestWireKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		chance := rapid.Float64Range(0, 1)
		span := rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(time.Second)).Draw(t, "ns"))
		})
		trouble := Trouble{
			Delay: span.Draw(t, "delay"), Jitter: span.Draw(t, "jitter"), HoldUp: 1 + span.Draw(t, "hold up"),
			Loss: chance.Draw(t, "loss"), Duplicate: chance.Draw(t, "duplicate"), Reorder: chance.Draw(t, "reorder"), Corrupt: chance.Draw(t, "corrupt"),
		}
		seed := rapid.Uint64().Draw(t, "seed")
		a, b := newWire(seed), newWire(seed)
		now, last := time.Unix(0, 0), time.Unix(0, 0)
		for range 50 {
			now = now.Add(span.Draw(t, "gap") / 10)
			var c, again Counts
			f := a.decide(trouble, now, 28, 20, &c)
			if same := b.decide(trouble, now, 28, 20, &again); same != f || again != c {
				t.Fatalf("one seed decides %+v and %+v", f, same)
			}
			if f.lost {
				if c != (Counts{Lost: 1}) {
					t.Fatalf("lost, and counted as %+v", c)
				}
				continue
			}
			earliest := now.Add(trouble.Delay)
			if f.due.Before(earliest) || f.due.Before(last) || f.corrupt >= 64 {
				t.Fatalf("%+v, but not before %s and %s", f, earliest, last)
			}
			latest := earliest.Add(trouble.Jitter)
			if latest.Before(last) {
				latest = last
			}
			if c.Reordered == 1 {
				latest = latest.Add(trouble.HoldUp)
			} else {
				last = f.due
			}
			if f.due.After(latest) {
				t.Fatalf("due %s, but not after %s", f.due, latest)
			}
		}
	})
}

// TestWireChances draws about as often as is asked for, and nothing that is not.
func TestWireChances(t *testing.T) {
	var c Counts
	w := newWire(7)
	const n = 20_000
	for range n {
		w.decide(Trouble{Loss: 0.2, Corrupt: 0.1}, time.Unix(0, 0), 21, 20, &c)
	}
	if c.Lost < n*18/100 || c.Lost > n*22/100 || c.Corrupted < n*6/100 || c.Corrupted > n*10/100 {
		t.Errorf("%+v of %d", c, n)
	}
	if c.Delayed+c.Duplicated+c.Reordered != 0 {
		t.Errorf("%+v", c)
	}
}

// TestWireRate carries one packet after the other, as many as a queue has room for.
func TestWireRate(t *testing.T) {
	var c Counts
	w := newWire(7)
	begin := time.Unix(0, 0)
	slow := Trouble{Rate: 8000, Queue: time.Second} // a packet of 300 bytes takes 300 ms
	var due []time.Duration
	for range 5 {
		f := w.decide(slow, begin, 300, 20, &c)
		if !f.lost {
			due = append(due, f.due.Sub(begin))
		}
	}
	const ms = time.Millisecond
	if want := []time.Duration{300 * ms, 600 * ms, 900 * ms, 1200 * ms}; !slices.Equal(due, want) || c != (Counts{Throttled: 4, Overrun: 1}) {
		t.Errorf("due after %v, expected %v; counted %+v", due, want, c)
	}
	if f := w.decide(slow, begin.Add(2*time.Second), 300, 20, &c); f.lost || f.due != begin.Add(2300*ms) {
		t.Errorf("an idle wire has it due at %+v", f)
	}
	w.decide(Trouble{}, begin.Add(5*time.Second), 300, 20, &c)
	if c.Throttled != 5 || c.Overrun != 1 {
		t.Errorf("without a limit: %+v", c)
	}
}
