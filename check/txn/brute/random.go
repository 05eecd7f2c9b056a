package brute

import (
	"math/rand/v2"
	"slices"
)

// Shape says what random histories look like. Values are unique per history.
type Shape struct {
	Lists     bool // appends to lists instead of writes of registers
	Txns      int  // at most; at least half as many
	Ops       int  // per transaction, at most
	Keys      int
	Processes int
	// Dense asks for histories that are hard to judge: as many transactions as
	// there may be, each with some micro-ops, few that fail, and mistakes by one
	// version instead of any.
	Dense bool
}

// Random makes a history as a store of some quality would have recorded it:
// serial, of snapshots with or without the first committer winning, of old
// snapshots, or of whatever each read happened to meet, lately or ever. Some transactions fail
// or stay unknown, and in some histories a result or two is then changed.
func Random(rng *rand.Rand, shape Shape) History {
	s := &store{rng: rng, shape: shape, log: []state{{}}}
	s.quality = quality(rng.IntN(int(qualities)))
	n := shape.Txns - rng.IntN(shape.Txns/2+1)
	s.writes = 0.5
	if shape.Dense {
		n, s.writes = shape.Txns, 0.25+rng.Float64()/2
	}
	open := make([]int, shape.Processes) // the transaction that is running, from 1
	for now := 0; len(s.h) < n || slices.Max(open) > 0; now++ {
		p := rng.IntN(shape.Processes)
		switch {
		case open[p] > 0:
			s.complete(&s.h[open[p]-1], s.snapshots[open[p]-1], now)
			if s.h[open[p]-1].Outcome == Info {
				s.retire(p, shape.Processes*open[p]+p)
			}
			open[p] = 0
		case len(s.h) < n:
			s.h = append(s.h, Txn{Process: p, Invoke: now, Complete: Never, Outcome: Info, Ops: s.draw()})
			s.snapshots = append(s.snapshots, len(s.log)-1)
			open[p] = len(s.h)
		}
	}
	if rng.IntN(2) == 0 {
		for range 1 + rng.IntN(2) {
			if shape.Dense {
				s.slip()
			} else {
				s.mutate()
			}
		}
	}
	return s.h
}

// retire gives a process another number: after a transaction of unknown outcome
// its thread goes on as a new one.
func (s *store) retire(process, number int) {
	for i := range s.h {
		if s.h[i].Process == process {
			s.h[i].Process = number
		}
	}
}

// quality is what a store promises.
type quality int

const (
	serialStore quality = iota
	snapshotStore
	lostUpdateStore // snapshots without the first committer winning
	oldSnapshotStore
	oldReadStore // serial, but what only reads meets an old snapshot
	liveStore    // each read meets any state since the transaction began
	anyStore     // each read meets any state
	qualities
)

type store struct {
	rng       *rand.Rand
	shape     Shape
	quality   quality
	h         History
	snapshots []int   // of each transaction, a place in the log
	log       []state // the state after each commit
	fresh     int
	writes    float64 // of micro-ops
}

// draw chooses what a transaction does.
func (s *store) draw() []Op {
	ops := make([]Op, 1+s.rng.IntN(s.shape.Ops))
	if s.shape.Dense && len(ops) == 1 && s.shape.Ops > 1 {
		ops = make([]Op, 2)
	}
	for i := range ops {
		o := Op{Kind: Read, Key: s.rng.IntN(s.shape.Keys)}
		if s.rng.Float64() < s.writes {
			s.fresh++
			o.Kind, o.Value = Write, s.fresh
			if s.shape.Lists {
				o.Kind = Append
			}
		}
		ops[i] = o
	}
	return ops
}

