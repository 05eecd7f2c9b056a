package online_test

import (
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"

	"checker/check/online"
	"checker/history"
)

// traffic makes the rows of a linearizable register with clients that are always busy:
// half of the ops are reads, a tenth cas, every value is written once.
type traffic struct {
	rng     *rand.Rand
	crashes int // of a hundred ops
	open    []history.Op
	busy    []bool
	process []history.Process
	value   history.Value
	fresh   int64
	rows    int
	begun   int
}

func newTraffic(clients, crashes int) *traffic {
	t := &traffic{rng: rand.New(rand.NewPCG(1, uint64(clients))), crashes: crashes}
	t.open, t.busy, t.process = make([]history.Op, clients), make([]bool, clients), make([]history.Process, clients)
	for i := range t.process {
		t.process[i] = history.Process(i)
	}
	return t
}

func (t *traffic) next() history.Op {
	c := t.rng.IntN(len(t.open))
	t.rows++
	if !t.busy[c] {
		op := history.Op{Process: t.process[c], F: "read"}
		switch roll := t.rng.IntN(10); {
		case roll < 4:
			t.fresh++
			op.F, op.Value = "write", history.Int(t.fresh)
		case roll < 5:
			t.fresh++
			op.F, op.Value = "cas", history.Vector(t.value, history.Int(t.fresh))
		}
		t.open[c], t.busy[c] = op, true
		t.begun++
		op.Index = t.rows - 1
		return op
	}
	t.busy[c] = false
	op := t.open[c]
	op.Type, op.Index = history.Ok, t.rows-1
	if t.rng.IntN(100) < t.crashes {
		op.Type = history.Info
		t.process[c] += history.Process(len(t.open))
	}
	switch op.F {
	case "read":
		if op.Type == history.Ok {
			op.Value = t.value
		}
	case "write":
		t.value = op.Value
	case "cas":
		if old, made, _ := op.Value.Pair(); old.Equal(t.value) {
			t.value = made
		} else {
			op.Type = history.Fail
		}
	}
	return op
}

// BenchmarkRegister feeds ten million ops of 30 clients, of which 1 % crash, to a
// stream. The rows are made while the clock stands still.
func BenchmarkRegister(b *testing.B) {
	const ops = 10_000_000
	b.ReportAllocs()
	var spent time.Duration
	for range b.N {
		b.StopTimer()
		source, s := newTraffic(30, 1), online.Register(history.Nil, false)
		before := heap()
		rows := make([]history.Op, 100_000)
		for source.begun < ops {
			b.StopTimer()
			for i := range rows {
				rows[i] = source.next()
			}
			b.StartTimer()
			begun := processorTime(b)
			for i := range rows {
				if v := s.Observe(&rows[i]); v != nil {
					b.Fatal(v)
				}
			}
			spent += processorTime(b) - begun
		}
		b.StopTimer()
		clear(rows)
		b.ReportMetric(float64(heap()-before)/1e6, "MB-kept")
		runtime.KeepAlive(s)
		b.StartTimer()
	}
	b.ReportMetric(spent.Seconds()/float64(b.N), "cpu-s/op")
}

// processorTime returns what this process has used, which a busy machine does not
// distort as it does the time on the wall.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestMemoryDoesNotGrowWithTheHistory feeds a long history in which nothing crashes.
func TestMemoryDoesNotGrowWithTheHistory(t *testing.T) {
	s, source := online.Register(history.Nil, false), newTraffic(30, 0)
	at := func(ops int) int64 {
		for source.begun < ops {
			if op := source.next(); s.Observe(&op) != nil {
				t.Fatal(s.Found())
			}
		}
		return heap()
	}
	early, late := at(20_000), at(200_000)
	runtime.KeepAlive(s)
	if late-early > 200_000 {
		t.Errorf("180,000 more ops took %d bytes more", late-early)
	}
	if s.GaveUp() != "" {
		t.Error(s.GaveUp())
	}
}
