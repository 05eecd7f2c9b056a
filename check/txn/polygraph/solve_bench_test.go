package polygraph_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"checker/check/txn/polygraph"
)

// mixes are 10,000 transactions of 8 micro-ops by 20 clients on 1,000 keys.
var mixes = []struct {
	name string
	mix
}{
	{"updates", mix{txns: 10_000, ops: 8, keys: 1000, clients: 20, updates: 0.5}},
	{"reads", mix{txns: 10_000, ops: 8, keys: 1000, clients: 20, updates: 0.05, writes: 0.05}},
	{"blind-writes", mix{txns: 10_000, ops: 8, keys: 1000, clients: 20, writes: 0.5}},
}

// BenchmarkSolve decides each mix: as recorded from a store that keeps its
// promise, with one transaction in a thousand whose reads meet any past state, and
// as recorded session by session, without times (for real time there is nothing
// to judge then).
func BenchmarkSolve(b *testing.B) {
	for _, model := range []string{"serializable", "snapshot-isolation", "strict-serializable", "strong-snapshot-isolation"} {
		g, _ := polygraph.Of(model)
		for _, named := range mixes {
			m := named.mix
			m.snapshots = g.Snapshot
			b.Run(model+"/"+named.name+"/kept", func(b *testing.B) { benchmarkSolve(b, m, g) })
			broken := m
			broken.broken = 0.001
			b.Run(model+"/"+named.name+"/broken", func(b *testing.B) { benchmarkSolve(b, broken, g) })
			if !g.Realtime {
				m.bySession = true
				b.Run(model+"/"+named.name+"/by-session", func(b *testing.B) { benchmarkSolve(b, m, g) })
			}
		}
	}
}

// BenchmarkHidden decides blind writes of which the recording tells neither the
// order nor the sessions: the worst there is.
func BenchmarkHidden(b *testing.B) {
	g, _ := polygraph.Of("serializable")
	for _, n := range []int{500, 1000, 2000, 4000} {
		m := mix{txns: n, ops: 8, keys: 1000, clients: 20, writes: 0.5, shuffled: true}
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkSolve(b, m, g) })
	}
}

// benchLimit bounds one decision.
const benchLimit = 60 * time.Second

func benchmarkSolve(b *testing.B, m mix, g polygraph.Guarantee) {
	p := record(1, m)
	b.ReportAllocs()
	var r polygraph.Result
	for b.Loop() {
		var err error
		ctx, cancel := context.WithTimeout(context.Background(), benchLimit)
		defer cancel()
		if r, err = polygraph.Solve(ctx, p, g, polygraph.Options{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(r.Stats.Pairs), "pairs")
	b.ReportMetric(float64(r.Stats.Choices), "choices")
	b.ReportMetric(float64(r.Stats.Conflicts), "conflicts")
	b.Logf("%v: %s%+v", r.Verdict, r.Reason, r.Stats)
}
