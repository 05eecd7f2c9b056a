package shrink

import (
	"context"
	"slices"

	"checker/rundir"
)

// steps are the ways to leave something out, the coarse ones first.
var steps = []func(*shrinker, context.Context){
	(*shrinker).dropStretches,
	(*shrinker).dropFaults,
	(*shrinker).dropKeys,
	(*shrinker).dropClients,
	(*shrinker).dropOps,
	(*shrinker).dropNodes,
	(*shrinker).spareNodes,
	(*shrinker).dropParts,
	(*shrinker).hurry,
}

// smallestStretch is how many entries a stretch of time has at least.
const smallestStretch = 16

// dropStretches leaves out stretches of time, faults and ops alike.
func (s *shrinker) dropStretches(ctx context.Context) {
	s.chunks(ctx, "stretches of time", smallestStretch, func(rundir.Entry) bool { return true })
}

// dropFaults leaves out faults and their ends.
func (s *shrinker) dropFaults(ctx context.Context) { s.chunks(ctx, "faults", 1, isFault) }

// dropOps leaves out ops of clients, and marks of phases.
func (s *shrinker) dropOps(ctx context.Context) {
	s.chunks(ctx, "ops", 1, func(e rundir.Entry) bool { return !isFault(e) })
}

// chunks leaves out the entries of a kind, half of them at a time, then quarters, and
// so on, from the end to the start.
func (s *shrinker) chunks(ctx context.Context, what string, least int, kind func(rundir.Entry) bool) {
	before := s.best.size()
	count := func() (n int) {
		for _, e := range s.best.entries {
			if kind(e) {
				n++
			}
		}
		return n
	}
	for size := (count() + 1) / 2; size >= least; size = size / 2 {
		for end := count(); end > 0 && !s.over(ctx); end -= size {
			nth := 0
			s.try(ctx, s.best.keeping(func(_ int, e rundir.Entry) bool {
				if !kind(e) {
					return true
				}
				nth++
				return nth <= end-size || nth > end
			}))
		}
	}
	s.note(what, before)
}

// dropKeys leaves out all ops on a key at a time.
func (s *shrinker) dropKeys(ctx context.Context) {
	before := s.best.size()
	var keys []string
	for _, e := range s.best.entries {
		if key, ok := keyOf(e); ok && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		if len(keys) < 2 || s.over(ctx) {
			break
		}
		s.try(ctx, s.best.keeping(func(_ int, e rundir.Entry) bool {
			k, ok := keyOf(e)
			return !ok || k != key
		}))
	}
	s.note("keys", before)
}

// dropClients leaves out all ops of a client at a time, and numbers the others anew.
func (s *shrinker) dropClients(ctx context.Context) {
	before := s.best.size()
	for client := s.best.clients - 1; client >= 0 && !s.over(ctx); client-- {
		if without := s.best.keeping(func(_ int, e rundir.Entry) bool { return e.Thread != client }); len(without.entries) < len(s.best.entries) {
			s.try(ctx, without)
		}
	}
	if c := s.best.renumbered(); c.clients < s.best.clients {
		s.try(ctx, c)
	}
	s.note("clients", before)
}

// dropNodes tries fewer nodes, the fewest first.
func (s *shrinker) dropNodes(ctx context.Context) {
	before := s.best.size()
	for n := 1; n < s.best.nodes && !s.over(ctx); n++ {
		if s.try(ctx, s.best.onNodes(n)) {
			break
		}
	}
	s.note("nodes", before)
}

// spareNodes has faults strike fewer nodes.
func (s *shrinker) spareNodes(ctx context.Context) {
	for i := 0; i < len(s.best.entries); i++ {
		for n := 1; n <= s.best.nodes && !s.over(ctx); n++ {
			if i >= len(s.best.entries) {
				return
			}
			e, struck := withoutNode(s.best.entries[i], nodeName(n))
			if !struck || e.F == "" {
				continue
			}
			s.try(ctx, s.best.replacing(i, e))
		}
	}
}

func (c candidate) replacing(i int, e rundir.Entry) candidate {
	entries := slices.Clone(c.entries)
	entries[i] = e
	return c.with(entries)
}

// dropParts leaves out parts of transactions.
func (s *shrinker) dropParts(ctx context.Context) {
	for i := range s.best.entries {
		for again := true; again && !s.over(ctx); {
			again = slices.ContainsFunc(parts(s.best.entries[i]), func(e rundir.Entry) bool {
				return s.try(ctx, s.best.replacing(i, e))
			})
		}
	}
}

// mostGaps is for how many entries each gap between two of them is tried shorter.
const mostGaps = 64

// hurry has everything happen sooner: in half the time, then gap by gap.
func (s *shrinker) hurry(ctx context.Context) {
	before := s.best.size()
	scaled := func() candidate {
		entries := slices.Clone(s.best.entries)
		for i := range entries {
			entries[i].At /= 2
		}
		return s.best.with(entries)
	}
	for s.best.size().Time > 1e6 && !s.over(ctx) && s.try(ctx, scaled()) {
	}
	for i := 0; i < len(s.best.entries) && len(s.best.entries) <= mostGaps && !s.over(ctx); i++ {
		s.shorten(ctx, i)
	}
	s.note("time", before)
}

// shorten tries to do away with the gap before an entry, or with some of it.
func (s *shrinker) shorten(ctx context.Context, i int) {
	gap := s.best.entries[i].At
	if i > 0 {
		gap -= s.best.entries[i-1].At
	}
	for cut := gap; cut > 1e7; cut /= 4 {
		entries := slices.Clone(s.best.entries)
		for j := i; j < len(entries); j++ {
			entries[j].At -= cut
		}
		if s.try(ctx, s.best.with(entries)) {
			return
		}
	}
}
