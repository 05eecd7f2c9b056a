package linear_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// hard returns a history that no search decides soon: many concurrent clients,
// few values, and a read at the end that nothing explains but which no shortcut
// sees.
func hard(t testing.TB) *history.History {
	t.Helper()
	var acts []act
	const clients = 60
	row := 0
	for i := range clients {
		acts = append(acts, act{f: "cas", a: int64(i % 7), b: int64((i + 3) % 7), outcome: history.Info, inv: row})
		row++
	}
	for i := range 40 {
		acts = append(acts, act{f: "write", a: int64(i % 7), outcome: history.Ok, inv: row, res: row + 41})
		row++
		if i == 39 {
			row += 41
		}
	}
	acts = append(acts, act{f: "write", a: 99, outcome: history.Ok, inv: row, res: row + 1},
		act{f: "write", a: 99, outcome: history.Ok, inv: row + 2, res: row + 3},
		act{f: "read", a: 98, outcome: history.Ok, inv: row + 4, res: row + 5})
	acts = append(acts, act{f: "cas", a: 6, b: 98, outcome: history.Info, inv: row + 6})
	return record(t, acts)
}

func TestSearchStopsAtItsBounds(t *testing.T) {
	defer goleak.VerifyNone(t)
	h := hard(t)
	tests := []struct {
		name  string
		limit time.Duration
		o     linear.Options
		why   string
	}{
		{"steps", time.Minute, linear.Options{Steps: 10_000}, "steps"},
		{"memory", time.Minute, linear.Options{Memory: 16 << 20}, "memory limit"},
		{"time", 100 * time.Millisecond, linear.Options{}, "deadline exceeded) after"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), test.limit)
			defer cancel()
			begin := time.Now()
			got := check.Run(ctx, linear.New(models.CASRegister(), test.o), h)
			if got.Verdict != check.Unknown || !strings.Contains(got.Reason, test.why) {
				t.Errorf("%v (%s), want unknown because of %q", got.Verdict, got.Reason, test.why)
			}
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestMemoryIsCountedHonestly compares what the search says that it took with
// what the heap grew by.
func TestMemoryIsCountedHonestly(t *testing.T) {
	const limit = 64 << 20
	h := hard(t)
	stop, most := make(chan struct{}), make(chan uint64)
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	go func() {
		peak := uint64(0)
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
			select {
			case <-stop:
				most <- peak
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	got := check.Run(context.Background(), linear.New(models.CASRegister(), linear.Options{Memory: limit}), h)
	close(stop)
	grown := <-most - before.HeapAlloc
	if got.Verdict != check.Unknown || !strings.Contains(got.Reason, "memory") {
		t.Fatalf("%v (%s), want unknown because of memory", got.Verdict, got.Reason)
	}
	t.Logf("the heap grew by %d MiB at a limit of %d MiB", grown>>20, limit>>20)
	if grown > 2*limit || grown < limit/4 {
		t.Errorf("the heap grew by %d MiB at a limit of %d MiB", grown>>20, limit>>20)
	}
}

func TestAnswersAreTheSameEachTime(t *testing.T) {
	for seed := range 200 {
		h := record(t, randomActs(rand.New(rand.NewPCG(uint64(seed), 3)), 12, seed%2 == 0))
		c := linear.New(models.CASRegister(), linear.Options{})
		a, b := inWords(check.Run(context.Background(), c, h)), inWords(check.Run(context.Background(), c, h))
		if a != b {
			t.Fatalf("seed %d: first\n%s\nthen\n%s", seed, a, b)
		}
	}
}

// TestFaultyModelIsUnknown: a model that panics does so on another goroutine,
// where check.Run could not catch it.
func TestFaultyModelIsUnknown(t *testing.T) {
	m := models.Counter()
	m.Step = func(*models.Values, models.Datum, models.Op) (models.Datum, bool) { panic("no such step") }
	h := recordOps(t, []done{{f: "inc", outcome: history.Ok, inv: 0, res: 1}})
	got := check.Run(context.Background(), linear.New(m, linear.Options{}), h)
	if got.Verdict != check.Unknown || !strings.Contains(got.Reason, "no such step") {
		t.Errorf("%v (%s), want unknown because of the panic", got.Verdict, got.Reason)
	}
}

// TestAnomalyOutlivesAnError: a key whose ops fit no model does not hide the
// violation of another.
func TestAnomalyOutlivesAnError(t *testing.T) {
	pair := func(k string, v history.Value) history.Value { return history.Vector(history.String(k), v) }
	h := recordOps(t, []done{
		{f: "put", in: pair("a", history.String("x")), outcome: history.Ok, inv: 0, res: 1},
		{f: "get", in: pair("a", history.Nil), out: pair("a", history.String("")), outcome: history.Ok, inv: 2, res: 3},
		{f: "put", in: pair("b", history.Int(1)), outcome: history.Ok, inv: 4, res: 5},
	})
	got := check.Run(context.Background(), linear.New(models.KV(), linear.Options{}), h)
	if got.Verdict != check.Invalid || !strings.Contains(got.Reason, "not a string") {
		t.Errorf("%v (%s), want invalid, and that key b could not be judged", got.Verdict, got.Reason)
	}
}
