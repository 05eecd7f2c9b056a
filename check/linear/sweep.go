package linear

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"sort"

	"checker/models"
)

// sweep decides a problem by walking through its events in order with all
// configurations that the ops so far allow (Lowe 2017's just-in-time
// linearization). An op is put in order as late as can be: when one that is owed
// completes, each configuration without it is extended by open ops until it is
// among them. Where no configuration is left, no order exists. Four things keep
// configurations few.
//
//   - Ops that would change nothing have their place at once, which for a read is
//     the end of it, and overwritten ones need none: see [configs].
//   - A configuration that can do no more than another is dropped.
//   - Of equal open ops only the one that completes first is tried, so equal
//     crashed ops are counted, not told apart.
//   - At a moment without open ops nothing is left but states.
type sweep struct {
	*problem
	budget  *budget
	calls   []call
	classes []int32 // by call: equal ops have equal numbers
	ops     []models.Op
	memo    memo
	merge   func(models.Datum) models.Datum // or nil

	slots  []slot  // of open ops
	vacant []int32 // slots without one, the next to use last
	order  []int32 // slots of open ops that change something, by class and completion
	open   []uint64
	pure   []uint64 // of the open ops, those that change nothing

	now    []uint64 // configurations, one after another
	masks  int      // words per mask
	seen   configs  // those that lead through one completion
	kept   configs  // those that are left after it
	final  []bool   // by what is seen: it is to be kept
	row    []uint64
	states []models.Datum // scratch

	known int64 // bytes of values before the search
	steps int64
	asked int32 // the call that the model is asked about, or -1
	spent string

	loose
	most int  // configurations kept after a completion; 0: all
	cut  bool // not all were kept

	thrifty bool // crashed ops are used only where it does not go on without
	stingy  bool // they are not used now
}

// slot is the place of an open op among the bits of masks.
type slot struct {
	call  int32
	class int32
	res   int32
	over  []uint64 // the open ops that it overwrites
}

// sweeper returns a sweep over calls that has not begun.
func (p *problem) sweeper(b *budget, calls []call) *sweep {
	s := &sweep{problem: p, budget: b, calls: calls, known: p.values.Bytes(), asked: -1}
	s.classify()
	return s
}

// classify numbers the ops of calls so that equal ones have equal numbers. How an
// op ended is no part of it where it has no result.
func (s *sweep) classify() {
	s.classes = make([]int32, len(s.calls))
	numbers := make(map[string]int32, 64)
	var key []byte
	for i := range s.calls {
		op := &s.calls[i].op
		key = append(key[:0], byte(op.F), byte(len(op.In)))
		key = binary.AppendVarint(key, int64(op.By))
		if op.Known && s.model.Functions[op.F].Result {
			key = append(key, 1)
		}
		for _, d := range op.In {
			key = binary.AppendVarint(key, int64(d))
		}
		for _, d := range op.Out {
			key = binary.AppendVarint(key, int64(d))
		}
		n, ok := numbers[string(key)]
		if !ok {
			n = int32(len(numbers))
			numbers[string(key)] = n
			s.ops = append(s.ops, *op)
		}
		s.classes[i] = n
	}
	if s.model.Merge != nil {
		ops := make([]models.Op, len(s.calls))
		for i := range s.calls {
			ops[i] = s.calls[i].op
		}
		s.merge = s.model.Merge(s.values, ops)
	}
	size := 1 << 8
	for size < 8*len(s.ops) && size < 1<<16 {
		size *= 2
	}
	s.memo.reset(size)
}

// begin makes ready to walk through the events.
func (s *sweep) begin() {
	s.slots, s.vacant, s.order = s.slots[:0], s.vacant[:0], s.order[:0]
	s.open, s.pure, s.now = nil, nil, s.now[:0]
	s.masks, s.cut, s.spent = 0, false, ""
	s.resize(1)
	starts := slices.Clone(s.starts)
	for i := range starts {
		if s.merge != nil {
			starts[i] = s.merge(starts[i])
		}
	}
	slices.Sort(starts)
	for _, start := range slices.Compact(starts) {
		s.now = append(s.now, uint64(start))
		s.now = append(s.now, make([]uint64, s.width()-1)...)
	}
}

