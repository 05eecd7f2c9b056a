package online_test

import (
	"math/rand/v2"
	"slices"

	"checker/history"
)

// world is an object that answers as it should, whatever it is.
type world struct {
	rng    *rand.Rand
	value  history.Value // of a register
	fresh  int64         // how many values were used
	holder history.Process
	number int64 // a token, a counter
	items  []int64
}

// request draws an op of a kind of object.
func (w *world) request(kind string) (f string, in history.Value) {
	unique := func() history.Value { w.fresh++; return history.Int(w.fresh) }
	roll := w.rng.IntN(6)
	switch kind {
	case "register":
		old := w.value
		if w.rng.IntN(4) == 0 && w.fresh > 0 {
			old = history.Int(1 + w.rng.Int64N(w.fresh))
		}
		switch {
		case roll < 2:
			return "read", history.Nil
		case roll < 4:
			return "write", unique()
		}
		return "cas", history.Vector(old, unique())
	case "lock", "fenced-lock", "mutex", "semaphore":
		return []string{"acquire", "release"}[roll%2], history.Nil
	case "fence":
		if roll < 3 || w.number == 0 {
			return "acquire", history.Nil
		}
		return "write", history.Vector(history.Int(max(1, w.number-w.rng.Int64N(2))), unique())
	case "queue", "fifo-queue":
		if roll < 3 {
			return "enqueue", unique()
		}
		return "dequeue", history.Nil
	case "set":
		if roll < 3 {
			return "add", unique()
		}
		return "read", history.Nil
	case "monotonic":
		return []string{"inc", "read"}[roll%2], history.Nil
	}
	return "generate", history.Nil
}

// apply executes an op. It is false where the op is refused.
func (w *world) apply(op history.Op) (history.Value, bool) {
	switch op.F {
	case "read":
		switch {
		case w.items != nil:
			return history.Ints(w.items...), true
		case w.number > 0:
			return history.Int(w.number), true
		}
		return w.value, true
	case "write":
		if token, _, guarded := op.Value.Pair(); guarded {
			n, _ := token.Int()
			return op.Value, n == w.number
		}
		w.value = op.Value
	case "cas":
		old, made, _ := op.Value.Pair()
		if !old.Equal(w.value) {
			return op.Value, false
		}
		w.value = made
	case "acquire":
		if w.holder >= 0 {
			return op.Value, false
		}
		w.holder = op.Process
		w.number++
		return history.Int(w.number), true
	case "release":
		if w.holder != op.Process {
			return op.Value, false
		}
		w.holder = -1
	case "enqueue", "add":
		n, _ := op.Value.Int()
		w.items = append(w.items, n)
	case "dequeue":
		if len(w.items) == 0 {
			return op.Value, false
		}
		n := w.items[0]
		w.items = w.items[1:]
		return history.Int(n), true
	case "inc", "generate":
		w.number++
		return history.Int(w.number), true
	}
	return op.Value, true
}

// pending is an op that is open.
type pending struct {
	op      history.Op
	applied bool
	out     history.Value
	ok      bool
}

// randomRows makes a small history of clients of one object: what a correct one might
// have answered, ops taking effect when they begin, when they end or never, and then,
// often, a few rows changed.
func randomRows(rng *rand.Rand, kind string, most int) []history.Op {
	const clients = 4
	w := &world{rng: rng, holder: -1}
	if kind == "set" {
		w.items = []int64{}
	}
	n := 3 + rng.IntN(most-2)
	var rows []history.Op
	var open [clients]*pending
	process := [clients]history.Process{0, 1, 2, 3}
	add := func(op history.Op) { op.Index = len(rows); rows = append(rows, op) }
	for begun := 0; begun < n || rng.IntN(8) > 0; {
		c := rng.IntN(clients)
		p := open[c]
		if p == nil {
			if begun == n {
				continue
			}
			begun++
			op := history.Op{Process: process[c], Type: history.Invoke}
			op.F, op.Value = w.request(kind)
			add(op)
			p = &pending{op: op}
			if p.applied = rng.IntN(3) == 0; p.applied {
				p.out, p.ok = w.apply(op)
			}
			open[c] = p
			continue
		}
		open[c] = nil
		if roll := rng.IntN(20); roll < 3 && !p.applied || roll == 4 {
			p.op.Type = history.Info
			if roll == 2 {
				w.apply(p.op)
			}
			process[c] += clients
			add(p.op)
			continue
		}
		if !p.applied {
			p.out, p.ok = w.apply(p.op)
		}
		p.op.Type, p.op.Value = history.Ok, p.out
		if !p.ok {
			p.op.Type = history.Fail
		}
		add(p.op)
	}
	if rng.IntN(2) == 0 && slices.Contains([]string{"lock", "fenced-lock", "mutex", "semaphore", "fence"}, kind) {
		takeOver(rng, rows)
	}
	for range rng.IntN(7) {
		mutate(rng, rows, max(w.fresh, w.number))
	}
	return rows
}

// takeOver lets what a lock refused have succeeded.
func takeOver(rng *rand.Rand, rows []history.Op) {
	for i := range rows {
		if rows[i].Type == history.Fail && rng.IntN(3) == 0 {
			rows[i].Type = history.Ok
			if rows[i].F == "acquire" {
				rows[i].Value = history.Int(rng.Int64N(6))
			}
		}
	}
}

// mutate changes what one op returned or how it ended. What it was asked stays.
func mutate(rng *rand.Rand, rows []history.Op, fresh int64) {
	op := &rows[rng.IntN(len(rows))]
	if op.Type == history.Invoke {
		return
	}
	returns := slices.Contains([]string{"read", "acquire", "dequeue", "inc", "generate"}, op.F)
	switch n, whole := op.Value.Int(); {
	case rng.IntN(3) == 0 && op.Type != history.Info:
		op.Type = []history.Type{history.Ok, history.Fail}[rng.IntN(2)]
		if op.Type == history.Ok && returns && op.Value.Kind() != history.KindVector {
			op.Value = history.Int(rng.Int64N(fresh + 2))
		}
	case op.Value.Kind() == history.KindVector && op.F == "read" && len(op.Value.Elems()) > 0:
		elems := slices.Clone(op.Value.Elems())
		i := rng.IntN(len(elems))
		if rng.IntN(2) == 0 {
			elems = slices.Delete(elems, i, i+1)
		} else {
			elems[i] = history.Int(rng.Int64N(fresh + 2))
		}
		op.Value = history.Vector(elems...)
	case whole && returns:
		op.Value = history.Int(max(0, n-1+rng.Int64N(3)))
	}
}
