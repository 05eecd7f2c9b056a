package linear

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// loose lets a sweep take crashed ops for more than they are. Crashed ops stay
// open for ever, so the ways to have used some of them multiply. Two sweeps that
// know less are quick, and each can be sure of one answer:
//
//   - One that keeps only so many configurations, those that used the fewest
//     crashed ops, finds an order or does not know.
//   - One that lets crashed ops happen again and again finds that there is no
//     order even so; or an order that uses no op more often than there were, which
//     is a real one; or which ops it used too often. Those are counted next time.
//
// In the end all are counted, and nothing is left out: that sweep is exact.
//
// Before all that, crashed ops are taken for easier ones of fewer classes, where
// the model has such: if there is no order even so, there is none.
type loose struct {
	tail    int     // words that count uses, a byte a class; 0: every op happens once
	lent    []int32 // by class: its byte, or -1 when its ops happen once
	opened  []int   // by byte: crashed ops of that class that are open
	borrows int     // classes that have a byte
}

// mostLent bounds how many configurations one completion may lead to while ops
// happen again and again.
const mostLent = 1 << 10

// overdrawn marks a byte of a class whose crashed ops were used more often than
// there were.
const overdrawn = 0x80

// sweep decides calls from any of the starts. It stops when b is spent.
func (p *problem) sweep(b *budget, calls []call) (found searched) {
	s := p.sweeper(b, calls)
	defer func() {
		if panicked := recover(); panicked != nil && s.asked >= 0 {
			found = searched{answer: undecided, steps: s.steps, furthest: calls[s.asked].row, culprit: s.asked + 1,
				why: fmt.Sprintf("the model %s panicked: %v", p.model.Name, panicked)}
		} else if panicked != nil {
			panic(panicked)
		}
	}()
	crashed := s.crashedClasses()
	if len(crashed) == 0 {
		return s.walk(0, nil)
	}
	counted := map[int32]bool{}
	for most := 16; ; most *= 4 {
		s.thrifty = most <= 64
		found = s.walk(most, nil)
		if found.answer == legal || found.answer == illegal && !s.cut && !s.thrifty || s.spent != "" {
			return found
		}
		if eased := p.ease(calls); eased != nil && most == 16 {
			if easy := p.sweep(b, eased); easy.answer == illegal {
				return easy
			}
		}
		lent := slices.DeleteFunc(slices.Clone(crashed), func(c int32) bool { return counted[c] })
		s.thrifty = false
		found = s.walk(0, lent)
		if s.cut { // ops that never end lead to ever new states
			lent = nil
			found = s.walk(0, nil)
		}
		if found.answer != legal || len(lent) == 0 {
			return found
		}
		over := s.overdrawn()
		if len(over) == 0 {
			return found
		}
		for _, class := range over {
			counted[class] = true
		}
	}
}

// ease returns calls with crashed ops that are easier, or nil when there are none.
func (p *problem) ease(calls []call) []call {
	if p.model.Ease == nil {
		return nil
	}
	var eased []call
	for i, c := range calls {
		if easy := p.model.Ease(c.op); c.res == never && easy.F != c.op.F {
			if eased == nil {
				eased = slices.Clone(calls)
			}
			eased[i].op = easy
		}
	}
	return eased
}

// crashedClasses returns the classes of crashed ops, each once.
func (s *sweep) crashedClasses() []int32 {
	var classes []int32
	for i := range s.calls {
		if s.calls[i].res == never {
			classes = append(classes, s.classes[i])
		}
	}
	slices.Sort(classes)
	return slices.Compact(classes)
}

// walk is one sweep through all events that keeps so many configurations, or
// all, where crashed ops of the lent classes may happen again and again.
func (s *sweep) walk(most int, lent []int32) searched {
	s.most, s.borrows = most, len(lent)
	s.tail = (len(lent) + 7) / 8
	s.lent = slices.Repeat([]int32{-1}, len(s.ops))
	s.opened = make([]int, len(lent))
	for i, class := range lent {
		s.lent[class] = int32(i)
	}
	s.begin()
	return s.run()
}

// lend takes note of a crashed op that was invoked.
func (s *sweep) lend(class int32) {
	if at := s.lent[class]; at >= 0 {
		s.opened[at]++
	}
}

// borrow counts a use of the op in slot n and reports whether it may happen
// again.
func (s *sweep) borrow(n int32) bool {
	sl := &s.slots[n]
	at := s.lent[sl.class]
	if at < 0 || sl.res != never {
		return false
	}
	word, shift := &s.row[1+2*s.masks+int(at/8)], 8*(at%8)
	b := byte(*word >> shift)
	if uses := int(b &^ overdrawn); uses >= s.opened[at] || uses == overdrawn-1 {
		b |= overdrawn
	} else {
		b++
	}
	*word = *word&^(0xff<<shift) | uint64(b)<<shift
	return true
}

// overdrawn returns the classes that the best order found used too often: none
// when it is a real order.
func (s *sweep) overdrawn() []int32 {
	const marks = 0x8080808080808080
	best, least := []uint64(nil), 0
	for at := 0; at < len(s.now); at += s.width() {
		tail := s.now[at+1+2*s.masks : at+s.width()]
		n := 0
		for _, w := range tail {
			n += bits.OnesCount64(w & marks)
		}
		if best == nil || n < least {
			best, least = tail, n
		}
	}
	var classes []int32
	for class, at := range s.lent {
		if at >= 0 && best[at/8]>>(8*(at%8))&overdrawn != 0 {
			classes = append(classes, int32(class))
		}
	}
	return classes
}

// thriftiest returns the configurations, of rows, that used the fewest crashed
// ops.
func (s *sweep) thriftiest(rows []uint64) []uint64 {
	width := s.width()
	crashed := make([]uint64, s.masks)
	for _, n := range s.order {
		if s.slots[n].res == never {
			setBit(crashed, n)
		}
	}
	type ranked struct{ at, uses int }
	var all []ranked
	for at := 0; at < len(rows); at += width {
		uses := 0
		for w, mask := range crashed {
			uses += bits.OnesCount64(rows[at+1+w] & mask)
		}
		all = append(all, ranked{at, uses})
	}
	slices.SortStableFunc(all, func(a, b ranked) int { return cmp.Compare(a.uses, b.uses) })
	var kept []uint64
	for _, r := range all[:s.most] {
		kept = append(kept, rows[r.at:r.at+width]...)
	}
	return kept
}