// width is how many words a configuration has.
func (s *sweep) width() int { return 1 + 2*s.masks + s.tail }

// resize makes room for more open ops.
func (s *sweep) resize(masks int) {
	old := s.width()
	was := s.masks
	s.masks = masks
	wider := func(mask []uint64) []uint64 { return append(mask[:was:was], make([]uint64, masks-was)...) }
	s.open, s.pure = wider(s.open), wider(s.pure)
	for i := range s.slots {
		s.slots[i].over = wider(s.slots[i].over)
	}
	for i := 64 * masks; i > 64*was; i-- {
		s.vacant = append(s.vacant, int32(i-1))
		s.slots = append(s.slots, slot{over: make([]uint64, masks)})
	}
	s.row = make([]uint64, s.width())
	var now []uint64
	for at := 0; at < len(s.now); at += old {
		row := s.now[at : at+old]
		now = append(now, row[0])
		now = append(now, wider(row[1:1+was])...)
		now = append(now, wider(row[1+was:1+2*was])...)
		now = append(now, row[1+2*was:]...)
	}
	s.now = now
}

// run walks through the events.
func (s *sweep) run() searched {
	ends := s.ends()
	begun, at := 0, make([]int32, len(s.calls)) // slot by call
	for _, c := range ends {
		for ; begun < len(s.calls) && s.calls[begun].row < s.calls[c].res; begun++ {
			at[begun] = s.invoke(int32(begun))
		}
		if s.complete(at[c]); s.cut && s.tail > 0 {
			return searched{answer: undecided}
		} else if s.spent != "" {
			return searched{answer: undecided, why: s.spent, steps: s.steps, furthest: s.reached(ends, c), states: s.reachable()}
		}
		if len(s.kept.words) == 0 {
			return searched{answer: illegal, steps: s.steps, furthest: s.reached(ends, c), culprit: c + 1, states: s.reachable()}
		}
		s.now, s.kept.words = s.kept.words, s.now
	}
	return searched{answer: legal, steps: s.steps, furthest: s.reached(ends, -1), states: s.reachable()}
}

// ends returns the calls that completed, in the order in which they did.
func (s *sweep) ends() []int32 {
	var ends []int32
	for i := range s.calls {
		if s.calls[i].res != never {
			ends = append(ends, int32(i))
		}
	}
	sort.Slice(ends, func(i, j int) bool { return s.calls[ends[i]].res < s.calls[ends[j]].res })
	return ends
}

// reached returns the row of the last call that completed before call c did, or
// of the last of all.
func (s *sweep) reached(ends []int32, c int32) int32 {
	row := int32(-1)
	for _, e := range ends {
		if e == c {
			break
		}
		row = s.calls[e].row
	}
	return row
}

// reachable returns the states of the configurations before the last event.
func (s *sweep) reachable() []models.Datum {
	var states []models.Datum
	for at := 0; at < len(s.now); at += s.width() {
		states = append(states, models.Datum(s.now[at]))
	}
	slices.Sort(states)
	return slices.Compact(states)
}

// invoke opens a call.
func (s *sweep) invoke(c int32) int32 {
	if len(s.vacant) == 0 {
		s.resize(2 * s.masks)
	}
	n := s.vacant[len(s.vacant)-1]
	s.vacant = s.vacant[:len(s.vacant)-1]
	sl := &s.slots[n]
	sl.call, sl.class, sl.res = c, s.classes[c], s.calls[c].res
	op := &s.calls[c].op
	if sl.res == never {
		s.lend(sl.class)
	}
	setBit(s.open, n)
	if op.Pure {
		setBit(s.pure, n)
	} else {
		s.order = slices.Insert(s.order, s.inOrder(sl), n)
	}
	s.relate(n)
	for at := 0; at < len(s.now); at += s.width() {
		row := s.now[at : at+s.width()]
		if sl.res == never {
			setBit(row[1+s.masks:1+2*s.masks], n)
			continue
		}
		s.settle(row, n)
	}
	return n
}

// inOrder returns the place of a slot in order.
func (s *sweep) inOrder(sl *slot) int {
	return sort.Search(len(s.order), func(i int) bool {
		o := &s.slots[s.order[i]]
		return o.class > sl.class || o.class == sl.class && (o.res > sl.res || o.res == sl.res && o.call >= sl.call)
	})
}

