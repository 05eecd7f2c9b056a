package history

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// value implements syntax.
func (p *ednReader) value() (Ref, error) {
	c := p.buf[p.pos]
	if ednClass[c]&isBlank != 0 {
		var err error
		if c, err = p.next(); err != nil {
			return 0, err
		}
	}
	switch {
	case ednClass[c]&isDigit != 0:
		return p.integer()
	case c == '[':
		p.pos++
		if p.depth < maxDepth {
			if r, end := p.smallInts(p.pos, ' '); end >= 0 {
				p.pos = end
				return r, nil
			}
		}
		return p.vector(p)
	case c == ':':
		text, err := p.keyword()
		if err != nil {
			return 0, err
		}
		return p.h.AddKeyword(text), nil
	case c == '"':
		text, err := p.str()
		if err != nil {
			return 0, err
		}
		return p.h.AddString(text), nil
	case c == '{':
		return p.mapping()
	case c == '(':
		return p.elements(KindList, ')')
	case c == '#':
		return p.dispatch()
	case c == '\\':
		return p.char()
	case ednClass[c]&isToken != 0 || c >= utf8.RuneSelf:
		return p.symbol()
	}
	return 0, p.expected("a value")
}

// integer reads a number that begins with a digit, the usual kind quickly.
func (p *ednReader) integer() (Ref, error) {
	n, i := int64(0), p.pos
	for ednClass[p.buf[i]]&isDigit != 0 && i < p.pos+18 {
		n = n*10 + int64(p.buf[i]-'0')
		i++
	}
	if i < p.end && ednClass[p.buf[i]]&isToken == 0 && (p.buf[p.pos] != '0' || i == p.pos+1) {
		p.pos = i
		return p.h.AddInt(n), nil
	}
	return p.number()
}

// number reads any number.
func (p *ednReader) number() (Ref, error) {
	line, col := p.line, p.source.col()
	text := p.token()
	digits := bytes.TrimPrefix(bytes.TrimPrefix(text, []byte("-")), []byte("+"))
	whole := bytes.TrimSuffix(digits, []byte("N"))
	switch {
	case allDigits(whole) && (len(whole) == 1 || whole[0] != '0'):
		n, err := strconv.ParseInt(string(bytes.TrimSuffix(text, []byte("N"))), 10, 64)
		if err != nil {
			return 0, p.failed(line, col, "expected an integer of 64 bits, found %s", text)
		}
		return p.h.AddInt(n), nil
	case bytes.IndexByte(text, '/') > 0:
		return 0, p.failed(line, col, "expected an integer or a float, found the ratio %s, which would lose its precision", text)
	case bytes.HasSuffix(text, []byte("M")):
		return 0, p.failed(line, col, "expected an integer or a float, found the decimal %s, which would lose its precision", text)
	case isFloat(digits):
		f, err := strconv.ParseFloat(string(text), 64)
		if err == nil {
			return p.h.AddFloat(f), nil
		}
	}
	return 0, p.failed(line, col, "expected a number, found %q", text)
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0
}

// isFloat reports whether text has the form digits[.digits][e[sign]digits],
// which is JSON's and, but for a dot without digits after it, EDN's.
func isFloat(text []byte) bool {
	mantissa, exponent := text, []byte("0")
	if at := bytes.IndexAny(text, "eE"); at >= 0 {
		mantissa, exponent = text[:at], text[at+1:]
		if len(exponent) > 0 && (exponent[0] == '-' || exponent[0] == '+') {
			exponent = exponent[1:]
		}
	}
	whole, fraction, dot := bytes.Cut(mantissa, []byte("."))
	if dot && !allDigits(fraction) {
		return false
	}
	return allDigits(whole) && (len(whole) == 1 || whole[0] != '0') && allDigits(exponent)
}

// keyword reads a keyword and returns it without its colon.
func (p *ednReader) keyword() ([]byte, error) {
	line, col := p.line, p.source.col()
	text := p.token()[1:]
	if len(text) == 0 || text[0] == ':' {
		return nil, p.failed(line, col, "expected a keyword, found %q", ":"+string(text))
	}
	return text, nil
}

