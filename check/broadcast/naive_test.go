package broadcast_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"checker/check"
	"checker/check/broadcast"
	"checker/history"
)

// TestAgreesWithTheDefinitions compares the guarantees found to hold with the
// definitions, written as they are read, on random small histories.
func TestAgreesWithTheDefinitions(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 2))
	seen := map[string]int{}
	for range 20_000 {
		s := randomStory(rng)
		h := s.history()
		got := check.Run(context.Background(), broadcast.New(broadcast.Options{Require: broadcast.Guarantees()}), h).ConsistencyModels
		for _, name := range broadcast.Guarantees() {
			want := s.holds(name)
			if broken := slices.Contains(got.Not, name) || slices.Contains(got.AlsoNot, name); broken == want {
				for i := range h.Len() {
					t.Log(h.Op(i))
				}
				t.Fatalf("%s: by definition %v; found to hold %v, not %v", name, want, got.Holds, got.Not)
			}
			seen[fmt.Sprint(name, want)]++
		}
	}
	for _, name := range broadcast.Guarantees() {
		if seen[name+"true"] < 100 || seen[name+"false"] < 100 {
			t.Errorf("%s: the histories prove little: %v", name, seen)
		}
	}
}

// tale is who broadcasts and delivers what: each process has its events in order.
type tale struct {
	events [3][]happening
	order  []int // which process is next
	faulty [3]bool
}

type happening struct {
	message   int
	broadcast bool
}

// randomStory has two or three messages that mostly go to all.
func randomStory(rng *rand.Rand) tale {
	var s tale
	sent := []int{}
	for range 7 + rng.IntN(6) {
		p := rng.IntN(3)
		m := len(sent)
		send := m == 0 || m < 3 && rng.IntN(4) == 0
		if !send {
			m = rng.IntN(len(sent))
			if slices.Contains(s.events[p], happening{m, false}) {
				continue
			}
		} else {
			sent = append(sent, m)
		}
		s.events[p] = append(s.events[p], happening{m, send})
		s.order = append(s.order, p)
	}
	for m := range sent { // mostly all deliver all in the end
		for p := range 3 {
			if !slices.Contains(s.events[p], happening{m, false}) && rng.IntN(20) > 0 {
				s.events[p] = append(s.events[p], happening{m, false})
				s.order = append(s.order, p)
			}
		}
	}
	for p := range 3 {
		s.faulty[p] = rng.IntN(6) == 0
	}
	return s
}

func (s tale) history() *history.History {
	b := history.NewBuilder()
	add := func(p int, f string, in, out history.Value) {
		for _, op := range []history.Op{{Process: history.Process(p), Type: history.Invoke, F: f, Value: in}, {Process: history.Process(p), Type: history.Ok, F: f, Value: out}} {
			if err := b.AddOp(op); err != nil {
				panic(err)
			}
		}
	}
	at := [3]int{}
	for _, p := range s.order {
		e := s.events[p][at[p]]
		at[p]++
		if m := history.Int(int64(e.message)); e.broadcast {
			add(p, "broadcast", m, m)
		} else {
			add(p, "deliver", history.Nil, m)
		}
	}
	for p, faulty := range s.faulty {
		if faulty || at[p] == 0 {
			add(p, "crash", history.Nil, history.Nil)
		}
	}
	return b.History()
}

func (s tale) correct(p int) bool { return !s.faulty[p] && len(s.events[p]) > 0 }

// place returns where p has an event, or -1.
func (s tale) place(p, m int, broadcast bool) int {
	return slices.Index(s.events[p], happening{m, broadcast})
}

// before reports whether p has first in its events before second.
func (s tale) before(p int, first, second happening) bool {
	i, j := slices.Index(s.events[p], first), slices.Index(s.events[p], second)
	return i >= 0 && j >= 0 && i < j
}

func (s tale) holds(name string) bool {
	reliable := s.agree(true, true) && s.agree(false, true)
	switch name {
	case "best-effort-broadcast":
		return s.agree(true, true)
	case "reliable-broadcast":
		return reliable
	case "uniform-broadcast":
		return reliable && s.agree(false, false)
	case "fifo-broadcast":
		return reliable && s.precede(false)
	case "causal-broadcast":
		return reliable && s.precede(false) && s.precede(true)
	}
	return reliable && s.oneOrder()
}

// agree: what is broadcast (or delivered) by a process, a correct one if so wanted,
// is delivered by all correct processes.
func (s tale) agree(broadcast, correct bool) bool {
	for p := range 3 {
		for m := range 3 {
			if correct && !s.correct(p) || s.place(p, m, broadcast) < 0 {
				continue
			}
			for q := range 3 {
				if s.correct(q) && s.place(q, m, false) < 0 {
					return false
				}
			}
		}
	}
	return true
}

// precede: who delivers a message has delivered what its sender had broadcast (or
// delivered) before.
func (s tale) precede(delivered bool) bool {
	for p := range 3 {
		for a := range 3 {
			for b := range 3 {
				if a == b || !s.before(p, happening{a, !delivered}, happening{b, true}) {
					continue
				}
				for q := range 3 {
					if s.place(q, b, false) >= 0 && !s.before(q, happening{a, false}, happening{b, false}) {
						return false
					}
				}
			}
		}
	}
	return true
}

func (s tale) oneOrder() bool {
	for p := range 3 {
		for q := range 3 {
			for a := range 3 {
				for b := range 3 {
					if s.before(p, happening{a, false}, happening{b, false}) && s.before(q, happening{b, false}, happening{a, false}) {
						return false
					}
				}
			}
		}
	}
	return true
}