// relate finds out which open ops overwrite which, where slot n is new.
func (s *sweep) relate(n int32) {
	if s.model.Overwrites == nil {
		return
	}
	sl := &s.slots[n]
	clear(sl.over)
	for _, o := range s.order {
		other := &s.slots[o]
		clearBit(other.over, n)
		if s.model.Overwrites(s.ops[sl.class], s.ops[other.class]) {
			setBit(sl.over, o)
		}
		if s.model.Overwrites(s.ops[other.class], s.ops[sl.class]) {
			setBit(other.over, n)
		}
	}
}

// settle gives an op that is owed its place, if it changes nothing.
func (s *sweep) settle(row []uint64, n int32) {
	state := models.Datum(row[0])
	switch e := s.after(state, n); {
	case e.count == 0 || e.count == 1 && e.next != state:
		return
	case e.count > 1 && !slices.Contains(s.memo.more[e.next], state):
		return
	}
	if hasBit(s.pure, n) {
		setBit(row[1:1+s.masks], n)
	} else {
		setBit(row[1+s.masks:1+2*s.masks], n)
	}
}

// after returns what the op in slot n leads to.
func (s *sweep) after(state models.Datum, n int32) remembered {
	sl := &s.slots[n]
	e, known := s.memo.entry(state, sl.class)
	if known {
		return *e
	}
	s.asked = sl.call
	s.steps++
	s.budget.taken++
	s.states = s.model.Successors(s.values, state, s.ops[sl.class], s.states[:0])
	s.asked = -1
	if s.merge != nil {
		for i, next := range s.states {
			s.states[i] = s.merge(next)
		}
		slices.Sort(s.states)
		s.states = slices.Compact(s.states)
	}
	*e = remembered{state: state, class: sl.class + 1, count: int32(len(s.states))}
	switch {
	case e.count == 1:
		e.next = s.states[0]
	case e.count > 1:
		e.next = models.Datum(len(s.memo.more))
		s.memo.more = append(s.memo.more, slices.Clone(s.states))
	}
	return *e
}

// complete closes the op in slot n: what is kept of the configurations now are
// those, extended where need be, that do not owe it. It is also the last moment
// at which a free op can be used, so those that use it are kept, too. What can
// still be made of another configuration later is not.
func (s *sweep) complete(n int32) {
	s.seen.reset(s.masks, s.tail)
	s.kept.reset(s.masks, s.tail)
	s.final = s.final[:0]
	width := s.width()
	for at := 0; at < len(s.now); at += width {
		if row := s.now[at : at+width]; s.seen.add(row, s.pure) {
			s.final = append(s.final, !s.owes(row, n))
		}
	}
	if s.stingy = s.thrifty; !s.reach(n) && s.stingy && s.spent == "" {
		s.stingy = false
		s.reach(n)
	}
	if s.spent != "" {
		return
	}
	clearBit(s.open, n)
	for i := range s.seen.len() {
		if s.seen.dead[i] || !s.final[i] {
			continue
		}
		copy(s.row, s.seen.at(i))
		clearBit(s.row[1:1+s.masks], n)
		clearBit(s.row[1+s.masks:1+2*s.masks], n)
		s.kept.add(s.row, s.pure)
	}
	s.compact()
	if !hasBit(s.pure, n) {
		at := s.inOrder(&s.slots[n])
		s.order = slices.Delete(s.order, at, at+1)
	}
	clearBit(s.pure, n)
	s.vacant = append(s.vacant, n)
}

// reach extends what is seen until nothing more can be made of it, and reports
// whether something is to be kept.
func (s *sweep) reach(n int32) bool {
	for i := 0; i < s.seen.len() && s.spent == ""; i++ {
		if s.most > 0 && i >= 16*s.most || s.tail > 0 && i >= mostLent {
			s.cut = true
			break
		}
		if !s.seen.dead[i] && !hasBit(s.seen.at(i)[1:1+s.masks], n) {
			s.extend(i, n)
		}
	}
	return slices.Contains(s.final, true)
}

