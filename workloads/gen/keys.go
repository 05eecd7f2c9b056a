package gen

import (
	"slices"

	"checker/history"
)

// Keys is a sequence of keys: the i-th from 0, and false after the last.
type Keys func(i int) (key history.Value, ok bool)

// IntKeys are the integers from 0 to n-1, or without end if n is below 0.
func IntKeys(n int) Keys {
	return func(i int) (history.Value, bool) { return history.Int(int64(i)), n < 0 || i < n }
}

// ListKeys are the keys given.
func ListKeys(keys ...history.Value) Keys {
	return func(i int) (history.Value, bool) {
		if i >= len(keys) {
			return history.Nil, false
		}
		return keys[i], true
	}
}

// SequentialKeys does everything that f has for the first key, then for the second,
// and so on: one key at a time, with all threads. The ops have the value [k v].
func SequentialKeys(keys Keys, f func(key history.Value) Generator) Generator {
	return &keyed{keys: keys, f: f, split: &split{cut: func(threads []Thread) []int {
		return make([]int, len(threads))
	}}}
}

// ConcurrentKeys works on several keys at a time: the clients are divided into
// groups of n threads, and each group does everything that f has for a key, then
// takes the next key that nobody has had. The ops have the value [k v]; inside f
// both ops and events have the value v alone.
//
// A group does not wait for its last ops before it takes the next key. Where the
// clients cannot be divided by n, some groups have more threads; where there are
// fewer than n, they are one group. The nemesis is in none.
func ConcurrentKeys(n int, keys Keys, f func(key history.Value) Generator) Generator {
	if n < 1 {
		panic(misuse("%d threads for each key: expected at least 1", n))
	}
	return &keyed{keys: keys, f: f, split: &split{cut: func(threads []Thread) []int {
		return groupsOf(n, threads)
	}}}
}

// groupsOf divides clients into as many groups as have n threads each.
func groupsOf(n int, threads []Thread) []int {
	of := make([]int, len(threads))
	clients := clientsIn(threads)
	groups := max(1, clients/n)
	for i := range of {
		if of[i] = -1; i < clients {
			of[i] = i * groups / clients
		}
	}
	return of
}

// keyed does what there is to do for each key, in groups of threads.
type keyed struct {
	split  *split
	keys   Keys
	f      func(history.Value) Generator
	taken  int // how many keys have been
	groups []*group
}

// group is the work on one key. It is immutable.
type group struct {
	key history.Value
	gen Generator // nil when it is exhausted, or before the first key
}

func (g *keyed) Next(ctx *Context) (Step, Generator) {
	outer := ctx.view
	draw := Rand(ctx.rand.Uint64())
	now := keying{keyed: g}
	if parts := g.split.within(ctx); len(g.groups) != len(parts) {
		now.change().groups = slices.Repeat([]*group{{}}, len(parts))
	}
	first := askParts(ctx, g.split, draw, true, func(i int) (Step, Generator) { return now.ask(ctx, i) })
	ctx.view = outer
	switch first.step.Kind {
	case Done:
		return Step{}, nil
	case Emit:
		now.set(first.index, first.rest)
		if first.step.Special == NotSpecial {
			op := &first.step.Op
			op.Value = history.Vector(now.groups[first.index].key, op.Value)
		}
	}
	return first.step, now.keyed
}

// keying is a keyed that is copied when the first thing in it changes.
type keying struct {
	*keyed
	own bool
}

func (k *keying) change() *keyed {
	if !k.own {
		then := *k.keyed
		then.groups = slices.Clone(then.groups)
		k.keyed, k.own = &then, true
	}
	return k.keyed
}

func (k *keying) set(i int, g Generator) {
	if !same(k.groups[i].gen, g) {
		k.change().groups[i] = &group{key: k.groups[i].key, gen: g}
	}
}

// ask asks a group, which takes the next key when it is done with its own. The key
// then is the group's even if its op is not chosen.
func (k *keying) ask(ctx *Context, i int) (Step, Generator) {
	for range futile {
		step, rest := next(k.groups[i].gen, ctx)
		switch step.Kind {
		case Emit:
			return step, rest
		case Pending:
			k.set(i, rest)
			return step, rest
		}
		key, ok := k.keys(k.taken)
		if !ok {
			k.set(i, nil)
			return Step{}, nil
		}
		then := k.change()
		then.groups[i] = &group{key: key, gen: k.f(key)}
		then.taken++
	}
	panic(misuse("%d keys in a row had no op", futile))
}

// Update tells the group of the event's thread, unless the event is about a key
// that the group is done with.
func (g *keyed) Update(ctx *Context, event history.Op) Generator {
	i := g.split.part(ctx, event.Process)
	if i < 0 || i >= len(g.groups) || g.groups[i].gen == nil {
		return g
	}
	if key, v, ok := event.Value.Pair(); ok {
		if !key.Equal(g.groups[i].key) {
			return g
		}
		event.Value = v
	}
	outer := ctx.narrow(g.split.within(ctx)[i])
	now := keying{keyed: g}
	now.set(i, g.groups[i].gen.Update(ctx, event))
	ctx.view = outer
	return now.keyed
}
