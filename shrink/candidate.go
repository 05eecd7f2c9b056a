package shrink

import (
	"fmt"
	"slices"
	"time"

	"checker/check/recovery"
	"checker/history"
	"checker/nemesis"
	"checker/rundir"
)

// candidate is a schedule with what it is run on.
type candidate struct {
	entries []rundir.Entry
	nodes   int
	clients int
	seed    uint64
}

// Size says how large a run is.
type Size struct {
	Ops     int           // of clients
	Faults  int           // begun or ended
	Clients int           // that have an op
	Nodes   int           // there are
	Keys    int           // that ops are on, where they have keys
	Time    time.Duration // from the start to the last entry
}

func (s Size) String() string {
	return fmt.Sprintf("%d ops, %d fault events, %d clients, %d nodes, %d keys, %.3f s", s.Ops, s.Faults, s.Clients, s.Nodes, s.Keys, s.Time.Seconds())
}

func (c candidate) size() Size {
	s := Size{Nodes: c.nodes}
	clients, keys := map[int]bool{}, map[string]bool{}
	for _, e := range c.entries {
		s.Time = max(s.Time, time.Duration(e.At))
		switch {
		case e.Thread >= 0:
			s.Ops++
			clients[e.Thread] = true
			if key, ok := keyOf(e); ok {
				keys[key] = true
			}
		case isFault(e):
			s.Faults++
		}
	}
	s.Clients, s.Keys = len(clients), len(keys)
	return s
}

func isFault(e rundir.Entry) bool { return e.Thread < 0 && nemesis.Verb(e.F).Family() != "" }

// keyOf is the key of an op whose value is [key value].
func keyOf(e rundir.Entry) (string, bool) {
	if e.Thread < 0 {
		return "", false
	}
	key, _, ok := e.Value.Pair()
	if !ok || key.Kind() == history.KindVector || key.Kind() == history.KindList {
		return "", false
	}
	return key.String(), true
}

// with returns the candidate with other entries.
func (c candidate) with(entries []rundir.Entry) candidate {
	c.entries = entries
	return c
}

// keeping returns the candidate with the entries that are to be kept.
func (c candidate) keeping(keep func(i int, e rundir.Entry) bool) candidate {
	var kept []rundir.Entry
	for i, e := range c.entries {
		if keep(i, e) {
			kept = append(kept, e)
		}
	}
	return c.with(kept)
}

// recovers reports whether every fault that begins is ended, and the phase of
// recovery comes behind.
func (c candidate) recovers() bool {
	open := map[string]bool{}
	marked := false
	for _, e := range c.entries {
		verb := nemesis.Verb(e.F)
		switch {
		case e.Thread >= 0:
		case isFault(e):
			open[verb.Family()] = !verb.Ends()
			marked = false
		case e.F == recovery.PhaseF:
			marked = true
		}
	}
	for _, is := range open {
		if is {
			return false
		}
	}
	return marked
}

// renumbered numbers the clients from 0 on without gaps.
func (c candidate) renumbered() candidate {
	var threads []int
	for _, e := range c.entries {
		if e.Thread >= 0 && !slices.Contains(threads, e.Thread) {
			threads = append(threads, e.Thread)
		}
	}
	slices.Sort(threads)
	entries := slices.Clone(c.entries)
	for i, e := range entries {
		if e.Thread >= 0 {
			entries[i].Thread = slices.Index(threads, e.Thread)
		}
	}
	c.clients = max(1, len(threads))
	return c.with(entries)
}

// onNodes returns the candidate on the first nodes only, with what faults did to the
// others left out.
func (c candidate) onNodes(n int) candidate {
	var entries []rundir.Entry
	for _, e := range c.entries {
		for gone := n + 1; gone <= c.nodes && e.F != ""; gone++ {
			e, _ = withoutNode(e, nodeName(gone))
		}
		if e.F != "" {
			entries = append(entries, e)
		}
	}
	c.nodes = n
	return c.with(entries)
}

func nodeName(n int) string { return fmt.Sprintf("n%d", n) }

// withoutNode spares a node from a fault. What strikes nobody any more has no F; the
// second result is whether the node was struck.
func withoutNode(e rundir.Entry, node string) (rundir.Entry, bool) {
	if !isFault(e) {
		return e, false
	}
	f, err := nemesis.Parse(e.F, e.Value.Text())
	if err != nil {
		return e, false
	}
	before := f.Text()
	is := func(n string) bool { return n == node }
	some := len(f.Nodes)+len(f.Ways)+len(f.Skews)+len(f.Sides) > 0
	f.Nodes = slices.DeleteFunc(f.Nodes, is)
	f.Ways = slices.DeleteFunc(f.Ways, func(l nemesis.Link) bool { return is(l.From) || is(l.To) })
	f.Skews = slices.DeleteFunc(f.Skews, func(s nemesis.Skew) bool { return is(s.Node) })
	for i := range f.Sides {
		f.Sides[i] = slices.DeleteFunc(f.Sides[i], is)
	}
	f.Sides = slices.DeleteFunc(f.Sides, func(side []string) bool { return len(side) == 0 })
	if len(f.Sides) == 1 {
		f.Sides = nil
	}
	if some && len(f.Nodes)+len(f.Ways)+len(f.Skews)+len(f.Sides) == 0 {
		return rundir.Entry{}, true
	}
	if f.Text() == before {
		return e, false
	}
	e.Value = f.Op().Value
	return e, true
}

// parts are the entry with one of the parts of its transaction left out.
func parts(e rundir.Entry) []rundir.Entry {
	if e.Thread < 0 || e.Value.Kind() != history.KindVector {
		return nil
	}
	elems := e.Value.Elems()
	if len(elems) < 2 || slices.ContainsFunc(elems, func(v history.Value) bool { return v.Kind() != history.KindVector }) {
		return nil
	}
	var all []rundir.Entry
	for i := range elems {
		smaller := e
		smaller.Value = history.Vector(slices.Delete(slices.Clone(elems), i, i+1)...)
		all = append(all, smaller)
	}
	return all
}
