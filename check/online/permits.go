package online

import (
	"cmp"
	"fmt"
	"slices"
	"sort"

	"checker/history"
)

// Mutex returns a stream that judges whether locks that anybody releases are
// linearizable, for histories of acquire and release.
func Mutex(keyed bool) *Stream { return newPermits("mutex", 1, keyed) }

// Semaphore is Mutex for so many permits at a time.
func Semaphore(permits int, keyed bool) *Stream { return newPermits("semaphore", permits, keyed) }

func newPermits(name string, n int, keyed bool) *Stream {
	return newStream(name, keyed, func(f *frame) object { return &permits{frame: f, all: n, free: n} })
}

// permits is one of them.
//
// Acquires are alike but for when they are open, and so are releases, so nothing is
// lost by letting each happen as late as can be, when it completes. Where one finds
// no permit then (or none taken), an open op of the other kind must have happened
// before it, and best is the one that will complete first. Which that is shows when
// one does that was open by then: it was the one for the first such need.
type permits struct {
	*frame
	all, free          int
	acquires, releases kind
}

// kind is the ops of one function that are open or crashed, in the order of their
// invocations, and when some of them, not known which, happened: each of these needs
// one that was open by then, and there always is one for each.
type kind struct {
	calls []*call
	needs []int64
	last  *call // the last one that completed and was no such
}

func (p *permits) begun(c *call) {
	switch c.f {
	case "acquire":
		p.acquires.calls = append(p.acquires.calls, c)
	case "release":
		p.releases.calls = append(p.releases.calls, c)
	default:
		p.giveUp("op %d: a %s knows acquire and release, not %q", c.index, p.stream.name, c.f)
	}
}

func (p *permits) ended(c *call, t history.Type, _ history.Value) (string, []*call) {
	same, other, step, none := &p.acquires, &p.releases, -1, p.free == 0
	if c.f == "release" {
		same, other, step, none = other, same, 1, p.free == p.all
	}
	defer func() {
		same.settle(p.oldest())
		other.settle(p.oldest())
	}()
	if t == history.Info {
		return "", nil
	}
	same.remove(c)
	switch {
	case t == history.Fail && same.short():
		return fmt.Sprintf("the %s failed, and without it what others did was impossible", c.f), nil
	case t == history.Fail || same.serve(c):
	case !none:
		p.free += step
		same.last = c
	default:
		other.needs = append(other.needs, p.now())
		if other.short() {
			return p.refuse(c)
		}
		same.last = c
	}
	return "", nil
}

// refuse says why an op cannot have happened.
func (p *permits) refuse(c *call) (string, []*call) {
	if c.f == "release" {
		return "a release was ok when nobody can have held the lock", nil
	}
	return "an acquire was ok when nobody can have released the lock", []*call{p.acquires.last}
}

func (k *kind) remove(c *call) {
	if i, found := slices.BinarySearchFunc(k.calls, c, func(a, b *call) int { return cmp.Compare(a.inv, b.inv) }); found {
		k.calls = slices.Delete(k.calls, i, i+1)
	}
}

// serve reports whether an op that completes is one that had to happen before.
func (k *kind) serve(c *call) bool {
	i := sort.Search(len(k.needs), func(i int) bool { return k.needs[i] > c.inv })
	if i == len(k.needs) {
		return false
	}
	k.needs = slices.Delete(k.needs, i, i+1)
	return true
}

// short reports whether there are too few ops for the needs: up to one of them fewer
// were invoked than there are needs (Hall).
func (k *kind) short() bool {
	for i, need := range k.needs {
		if i >= len(k.calls) || k.calls[i].inv > need {
			return true
		}
	}
	return false
}

// settle forgets needs that no open op can serve any more, and a crashed op for each.
func (k *kind) settle(oldest int64) {
	n := 0
	for n < len(k.needs) && k.needs[n] < oldest {
		n++
	}
	if n > 0 && !k.short() {
		k.needs, k.calls = slices.Delete(k.needs, 0, n), slices.Delete(k.calls, 0, n)
	}
}
