package gen

import (
	"cmp"
	"slices"

	"checker/history"
)

// Entry is an op with the time at which a thread is to invoke it.
type Entry struct {
	Time   int64 // ns since the start of the run
	Thread Thread
	Op     history.Op // its F, Value and Extra
}

// Scheduled emits the ops of a list. Each is invoked by its thread at its time, or
// as soon after as the thread is free; the ops of a thread keep their order, by
// time and else that of the list. Of ops of several threads that are due, the one
// whose time comes first goes first.
//
// An entry for a thread that the run does not have is a [*Misuse]. Inside [Clients]
// and the like, entries of other threads are left out.
func Scheduled(entries []Entry) Generator {
	if len(entries) == 0 {
		return nil
	}
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Time, b.Time) })
	g := &scheduled{}
	queue := map[Thread]int{}
	for i, e := range entries {
		q, seen := queue[e.Thread]
		if !seen {
			q = len(g.queues)
			queue[e.Thread] = q
			g.queues = append(g.queues, nil)
			g.threads = append(g.threads, e.Thread)
		}
		g.queues[q] = append(g.queues[q], turn{entry: e, number: i})
	}
	return g
}

// turn is an entry with its place in the order of time.
type turn struct {
	entry  Entry
	number int
}

type scheduled struct {
	threads []Thread
	queues  [][]turn // of each thread
}

func (g *scheduled) Next(ctx *Context) (Step, Generator) {
	first, waiting := -1, false
	for q, turns := range g.queues {
		t := g.threads[q]
		if t < NemesisThread || int(t) >= ctx.Clients() {
			panic(misuse("an entry is for thread %d where there are %d clients", t, ctx.Clients()))
		}
		if len(turns) == 0 || !ctx.Has(t) {
			continue
		}
		waiting = true
		if ctx.Free(t) && (first < 0 || turns[0].number < g.queues[first][0].number) {
			first = q
		}
	}
	switch {
	case !waiting:
		return Step{}, nil
	case first < 0:
		return untilEvent, g
	}
	e := g.queues[first][0].entry
	if e.Time > ctx.Now {
		return Step{Kind: Pending, At: e.Time}, g
	}
	queues := slices.Clone(g.queues)
	queues[first] = queues[first][1:]
	return ctx.fillFor(e.Thread, e.Op, e.Time), &scheduled{threads: g.threads, queues: queues}
}

func (g *scheduled) Update(*Context, history.Op) Generator { return g }

// Recorded returns the invocations of a history as entries to be [Scheduled]: when
// a run is played again with them, it makes the same invocations, as long as every
// op takes no longer than it did.
func Recorded(ops []history.Op, clients int) []Entry {
	t := newTable(clients)
	var entries []Entry
	for _, op := range Invocations(ops) {
		if thread, ok := t.threadOf(op.Process); ok {
			entries = append(entries, Entry{Time: op.Time, Thread: thread, Op: history.Op{F: op.F, Value: op.Value, Extra: op.Extra}})
		}
	}
	return entries
}
