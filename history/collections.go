package history

import "bytes"

// Reading of vectors. Nearly all are lists of small ints or transactions, and
// these two go straight to where they stay at rest.

// verbs are the functions of micro-ops, see mopVerbs.
var verbs = [...]string{"r", "append", "w", "read", "write"}

// verbAt returns which verb text begins with, up to the byte end, and how long
// that is.
func verbAt(text []byte, end byte) (verb, size int) {
	for i, name := range verbs {
		if n := len(name); len(text) > n && text[n] == end && string(text[:n]) == name {
			return i, n
		}
	}
	return -1, 0
}

// smallInts reads a vector of ints of up to nine digits whose first element
// would be at buf[i], with sep (and perhaps a blank) in between. end is where the
// vector ends, and -1 when there is anything else in it or the window ends.
func (p *rows) smallInts(i int, sep byte) (r Ref, end int) {
	buf, ints := p.buf, p.h.ints
	first := len(ints)
	for {
		n, from := int32(0), i
		for c := buf[i] - '0'; c <= 9; c = buf[i] - '0' {
			n = n*10 + int32(c)
			i++
		}
		if i == from || i > from+9 || buf[from] == '0' && i > from+1 {
			return 0, -1
		}
		ints = append(ints, n)
		if buf[i] != sep {
			break
		}
		if i++; buf[i] == ' ' {
			i++
		}
	}
	n := len(ints) - first
	if buf[i] != ']' || n > maxLen {
		return 0, -1
	}
	p.h.ints = ints
	return makeSpan(refInts, first, n), i + 1
}

// vector reads the elements of a vector whose bracket has been read. While they
// are micro-ops, each lies on the stack as three entries: the number of its verb,
// its key and its value.
func (p *rows) vector(syn syntax) (Ref, error) {
	if err := p.enter(); err != nil {
		return 0, err
	}
	base, mops := len(p.stack), true
	for first := true; ; first = false {
		more, err := syn.element(']', first)
		if err != nil {
			return 0, err
		}
		if !more {
			break
		}
		if mops {
			if p.plainMops() {
				continue
			}
			verb, ok := syn.verb()
			if ok {
				whole, err := p.microOp(syn, verb)
				if err != nil {
					return 0, err
				}
				if whole {
					continue
				}
			}
			mops = false
			if err := p.plain(base, ok); err != nil {
				return 0, err
			}
			if ok {
				continue
			}
		}
		r, err := syn.value()
		if err != nil {
			return 0, err
		}
		p.stack = append(p.stack, r)
	}
	p.leave()
	if n := len(p.stack) - base; mops && n > 0 && n/3 <= maxLen {
		return p.txn(base), nil
	} else if mops {
		if err := p.plain(base, false); err != nil {
			return 0, err
		}
	}
	return p.seq(KindVector, base)
}

// microOp reads the rest of a vector that begins with a verb. whole says that it
// is a micro-op, and on the stack as such; else it is there as a vector.
func (p *rows) microOp(syn syntax, verb int) (whole bool, err error) {
	if err := p.enter(); err != nil {
		return false, err
	}
	base := len(p.stack)
	p.stack = append(p.stack, Ref(verb))
	for {
		more, err := syn.element(']', false)
		if err != nil {
			return false, err
		}
		if !more {
			break
		}
		r, err := syn.value()
		if err != nil {
			return false, err
		}
		p.stack = append(p.stack, r)
	}
	p.leave()
	if len(p.stack) == base+3 {
		return true, nil
	}
	p.stack[base] = p.verbRef(p.stack[base])
	r, err := p.seq(KindVector, base)
	p.stack = append(p.stack, r)
	return false, err
}

func (p *rows) verbRef(verb Ref) Ref {
	return makeRef(p.names, uint64(p.h.intern([]byte(verbs[verb]))))
}

// plain turns the micro-ops on the stack from base on into vectors. The entry on
// the top is left alone if it is one already.
func (p *rows) plain(base int, top bool) error {
	end := len(p.stack)
	if top {
		end--
	}
	at := base
	for i := base; i < end; i += 3 {
		r, err := p.h.AddSeq(KindVector, []Ref{p.verbRef(p.stack[i]), p.stack[i+1], p.stack[i+2]})
		if err != nil {
			return err
		}
		p.stack[at] = r
		at++
	}
	p.stack = append(p.stack[:at], p.stack[end:]...)
	return nil
}

// txn stores the micro-ops on the stack from base on as a transaction.
func (p *rows) txn(base int) Ref {
	r := p.h.addMops(p.stack[base:])
	p.stack = p.stack[:base]
	return r
}

// addMops stores micro-ops, each the number of a verb, a key and a value.
func (h *Heap) addMops(mops []Ref) Ref {
	off := len(h.mopF)
	for i := 0; i < len(mops); i += 3 {
		h.mopF = append(h.mopF, h.verbF(int(mops[i])))
		h.mopKey = append(h.mopKey, h.internKey(mops[i+1]))
		h.mopVal = append(h.mopVal, mops[i+2])
	}
	return makeSpan(refTxn, off, len(mops)/3)
}

// verbF returns the number of a verb's name.
func (h *Heap) verbF(verb int) F {
	if h.verbFs[verb] == 0 {
		h.verbFs[verb] = uint32(h.InternF(verbs[verb])) + 1
	}
	return F(h.verbFs[verb] - 1)
}

// element implements syntax for EDN.
func (p *ednReader) element(end byte, _ bool) (bool, error) {
	c, err := p.next()
	if err != nil {
		return false, err
	}
	switch c {
	case end:
		p.pos++
		return false, nil
	case 0, ']', ')', '}':
		return false, p.expectedEnd("a value", end)
	}
	return true, nil
}

// verb implements syntax for EDN.
func (p *ednReader) verb() (int, bool) {
	if p.buf[p.pos] != '[' || p.buf[p.pos+1] != ':' {
		return 0, false
	}
	verb, size := verbAt(p.buf[p.pos+2:p.end], ' ')
	if verb < 0 {
		return 0, false
	}
	p.pos += 2 + size
	return verb, true
}

// element implements syntax for JSON.
func (p *jsonReader) element(end byte, first bool) (bool, error) {
	switch c := p.skip(); {
	case c == end:
		p.pos++
		return false, nil
	case first:
		return true, nil
	case c == ',':
		p.pos++
		p.skip()
		return true, nil
	}
	return false, p.expectedEnd("a comma", end)
}

// verb implements syntax for JSON.
func (p *jsonReader) verb() (int, bool) {
	text := p.buf[p.pos:p.end]
	if !bytes.HasPrefix(text, []byte(`["`)) {
		return 0, false
	}
	verb, size := verbAt(text[2:], '"')
	if verb < 0 {
		return 0, false
	}
	p.pos += 3 + size
	return verb, true
}