// complete runs a transaction and records how it ended.
func (s *store) complete(t *Txn, snapshot, now int) {
	t.Complete = now
	rolls := 12
	if s.shape.Dense {
		rolls = 30
	}
	switch roll := s.rng.IntN(rolls); {
	case roll == 0:
		t.Outcome = Fail
	case roll <= 2:
		t.Outcome, t.Complete = Info, Never
	default:
		t.Outcome = Ok
	}
	latest := len(s.log) - 1
	from := snapshot
	switch s.quality {
	case serialStore:
		from = latest
	case anyStore:
		from = 0
	case oldSnapshotStore:
		from = s.rng.IntN(latest + 1)
	case oldReadStore:
		from = latest
		if !slices.ContainsFunc(t.Ops, func(o Op) bool { return o.Kind != Read }) {
			from = s.rng.IntN(latest + 1)
		}
	}
	if s.quality == snapshotStore && s.overwritten(*t, from) {
		t.Outcome, t.Complete = Fail, now
	}
	writes := s.read(t, from)
	if t.Outcome == Ok || t.Outcome == Info && s.rng.IntN(2) == 0 {
		s.log = append(s.log, writes)
	}
}

// overwritten reports whether a key that t writes has changed since.
func (s *store) overwritten(t Txn, from int) bool {
	return slices.ContainsFunc(t.Ops, func(o Op) bool {
		return o.Kind != Read && !slices.Equal(s.log[from][o.Key], s.log[len(s.log)-1][o.Key])
	})
}

// read fills in what t reads, its own writes included, and returns the state
// that its commit makes.
func (s *store) read(t *Txn, from int) state {
	latest := s.log[len(s.log)-1]
	sees, makes := clone(s.log[from]), clone(latest)
	for i := range t.Ops {
		o := &t.Ops[i]
		if o.Kind != Read {
			write(sees, *o)
			write(makes, *o)
			continue
		}
		if s.quality >= liveStore && !slices.ContainsFunc(t.Ops[:i], func(b Op) bool { return b.Kind != Read && b.Key == o.Key }) {
			met := s.log[from+s.rng.IntN(len(s.log)-from)]
			sees[o.Key] = met[o.Key]
		}
		o.Seen = slices.Clone(sees[o.Key])
	}
	return makes
}

func clone(s state) state {
	c := state{}
	for k, v := range s {
		c[k] = v
	}
	return c
}

func write(s state, o Op) {
	if o.Kind == Write {
		s[o.Key] = []int{o.Value}
	} else {
		s[o.Key] = append(slices.Clone(s[o.Key]), o.Value)
	}
}

// mutate changes what one read saw, or how one transaction ended.
func (s *store) mutate() {
	t := &s.h[s.rng.IntN(len(s.h))]
	if s.rng.IntN(5) == 0 && t.Complete != Never {
		t.Outcome = []Outcome{Ok, Fail}[s.rng.IntN(2)]
		return
	}
	o := &t.Ops[s.rng.IntN(len(t.Ops))]
	if o.Kind != Read {
		return
	}
	if s.shape.Lists && s.rng.IntN(4) > 0 {
		if latest := s.log[len(s.log)-1][o.Key]; len(latest) > 0 {
			o.Seen = slices.Clone(latest[:s.rng.IntN(len(latest)+1)])
		}
		return
	}
	o.Seen = nil
	if v := s.rng.IntN(s.fresh + 1); v > 0 {
		o.Seen = []int{v}
	}
}

// slip makes one read of what others wrote meet the version before or after.
func (s *store) slip() {
	t := &s.h[s.rng.IntN(len(s.h))]
	at := s.rng.IntN(len(t.Ops))
	o := &t.Ops[at]
	if o.Kind != Read || slices.ContainsFunc(t.Ops[:at], func(b Op) bool { return b.Key == o.Key }) {
		return
	}
	versions := [][]int{}
	for _, now := range s.log {
		if n := len(versions); n == 0 || !slices.Equal(versions[n-1], now[o.Key]) {
			versions = append(versions, now[o.Key])
		}
	}
	met := slices.IndexFunc(versions, func(v []int) bool { return slices.Equal(v, o.Seen) })
	if to := met + 1 - 2*s.rng.IntN(2); met >= 0 && to >= 0 && to < len(versions) {
		o.Seen = slices.Clone(versions[to])
	}
}
