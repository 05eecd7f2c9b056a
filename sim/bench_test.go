package sim

import (
	"testing"
	"time"
)

// BenchmarkGossip measures a world of five hosts whose timers, packets and
// syncs are in the proportions of a small consensus cluster. An iteration is an
// event; the goal is 1.5 million events per second on a core, and no
// allocation.
func BenchmarkGossip(b *testing.B) {
	for _, c := range []struct {
		name    string
		prepare func(*World)
	}{
		{"quiet", func(*World) {}},
		{"faults", func(w *World) {
			for _, h := range w.Hosts() {
				w.Network().SetHostFaults(h, LinkFaults{Loss: 0.01, Duplicate: 0.01, Corrupt: 0.01, Reorder: 0.05, ReorderDelay: time.Millisecond, Jitter: time.Millisecond})
			}
		}},
		{"chaos", unleash},
	} {
		b.Run(c.name, func(b *testing.B) {
			w := gossipWorld(1, 5)
			c.prepare(w)
			w.RunUntil(int64(time.Second))
			b.ReportAllocs()
			for b.Loop() {
				w.Step()
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
