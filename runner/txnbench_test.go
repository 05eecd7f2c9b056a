package runner

import (
	"context"
	"testing"
	"time"

	"checker/history"
	"checker/targets"
)

// BenchmarkTransactions executes the default run, checks included: transactions over three shards on five
// nodes, ten clients at 100 a second, sixty virtual seconds under all faults, judged for strict
// serializability, atomic commitment, the consensus of each shard and recovery. Short is a third of that, as
// campaigns run it. Each iteration is another seed. An event is one that the simulator executes: a packet, a
// timer, a sync that ends, an op of a client that begins; per transaction that is ok.
func BenchmarkTransactions(b *testing.B) {
	b.Run("default", func(b *testing.B) { benchmarkTransactions(b, 60*time.Second) })
	b.Run("short", func(b *testing.B) { benchmarkTransactions(b, 20*time.Second) })
}

func benchmarkTransactions(b *testing.B, limit time.Duration) {
	b.ReportAllocs()
	spec := defaultSpec()
	spec.TimeLimit = limit
	world := &lastOpened{Target: spec.Targets[0]}
	spec.Targets[0] = world
	before := processorTime(b)
	var virtual time.Duration
	var events uint64
	committed := 0
	for i := range b.N {
		spec.Seed = uint64(i + 1)
		plan, err := spec.Resolve()
		if err != nil {
			b.Fatal(err)
		}
		out, err := Execute(context.Background(), plan, Options{Now: fixedNow})
		if err != nil {
			b.Fatal(err)
		}
		virtual += time.Duration(out.Run.DurationNS)
		events += world.cluster.Events()
		for row := range out.History.Len() {
			if out.History.Process(row) != history.Nemesis && out.History.Type(row) == history.Ok {
				committed++
			}
		}
	}
	used := (processorTime(b) - before).Seconds()
	b.ReportMetric(virtual.Seconds()/b.Elapsed().Seconds(), "virtual-s/s")
	b.ReportMetric(virtual.Seconds()/used, "virtual-s/cpu-s")
	b.ReportMetric(float64(events)/used, "events/cpu-s")
	b.ReportMetric(float64(events)/float64(committed), "events/txn")
}

// lastOpened is a target that remembers the cluster it opened last, for the number of its events.
type lastOpened struct {
	targets.Target
	cluster interface{ Events() uint64 }
}

func (t *lastOpened) Open(ctx context.Context, cfg targets.Config) (targets.Cluster, error) {
	c, err := t.Target.Open(ctx, cfg)
	if err == nil {
		t.cluster = c.(interface{ Events() uint64 })
	}
	return c, err
}