// compact takes what is dead out of what is kept.
func (s *sweep) compact() {
	k := &s.kept
	width, to := k.width(), 0
	for i := range k.dead {
		if !k.dead[i] {
			copy(k.words[to:to+width], k.at(i))
			to += width
		}
	}
	k.words = k.words[:to]
	if s.most > 0 && to > s.most*width {
		s.cut = true
		k.words = s.thriftiest(k.words)
	}
}

func (s *sweep) owes(row []uint64, n int32) bool {
	return !hasBit(row[1:1+s.masks], n) && !hasBit(row[1+s.masks:1+2*s.masks], n)
}

// extend adds all configurations that one more op leads to from the i-th seen.
// Of equal ops it tries, of those that are owed and of those that are free, the
// one that completes first; a free one only when it completes before one that
// is owed, which otherwise does the same and more.
func (s *sweep) extend(i int, closing int32) {
	for at := 0; at < len(s.order); {
		class := s.slots[s.order[at]].class
		owed, free := false, false
		for ; at < len(s.order) && s.slots[s.order[at]].class == class; at++ {
			n := s.order[at]
			row := s.seen.at(i)
			if owed || hasBit(row[1:1+s.masks], n) || s.stingy && s.slots[n].res == never {
				continue
			}
			if isFree := hasBit(row[1+s.masks:1+2*s.masks], n); isFree && free {
				continue
			} else if isFree {
				free = true
			} else {
				owed = true
			}
			if !s.afford() {
				return
			}
			switch e := s.after(models.Datum(row[0]), n); {
			case e.count == 1:
				s.use(i, n, e.next, closing)
			case e.count > 1:
				for _, next := range s.memo.more[e.next] {
					s.use(i, n, next, closing)
				}
			}
		}
	}
}

// use adds the configuration that the op in slot n leads to from the i-th seen,
// while another op is closing.
func (s *sweep) use(i int, n int32, next models.Datum, closing int32) {
	owed := s.owes(s.seen.at(i), closing)
	copy(s.row, s.seen.at(i))
	used, free, over := s.row[1:1+s.masks], s.row[1+s.masks:1+2*s.masks], s.slots[n].over
	s.row[0] = uint64(next)
	if s.tail == 0 || !s.borrow(n) {
		setBit(used, n)
		clearBit(free, n)
	}
	for w := range used {
		free[w] |= over[w] & s.open[w] &^ used[w]
		for rest := s.open[w] &^ used[w] &^ free[w]; rest != 0; rest &= rest - 1 {
			s.settle(s.row, int32(64*w+bits.TrailingZeros64(rest)))
		}
	}
	if s.seen.add(s.row, s.pure) {
		// What an op makes of a configuration that does not owe the closing one can
		// be made of it later. But where crashed ops are lent they cost nothing, and
		// what they lead to may cover, hence drop, what they were used on.
		s.final = append(s.final, n == closing || (owed || s.tail > 0) && !s.owes(s.row, closing))
	}
}

// afford reports whether the budget allows for one more step.
func (s *sweep) afford() bool {
	s.steps++
	s.budget.taken++
	switch b := s.budget; {
	case b.steps > 0 && b.taken > b.steps:
		s.spent = "the limit of steps was reached"
	case s.steps%ctxInterval != 0:
	case s.bytes() > b.memory:
		s.spent = fmt.Sprintf("the memory limit of %d bytes was reached", b.memory)
	case b.ctx.Err() != nil:
		s.spent = fmt.Sprintf("stopped (%v)", context.Cause(b.ctx))
	}
	return s.spent == ""
}

// bytes estimates what the search takes; slices that grow leave what they
// were.
func (s *sweep) bytes() int64 {
	return 3*(s.seen.bytes()+s.kept.bytes()) + int64(cap(s.now))*8 + int64(len(s.calls))*bytesPerCall + s.values.Bytes() - s.known
}

func setBit(mask []uint64, n int32)      { mask[n>>6] |= 1 << (n & 63) }
func clearBit(mask []uint64, n int32)    { mask[n>>6] &^= 1 << (n & 63) }
func hasBit(mask []uint64, n int32) bool { return mask[n>>6]>>(n&63)&1 != 0 }
