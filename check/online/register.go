package online

import (
	"fmt"

	"checker/history"
)

// Register returns a stream that judges whether registers are linearizable, for
// histories of read, write and cas [old new] in which every value is written once;
// see check/linear for what follows from that. With keyed every value is [key value].
func Register(initial history.Value, keyed bool) *Stream {
	return newStream("register", keyed, func(f *frame) object {
		r := &register{frame: f}
		f.spares = true
		b := &block{}
		v := &version{value: initial, kept: true, block: b, after: never}
		b.oldest = v
		r.versions.put(initial, v)
		r.settled = []*block{b}
		return r
	})
}

// register is one of them. As in check/linear, the ops on the value of a plain write,
// and on those that cas made of it, form a block, and blocks must be put in a row.
//
// Between two blocks nothing changes but by ops that are open now or will be: with an
// op invoked at or after frame.oldest. So a block whose first op completed before that
// is settled: whatever joins another block now is surely invoked after it. Of all the
// settled blocks only the two that were seen last matter, and who is not one of them
// and was done before cannot be observed again: it is forgotten.
type register struct {
	*frame
	versions table[*version]
	recent   []*block // whose first completion is not before oldest, in that order
	settled  []*block // the others that are not forgotten
	owner    *block   // the settled one, forgotten or not, that was seen last
	last     int64    // when that was
	second   int64    // when another settled one was seen last
	fresh    int      // versions made since the last look at what can be forgotten
}

// version is a value of a register.
type version struct {
	value      history.Value
	maker      *call // nil of the initial value
	kept       bool  // it was surely made: its maker is ok, or it was observed
	block      *block
	prev, next *version // in the block; prev only while it may have to be told of what comes after
	after      int64    // when an op completed that surely came after it was replaced
	own        block    // that it begins, of a plain write
}

// block is what other blocks need to know of one.
type block struct {
	first  int64    // the first completion of its ops; 0 of the initial value, never if there is none
	last   int64    // the last invocation of its ops
	oldest *version // that is not forgotten
}

func (r *register) begun(c *call) {
	made := c.in
	switch c.f {
	case "read":
		return
	case "write":
	case "cas":
		var pair bool
		if _, made, pair = c.in.Pair(); !pair {
			r.giveUp("op %d: a cas of %s, which is not [old new]", c.index, c.in)
			return
		}
	default:
		r.giveUp("op %d: a register knows read, write and cas, not %q", c.index, c.f)
		return
	}
	if before, exists := r.versions.get(made); exists && !r.gone(before) {
		r.giveUp("op %d: %s is written again while it may be there from before", c.index, made)
		return
	}
	c.version = &version{value: made, maker: c, after: never}
	r.versions.put(made, c.version)
	r.fresh++
}

func (r *register) ended(c *call, t history.Type, out history.Value) (string, []*call) {
	defer r.settle()
	v := c.version
	switch {
	case t == history.Fail && v != nil && v.kept:
		return fmt.Sprintf("the %s of %s failed, and that value was observed", c.f, v.value), nil
	case t == history.Fail && v != nil:
		r.versions.remove(v.value)
		return "", nil
	case t != history.Ok:
		return "", nil
	case v != nil:
		if text, ops := r.keep(v); text != "" {
			return text, ops
		}
		return r.join(v, c)
	}
	v, known := r.versions.get(out)
	if !known {
		return fmt.Sprintf("a read returned %s, which is not there: nobody wrote it, or it was replaced before the read was invoked", out), nil
	}
	if text, ops := r.keep(v); text != "" {
		return text, ops
	}
	if v.after < c.inv {
		return fmt.Sprintf("a read returned %s, which a cas had replaced before the read was invoked", out), makers(v.next)
	}
	return r.join(v, c)
}

// keep notes that a version was surely made, and so was what a cas made it of.
func (r *register) keep(v *version) (string, []*call) {
	if v.kept {
		return "", nil
	}
	v.kept = true
	if v.maker.f == "write" {
		v.own = block{first: never, last: v.maker.inv, oldest: v}
		v.block = &v.own
		return "", nil
	}
	old, _, _ := v.maker.in.Pair()
	before, known := r.versions.get(old)
	if !known {
		return fmt.Sprintf("a cas found %s, which is not there: nobody wrote it, or it was replaced before the cas was invoked", old), makers(v)
	}
	if text, ops := r.keep(before); text != "" {
		return text, ops
	}
	switch {
	case before.block == nil:
		return fmt.Sprintf("cas found each other's values, %s and %s, in a circle", old, v.value), makers(before, v)
	case before.next != nil:
		return fmt.Sprintf("two cas found %s, which was written once", old), makers(before.next, v)
	}
	before.next, v.prev, v.block = v, before, before.block
	v.block.last = max(v.block.last, v.maker.inv)
	return "", nil
}

// join adds a call that completes now to the block of a version, and looks for a
// block that must come both before and after.
func (r *register) join(v *version, c *call) (string, []*call) {
	b, now := v.block, r.now()
	if b.first == never {
		b.first = now
		r.recent = append(r.recent, b)
	}
	b.last = max(b.last, c.inv)
	for p := v.prev; p != nil && p.after == never; p = p.prev {
		p.after = now
	}
	v.prev = nil // all before it know
	if b.first < r.lastBut(b) {
		return fmt.Sprintf("op %d observed or made %s, which was surely replaced before", c.index, v.value), makers(v)
	}
	for _, a := range r.recent {
		if a.first >= b.last {
			break
		}
		if a != b && a.last > b.first {
			return fmt.Sprintf("%s and %s each must have been replaced by the other", a.oldest.value, v.value), makers(a.oldest, v)
		}
	}
	if b.first < r.oldest() {
		r.saw(b)
	}
	return "", nil
}

// lastBut returns when a settled block other than b was seen last.
func (r *register) lastBut(b *block) int64 {
	if r.owner == b {
		return r.second
	}
	return r.last
}

// saw notes when a settled block was seen last.
func (r *register) saw(b *block) {
	switch {
	case r.owner == b:
		r.last = b.last
	case b.last > r.last:
		r.owner, r.last, r.second = b, b.last, r.last
	default:
		r.second = max(r.second, b.last)
	}
}

// settle moves blocks on, now and then looking for what can be forgotten.
func (r *register) settle() {
	oldest, n := r.oldest(), 0
	for n < len(r.recent) && r.recent[n].first < oldest {
		r.saw(r.recent[n])
		r.settled = append(r.settled, r.recent[n])
		n++
	}
	r.recent = r.recent[n:]
	if r.fresh < 16+r.versions.len()/2 {
		return
	}
	r.fresh = 0
	kept := r.settled[:0]
	for _, b := range r.settled {
		if r.trim(b, oldest); b.oldest != nil {
			kept = append(kept, b)
		}
	}
	clear(r.settled[len(kept):])
	r.settled = kept
}

// trim forgets the versions of a block that nobody can observe any more.
func (r *register) trim(b *block, oldest int64) {
	dead := b.first < r.lastBut(b)
	for b.oldest != nil && (dead || b.oldest.after < oldest) {
		v := b.oldest
		if now, _ := r.versions.get(v.value); now == v {
			r.versions.remove(v.value)
		}
		b.oldest = v.next
	}
}

// gone reports whether nobody can observe a version any more.
func (r *register) gone(v *version) bool {
	return v.kept && v.block.first < never && (v.after < r.oldest() || v.block.first < r.lastBut(v.block))
}

func makers(versions ...*version) []*call {
	var calls []*call
	for _, v := range versions {
		if v != nil && v.maker != nil {
			calls = append(calls, v.maker)
		}
	}
	return calls
}
