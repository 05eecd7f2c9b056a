package linear_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"checker/check"
	"checker/check/linear"
	"checker/history"
	"checker/models"
)

// hard returns a history that no search decides soon: a string to which many
// clients append at once, so that it may become anything, and a get in the end
// that nothing explains.
func hard(t testing.TB) *history.History {
	t.Helper()
	const clients = 16
	var ops []done
	key := func(text string) history.Value { return history.Vector(history.Int(0), history.String(text)) }
	all := ""
	for i := range clients {
		letter := string(rune('a' + i))
		all += letter
		ops = append(ops, done{f: "append", in: key(letter), outcome: history.Ok, inv: i, res: clients + i})
	}
	for i, text := range []string{all, all + "a"} {
		ops = append(ops, done{f: "get", in: key(""), out: key(text), outcome: history.Ok, inv: 2*clients + 2*i, res: 2*clients + 2*i + 1})
	}
	return recordOps(t, ops)
}

// unmerged is a kv that keeps no search from telling all strings apart.
func unmerged() models.Model {
	m := models.KV()
	m.Merge = nil
	return m
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
		{"time", 100 * time.Millisecond, linear.Options{}, " after "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), test.limit)
			defer cancel()
			begin := time.Now()
			got := check.Run(ctx, linear.New(unmerged(), test.o), h)
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
	for name, engine := range map[string]linear.Engine{"search": linear.Search, "porcupine": linear.Porcupine} {
		t.Run(name, func(t *testing.T) { countMemory(t, engine) })
	}
}

func countMemory(t *testing.T, engine linear.Engine) {
	const limit = 64 << 20
	h := hard(t)
	percent := debug.SetGCPercent(20) // what counts is what is in use, not what is left lying
	defer debug.SetGCPercent(percent)
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
	got := check.Run(context.Background(), linear.New(unmerged(), linear.Options{Engine: engine, Memory: limit}), h)
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
	for _, engine := range []linear.Engine{linear.Auto, linear.Porcupine} {
		testFaultyModel(t, engine)
	}
}

func testFaultyModel(t *testing.T, engine linear.Engine) {
	m := models.Counter()
	m.Type = models.Untyped // its steps are its own
	m.Step = func(*models.Values, models.Datum, models.Op) (models.Datum, bool) { panic("no such step") }
	h := recordOps(t, []done{{f: "inc", outcome: history.Ok, inv: 0, res: 1}})
	got := check.Run(context.Background(), linear.New(m, linear.Options{Engine: engine}), h)
	if got.Verdict != check.Unknown || !strings.Contains(got.Reason, "no such step at inc (op 1)") {
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

// TestHardRegisters: histories of few values, many clients and many crashed ops are
// decided within few steps.
func TestHardRegisters(t *testing.T) {
	tests := []struct {
		name                  string
		ops, clients, crashed int
		stale                 bool
	}{
		{"20 clients", 1000, 20, 0, false},
		{"30 clients", 10_000, 30, 0, false},
		{"crashed ops", 1000, 20, 25, false},
		{"crashed ops, illegal", 1000, 20, 25, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := check.Valid
			if test.stale {
				want = check.Invalid
			}
			h := classic(t, 1, test.ops, test.clients, test.crashed, test.stale)
			if got := check.Run(context.Background(), linear.New(models.CASRegister(), linear.Options{Steps: 1e7}), h); got.Verdict != want {
				t.Errorf("%v (%s), want %v", got.Verdict, got.Reason, want)
			}
		})
	}
}
