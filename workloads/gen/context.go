package gen

import (
	"iter"

	"checker/history"
)

// Context is what a generator may know: the time, which threads there are for it,
// which of them are free, and which process each executes.
//
// A generator hands the context on to those inside it, narrowed to some of the
// threads where it places ops. It must not keep the context.
//
// The context also holds the randomness of everything that depends on who happens
// to be free: which thread gets an op, and which of two generators goes first.
// It changes with each invocation. What an op is, on the other hand, is drawn from
// a [Rand] inside the generator, so that it does not depend on the timing of a run.
type Context struct {
	Now   int64 // ns since the start of the run
	table *table
	view
}

// view is the part of a context that a generator changes for those inside it, and
// puts back after.
type view struct {
	members *set
	rand    Rand
}

// NewContext returns the context of a run that begins: time 0, with so many
// clients and a nemesis, all free, each thread executing the process of its own
// number.
func NewContext(clients int, seed uint64) *Context {
	t := newTable(clients)
	return &Context{table: t, view: view{members: t.every, rand: NewRand(seed, "context")}}
}

// Clients returns how many clients the run has, whether or not they are for this
// generator. So much higher is the number of the process after one that crashes.
func (c *Context) Clients() int { return c.table.clients }

// Len returns how many threads are for this generator, busy or free.
func (c *Context) Len() int { return c.members.size }

// FreeLen returns how many threads are free.
func (c *Context) FreeLen() int { return c.members.count(c.table.free) }

// AnyFree reports whether a thread is free.
func (c *Context) AnyFree() bool { return c.members.meets(c.table.free) }

// AllFree reports whether every thread is free.
func (c *Context) AllFree() bool { return c.FreeLen() == c.Len() }

// Threads yields the threads for this generator, the nemesis last.
func (c *Context) Threads() iter.Seq[Thread] {
	return func(yield func(Thread) bool) {
		for bit := range c.members.all() {
			if !yield(c.table.thread(bit)) {
				return
			}
		}
	}
}

// Has reports whether a thread is for this generator.
func (c *Context) Has(t Thread) bool {
	return t >= NemesisThread && int(t) < c.table.clients && c.members.has(c.table.bit(t))
}

// Free reports whether a thread is for this generator and free.
func (c *Context) Free(t Thread) bool {
	if !c.Has(t) {
		return false
	}
	bit := c.table.bit(t)
	return c.table.free[bit/64]&(1<<(bit%64)) != 0
}

// Process returns the process that a thread executes.
func (c *Context) Process(t Thread) history.Process { return c.table.process[c.table.bit(t)] }

// Thread returns the thread that executes a process, or did until it crashed; ok
// is false for a process that no thread of the run can have executed.
func (c *Context) Thread(p history.Process) (t Thread, ok bool) { return c.table.threadOf(p) }

// Pick returns one of the free threads, each as likely as the others; ok is false
// when none is free.
func (c *Context) Pick() (t Thread, ok bool) {
	n := c.FreeLen()
	if n == 0 {
		return 0, false
	}
	r := c.rand
	return c.table.thread(c.members.nth(r.IntN(n), c.table.free)), true
}

// Fill returns the step that emits an op now on one of the free threads, or that
// waits for one.
func (c *Context) Fill(op history.Op) Step {
	t, ok := c.Pick()
	if !ok {
		return untilEvent
	}
	return c.fillFor(t, op, c.Now)
}

// fillFor returns the step that emits an op on a thread at a time, or now if that
// is over.
func (c *Context) fillFor(t Thread, op history.Op, at int64) Step {
	op.Process, op.Type = c.Process(t), history.Invoke
	if t == NemesisThread {
		op.Type = history.Info
	}
	return Step{Kind: Emit, At: max(at, c.Now), Op: op}
}

// FreeProcess reports whether p is what a free thread executes, so that an op of
// it may be emitted.
func (c *Context) FreeProcess(p history.Process) bool {
	t, ok := c.Thread(p)
	return ok && c.Free(t) && c.Process(t) == p
}

// Busy, for drivers, marks a thread as busy: it has been given an op.
func (c *Context) Busy(t Thread) {
	bit := c.table.bit(t)
	c.table.free[bit/64] &^= 1 << (bit % 64)
	c.rand.Uint64()
}

// Release, for drivers, marks a thread as free: its op has completed.
func (c *Context) Release(t Thread) {
	bit := c.table.bit(t)
	c.table.free[bit/64] |= 1 << (bit % 64)
}

// Renew, for drivers, gives a client whose process has crashed its next one. It
// comes after the generator was told of the crash.
func (c *Context) Renew(t Thread) {
	c.table.process[c.table.bit(t)] += history.Process(c.table.clients)
}

// narrow leaves only some of the threads in the context, and returns the view to
// be put back.
func (c *Context) narrow(s *set) (outer view) {
	outer = c.view
	c.members = s
	return outer
}
