package history

import (
	"encoding/binary"
	"math"
)

// What the columns of a block are made of. After an error, everything that is
// read is zero and takes nothing.

func (p *blockColumns) take(c *column) byte {
	if len(*c) == 0 {
		p.fail("%w", errShort)
		return 0
	}
	b := (*c)[0]
	*c = (*c)[1:]
	return b
}

func (p *blockColumns) unsigned(c *column) uint64 {
	if len(*c) > 0 && (*c)[0] < 0x80 {
		n := uint64((*c)[0])
		*c = (*c)[1:]
		return n
	}
	n, size := binary.Uvarint(*c)
	if size <= 0 {
		p.fail("%w", errShort)
		return 0
	}
	*c = (*c)[size:]
	return n
}

func (p *blockColumns) signed(c *column) int64 {
	n := p.unsigned(c)
	return int64(n>>1) ^ -int64(n&1)
}

// count reads how many things follow, each of which takes at least a byte.
func (p *blockColumns) count(c *column, most int) int {
	n := p.unsigned(c)
	if n > uint64(len(*c)) || n > uint64(most) {
		p.fail("%d things announced, %d bytes left of the column", n, len(*c))
		return 0
	}
	return int(n)
}

// str reads the number of a string.
func (p *blockColumns) str(c *column) *blockString {
	id := p.unsigned(c)
	if id >= uint64(len(p.table)) {
		p.fail("string %d of %d", id, len(p.table))
		return &blockString{}
	}
	return &p.table[id]
}

// name reads a string that is a legal keyword, or a legal tag.
func (p *blockColumns) name(c *column, least int8) *blockString {
	s := p.str(c)
	if s.legal == 0 {
		switch {
		case isTag(s.text):
			s.legal = 2
		case isKeyword(s.text):
			s.legal = 1
		default:
			s.legal = -1
		}
	}
	if s.legal < least {
		p.fail("%q is no legal keyword or tag", s.text)
	}
	return s
}

// value reads a value that lies in depth collections.
func (p *blockColumns) value(c *column, depth int) Ref {
	tag := p.take(c)
	switch {
	case tag >= tagSmall:
		return makeRef(KindInt, uint64(tag-tagSmall))
	case tag >= tagVector && depth == maxDepth:
		p.fail("collections nested more than %d deep", maxDepth)
		return 0
	}
	switch tag {
	case tagNil:
	case tagFalse, tagTrue:
		return p.AddBool(tag == tagTrue)
	case tagInt:
		return p.AddInt(p.signed(c))
	case tagFloat:
		return p.float(c)
	case tagString:
		return p.str(c).ref
	case tagKeyword:
		return makeRef(KindKeyword, uint64(p.name(c, 1).ref)&payload)
	case tagVector, tagList, tagSet, tagMap:
		return p.elements(c, tag, depth)
	case tagTagged:
		name := p.name(c, 2).ref
		return p.addTagged(name, p.value(c, depth+1))
	case tagInts:
		return p.vectorOfInts(c)
	case tagTxn:
		return p.txn(c, depth)
	default:
		p.fail("a value that begins with %d", tag)
	}
	return 0
}

func (p *blockColumns) float(c *column) Ref {
	if len(*c) < 8 {
		p.fail("%w", errShort)
		return 0
	}
	bits := binary.LittleEndian.Uint64(*c)
	*c = (*c)[8:]
	return p.AddFloat(math.Float64frombits(bits))
}

func (p *blockColumns) elements(c *column, tag byte, depth int) Ref {
	kind := [...]Kind{KindVector, KindList, KindSet, KindMap}[tag-tagVector]
	n := p.count(c, maxLen)
	if kind == KindMap {
		n *= 2
	}
	base := len(p.stack)
	for i := 0; i < n && p.err == nil; i++ {
		e := p.value(c, depth+1)
		p.stack = append(p.stack, e)
	}
	r, err := p.AddSeq(kind, p.stack[base:])
	p.stack = p.stack[:base]
	if err != nil {
		p.fail("%w", err)
	}
	return r
}

func (p *blockColumns) vectorOfInts(c *column) Ref {
	n, off, last := p.count(c, maxLen), len(p.ints), int64(0)
	for range n {
		last += p.signed(c)
		if last != int64(int32(last)) {
			p.fail("%d in a vector of integers of 32 bits", last)
		}
		p.ints = append(p.ints, int32(last))
	}
	if n == 0 {
		p.fail("an empty vector of integers")
	}
	return makeSpan(refInts, off, n)
}

func (p *blockColumns) txn(c *column, depth int) Ref {
	n, base := p.count(c, maxLen), len(p.stack)
	if n == 0 || depth+1 == maxDepth {
		p.fail("a transaction of %d micro-ops, nested %d deep", n, depth)
	}
	for i := 0; i < n && p.err == nil; i++ {
		verb := p.verb(c)
		key := p.value(c, depth+2)
		value := p.value(c, depth+2)
		p.stack = append(p.stack, Ref(verb), key, value)
	}
	mops := p.stack[base:]
	p.stack = p.stack[:base]
	if p.err != nil {
		return 0
	}
	return p.addMops(mops)
}

// verb reads the function of a micro-op.
func (p *blockColumns) verb(c *column) int {
	s := p.str(c)
	if s.verb == 0 {
		s.verb = -1
		for i, verb := range verbs {
			if s.text == verb {
				s.verb = int8(i + 1)
			}
		}
	}
	if s.verb < 0 {
		p.fail("%q is no function of a micro-op", s.text)
		return 0
	}
	return int(s.verb - 1)
}