// symbol reads nil, true, false, a signed number or a symbol.
func (p *ednReader) symbol() (Ref, error) {
	if c := p.buf[p.pos]; c == '-' || c == '+' {
		if ednClass[p.second()]&isDigit != 0 {
			return p.number()
		}
	}
	switch text := p.token(); string(text) {
	case "nil":
		return 0, nil
	case "true":
		return p.h.AddBool(true), nil
	case "false":
		return p.h.AddBool(false), nil
	case "":
		return 0, p.expected("a value in UTF-8")
	default:
		if err := p.enter(); err != nil {
			return 0, err
		}
		p.leave()
		name := p.h.AddString(text)
		return p.h.addTagged(p.h.AddString([]byte(symbolTag)), name), nil
	}
}

// elements reads a collection that begins with the byte at pos.
func (p *ednReader) elements(k Kind, end byte) (Ref, error) {
	if err := p.enter(); err != nil {
		return 0, err
	}
	p.pos++
	for base := len(p.stack); ; {
		more, err := p.element(end, false)
		if err != nil {
			return 0, err
		}
		if !more {
			p.leave()
			return p.seq(k, base)
		}
		r, err := p.value()
		if err != nil {
			return 0, err
		}
		p.stack = append(p.stack, r)
	}
}

func (p *ednReader) mapping() (Ref, error) {
	line, col := p.line, p.source.col()
	r, err := p.elements(KindMap, '}')
	if err == nil && p.h.Len(r)%2 != 0 {
		err = p.failed(line, col, "expected a map with a value for each key, found %d forms", p.h.Len(r))
	}
	return r, err
}

// dispatch reads what begins with #: a set, a symbolic number or a tagged value.
func (p *ednReader) dispatch() (Ref, error) {
	switch p.second() {
	case '{':
		p.pos++
		return p.elements(KindSet, '}')
	case '"':
		return 0, p.expected("a value (regular expressions are none)")
	}
	line, col := p.line, p.source.col()
	p.pos++
	switch tag := p.token(); string(tag) {
	case "":
		return 0, p.expected("a tag after #")
	case "#NaN", "#Inf", "#-Inf", "#+Inf":
		f, _ := strconv.ParseFloat(string(tag[1:]), 64)
		return p.h.AddFloat(f), nil
	default:
		if tag[0] == '#' || tag[0] == ':' {
			return 0, p.failed(line, col, "expected a tag, found %q", "#"+string(tag))
		}
		name := p.h.AddString(tag)
		if err := p.enter(); err != nil {
			return 0, err
		}
		r, err := p.value()
		p.leave()
		return p.h.addTagged(name, r), err
	}
}

var ednChars = map[string]string{"newline": "\n", "space": " ", "tab": "\t", "return": "\r", "formfeed": "\f", "backspace": "\b"}

// char reads a character, as a string of one.
func (p *ednReader) char() (Ref, error) {
	line, col := p.line, p.source.col()
	p.second()
	p.pos++
	if p.atEnd() {
		return 0, p.expected("a character")
	}
	first := p.buf[p.pos]
	if ednClass[first]&isToken == 0 && first < utf8.RuneSelf {
		p.pos++
		if first == '\n' {
			p.newline()
		}
		return p.h.AddString([]byte{first}), nil
	}
	text := p.token()
	if _, size := utf8.DecodeRune(text); size == len(text) && size > 0 {
		return p.h.AddString(text), nil
	}
	if s, ok := ednChars[string(text)]; ok {
		return p.h.AddString([]byte(s)), nil
	}
	if len(text) == 5 && text[0] == 'u' {
		if decoded, _, ok := unescapeU(nil, text); ok {
			return p.h.AddString(decoded), nil
		}
	}
	return 0, p.failed(line, col, "expected a character, found %q", `\`+string(text))
}

// str reads a string. The text is valid until the window moves or the next
// string is read.
func (p *ednReader) str() ([]byte, error) {
	return p.quoted(true)
}
