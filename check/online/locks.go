package online

import (
	"fmt"

	"checker/history"
)

// Lock returns a stream that judges whether locks that only their holders release are
// linearizable, for histories of acquire and release. With tokens, each number that
// an acquire returns must be larger than all before.
func Lock(tokens, keyed bool) *Stream {
	return newStream("lock", keyed, func(f *frame) object {
		return &lock{frame: f, tokens: tokens, tenures: map[history.Process]*tenure{}, crashed: map[history.Process]bool{}}
	})
}

// lock is one of them. A process surely holds it from the completion of its acquire
// to the invocation of its release, so that grants follow each other in the order of
// their completions.
type lock struct {
	*frame
	tokens  bool
	holder  *tenure // that surely holds the lock now
	tenures map[history.Process]*tenure
	crashed map[history.Process]bool // in an acquire, which they may have got
	grants  int
	token   int64 // of the last grant that had one
	granted *call // that one
}

// tenure is the time for which a process has the lock.
type tenure struct {
	number  int // of the grant, from 1
	acquire *call
}

func (l *lock) begun(c *call) {
	switch {
	case l.crashed[c.process]:
		l.giveUp("op %d: process %d goes on after an acquire that crashed", c.index, c.process)
	case c.f == "release":
		if c.tenure = l.tenures[c.process]; c.tenure != nil && l.holder == c.tenure {
			l.holder = nil
		}
	case c.f != "acquire":
		l.giveUp("op %d: a lock knows acquire and release, not %q", c.index, c.f)
	}
}

func (l *lock) ended(c *call, t history.Type, out history.Value) (string, []*call) {
	if c.f == "acquire" {
		switch t {
		case history.Ok:
			return l.grant(c, out)
		case history.Info:
			l.crashed[c.process] = true
		}
		return "", nil
	}
	switch {
	case t == history.Ok && c.tenure == nil:
		return fmt.Sprintf("process %d released the lock without holding it", c.process), nil
	case t == history.Fail && c.tenure != nil && c.tenure.number < l.grants:
		return fmt.Sprintf("process %d failed to release the lock and so still holds it, and it was granted again", c.process), []*call{c.tenure.acquire}
	case t == history.Fail && c.tenure != nil:
		l.holder = c.tenure
	case t != history.Fail:
		delete(l.tenures, c.process)
	}
	return "", nil
}

// grant gives the lock to the process of an acquire.
func (l *lock) grant(c *call, out history.Value) (string, []*call) {
	if l.holder != nil {
		return fmt.Sprintf("the lock was granted to process %d while process %d surely held it", c.process, l.holder.acquire.process), []*call{l.holder.acquire}
	}
	l.grants++
	l.holder = &tenure{number: l.grants, acquire: c}
	l.tenures[c.process] = l.holder
	token, ok := out.Int()
	if !l.tokens || !ok {
		return "", nil
	}
	if before := l.granted; before != nil && token <= l.token {
		return fmt.Sprintf("token %d was granted after token %d", token, l.token), []*call{before}
	}
	l.token, l.granted = token, c
	return "", nil
}

// Fence returns a stream that judges locks that may be taken from a slow holder: no
// token is granted twice, a later grant has a larger one, and what the lock guards
// takes no write [token value] after one with a larger token. It is the fenced-lock
// of check/locks.
func Fence(keyed bool) *Stream {
	return newStream("fenced-lock", keyed, func(f *frame) object {
		return &fence{frame: f, grants: peak{frame: f, once: true}, writes: peak{frame: f}}
	})
}

type fence struct {
	*frame
	grants, writes peak
}

func (l *fence) begun(c *call) {
	if c.f != "acquire" && c.f != "write" && c.f != "release" {
		l.giveUp("op %d: a fenced lock knows acquire, write and release, not %q", c.index, c.f)
	}
}

func (l *fence) ended(c *call, t history.Type, out history.Value) (string, []*call) {
	if t != history.Ok || c.f == "release" {
		return "", nil
	}
	value, seen := out, &l.grants
	if c.f == "write" {
		seen = &l.writes
		value, _, _ = c.in.Pair()
	}
	token, ok := value.Int()
	if !ok {
		l.giveUp("op %d: %s is not a token", c.index, value)
		return "", nil
	}
	before := seen.add(c, token, c.f == "acquire")
	if before == nil {
		return "", nil
	}
	return fmt.Sprintf("%s with token %d came after one with token %d", c.f, token, before.n), []*call{before.call}
}

// peak knows the largest number that an op had seen by any row since the oldest open
// op was invoked.
type peak struct {
	*frame
	once  bool    // the numbers of ops that are strict are all different
	tops  []sight // ever larger numbers
	since []sight // all that are strict, with once
}

// sight is a number that an op saw, and when it completed.
type sight struct {
	n    int64
	row  int64
	call *call
}

// add takes the number that an op saw which completes now. It returns one that was
// seen before and that contradicts it: a larger one, or an equal one if the op is
// strict.
func (p *peak) add(c *call, n int64, strict bool) *sight {
	var top *sight
	for i := len(p.tops) - 1; i >= 0; i-- {
		if p.tops[i].row < c.inv {
			top = &p.tops[i]
			break
		}
	}
	if top != nil && (n < top.n || n == top.n && strict) {
		return top
	}
	now := sight{n, p.now(), c}
	if strict && p.once {
		for i := range p.since {
			if p.since[i].n == n {
				return &p.since[i]
			}
		}
		p.since = append(p.since, now)
	}
	if len(p.tops) == 0 || n > p.tops[len(p.tops)-1].n {
		p.tops = append(p.tops, now)
	}
	oldest := p.oldest()
	for len(p.tops) > 1 && p.tops[1].row < oldest {
		p.tops = p.tops[1:]
	}
	for len(p.since) > 0 && p.since[0].row < oldest {
		p.since = p.since[1:]
	}
	return nil
}

// Monotonic returns a stream that judges numbers that only grow, for histories of inc
// and read, both of which return the number. It is the monotonic of check/monotonic,
// in real time.
func Monotonic(keyed bool) *Stream {
	return newStream("monotonic", keyed, func(f *frame) object {
		return &number{frame: f, seen: peak{frame: f, once: true}}
	})
}

type number struct {
	*frame
	seen peak
}

func (n *number) begun(c *call) {
	if c.f != "inc" && c.f != "read" {
		n.giveUp("op %d: a number that only grows knows inc and read, not %q", c.index, c.f)
	}
}

func (n *number) ended(c *call, t history.Type, out history.Value) (string, []*call) {
	if t != history.Ok || out.IsNil() {
		return "", nil
	}
	value, ok := out.Int()
	if !ok {
		n.giveUp("op %d: %s is not a whole number", c.index, out)
		return "", nil
	}
	before := n.seen.add(c, value, c.f == "inc")
	if before == nil {
		return "", nil
	}
	return fmt.Sprintf("%s → %d, after another op had seen %d", c.f, value, before.n), []*call{before.call}
}
