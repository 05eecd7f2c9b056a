package linear

import (
	"context"
	"slices"

	"checker/history"
	"checker/models"
)

// set decides sets. Where no op reads the whole set, its elements are objects of
// their own, and each that is added once and removed once at most is decided here;
// what is left of the others is for the search. A set that only grows and is only
// read whole is decided if each element is added once at most; see growing.go.
type set struct {
	*view
	numbers numbering
	time    timeline
	rows    []int32
	facts   []facts // by number of an element
	number  []int32 // by op: that of its element
	grows   growing
}

// facts are what is known of an element. An op is nobody where there is none.
type facts struct {
	add, remove int32
	often       bool  // added or removed twice
	first, last int32 // of the ops that saw it: which completed first, and was invoked last
	without     int32 // of the ops that missed it: which was invoked last
}

func (s *set) decide(ctx context.Context, obj object) (answer, *proof, object) {
	if !s.fresh() || ctx.Err() != nil {
		return undecided, nil, obj
	}
	for _, row := range obj.rows {
		if s.function(int(row)) == models.SetRead {
			return s.grows.decide(s.view, obj)
		}
	}
	s.rows = obj.rows
	s.time.start(s.view, obj.rows)
	if !s.collect() {
		return undecided, nil, obj
	}
	between := s.missed()
	for n := range s.facts {
		if f := &s.facts[n]; !f.often && !s.possible(f, between[n] != nobody) {
			return illegal, s.prove(f, between[n]), obj
		}
	}
	var rest object
	for i, row := range s.rows {
		if s.facts[s.number[i]].often {
			rest.rows = append(rest.rows, row)
		}
	}
	if len(rest.rows) > 0 {
		rest.key = obj.key
		return undecided, nil, rest
	}
	return legal, nil, obj
}

// element returns the element that an op is about, and whether an answer of
// contains says that it is there.
func (s *set) element(row int32) (e history.Ref, present, ok bool) {
	e = s.in(int(row))
	if s.function(int(row)) != models.SetContains {
		return e, false, true
	}
	_, res := s.outcome(int(row))
	if res == never {
		return e, false, true
	}
	answer := s.out(res)
	if a, b, pair := s.h.Heap.Pair(answer); pair {
		e, answer = a, b
	}
	return e, answer.Kind() == history.KindBool && s.h.Heap.Bool(answer), answer.Kind() == history.KindBool
}

// collect gathers the facts. It is false when an answer is none.
func (s *set) collect() bool {
	s.numbers.begin(&s.h.Heap)
	for _, row := range s.rows {
		s.numbers.see(s.in(int(row)))
	}
	s.numbers.ready()
	s.facts = s.facts[:0]
	s.number = slices.Grow(s.number[:0], len(s.rows))[:len(s.rows)]
	for i, row := range s.rows {
		op := int32(i)
		e, present, ok := s.element(row)
		if !ok {
			return false
		}
		n := s.numbers.of(e)
		for int(n) >= len(s.facts) {
			s.facts = append(s.facts, facts{nobody, nobody, false, nobody, nobody, nobody})
		}
		s.number[i] = n
		f := &s.facts[n]
		switch s.function(int(row)) {
		case models.SetAdd:
			f.often = f.often || f.add != nobody
			f.add = op
		case models.SetRemove:
			f.often = f.often || f.remove != nobody
			f.remove = op
		default:
			f.see(&s.time, op, present)
		}
	}
	return true
}

// see takes in an answer of contains.
func (f *facts) see(t *timeline, op int32, present bool) {
	switch {
	case t.crashed(op):
	case !present:
		f.without = op
	default:
		f.last = op
		if f.first == nobody || t.spans[op].res < t.spans[f.first].res {
			f.first = op
		}
	}
}

// stay is when an element that is added before it is removed is there at least:
// from shortly before one tick to shortly after another.
func (s *set) stay(f *facts) span {
	st := span{s.time.spans[f.add].res, s.time.spans[f.remove].inv}
	if f.first != nobody {
		st.inv = min(st.inv, s.time.spans[f.first].res)
		st.res = max(st.res, s.time.spans[f.last].inv)
	}
	return span{min(st.inv, s.time.spans[f.remove].res), max(st.res, s.time.spans[f.add].inv)}
}

// missed returns, by element, an op that missed it throughout its stay, or nobody.
func (s *set) missed() []int32 {
	missed := slices.Repeat([]int32{nobody}, len(s.facts))
	for i, row := range s.rows {
		f := &s.facts[s.number[i]]
		if f.often || f.add == nobody || f.remove == nobody || s.function(int(row)) != models.SetContains || s.time.crashed(int32(i)) {
			continue
		}
		if _, present, _ := s.element(row); present {
			continue
		}
		if st, at := s.stay(f), s.time.spans[i]; at.inv >= st.inv && at.res <= st.res {
			missed[s.number[i]] = int32(i)
		}
	}
	return missed
}

// possible tries all that can have happened to an element: it was never there; it
// was added for good, after being removed if at all; it was added, then removed.
func (s *set) possible(f *facts, missed bool) bool {
	if f.first == nobody && (f.add == nobody || s.time.crashed(f.add)) {
		return true
	}
	if f.add == nobody {
		return false
	}
	add := s.time.spans[f.add]
	from, to := add.inv, add.res // when it was added for good
	if f.first != nobody {
		to = min(to, s.time.spans[f.first].res)
	}
	if f.without != nobody {
		from = max(from, s.time.spans[f.without].inv)
	}
	if f.remove != nobody && !s.time.crashed(f.remove) {
		from = max(from, s.time.spans[f.remove].inv)
	}
	if from < to {
		return true
	}
	if f.remove == nobody {
		return false
	}
	st := s.stay(f)
	return st.inv > add.inv && st.res < s.time.spans[f.remove].res && !missed
}

// prove names the ops that refute each of these.
func (s *set) prove(f *facts, missed int32) *proof {
	p := &proof{}
	for _, op := range []int32{f.add, f.remove, f.first, f.last, f.without, missed} {
		if op != nobody {
			p.rows = append(p.rows, s.rows[op])
		}
	}
	return p
}
