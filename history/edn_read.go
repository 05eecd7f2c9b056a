package history

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Classes of bytes in EDN.
const (
	isToken uint8 = 1 << iota // may stand in a keyword, symbol or number
	isBlank                   // separates, or begins something that does
	isDigit
)

var ednClass = func() (class [256]uint8) {
	for c := range class {
		if c > ' ' && c < 0x7f && bytes.IndexByte([]byte("()[]{}\",;\\@^`~"), byte(c)) < 0 {
			class[c] = isToken
		}
	}
	for c := '0'; c <= '9'; c++ {
		class[c] |= isDigit
	}
	for _, c := range []byte("\x00 \t\n\v\f\r,;#") {
		class[c] |= isBlank
	}
	return class
}()

// ednReader reads Jepsen's EDN: op maps one after the other, or one vector or
// list of them. Maps may be records (#jepsen.history.Op{…}) and span lines.
type ednReader struct{ rows }

// readEDN reads all ops of s.
func readEDN(s source, opts ReadOptions) (*History, error) {
	return readEDNOps(func() *ednReader { return &ednReader{newRows(s, &ednNotation)} }, opts)
}

// readPorcupineKV reads EDN whose ops have a key beside the value. The value of
// the op at rest is the tuple [key value].
func readPorcupineKV(s source, opts ReadOptions) (*History, error) {
	return readEDNOps(func() *ednReader {
		p := &ednReader{newRows(s, &ednNotation)}
		p.keyed, p.depth = true, 1
		return p
	}, opts)
}

func readEDNOps(fresh func() *ednReader, opts ReadOptions) (*History, error) {
	p := fresh()
	if err := readAhead(p, func() reader { return fresh() }); err != nil {
		return nil, err
	}
	if err := p.history(); err != nil {
		if !opts.AllowTruncated || !p.tornOff(err) {
			return nil, err
		}
		p.torn()
	}
	return p.close(), nil
}

func (p *ednReader) history() error {
	if _, err := p.recordTag(); err != nil {
		return err
	}
	switch p.peek() {
	case '[', '(':
		return p.wrapped()
	}
	return p.sequence()
}

// sequence implements syntax.
func (p *ednReader) sequence() error {
	for {
		c, err := p.recordTag()
		if err != nil {
			return err
		}
		if c == 0 && p.atEnd() {
			return p.inputError()
		}
		if err := p.op(); err != nil {
			return err
		}
	}
}

// wrapped reads ops in one vector or list, with nothing after it.
func (p *ednReader) wrapped() error {
	end := byte(']')
	if p.buf[p.pos] == '(' {
		end = ')'
	}
	p.pos++
	for {
		c, err := p.recordTag()
		if err != nil {
			return err
		}
		if c == end {
			p.pos++
			break
		}
		if c != '{' {
			return p.expected(fmt.Sprintf("an op {…} or the end %q of the history", end))
		}
		if err := p.op(); err != nil {
			return err
		}
	}
	p.opStart = p.off + int64(p.pos)
	if c, err := p.next(); err != nil || c != 0 || !p.atEnd() {
		if err != nil {
			return err
		}
		return p.expected("nothing after the end of the history")
	}
	return p.inputError()
}

// recordTag passes over the tag of a record, if there is one, and returns the
// byte after it.
func (p *ednReader) recordTag() (byte, error) {
	p.opStart = p.off + int64(p.pos)
	c, err := p.next()
	if err != nil || c != '#' {
		return c, err
	}
	p.pos++
	if len(p.token()) == 0 {
		return 0, p.expected("an op {…}")
	}
	return p.next()
}

// op reads one op map.
func (p *ednReader) op() error {
	if p.peek() != '{' {
		return p.expected("an op {…}")
	}
	p.begin()
	p.pos++
	for i := 0; ; i++ {
		if g, ok := p.skipGap(i); ok {
			if err := p.field(p, g.field, g.name); err != nil {
				return err
			}
			continue
		}
		line, from := p.line, p.off+int64(p.pos)
		c, err := p.next()
		if err != nil {
			return err
		}
		if c == '}' {
			p.pos++
			return p.finish()
		}
		name, ok, err := p.word()
		if err != nil {
			return err
		}
		if !ok {
			return p.expected("the name of a field such as :type, or the end } of the op")
		}
		f, text := p.fieldOf(name)
		if _, err := p.next(); err != nil {
			return err
		}
		p.learnGap(i, from, line, f, text)
		if err := p.field(p, f, text); err != nil {
			return err
		}
	}
}

// next passes over blanks, comments and discarded forms and returns the byte
// that follows, 0 at the end.
func (p *ednReader) next() (byte, error) {
	for {
		c := p.buf[p.pos]
		if c == ' ' || c == ',' {
			p.pos++
			continue
		}
		if ednClass[c]&isBlank == 0 {
			return c, nil
		}
		switch c {
		case '\n':
			p.pos++
			p.newline()
		case ';':
			p.skipLine()
		case '#':
			if p.second() != '_' {
				return c, nil
			}
			p.pos += 2
			if err := p.discard(); err != nil {
				return 0, err
			}
		case 0:
			if p.pos < p.end || !p.more() {
				return 0, nil
			}
		default:
			p.pos++
		}
	}
}

// second returns the byte after the next one, 0 at the end.
func (p *ednReader) second() byte {
	if p.pos+1 == p.end {
		p.keep = p.pos
		for p.pos+1 == p.end && p.more() {
		}
		p.keep = -1
	}
	if p.pos+1 >= p.end {
		return 0
	}
	return p.buf[p.pos+1]
}

// discard reads a form for nothing.
func (p *ednReader) discard() error {
	if err := p.enter(); err != nil {
		return err
	}
	defer p.leave()
	h := p.h
	p.h = &Heap{}
	defer func() { p.h = h }()
	_, err := p.value()
	return err
}

// token returns the token at pos, possibly empty. It is valid until the window
// moves.
func (p *ednReader) token() []byte {
	p.keep = p.pos
	for {
		i := p.pos
		for ednClass[p.buf[i]]&isToken != 0 {
			i++
		}
		p.pos = i
		if i == p.end && p.more() {
			continue
		}
		if p.buf[p.pos] < utf8.RuneSelf || !p.rune() {
			break
		}
	}
	text := p.buf[p.keep:p.pos]
	p.keep = -1
	return text
}

// rune passes over a character beyond ASCII; false means that there is none.
func (p *ednReader) rune() bool {
	for p.pos+utf8.UTFMax > p.end && p.more() {
	}
	r, size := utf8.DecodeRune(p.buf[p.pos:p.end])
	if r == utf8.RuneError && size <= 1 {
		return false
	}
	p.pos += size
	return true
}

// word implements syntax. nil is not a name.
func (p *ednReader) word() ([]byte, bool, error) {
	c, err := p.next()
	switch {
	case err != nil:
		return nil, false, err
	case c == ':':
		text, err := p.keyword()
		return text, true, err
	case c == '"':
		text, err := p.str()
		return text, true, err
	}
	return nil, false, nil
}
