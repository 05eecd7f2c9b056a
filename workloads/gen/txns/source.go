package txns

import (
	"slices"

	"checker/workloads/gen"
)

// Options shape the transactions. Zero fields take their defaults, which are
// Elle's but for WritesPerKey, where 32 keeps the lists short.
type Options struct {
	Keys         int     // active at a time; 10
	Uniform      bool    // every active key is as likely; else the next is Base times as likely
	Base         float64 // of the exponential choice; 2
	MinLength    int     // of a transaction, in micro-ops; 1
	MaxLength    int     // 4
	WritesPerKey int     // after which a fresh key takes its place; 32
}

// withDefaults returns o with its zero fields filled in.
func (o Options) withDefaults() Options {
	fill := func(n *int, standard int) {
		if *n <= 0 {
			*n = standard
		}
	}
	fill(&o.Keys, 10)
	fill(&o.MinLength, 1)
	fill(&o.MaxLength, max(4, o.MinLength))
	fill(&o.WritesPerKey, 32)
	o.MaxLength = max(o.MaxLength, o.MinLength)
	if o.Base <= 0 {
		o.Base = 2
	}
	return o
}

// Mop is a micro-op: a write of Value to Key, or a read of Key.
type Mop struct {
	Write bool
	Key   int64
	Value int64 // 1, 2, 3… in the order in which the writes of a key were drawn
}

// slot is an active key.
type slot struct {
	key    int64
	writes int64
}

// Source draws transactions without end. Keys are numbered from 0 in the order
// in which they become active; each micro-op is as likely a read as a write.
type Source struct {
	Options
	rng    gen.Rand
	choice gen.Distribution
	active []slot
	fresh  int64 // the next key
}

// New returns a source that draws from rng.
func New(rng gen.Rand, o Options) Source {
	o = o.withDefaults()
	s := Source{Options: o, rng: rng, active: make([]slot, o.Keys), fresh: int64(o.Keys)}
	for i := range s.active {
		s.active[i].key = int64(i)
	}
	if s.choice = gen.Exponential(o.Keys, o.Base); o.Uniform {
		s.choice = gen.Uniform(o.Keys)
	}
	return s
}

// Next returns a transaction and the source after it, and leaves s as it was.
func (s Source) Next() ([]Mop, Source) {
	s.active = slices.Clone(s.active)
	mops := s.Draw(make([]Mop, 0, s.MaxLength))
	return mops, s
}

// Draw appends the micro-ops of the next transaction to mops. It changes s.
func (s *Source) Draw(mops []Mop) []Mop {
	for range s.MinLength + s.rng.IntN(s.MaxLength-s.MinLength+1) {
		var i int
		i, s.rng = s.choice.Draw(s.rng)
		at := &s.active[i]
		if s.rng.Bool() {
			mops = append(mops, Mop{Key: at.key})
			continue
		}
		at.writes++
		mops = append(mops, Mop{Write: true, Key: at.key, Value: at.writes})
		if at.writes == int64(s.WritesPerKey) {
			*at = slot{key: s.fresh}
			s.fresh++
		}
	}
	return mops
}
