package online_test

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"checker/check"
	"checker/check/linear"
	"checker/check/locks"
	"checker/check/monotonic"
	"checker/check/online"
	"checker/check/queues"
	"checker/check/sets"
	"checker/check/uniqueids"
	"checker/history"
	"checker/models"
)

// cases is how many random histories each stream is tried on: CHECKER_ONLINE_CASES,
// else 3,000.
func cases(t testing.TB) int {
	text := os.Getenv("CHECKER_ONLINE_CASES")
	if text == "" {
		return 3_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("CHECKER_ONLINE_CASES: %v", err)
	}
	return n
}

// judged is a kind of history with its judges.
type judged struct {
	kind   string
	stream func() *online.Stream // nil for none
	batch  check.Checker         // of histories at rest
}

// streams are all there are, each with the check that says the same of a history at
// rest.
var streams = []judged{
	{"register", func() *online.Stream { return online.Register(history.Nil, false) }, linear.New(models.CASRegister(), linear.Options{})},
	{"lock", func() *online.Stream { return online.Lock(false, false) }, linear.New(models.OwnedMutex(), linear.Options{})},
	{"lock", func() *online.Stream { return online.Lock(true, false) }, locks.New(locks.Options{})},
	{"fenced-lock", func() *online.Stream { return online.Lock(true, false) }, linear.New(models.FencedLock(), linear.Options{})},
	{"mutex", func() *online.Stream { return online.Mutex(false) }, linear.New(models.Mutex(), linear.Options{})},
	{"semaphore", func() *online.Stream { return online.Semaphore(2, false) }, linear.New(twoPermits(), linear.Options{})},
	{"fence", func() *online.Stream { return online.Fence(false) }, locks.New(locks.Options{Fenced: true})},
	{"queue", func() *online.Stream { return online.Messages(false) }, queues.New(queues.Options{})},
	{"fifo-queue", func() *online.Stream { return online.FIFO(false) }, linear.New(models.FIFOQueue(), linear.Options{})},
	{"set", func() *online.Stream { return online.Set(false) }, sets.New(sets.Options{Full: true, Linearizable: true})},
	{"monotonic", func() *online.Stream { return online.Monotonic(false) }, monotonic.New(monotonic.Options{Realtime: true})},
	{"unique-ids", online.IDs, uniqueids.New(uniqueids.Options{})},
}

func twoPermits() models.Model {
	m := models.Semaphore()
	m.Initial = history.Int(2)
	return m
}

// TestStreamsFindTheFirstRowThatProvesAViolation compares a stream with the check of
// the whole history, of the rows up to the one that it names, and of those before.
func TestStreamsFindTheFirstRowThatProvesAViolation(t *testing.T) {
	for i, s := range streams {
		t.Run(s.kind, func(t *testing.T) {
			t.Parallel()
			bad, gaveUp, n := 0, 0, cases(t)
			if s.kind == "fifo-queue" && n < 10_000 {
				n /= 4 // to search is dear
			}
			for seed := range n {
				rows := randomRows(rand.New(rand.NewPCG(uint64(seed), uint64(i))), s.kind, 12)
				stream := s.stream()
				at := feed(stream, rows)
				if stream.GaveUp() != "" {
					gaveUp++
					continue
				}
				if at < 0 {
					if invalid(t, s.batch, rows) {
						t.Fatalf("seed %d: nothing found in\n%s", seed, show(rows))
					}
					continue
				}
				bad++
				if !invalid(t, s.batch, rows) || !invalid(t, s.batch, rows[:at+1]) {
					t.Fatalf("seed %d: a false alarm, %+v, in\n%s", seed, stream.Found(), show(rows))
				}
				if invalid(t, s.batch, rows[:at]) {
					t.Fatalf("seed %d: found late, %+v, in\n%s", seed, stream.Found(), show(rows))
				}
			}
			t.Logf("%d histories: %d illegal, %d given up", n, bad, gaveUp)
			if bad < n/12 || bad+gaveUp > n*9/10 || gaveUp > n/4 {
				t.Errorf("the sample is lopsided: %d illegal, %d given up", bad, gaveUp)
			}
		})
	}
}

// feed returns the row at which a stream finds something, or -1.
func feed(s *online.Stream, rows []history.Op) int {
	for i := range rows {
		if s.Observe(&rows[i]) != nil {
			return i
		}
	}
	return -1
}

func invalid(t *testing.T, c check.Checker, rows []history.Op) bool {
	t.Helper()
	b := history.NewBuilder()
	for _, op := range rows {
		if err := b.AddOp(op); err != nil {
			t.Fatalf("%v in\n%s", err, show(rows))
		}
	}
	return check.Run(context.Background(), c, b.History()).Verdict == check.Invalid
}

func show(rows []history.Op) string {
	var b strings.Builder
	for _, op := range rows {
		b.WriteString(op.String() + "\n")
	}
	return b.String()
}
