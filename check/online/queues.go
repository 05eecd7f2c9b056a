package online

import (
	"cmp"
	"fmt"
	"slices"

	"checker/history"
)

// Messages returns a stream that judges queues by what comes out, in any order, for
// histories of enqueue, each message once, dequeue and drain. It is the queue of
// check/queues: that nothing is lost is judged at the end.
func Messages(keyed bool) *Stream {
	return newStream("queue", keyed, func(f *frame) object { return &queue{frame: f} })
}

// FIFO returns a stream that judges whether FIFO queues are linearizable, for histories
// of enqueue, each element once, and dequeue. One that is ok with nil, since the queue
// was empty, is not streamable.
func FIFO(keyed bool) *Stream {
	return newStream("fifo-queue", keyed, func(f *frame) object { return &queue{frame: f, fifo: true} })
}

// queue is one of them.
//
// The elements of a FIFO queue come out in the order in which they went in. So when one
// has come out, those that surely went in before it, and have not come out, are
// overdue: dequeues that are open or crashed must have taken them by then, each one
// that was invoked before.
type queue struct {
	*frame
	fifo    bool
	items   table[*item]
	in      []*item // that are surely in and not overdue, by when their enqueue completed; also some that came out since
	overdue []*item // by when they had to be out
	takers  []*call // dequeues that are open or crashed, in the order of their invocations
}

// item is an element that was put in.
type item struct {
	enqueue *call
	value   history.Value
	done    int64 // when the enqueue completed; never before
	due     int64 // when it had to be out; never if it need not yet
	taken   *call
}

func (q *queue) begun(c *call) {
	switch c.f {
	case "enqueue":
		if _, twice := q.items.get(c.in); twice {
			q.giveUp("op %d: %s is put in again while it may be there from before", c.index, c.in)
			return
		}
		q.items.put(c.in, &item{enqueue: c, value: c.in, done: never, due: never})
	case "dequeue":
		if q.fifo {
			q.takers = append(q.takers, c)
		}
	case "drain":
		if q.fifo {
			q.giveUp("op %d: a drain takes out many at a time", c.index)
		}
	default:
		q.giveUp("op %d: a queue knows enqueue and dequeue, not %q", c.index, c.f)
	}
}

func (q *queue) ended(c *call, t history.Type, out history.Value) (string, []*call) {
	switch {
	case c.f == "enqueue":
		return q.put(c, t)
	case t == history.Info:
		return "", nil
	case t == history.Fail:
		return q.withdraw(c)
	case c.f == "drain":
		return q.drain(c, out)
	case out.IsNil() && q.fifo:
		q.giveUp("op %d: a dequeue found the queue empty", c.index)
		return "", nil
	case out.IsNil():
		return "", nil
	}
	return q.take(c, out)
}

// put ends an enqueue.
func (q *queue) put(c *call, t history.Type) (string, []*call) {
	it, _ := q.items.get(c.in)
	switch {
	case t == history.Fail && it.taken != nil:
		return fmt.Sprintf("the enqueue of %s failed, and it came out", it.value), []*call{it.taken}
	case t == history.Fail, it.taken != nil:
		q.items.remove(c.in)
	case t == history.Ok && q.fifo:
		it.done = q.now()
		q.in = append(q.in, it)
	}
	return "", nil
}

// take ends a dequeue that returned an element.
func (q *queue) take(c *call, v history.Value) (string, []*call) {
	it, there := q.items.get(v)
	switch {
	case !there:
		return fmt.Sprintf("%s came out, which is not there: nobody put it in, or it came out before", v), nil
	case it.taken != nil:
		return fmt.Sprintf("%s came out twice", v), []*call{it.taken}
	case it.due < c.inv:
		return fmt.Sprintf("%s came out after an element that went in later, and had come out before the dequeue was invoked", v), []*call{it.enqueue}
	}
	it.taken = c
	if it.enqueue.over {
		q.items.remove(v)
	}
	if !q.fifo {
		return "", nil
	}
	if it.due < never {
		q.overdue = slices.DeleteFunc(q.overdue, func(o *item) bool { return o == it })
	}
	n := 0
	for ; n < len(q.in) && q.in[n].done < it.enqueue.inv; n++ {
		if o := q.in[n]; o.taken == nil {
			o.due = q.now()
			q.overdue = append(q.overdue, o)
		}
	}
	for n < len(q.in) && q.in[n].taken != nil {
		n++
	}
	q.in = q.in[n:]
	return q.withdraw(c)
}

// withdraw takes a dequeue out of those that may have taken something that nobody saw
// come out, and looks whether the others are enough.
func (q *queue) withdraw(c *call) (string, []*call) {
	if i, found := slices.BinarySearchFunc(q.takers, c, func(a, b *call) int { return cmp.Compare(a.inv, b.inv) }); found {
		q.takers = slices.Delete(q.takers, i, i+1)
	}
	able := 0
	for i, it := range q.overdue {
		for able < len(q.takers) && q.takers[able].inv < it.due {
			able++
		}
		if able <= i {
			return fmt.Sprintf("%s has not come out, though an element that went in later has, and no open dequeue can have taken it", it.value), []*call{it.enqueue}
		}
	}
	return "", nil
}

func (q *queue) drain(c *call, out history.Value) (string, []*call) {
	switch out.Kind() {
	case history.KindVector, history.KindList, history.KindSet, history.KindNil:
	default:
		q.giveUp("op %d: a drain of %s is not a collection of messages", c.index, out)
		return "", nil
	}
	for _, v := range out.Elems() {
		if text, ops := q.take(c, v); text != "" {
			return text, ops
		}
	}
	return "", nil
}
