package simulated

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"checker/history"
	"checker/nemesis"
	"checker/targets"
)

// drive has ten clients append and read for a while, a transaction of each every hundred milliseconds, and
// disturbs the nodes if it is told to.
func drive(t testing.TB, seed uint64, seconds int, faults bool) (ok, fail, open int, events uint64) {
	t.Helper()
	target := RefDB()
	opened, err := target.Open(context.Background(), targets.Config{Env: "sim", Nodes: 5, Threads: 10, Seed: seed, Workload: "append"})
	if err != nil {
		t.Fatal(err)
	}
	c := opened.(*Cluster)
	rng := rand.New(rand.NewPCG(seed, 3))
	end := int64(seconds) * 1e9
	next := int64(0)
	for thread := range 10 {
		client := c.OpenAsync(targets.ClientConfig{Process: history.Process(thread), Thread: thread, Node: c.Nodes()[thread%5]})
		var again func()
		again = func() {
			if c.Now() >= end {
				return
			}
			var mops []history.Value
			for range 1 + rng.IntN(4) {
				key := history.Int(rng.Int64N(10))
				if rng.IntN(2) == 0 {
					mops = append(mops, history.Vector(history.Keyword("r"), key, history.Nil))
					continue
				}
				next++
				mops = append(mops, history.Vector(history.Keyword("append"), key, history.Int(next)))
			}
			open++
			client.Invoke(history.Op{F: "txn", Value: history.Vector(mops...)}, func(op history.Op) {
				open--
				if op.Type == history.Ok {
					ok++
				} else {
					fail++
				}
				c.At(c.Now()+int64(100*time.Millisecond), again)
			})
		}
		c.At(0, again)
	}
	if faults {
		disturb(c, rng, end-10e9)
	}
	for c.Now() < end && c.Step() {
	}
	if c.Err() != nil {
		t.Fatal(c.Err())
	}
	return ok, fail, open, c.Events()
}

// disturb kills nodes and cuts links now and then, and ends with all well.
func disturb(c *Cluster, rng *rand.Rand, until int64) {
	ctx := context.Background()
	for at := int64(1e9); at < until; at += 500e6 {
		name := c.names[rng.IntN(5)]
		other := c.names[rng.IntN(5)]
		switch rng.IntN(4) {
		case 0:
			c.At(at, func() { c.Kill(ctx, name) })
		case 1:
			c.At(at, func() { c.Start(ctx, name); c.Start(ctx, other) })
		case 2:
			c.At(at, func() { c.Cut(ctx, []nemesis.Link{{From: name, To: other}, {From: other, To: name}}) })
		default:
			c.At(at, func() { c.Heal(ctx) })
		}
	}
	c.At(until, func() {
		c.Heal(ctx)
		for _, name := range c.names {
			c.Start(ctx, name)
		}
	})
}

func TestTransactionsGoOn(t *testing.T) {
	for _, faults := range []bool{false, true} {
		t.Run(fmt.Sprintf("faults=%v", faults), func(t *testing.T) {
			ok, fail, open, events := drive(t, 1, 30, faults)
			t.Logf("%d ok, %d fail, %d open, %d events", ok, fail, open, events)
			if ok < 1000 || fail > ok/10 || open > 10 {
				t.Errorf("%d ok, %d fail, %d open", ok, fail, open)
			}
		})
	}
}

func BenchmarkTransactions(b *testing.B) {
	seconds := 0
	for b.Loop() {
		drive(b, 1, 60, true)
		seconds += 60
	}
	b.ReportMetric(float64(seconds)/b.Elapsed().Seconds(), "virtual-s/s")
}
