package sim

import (
	"math"
	"testing"
	"time"
)

// silent is a program that does nothing.
type silent struct{}

func (silent) Receive(*Host, any)     {}
func (silent) Timer()                 {}
func (silent) DiskDone(uint64, error) {}

func silentWorld(names ...string) *World {
	w := New(1)
	for _, name := range names {
		h := w.AddHost(name)
		h.Boot(func(*Host) Program { return silent{} })
		h.Start()
	}
	return w
}

// A fault strikes as often as asked for (within five standard deviations),
// every other counter stays at zero, and without faults all do.
func TestFaultsStrikeAsOftenAsAskedFor(t *testing.T) {
	const n = 20_000
	for _, c := range []struct {
		name   string
		faults LinkFaults
		p      float64
		count  func(Counters) uint64
	}{
		{"none", LinkFaults{}, 0, func(c Counters) uint64 { return c.DroppedTotal() }},
		{"loss", LinkFaults{Loss: 0.1}, 0.1, func(c Counters) uint64 { return c.Dropped[DropLoss] }},
		{"corrupt", LinkFaults{Corrupt: 0.02}, 0.02, func(c Counters) uint64 { return c.Dropped[DropCorrupt] }},
		{"duplicate", LinkFaults{Duplicate: 0.5}, 0.5, func(c Counters) uint64 { return c.Duplicated }},
		{"reorder", LinkFaults{Reorder: 0.3, ReorderDelay: time.Millisecond}, 0.3, func(c Counters) uint64 { return c.Reordered }},
		{"delay", LinkFaults{Delay: time.Millisecond}, 1, func(c Counters) uint64 { return c.Delayed }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := silentWorld("n1", "n2")
			n1, n2 := w.Hosts()[0], w.Hosts()[1]
			w.Network().SetFaults(n1, n2, c.faults)
			for range n {
				n1.Send(n2, 1, nil)
				n2.Send(n1, 1, nil)
			}
			for w.Step() {
			}
			got := w.Network().LinkCounters(n1, n2)
			if off := math.Abs(float64(c.count(got)) - n*c.p); off > 5*math.Sqrt(n*c.p*(1-c.p)) {
				t.Errorf("struck %d times of %d, want about %v", c.count(got), n, n*c.p)
			}
			if all := got.Duplicated + got.Delayed + got.Reordered + got.DroppedTotal(); all != c.count(got) {
				t.Errorf("something else struck: %+v", got)
			}
			if back := w.Network().LinkCounters(n2, n1); back != (Counters{Sent: n, Delivered: n}) {
				t.Errorf("the way back has %+v", back)
			}
		})
	}
}

// Counters of an interval show what a fault did in it, and the sum over links
// is that of the network.
func TestCountersOfAnInterval(t *testing.T) {
	w := silentWorld("n1", "n2", "n3")
	n1, n2, n3 := w.Hosts()[0], w.Hosts()[1], w.Hosts()[2]
	send := func() {
		n1.Send(n2, 1, nil)
		n1.Send(n3, 1, nil)
		w.RunUntil(w.Now() + int64(time.Second))
	}
	send()
	before := w.Network().Counters()
	w.Network().Cut(n1, n2)
	send()
	got := w.Network().Counters().Sub(before)
	want := Counters{Sent: 2, Delivered: 1}
	want.Dropped[DropPartition] = 1
	if got != want {
		t.Errorf("the cut gave %+v, want %+v", got, want)
	}
	if !w.Network().IsCut(n1, n2) || w.Network().IsCut(n2, n1) {
		t.Error("the cut is not one-way")
	}
}

func TestHostFaultsConcernAllItsLinksAndNoOther(t *testing.T) {
	w := silentWorld("n1", "n2", "n3")
	hosts, net := w.Hosts(), w.Network()
	net.SetHostFaults(hosts[0], LinkFaults{Loss: 1})
	everyoneToEveryone := func() {
		for _, from := range hosts {
			for _, to := range hosts {
				from.Send(to, 1, nil)
			}
		}
		w.RunUntil(w.Now() + int64(time.Second))
	}
	everyoneToEveryone()
	if got := net.Counters(); got.Sent != 9 || got.Dropped[DropLoss] != 4 || got.Delivered != 5 {
		t.Errorf("with n1's links broken: %+v", got)
	}
	net.ClearHostFaults(hosts[0])
	everyoneToEveryone()
	if got := net.Counters(); got.Sent != 18 || got.DroppedTotal() != 4 {
		t.Errorf("after they were mended: %+v", got)
	}
}

func TestLatencyOfALinkCanBeSet(t *testing.T) {
	w := silentWorld("n1", "n2", "n3")
	n1, n2, n3 := w.Hosts()[0], w.Hosts()[1], w.Hosts()[2]
	net := w.Network()
	net.SetLatency(Latency{Base: time.Millisecond})
	net.SetLinkLatency(n1, n3, Latency{Base: time.Second})
	n1.Send(n2, 1, nil)
	n1.Send(n3, 1, nil)
	for _, want := range []time.Duration{time.Millisecond, time.Second} {
		if !w.Step() || w.Now() != int64(want) {
			t.Errorf("a packet arrives at %v, want %v", time.Duration(w.Now()), want)
		}
	}
}
