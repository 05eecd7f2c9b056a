package linear

import "checker/models"

// A configuration is what the future of an order depends on: the state that the
// ops put in order so far have led to, and which of the open ops are among them.
// It is a row of words: the state; a bit per open op that was used, which then
// cannot happen again; a bit per open op that is free: it has had its place, or
// needs none, and yet may still be used. An open op without either bit is owed.
//
// Free ops are what keeps configurations few. An op becomes free where it could
// have happened unseen: it would have left the state as it is, or the next op
// overwrote it. A crashed op is free from the beginning.
//
// Words beyond these tell how a configuration was reached; configurations that
// differ only there are the same, and the first is kept.
type configs struct {
	masks int // words per mask
	tail  int // words of how it was reached
	words []uint64
	dead  []bool  // by configuration: another can do all that it can
	next  []int32 // by configuration: the one before it with the same state, or -1
	equal index   // by all words
	state index   // by state: the last configuration with it
}

// mostCompared bounds how many configurations of the same state a new one is
// compared with.
const mostCompared = 96

func (c *configs) reset(masks, tail int) {
	c.masks, c.tail = masks, tail
	c.words, c.dead, c.next = c.words[:0], c.dead[:0], c.next[:0]
	c.equal.reset()
	c.state.reset()
}

func (c *configs) width() int { return 1 + 2*c.masks + c.tail }

// compared is how many words of a configuration tell it from others.
func (c *configs) compared() int { return 1 + 2*c.masks }

func (c *configs) len() int { return len(c.dead) }

func (c *configs) at(i int) []uint64 {
	w := c.width()
	return c.words[i*w : (i+1)*w : (i+1)*w]
}

// bytes is how much memory they take.
func (c *configs) bytes() int64 {
	return int64(cap(c.words))*8 + int64(cap(c.next))*4 + int64(cap(c.dead)) + c.equal.bytes() + c.state.bytes()
}

// add keeps a configuration unless another can do all that it can, and reports
// whether it did.
func (c *configs) add(row, pure []uint64) bool {
	body := row[:c.compared()]
	same := c.equal.place(hashWords(body), func(i int32) bool { return equalWords(body, c.at(int(i))) })
	if *same != 0 {
		return false
	}
	first := c.state.place(hashWords(row[:1]), func(i int32) bool { return c.at(int(i))[0] == row[0] })
	link := (*int32)(nil)
	i := *first - 1
	for seen := 0; i >= 0 && seen < mostCompared; seen++ {
		have := c.at(int(i))
		switch {
		case c.covers(have, row, pure):
			return false
		case c.covers(row, have, pure):
			c.dead[i] = true
			if i = c.next[i]; link == nil {
				*first = i + 1
			} else {
				*link = i
			}
			continue
		}
		link = &c.next[i]
		i = *link
	}
	n := int32(len(c.dead))
	c.words = append(c.words, row...)
	c.dead = append(c.dead, false)
	c.next = append(c.next, *first-1)
	if *first == 0 {
		c.state.count++
	}
	*first, *same = n+1, n+1
	c.equal.count++
	c.equal.grow(func(i int32) uint64 { return hashWords(c.at(int(i))[:c.compared()]) })
	c.state.grow(func(i int32) uint64 { return hashWords(c.at(int(i))[:1]) })
	return true
}

// covers reports whether a can do all that b, in the same state, can: each op is
// free in a, or stands as it does in b, or is one that changes nothing and has
// had its place in a.
func (c *configs) covers(a, b, pure []uint64) bool {
	m := c.masks
	for i := 1; i <= m; i++ {
		ua, fa, ub, fb := a[i], a[i+m], b[i], b[i+m]
		if ^fa&(fb|(ua^ub)&^(pure[i-1]&ua)) != 0 {
			return false
		}
	}
	return true
}

// index finds numbers by a hash; 0 stands for none, so they are kept plus one.
type index struct {
	slots []indexed
	round uint32 // slots of earlier rounds are empty
	count int
}

type indexed struct {
	round uint32
	plus1 int32
}

func (x *index) reset() {
	if x.round++; x.round == 0 || x.slots == nil {
		x.slots, x.round = make([]indexed, 64), 1
	}
	x.count = 0
}

func (x *index) bytes() int64 { return int64(len(x.slots)) * 8 }

// place returns where the number of that hash for which same holds is kept, or
// is to be put.
func (x *index) place(hash uint64, same func(int32) bool) *int32 {
	mask := uint64(len(x.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		s := &x.slots[at]
		if s.round != x.round {
			s.round, s.plus1 = x.round, 0
		}
		if s.plus1 == 0 || same(s.plus1-1) {
			return &s.plus1
		}
	}
}

// grow keeps the index at most half full.
func (x *index) grow(hash func(int32) uint64) {
	if 2*x.count < len(x.slots) {
		return
	}
	old := x.slots
	x.slots = make([]indexed, 2*len(old))
	for _, s := range old {
		if s.round == x.round && s.plus1 != 0 {
			*x.place(hash(s.plus1-1), func(int32) bool { return false }) = s.plus1
		}
	}
}

func hashWords(words []uint64) uint64 {
	h := uint64(0)
	for _, w := range words {
		h = (h ^ w) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}

func equalWords(a, b []uint64) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// memo remembers what ops lead to, so that a model is seldom asked twice.
type memo struct {
	entries []remembered
	more    [][]models.Datum // where several states may follow
}

type remembered struct {
	state models.Datum
	next  models.Datum
	class int32 // plus one; 0: empty
	count int32 // how many states follow; above one next is their place in more
}

func (m *memo) reset(size int) {
	m.more = m.more[:0]
	if len(m.entries) == size {
		clear(m.entries)
		return
	}
	m.entries = make([]remembered, size)
}

// entry is where the successors of a state under a class of ops are remembered,
// if they are.
func (m *memo) entry(state models.Datum, class int32) (e *remembered, known bool) {
	h := (uint64(state)*31 + uint64(class)) * 0x9e3779b97f4a7c15
	e = &m.entries[h>>32&uint64(len(m.entries)-1)]
	return e, e.class == class+1 && e.state == state
}
