package history

import (
	"bytes"
	"io"
	"math/rand/v2"
	"runtime"
	"syscall"
	"testing"
	"time"

	"olympos.io/encoding/edn"
	"pgregory.net/rapid"
)

// listAppend writes a history of list-append transactions as Jepsen's generator
// makes them: one to four micro-ops on a few live keys, which retire after 32
// appends, by ten processes.
func listAppend(t rapid.TB, f Format, txns int) []byte {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var out bytes.Buffer
	w, err := NewWriter(&out, f)
	if err != nil {
		t.Fatal(err)
	}
	lists, live := map[int64][]Value{}, []int64{0, 1, 2, 3, 4}
	next := int64(len(live))
	for i := range txns {
		var asked, done []Value
		for range 1 + rng.IntN(4) {
			at := rng.IntN(len(live))
			key := live[at]
			if rng.IntN(2) == 0 {
				asked = append(asked, Mop("r", Int(key), Nil))
				done = append(done, Mop("r", Int(key), Vector(lists[key]...)))
				continue
			}
			element := Int(int64(len(lists[key]) + 1))
			lists[key] = append(lists[key], element)
			asked = append(asked, Mop("append", Int(key), element))
			done = append(done, Mop("append", Int(key), element))
			if len(lists[key]) == 32 {
				live[at], next = next, next+1
			}
		}
		op := Op{Index: 2 * i, Time: int64(i) * 123_457, Process: Process(i % 10), Type: Invoke, F: "txn", Value: Vector(asked...)}
		for range 2 {
			if err := w.Write(op); err != nil {
				t.Fatal(err)
			}
			op.Index, op.Time, op.Type, op.Value = op.Index+1, op.Time+100_001, Ok, Vector(done...)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func BenchmarkRead(b *testing.B) {
	const txns = 100_000
	for _, f := range []Format{EDN, JSONL, Block} {
		b.Run(string(f), func(b *testing.B) {
			text := listAppend(b, f, txns)
			perTxn := heapPerTxn(b, text, txns)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			before := processorTime(b)
			for b.Loop() {
				if _, err := Read(bytes.NewReader(text), "bench", ReadOptions{}); err != nil {
					b.Fatal(err)
				}
			}
			spent := processorTime(b) - before
			b.ReportMetric(float64(len(text)*b.N)/1e6/spent.Seconds(), "MB/cpu-s")
			b.ReportMetric(float64(txns*b.N)/1e6/spent.Seconds(), "Mtxn/cpu-s")
			b.ReportMetric(perTxn, "B/txn")
		})
	}
}

// BenchmarkPeer reads the same kind of EDN with the one library for it that
// there is in Go, op by op into maps, without making a history of them.
func BenchmarkPeer(b *testing.B) {
	text := listAppend(b, EDN, 5_000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	before := processorTime(b)
	for b.Loop() {
		ops := 0
		for d := edn.NewDecoder(bytes.NewReader(text)); ; ops++ {
			var op map[edn.Keyword]any
			if err := d.Decode(&op); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
		if ops != 10_000 {
			b.Fatalf("%d ops", ops)
		}
	}
	b.ReportMetric(float64(len(text)*b.N)/1e6/(processorTime(b)-before).Seconds(), "MB/cpu-s")
}

// processorTime returns what this process has used, which a busy machine does
// not distort as it does the time on the wall.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// heapPerTxn returns what a history at rest takes, in bytes per transaction.
func heapPerTxn(t testing.TB, text []byte, txns int) float64 {
	t.Helper()
	before := liveHeap()
	h, err := Read(bytes.NewReader(text), "bench", ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	after := liveHeap()
	runtime.KeepAlive(h)
	return float64(after-before) / float64(txns)
}

func liveHeap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkWrite(b *testing.B) {
	h, err := Read(bytes.NewReader(listAppend(b, JSONL, 20_000)), "bench", ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range []Format{EDN, JSONL, Block} {
		b.Run(string(f), func(b *testing.B) {
			b.SetBytes(int64(len(listAppend(b, f, 20_000))))
			before := processorTime(b)
			for b.Loop() {
				if err := WriteHistory(io.Discard, h, f); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(h.Len()*b.N)/(processorTime(b)-before).Seconds(), "rows/cpu-s")
		})
	}
}

// TestAtRestATransactionIsSmall holds the budget that doc.go promises.
func TestAtRestATransactionIsSmall(t *testing.T) {
	const txns, budget = 20_000, 300
	if got := heapPerTxn(t, listAppend(t, EDN, txns), txns); got > budget {
		t.Errorf("%.0f bytes per list-append transaction, want at most %d", got, budget)
	}
}
