package history

import "strconv"

var jsonBlank = [256]bool{' ': true, '\t': true, '\r': true, '\n': true}

// jsonReader reads ops as JSON objects, one after the other or in one array.
// What JSON has no form for is written as described at [AppendJSON].
type jsonReader struct{ rows }

func readJSON(s source, opts ReadOptions) (*History, error) {
	fresh := func() *jsonReader { return &jsonReader{newRows(s, &jsonNotation)} }
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

func (p *jsonReader) history() error {
	if p.skip() == '[' {
		return p.wrapped()
	}
	return p.sequence()
}

// sequence implements syntax.
func (p *jsonReader) sequence() error {
	for {
		p.opStart = p.off + int64(p.pos)
		if p.skip() == 0 && p.atEnd() {
			return p.inputError()
		}
		if err := p.op(); err != nil {
			return err
		}
	}
}

// wrapped reads ops in an array, with nothing after it.
func (p *jsonReader) wrapped() error {
	if err := p.list(']', p.op); err != nil {
		return err
	}
	p.opStart = p.off + int64(p.pos)
	if p.skip() != 0 || !p.atEnd() {
		return p.expected("nothing after the end of the history")
	}
	return p.inputError()
}

// list reads what stands between the bracket at pos and its end, with commas.
func (p *jsonReader) list(end byte, element func() error) error {
	p.pos++
	for first := true; ; first = false {
		more, err := p.element(end, first)
		if err != nil || !more {
			return err
		}
		if err := element(); err != nil {
			return err
		}
	}
}

// op reads one op object.
func (p *jsonReader) op() error {
	if p.peek() != '{' {
		return p.expected("an op {…}")
	}
	p.begin()
	p.pos++
	for i := 0; ; i++ {
		g, ok := p.skipGap(i)
		if !ok {
			line, from := p.line, p.off+int64(p.pos)
			more, err := p.element('}', i == 0)
			if err != nil {
				return err
			}
			if !more {
				return p.finish()
			}
			next, err := p.member()
			if err != nil {
				return err
			}
			g = &next
			p.learnGap(i, from, line, g.field, g.name)
		}
		if err := p.field(p, g.field, g.name); err != nil {
			return err
		}
	}
}

// member reads the name of a field, up to its value.
func (p *jsonReader) member() (g gap, err error) {
	if p.peek() != '"' {
		return g, p.expected("the name of a field in quotes")
	}
	name, err := p.quoted(false)
	if err != nil {
		return g, err
	}
	g.field, g.name = p.fieldOf(name)
	if err := p.colon(); err != nil {
		return g, err
	}
	p.skip()
	return g, nil
}

func (p *jsonReader) colon() error {
	if p.skip() != ':' {
		return p.expected("a colon")
	}
	p.pos++
	return nil
}

// skip passes over blanks and returns the byte that follows, 0 at the end.
func (p *jsonReader) skip() byte {
	for {
		c := p.buf[p.pos]
		switch {
		case c > ' ':
			return c
		case c == '\n':
			p.pos++
			p.newline()
		case jsonBlank[c]:
			p.pos++
		case c != 0 || p.pos < p.end || !p.more():
			return c
		}
	}
}

// next implements syntax.
func (p *jsonReader) next() (byte, error) { return p.skip(), nil }

// word implements syntax.
func (p *jsonReader) word() ([]byte, bool, error) {
	if p.skip() != '"' {
		return nil, false, nil
	}
	text, err := p.quoted(false)
	return text, true, err
}

// value implements syntax.
func (p *jsonReader) value() (Ref, error) {
	switch c := p.skip(); c {
	case '"':
		text, err := p.quoted(false)
		if err != nil {
			return 0, err
		}
		return p.stringRef(text), nil
	case '[':
		p.pos++
		if p.depth < maxDepth {
			if r, end := p.smallInts(p.pos, ','); end >= 0 {
				p.pos = end
				return r, nil
			}
		}
		return p.vector(p)
	case '{':
		return p.object()
	case 'n':
		return 0, p.literal("null")
	case 't':
		return p.h.AddBool(true), p.literal("true")
	case 'f':
		return p.h.AddBool(false), p.literal("false")
	default:
		if c == '-' || c >= '0' && c <= '9' {
			return p.number()
		}
	}
	return 0, p.expected("a value")
}

// stringRef stores the text of a string: a keyword if it begins with a colon, a
// string that begins with a colon if it begins with two.
func (p *jsonReader) stringRef(text []byte) Ref {
	if len(text) > 1 && text[0] == ':' {
		if text[1] == ':' {
			return p.h.AddString(text[1:])
		}
		if isKeyword(string(text[1:])) {
			return p.h.AddKeyword(text[1:])
		}
	}
	return p.h.AddString(text)
}

func (p *jsonReader) literal(word string) error {
	for i := 0; i < len(word); i++ {
		if p.peek() != word[i] {
			return p.expected("the rest of " + word)
		}
		p.pos++
	}
	return nil
}

// number reads a number: an integer unless it has a dot or an exponent.
func (p *jsonReader) number() (Ref, error) {
	n, i := int64(0), p.pos
	for c := p.buf[i]; c >= '0' && c <= '9' && i < p.pos+18; c = p.buf[i] {
		n = n*10 + int64(c-'0')
		i++
	}
	if c := p.buf[i]; i > p.pos && i < p.end && (c == ',' || c == ']' || c == '}' || jsonBlank[c]) && (p.buf[p.pos] != '0' || i == p.pos+1) {
		p.pos = i
		return p.h.AddInt(n), nil
	}
	line, col := p.line, p.source.col()
	text := p.numberText()
	digits := text
	if text[0] == '-' {
		digits = text[1:]
	}
	if allDigits(digits) && (len(digits) == 1 || digits[0] != '0') {
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil {
			return 0, p.failed(line, col, "expected an integer of 64 bits, found %s", text)
		}
		return p.h.AddInt(n), nil
	}
	if isFloat(digits) {
		if f, err := strconv.ParseFloat(string(text), 64); err == nil {
			return p.h.AddFloat(f), nil
		}
	}
	return 0, p.failed(line, col, "expected a number, found %q", text)
}

func (p *jsonReader) numberText() []byte {
	p.keep = p.pos
	for {
		c := p.peek()
		if (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E' {
			break
		}
		p.pos++
	}
	text := p.buf[p.keep:p.pos]
	p.keep = -1
	return text
}

// array reads an array as a set or list.
func (p *jsonReader) array(k Kind) (Ref, error) {
	if p.skip() != '[' {
		return 0, p.expected("an array")
	}
	base := len(p.stack)
	if err := p.list(']', p.push); err != nil {
		return 0, err
	}
	return p.seq(k, base)
}

func (p *jsonReader) push() error {
	r, err := p.value()
	p.stack = append(p.stack, r)
	return err
}

// object reads an object: a map with string and keyword keys, or one of the
// forms for what JSON lacks.
func (p *jsonReader) object() (Ref, error) {
	if err := p.enter(); err != nil {
		return 0, err
	}
	base := len(p.stack)
	var special Ref
	isSpecial := false
	err := p.list('}', func() error {
		if p.peek() != '"' {
			return p.expected("a key in quotes")
		}
		if isSpecial {
			return p.expected("the end '}' after the one member of such an object")
		}
		key, err := p.quoted(false)
		if err != nil {
			return err
		}
		if len(p.stack) == base {
			if read := p.special(string(key)); read != nil {
				isSpecial = true
				if err = p.colon(); err == nil {
					special, err = read()
				}
				return err
			}
		}
		p.stack = append(p.stack, p.keyRef(key))
		if err := p.colon(); err != nil {
			return err
		}
		return p.push()
	})
	p.leave()
	if err != nil || isSpecial {
		return special, err
	}
	return p.seq(KindMap, base)
}

// keyRef stores the key of an object.
func (p *jsonReader) keyRef(key []byte) Ref {
	if len(key) > 1 && key[0] == '#' && key[1] == '#' {
		return p.h.AddString(key[1:])
	}
	return p.stringRef(key)
}

// special returns what reads the form whose one key is given, nil if it is a key
// like others.
func (p *jsonReader) special(key string) func() (Ref, error) {
	switch key {
	case "#set":
		return func() (Ref, error) { return p.array(KindSet) }
	case "#list":
		return func() (Ref, error) { return p.array(KindList) }
	case "#map":
		return p.entries
	case "#tag":
		return p.tagged
	case "#float":
		return p.float
	}
	return nil
}

// entries reads a map written as [[k,v],…].
func (p *jsonReader) entries() (Ref, error) {
	if p.skip() != '[' {
		return 0, p.expected("an array of [key, value]")
	}
	base := len(p.stack)
	err := p.list(']', func() error {
		if p.peek() != '[' {
			return p.expected("an array [key, value]")
		}
		n := len(p.stack)
		if err := p.list(']', p.push); err != nil {
			return err
		}
		if len(p.stack) != n+2 {
			return p.failed(p.line, p.source.col(), "expected an array [key, value], found one of %d elements", len(p.stack)-n)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return p.seq(KindMap, base)
}

// tagged reads ["tag", value].
func (p *jsonReader) tagged() (Ref, error) {
	if p.skip() != '[' {
		return 0, p.expected("an array [tag, value]")
	}
	base, n := len(p.stack), 0
	err := p.list(']', func() error {
		if n++; n > 1 {
			return p.push()
		}
		name, ok, err := p.word()
		if err == nil && (!ok || !isTag(string(name))) {
			err = p.failed(p.line, p.source.col(), "expected a legal tag in quotes before here, found %q", name)
		}
		p.stack = append(p.stack, p.h.AddString(name))
		return err
	})
	if err != nil {
		return 0, err
	}
	if n != 2 {
		return 0, p.failed(p.line, p.source.col(), "expected an array [tag, value], found one of %d elements", n)
	}
	r := p.h.addTagged(p.stack[base], p.stack[base+1])
	p.stack = p.stack[:base]
	return r, nil
}

// float reads the name of a float that is no number of JSON's.
func (p *jsonReader) float() (Ref, error) {
	p.skip()
	line, col := p.line, p.source.col()
	name, _, err := p.word()
	if err != nil {
		return 0, err
	}
	switch string(name) {
	case "NaN", "Inf", "-Inf":
		f, _ := strconv.ParseFloat(string(name), 64)
		return p.h.AddFloat(f), nil
	}
	return 0, p.failed(line, col, `expected "NaN", "Inf" or "-Inf"`)
}
