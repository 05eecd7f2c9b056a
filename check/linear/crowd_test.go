package linear_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"checker/history"
)

// crowd makes a linearizable history of n ops on an object of one of the well-known
// data types, by clients that are always busy. One in a hundred ops that give
// something to the object crashes. Values are unique.
func crowd(t testing.TB, model string, n, clients int) *history.History {
	t.Helper()
	rng := rand.New(rand.NewPCG(uint64(n), 5))
	draw := things(rng, model)
	type pending struct {
		op history.Op
		do func() (out history.Value, ok bool)
	}
	b := history.NewBuilder()
	add := func(op history.Op) {
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	open := make([]*pending, clients)
	process := make([]history.Process, clients)
	for i := range process {
		process[i] = history.Process(i)
	}
	for begun, done := 0, 0; done < n; {
		c := rng.IntN(clients)
		p := open[c]
		switch {
		case p == nil && begun < n:
			f, in, do := draw(c)
			open[c] = &pending{history.Op{Process: process[c], Type: history.Invoke, F: f, Value: in}, do}
			add(open[c].op)
			begun++
			continue
		case p == nil:
			continue
		case p.do != nil:
			out, ok := p.do()
			if !ok && begun < n {
				continue // it waits for a lock
			} else if !ok {
				p.op.Type = history.Fail
			} else if p.op.Type, p.do = history.Ok, nil; !out.IsNil() {
				p.op.Value = out
			}
			if ok && rng.IntN(2) == 0 {
				continue // it returns later
			}
		}
		if crashes[p.op.F] && rng.IntN(100) == 0 {
			p.op.Type = history.Info
			process[c] += history.Process(clients)
		}
		add(p.op)
		open[c] = nil
		done++
	}
	return b.History()
}

// crashes are the ops that may crash and leave the method to decide.
var crashes = map[string]bool{"enqueue": true, "dequeue": true, "push": true, "insert": true, "add": true, "inc": true, "write": true, "generate": true}

// drawing returns an op for a client and how to do it, which is false while it has
// to wait.
type drawing func(client int) (f string, in history.Value, do func() (history.Value, bool))

// things returns an object of a data type, done the plain way.
func things(rng *rand.Rand, model string) drawing {
	switch model {
	case "mutex", "owned-mutex", "fenced-lock":
		return locking(1, model == "fenced-lock")
	case "semaphore":
		return locking(2, false)
	case "set":
		return adding(rng)
	case "counter", "max-register", "unique-ids":
		return counting(rng, model)
	}
	return putting(rng, model)
}

func locking(permits int, tokens bool) drawing {
	holds, token := map[int]bool{}, int64(0)
	return func(client int) (string, history.Value, func() (history.Value, bool)) {
		if holds[client] {
			delete(holds, client)
			return "release", history.Nil, func() (history.Value, bool) { permits++; return history.Nil, true }
		}
		return "acquire", history.Nil, func() (history.Value, bool) {
			if permits == 0 {
				return history.Nil, false
			}
			permits--
			holds[client] = true
			if token++; tokens {
				return history.Int(token), true
			}
			return history.Nil, true
		}
	}
}

func adding(rng *rand.Rand) drawing {
	fresh, in := int64(0), map[int64]bool{}
	done := func() (history.Value, bool) { return history.Nil, true }
	return func(int) (string, history.Value, func() (history.Value, bool)) {
		e := fresh - rng.Int64N(20)
		switch roll := rng.IntN(10); {
		case roll < 3 || e <= 0:
			fresh++
			e := fresh
			return "add", history.Int(e), func() (history.Value, bool) { in[e] = true; return done() }
		case roll < 5 && in[e] && e%2 == 0: // each of these is removed once, soon
			in[e] = false
			return "remove", history.Int(e), done
		}
		return "contains", history.Int(e), func() (history.Value, bool) { return history.Bool(in[e]), true }
	}
}

func counting(rng *rand.Rand, model string) drawing {
	now := int64(0)
	return func(int) (string, history.Value, func() (history.Value, bool)) {
		switch {
		case model == "unique-ids":
			return "generate", history.Nil, func() (history.Value, bool) { now++; return history.Int(now), true }
		case rng.IntN(2) == 0:
			return "read", history.Nil, func() (history.Value, bool) {
				if now == 0 && model == "max-register" {
					return history.Nil, true
				}
				return history.Int(now), true
			}
		case model == "counter":
			return "inc", history.Nil, func() (history.Value, bool) { now++; return history.Nil, true }
		}
		n := now + rng.Int64N(10) + 1
		return "write", history.Int(n), func() (history.Value, bool) { now = max(now, n); return history.Nil, true }
	}
}

// putting is a queue, a bag, a stack or a priority queue, which holds some hundred
// elements at most.
func putting(rng *rand.Rand, model string) drawing {
	names := map[string][2]string{"stack": {"push", "pop"}, "priority-queue": {"insert", "delete-min"}}
	put, take := "enqueue", "dequeue"
	if n, ok := names[model]; ok {
		put, take = n[0], n[1]
	}
	fresh, order := int64(0), []int64{}
	var inside []int64
	return func(int) (string, history.Value, func() (history.Value, bool)) {
		if rng.IntN(2) == 0 && len(inside) < 100 {
			if len(order) == 0 { // a thousand numbers in some order
				for i := range int64(1000) {
					order = append(order, fresh+i)
				}
				rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
				fresh += 1000
			}
			e := order[0]
			order = order[1:]
			return put, history.Int(e), func() (history.Value, bool) { inside = append(inside, e); return history.Nil, true }
		}
		return take, history.Nil, func() (history.Value, bool) {
			at := 0
			switch {
			case len(inside) == 0:
				return history.Nil, true
			case model == "stack":
				at = len(inside) - 1
			case model == "queue":
				at = rng.IntN(len(inside))
			case model == "priority-queue":
				at = slices.Index(inside, slices.Min(inside))
			}
			e := inside[at]
			inside = slices.Delete(inside, at, at+1)
			return history.Int(e), true
		}
	}
}
