package history

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Strings may hold any bytes. JSON and EDN cannot, so a byte that is not UTF-8
// is written as the lone surrogate \udc80…\udcff, as Python's "surrogateescape"
// does (PEP 383), and comes back as that byte. Any other lone surrogate is
// refused.

// quoted reads a string in double quotes that begins at pos. Raw control
// characters are text in EDN and wrong in JSON.
func (p *rows) quoted(controls bool) ([]byte, error) {
	p.keep = p.pos
	p.pos++
	escaped := false
	for {
		c := p.buf[p.pos]
		switch {
		case c == '"':
			p.pos++
			text := p.buf[p.keep+1 : p.pos-1]
			p.keep = -1
			if controls {
				p.newlines(text)
			}
			if escaped {
				return p.unescape(text, controls)
			}
			return text, nil
		case c == '\\':
			escaped = true
			p.pos++
			if p.pos == p.end && !p.more() {
				return nil, p.expected("the rest of a string")
			}
			p.pos++
		case c == 0 && p.pos == p.end:
			if !p.more() {
				return nil, p.expected("the end \" of a string")
			}
		case c < ' ' && !controls:
			return nil, p.expected("no control character in a string (write it as \\u00..)")
		default:
			p.pos++
		}
	}
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// unescape replaces the escapes of text, which ends before the quote at pos-1.
func (p *rows) unescape(text []byte, edn bool) ([]byte, error) {
	dst := p.text[:0]
	for i := 0; i < len(text); {
		c := text[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		if e := escapes[text[i+1]]; e != 0 && !(edn && e == '/') {
			dst = append(dst, e)
			i += 2
			continue
		}
		var size int
		ok := text[i+1] == 'u'
		if ok {
			dst, size, ok = unescapeU(dst, text[i+1:])
		}
		if !ok {
			return nil, p.failed(p.line, p.col0(len(text)-i), "expected an escape such as \\n or \\u00e9, found %q", text[i:min(i+6, len(text))])
		}
		i += 1 + size
	}
	p.text = dst
	return dst, nil
}

// col0 returns the column of the byte that lies back bytes before the quote that
// was read last.
func (p *rows) col0(back int) int { return max(1, p.source.col()-1-back) }

// unescapeU decodes the escape uXXXX at the beginning of text, and a second one
// after it where the two are a surrogate pair. size is what it took.
func unescapeU(dst, text []byte) (out []byte, size int, ok bool) {
	r, ok := hex4(text)
	if !ok {
		return dst, 0, false
	}
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(dst, r), 5, true
	}
	if r >= 0xdc80 && r <= 0xdcff {
		return append(dst, byte(r)), 5, true
	}
	if len(text) < 11 || text[5] != '\\' {
		return dst, 0, false
	}
	low, ok := hex4(text[6:])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return dst, 0, false
	}
	return utf8.AppendRune(dst, r), 11, true
}

// hex4 reads the four digits after the u of an escape.
func hex4(text []byte) (rune, bool) {
	if len(text) < 5 || text[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[1:5]), 16, 16)
	return rune(n), err == nil
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends s in double quotes with the escapes that both JSON and
// EDN know.
func appendQuoted(dst []byte, s string) []byte {
	return append(appendEscaped(append(dst, '"'), s), '"')
}

func appendEscaped(dst []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		dst = append(dst, s[from:i]...)
		dst = appendEscape(dst, c)
		i++
		from = i
	}
	return append(dst, s[from:]...)
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	if c >= utf8.RuneSelf {
		dst = append(dst, `\udc`...)
	} else {
		dst = append(dst, `\u00`...)
	}
	return append(dst, hexDigits[c>>4], hexDigits[c&15])
}
