package linear

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"checker/history"
	"checker/models"
)

// holds decides locks that only their holder releases: plain, reentrant, fenced.
//
// A process's ops are one after another, so they pair up into holds: from the
// completion of the first acquire to the invocation of the last release the
// process surely held the lock. Legal is what has no two such stretches that
// overlap; for a fenced lock, whose tokens tell the order of holds, what has none
// that begins surely before one of a lesser token ended. A hold that was not
// released ends never. An acquire that crashed is left out, since its process is
// gone: without it the lock is free. A release that crashed may still happen.
//
// It applies while no process goes on after an op of it that crashed.
type holds struct {
	*view
	time timeline
	rows []int32
	open map[history.Process]*tenant
	all  []hold
}

// tenant is a process with what it did last.
type tenant struct {
	hold
	depth int
	gone  bool // it crashed
}

// hold is one time that a process had the lock.
type hold struct {
	from, to         int32 // ticks between which it surely held it
	acquire, release int32 // ops; release may be nobody
	token            int64
}

func (l *holds) decide(ctx context.Context, obj object) (answer, *proof, object) {
	if ctx.Err() != nil {
		return undecided, nil, obj
	}
	l.rows = obj.rows
	l.time.start(l.view, obj.rows)
	l.all = l.all[:0]
	l.open = map[history.Process]*tenant{}
	for i, row := range obj.rows {
		t := l.open[l.h.Process(int(row))]
		if t == nil {
			t = &tenant{}
			l.open[l.h.Process(int(row))] = t
		}
		if t.gone {
			return undecided, nil, obj
		}
		if p, applies := l.note(t, int32(i)); !applies {
			return undecided, nil, obj
		} else if p != nil {
			return illegal, p, obj
		}
	}
	for _, t := range l.open {
		if t.depth > 0 {
			t.to, t.release = l.time.end, nobody
			l.all = append(l.all, t.hold)
		}
	}
	if p := l.order(); p != nil {
		return illegal, p, obj
	}
	return legal, nil, obj
}

// note takes in the next op of a process.
func (l *holds) note(t *tenant, op int32) (bad *proof, applies bool) {
	row := l.rows[op]
	t.gone = l.time.crashed(op)
	switch acquire := l.function(int(row)) == models.LockAcquire; {
	case acquire && t.gone, !acquire && t.gone && t.depth == 0:
	case acquire && t.depth == 0:
		t.hold = hold{from: l.time.spans[op].res, acquire: op, release: nobody}
		t.depth = 1
		if l.model.Type == models.TypeFencedLock {
			_, res := l.outcome(int(row))
			var known bool
			if t.token, known = l.h.Heap.Int(l.out(res)); !known || t.token <= leastToken {
				return nil, false
			}
		}
	case acquire && l.model.Type == models.TypeReentrantMutex:
		t.depth++
	case acquire:
		return because([]int32{l.rows[t.acquire], row}, "%s came while the same process held the lock, by %s.", l.say(row), l.say(l.rows[t.acquire])), true
	case t.depth == 0:
		return because([]int32{row}, "%s came while its process did not hold the lock.", l.say(row)), true
	case t.depth > 1 && t.gone: // at best it holds the lock once less
	case t.depth > 1:
		t.depth--
	default:
		t.depth, t.to, t.release = 0, l.time.spans[op].inv, op
		l.all = append(l.all, t.hold)
	}
	return nil, true
}

// leastToken is less than every token; see models.FencedLock.
const leastToken = -1 << 62

// order finds two holds that overlap, or whose tokens contradict their order.
func (l *holds) order() *proof {
	if l.model.Type == models.TypeFencedLock {
		slices.SortFunc(l.all, func(a, b hold) int { return cmp.Or(cmp.Compare(a.token, b.token), cmp.Compare(a.from, b.from)) })
	} else {
		slices.SortFunc(l.all, func(a, b hold) int { return cmp.Compare(a.from, b.from) })
	}
	last := 0 // of the holds so far, the one that surely went on longest
	for i := 1; i < len(l.all); i++ {
		a, b := l.all[last], l.all[i]
		switch {
		case l.model.Type == models.TypeFencedLock && l.all[i-1].token == b.token:
			return l.contradict(l.all[i-1], b, "got the same token")
		case b.from < a.to && a.from < b.to:
			return l.contradict(a, b, "held the lock at the same time")
		case b.from < a.to:
			return l.contradict(a, b, "held the lock in the order opposite to that of their tokens")
		case b.to > a.to:
			last = i
		}
	}
	return nil
}

func (l *holds) contradict(a, b hold, what string) *proof {
	var rows []int32
	for _, op := range []int32{a.acquire, a.release, b.acquire, b.release} {
		if op != nobody {
			rows = append(rows, l.rows[op])
		}
	}
	p := because(rows, "The processes of %s and %s %s:\n  %s;\n  %s.", l.say(l.rows[a.acquire]), l.say(l.rows[b.acquire]), what, l.sayHold(a), l.sayHold(b))
	if l.model.Type == models.TypeReentrantMutex {
		p.context = l.within(a, b)
	}
	return p
}

// within returns the ops of the processes of holds, as far as they are part of
// these: the acquires and releases in between.
func (l *holds) within(some ...hold) []int32 {
	var rows []int32
	for _, s := range some {
		for op := s.acquire; int(op) < len(l.rows) && (s.release == nobody || op <= s.release); op++ {
			if l.h.Process(int(l.rows[op])) == l.h.Process(int(l.rows[s.acquire])) {
				rows = append(rows, l.rows[op])
			}
		}
	}
	return rows
}

func (l *holds) sayHold(s hold) string {
	text := fmt.Sprintf("%s completed", l.say(l.rows[s.acquire]))
	if s.release == nobody {
		return text + " and no release gave the lock up"
	}
	return text + fmt.Sprintf(" before %s was invoked", l.say(l.rows[s.release]))
}
