package linear

import (
	"context"

	"checker/models"
)

// permits decides semaphores, and the mutex that anybody may release as one of a
// single permit. It always applies.
//
// Acquires differ only in when they were open, and so do releases. Hence nothing
// is lost by putting each op in order as late as can be, at its completion; and
// where a completing one finds no permit (or none taken), by putting an open op of
// the other kind before it: the one that would complete first. Whatever another
// order did earlier than that, this one can still do.
type permits struct {
	*view
	time timeline
	open [2]queue // by function: ops that are not in order yet
	used []bool   // by op
}

// mostPermits is how many permits are too many; see models.Semaphore.
const mostPermits = 1 << 20

func (s *permits) decide(ctx context.Context, obj object) (answer, *proof, object) {
	all, ok := 1, true
	if s.model.Type == models.TypeSemaphore {
		var n int64
		n, ok = s.model.Initial.Int()
		all = int(n)
	}
	if !ok || all < 1 || all >= mostPermits || ctx.Err() != nil {
		return undecided, nil, obj
	}
	s.time.start(s.view, obj.rows)
	s.used = append(s.used[:0], make([]bool, len(obj.rows))...)
	s.open[0].reset()
	s.open[1].reset()
	free := [2]int{models.LockAcquire: all} // by function: how many could happen now in a row
	for _, event := range s.time.order[1:] {
		op := event >> 1
		f := s.function(int(obj.rows[op]))
		switch {
		case event&1 == 0:
			s.open[f].add(s.time.spans[op].res, op)
			continue
		case s.used[op]:
			continue
		case free[f] == 0:
			other, ok := s.unused(1 - f)
			if !ok {
				return illegal, &proof{culprit: obj.rows[op]}, obj
			}
			s.used[other] = true
			free[f], free[1-f] = free[f]+1, free[1-f]-1
		}
		s.used[op] = true
		free[f], free[1-f] = free[f]-1, free[1-f]+1
	}
	return legal, nil, obj
}

// unused takes the op of a function that completes first of those that are open
// and not in order yet.
func (s *permits) unused(f int) (op int32, ok bool) {
	for {
		op, ok = s.open[f].pop()
		if !ok || !s.used[op] {
			return op, ok
		}
	}
}

// queue gives ops back in the order in which they complete.
type queue struct {
	ops []due // a binary heap
}

type due struct{ res, op int32 }

func (q *queue) reset() { q.ops = q.ops[:0] }

func (q *queue) add(res, op int32) {
	at := len(q.ops)
	q.ops = append(q.ops, due{res, op})
	for up := (at - 1) / 2; at > 0 && q.ops[up].res > res; at, up = up, (up-1)/2 {
		q.ops[at], q.ops[up] = q.ops[up], q.ops[at]
	}
}

func (q *queue) pop() (op int32, ok bool) {
	if len(q.ops) == 0 {
		return 0, false
	}
	op = q.ops[0].op
	last := len(q.ops) - 1
	q.ops[0] = q.ops[last]
	q.ops = q.ops[:last]
	for at := 0; ; {
		least := 2*at + 1
		if least+1 < last && q.ops[least+1].res < q.ops[least].res {
			least++
		}
		if least >= last || q.ops[least].res >= q.ops[at].res {
			return op, true
		}
		q.ops[at], q.ops[least] = q.ops[least], q.ops[at]
		at = least
	}
}
