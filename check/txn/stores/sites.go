package stores

import (
	"slices"

	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// delivery is the order in which a site applies what others committed.
type delivery uint8

const (
	inCausalOrder delivery = iota // after all that it depends on
	inOriginOrder                 // each site's commits in their order
	inAnyOrder
)

// sites is a store of replicas. A transaction runs at one of them, at once, and
// its writes reach the others later.
type sites struct {
	rng     gen.Rand
	deliver delivery
	// conflicts are refused: who writes a key must have all its versions. The
	// order of versions is then the same everywhere.
	conflicts bool
	// converge lets the latest writer win by a Lamport clock; else the write that
	// a site applies last.
	converge bool
	roam     bool // a session's transactions run anywhere; else each at its site

	all     versions // for conflicts: every version, by the number of its commit
	site    []site
	commits []siteCommit
}

// site is a replica.
type site struct {
	applied  []bool          // by commit
	count    []int32         // by origin, how many of its commits
	register map[int64]stamp // by key, the value that counts
	clock    int32
}

// stamp is a value and when it was written, by Lamport clock, then site.
type stamp struct {
	elem          int32
	clock, origin int32
}

// siteCommit is a transaction that wrote.
type siteCommit struct {
	origin, clock int32
	needs         []int32 // by origin, how many commits it had seen
	writes        own
}

const siteCount = 3

func openSites(s sites) *sites {
	s.site = make([]site, siteCount)
	for i := range s.site {
		s.site[i] = site{count: make([]int32, siteCount), register: map[int64]stamp{}}
	}
	return &s
}

type siteTransaction struct {
	*sites
	at     int
	writes own
	elems  []int32
}

func (s *sites) begin(session int, _ []txns.Mop) transaction {
	for range s.rng.IntN(3) {
		s.propagate()
	}
	at := session % siteCount
	if s.roam {
		at = s.rng.IntN(siteCount)
	}
	return &siteTransaction{sites: s, at: at}
}

// propagate applies one commit somewhere, if one may be.
func (s *sites) propagate() {
	at := &s.site[s.rng.IntN(siteCount)]
	at.applied = append(at.applied, make([]bool, len(s.commits)-len(at.applied))...)
	var next []int
	for i := range s.commits {
		if !at.applied[i] && s.ready(at, &s.commits[i]) {
			next = append(next, i)
		}
	}
	if len(next) > 0 {
		s.apply(at, next[s.rng.IntN(len(next))])
	}
}

func (s *sites) ready(at *site, c *siteCommit) bool {
	for origin, n := range c.needs {
		fromThere := int32(origin) == c.origin
		if at.count[origin] < n && (s.deliver == inCausalOrder || s.deliver == inOriginOrder && fromThere) {
			return false
		}
	}
	return true
}

func (s *sites) apply(at *site, i int) {
	at.applied = append(at.applied, make([]bool, len(s.commits)-len(at.applied))...)
	c := &s.commits[i]
	at.applied[i] = true
	at.count[c.origin]++
	at.clock = max(at.clock, c.clock)
	for _, w := range c.writes {
		is := at.register[w.key]
		newer := c.clock > is.clock || c.clock == is.clock && c.origin >= is.origin
		if newer || !s.converge {
			at.register[w.key] = stamp{w.elem, c.clock, c.origin}
		}
	}
}

func (t *siteTransaction) read(key int64) []int32 {
	t.elems = t.elems[:0]
	here := &t.site[t.at]
	if t.conflicts {
		for _, v := range t.all.of(key) {
			if t.sees(here, v.commit) {
				t.elems = append(t.elems, v.elem)
			}
		}
	} else if is, any := here.register[key]; any {
		t.elems = append(t.elems, is.elem)
	}
	t.elems = t.writes.appendTo(t.elems, key)
	return t.elems
}

// sees reports whether a site has applied a commit, given by its number.
func (s *sites) sees(at *site, commit int32) bool {
	return int(commit) <= len(at.applied) && at.applied[commit-1]
}

func (t *siteTransaction) write(key int64, elem int32) { t.writes.add(key, elem) }

func (t *siteTransaction) abort() {}

func (t *siteTransaction) commit() bool {
	here := &t.site[t.at]
	for _, w := range t.writes {
		if last := t.all.last(w.key); t.conflicts && last > 0 && !t.sees(here, last) {
			return false
		}
	}
	if len(t.writes) == 0 {
		return true
	}
	if t.conflicts {
		t.all.install(t.writes)
	}
	t.commits = append(t.commits, siteCommit{int32(t.at), here.clock + 1, slices.Clone(here.count), t.writes})
	t.apply(here, len(t.commits)-1)
	return true
}
