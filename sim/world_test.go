package sim

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCallbacksRunInOrderOfTimeThenOfAsking(t *testing.T) {
	w := New(1)
	var got []string
	note := func(s string) func() {
		return func() { got = append(got, fmt.Sprintf("%s@%d", s, w.Now())) }
	}
	w.At(20, note("c"))
	w.At(10, func() {
		note("a")()
		w.At(10, note("a2"))
		w.At(20, note("d"))
	})
	w.At(10, note("b"))
	w.RunUntil(15)
	if want := []string{"a@10", "b@10", "a2@10"}; !slices.Equal(got, want) || w.Now() != 15 {
		t.Errorf("until 15: %v at %d, want %v", got, w.Now(), want)
	}
	w.RunUntil(20)
	if want := []string{"a@10", "b@10", "a2@10", "c@20", "d@20"}; !slices.Equal(got, want) {
		t.Errorf("until 20: %v, want %v", got, want)
	}
	if w.Step() || w.Events() != 5 {
		t.Errorf("%d events executed, want 5 and none left", w.Events())
	}
}

// A deadline that keeps moving away, as that of an election does, fills the
// queue with nothing.
func TestMovingDeadlineAwayKeepsTheQueueShort(t *testing.T) {
	w := silentWorld("n1")
	h := w.Hosts()[0]
	for i := range int64(1000) {
		w.RunUntil(i * 1000)
		mono, _ := h.Clock()
		h.SetDeadline(mono + int64(time.Second))
		if w.queue.len() > 1 {
			t.Fatalf("%d events in the queue after %d calls", w.queue.len(), i+1)
		}
	}
	if before := w.Events(); !w.Step() || w.Events() != before+1 || w.Now() < int64(time.Second) {
		t.Errorf("the timer went off at %d after %d events", w.Now(), w.Events())
	}
}

// A timer that was replaced by an earlier one leaves nothing behind, whatever
// deadline follows.
func TestReplacedTimersVanish(t *testing.T) {
	w := silentWorld("n1")
	h := w.Hosts()[0]
	h.SetMonoDrift(0)
	for i := range int64(100) {
		h.SetDeadline(1000 - i)
	}
	h.SetDeadline(int64(time.Second))
	w.RunUntil(2000)
	if w.queue.len() != 1 || w.Events() != 0 {
		t.Errorf("%d events executed and %d left, want 0 and 1", w.Events(), w.queue.len())
	}
}

// The limit on events at one instant concerns one instant.
func TestInstantLimitCountsOneInstant(t *testing.T) {
	w := New(1)
	for i := range int64(100) {
		w.At(i/2, func() {})
	}
	for w.Step() {
		if w.atNow > 2 {
			t.Fatalf("%d events counted at %d, where there are two", w.atNow, w.Now())
		}
	}
	w.RunUntil(1000)
	if w.atNow != 0 {
		t.Errorf("%d events counted at %d, where there are none", w.atNow, w.Now())
	}
}

// impatient asks for a deadline that has passed whenever it runs.
type impatient struct {
	silent
	host *Host
}

func (p *impatient) Timer() { p.host.SetDeadline(0) }

func TestMisuseIsReported(t *testing.T) {
	for _, c := range []struct {
		name, want string
		misuse     func(w *World, n1, n2 *Host)
	}{
		{"past callback", "a callback at 5, but it is 10 already", func(w *World, _, _ *Host) { w.RunUntil(10); w.At(5, func() {}) }},
		{"nested step", "called from inside an event", func(w *World, _, _ *Host) { w.At(0, func() { w.Step() }); w.Step() }},
		{"second host", `a second host "n1"`, func(w *World, _, _ *Host) { w.AddHost("n1") }},
		{"bad name", `bad host name "a>b"`, func(w *World, _, _ *Host) { w.AddHost("a>b") }},
		{"no program", `host "n3" has nothing to boot`, func(w *World, _, _ *Host) { w.AddHost("n3").Start() }},
		{"clock turned back", "outside [-999999, 10000000]", func(_ *World, n1, _ *Host) { n1.SetMonoDrift(-1_000_000) }},
		{"wild wall clock", "outside [-1000000, 10000000]", func(_ *World, n1, _ *Host) { n1.SetWallDrift(10_000_001) }},
		{"strobe without period", "a period of 0s", func(_ *World, n1, _ *Host) { n1.Strobe(1, 0, 1) }},
		{"no probability", "1.5 is no probability", func(w *World, n1, n2 *Host) { w.Network().SetFaults(n1, n2, LinkFaults{Loss: 1.5}) }},
		{"reordering by nothing", "a reordering without one", func(w *World, n1, n2 *Host) { w.Network().SetFaults(n1, n2, LinkFaults{Reorder: 1}) }},
		{"other world", "host of another world", func(_ *World, n1, _ *Host) { n1.Send(silentWorld("x").Hosts()[0], 1, nil) }},
		{"negative size", `truncate "log" to -1 bytes`, func(_ *World, n1, _ *Host) {
			n1.Disk().Append("log", []byte("x"))
			n1.Disk().Truncate("log", -1)
		}},
		{"standing time", "a deadline that has passed", func(w *World, n1, _ *Host) {
			n1.Kill()
			n1.Boot(func(h *Host) Program { return &impatient{host: h} })
			n1.Start()
			n1.SetDeadline(0)
			w.RunUntil(1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, c.want) {
					t.Errorf("panic: %q, want %q in it", got, c.want)
				}
			}()
			w := silentWorld("n1", "n2")
			c.misuse(w, w.Hosts()[0], w.Hosts()[1])
		})
	}
}

// A factory may give up: its host is down again and hears nothing.
func TestBootMayFail(t *testing.T) {
	w := silentWorld("n1", "n2")
	n1, n2 := w.Hosts()[0], w.Hosts()[1]
	n2.Kill()
	n2.Boot(func(h *Host) Program {
		h.SetDeadline(0)
		h.Disk().Sync("log", 1)
		h.Kill()
		return silent{}
	})
	if !n2.Start() || n2.Up() || n2.Program() != nil {
		t.Errorf("%v is %v after a boot that failed", n2, n2.State())
	}
	n1.Send(n2, 1, nil)
	for w.Step() {
	}
	if c := w.Network().Counters(); c.Dropped[DropDead] != 1 || w.Events() != 1 {
		t.Errorf("%d events, %+v", w.Events(), c)
	}
}

func TestHostsKnowWhereTheyAre(t *testing.T) {
	w := silentWorld("n1", "n2")
	n2 := w.Hosts()[1]
	if n2.ID() != 1 || n2.Name() != "n2" || n2.World() != w || w.Seed() != 1 {
		t.Errorf("host %v has id %d in a world with seed %d", n2, n2.ID(), w.Seed())
	}
	if !n2.Up() || n2.Paused() || !n2.Pause() || !n2.Up() || !n2.Paused() || !n2.Kill() || n2.Up() || n2.Program() != nil {
		t.Errorf("after start, pause and kill %v is %v", n2, n2.State())
	}
	if a, b := w.Rand("x").Uint64(), w.Rand("x").Uint64(); a != b || a == w.Rand("y").Uint64() {
		t.Error("a stream does not start over, or two streams are the same")
	}
}
