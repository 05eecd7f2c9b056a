package sim

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The queue pops what a stable sort by time would give, pushes in between
// included.
func TestQueueOrdersByTimeThenSequence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var q queue
		var model []event
		var seq uint64
		for range rapid.IntRange(1, 200).Draw(t, "operations") {
			if len(model) > 0 && rapid.IntRange(0, 2).Draw(t, "pop") == 0 {
				least := slices.MinFunc(model, func(a, b event) int {
					if a.before(b) {
						return -1
					}
					return 1
				})
				if got := q.pop(); got != least {
					t.Fatalf("popped %+v, want %+v", got, least)
				}
				model = slices.DeleteFunc(model, func(e event) bool { return e.seq == least.seq })
				continue
			}
			seq++
			e := event{at: rapid.Int64Range(0, 20).Draw(t, "at"), seq: seq}
			q.push(e)
			model = append(model, e)
		}
		if q.len() != len(model) {
			t.Fatalf("%d events in the queue, want %d", q.len(), len(model))
		}
	})
}

func TestSlabUsesSlotsAgain(t *testing.T) {
	var s slab[string]
	a, b := s.put("a"), s.put("b")
	if got := s.take(a); got != "a" {
		t.Fatalf("took %q, want a", got)
	}
	if s.items[a] != "" {
		t.Fatal("the slot still refers to what was taken")
	}
	if c := s.put("c"); c != a {
		t.Fatalf("put into slot %d, want the free slot %d", c, a)
	}
	if s.take(b) != "b" || s.take(a) != "c" || s.used() != 0 {
		t.Fatal("slots are mixed up")
	}
}

func BenchmarkQueue(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	var q queue
	for i := range uint64(256) {
		q.push(event{at: rng.Int64N(1e6), seq: i})
	}
	for b.Loop() {
		e := q.pop()
		e.at += rng.Int64N(1e6)
		q.push(e)
	}
}
