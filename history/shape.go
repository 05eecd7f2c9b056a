package history

import "bytes"

// What makes reading fast: the ops of a history look alike, so most bytes of one
// are those of the op before or one of a few words. Everything here only tries.
// Where the text is anything else, nothing has been read, and the readers proper
// decide what it is.

// notation is how a syntax writes what nearly all ops consist of.
type notation struct {
	names   Kind      // what a verb is: a keyword or a string
	types   [4]string // by Type
	verb    string    // what comes before a verb
	verbEnd string    // and after it
	sep     byte      // between elements; a blank may follow
	null    string
	gapEnd  string // the bytes after which a value may begin
}

var ednNotation = notation{KindKeyword, [...]string{":invoke", ":ok", ":fail", ":info"}, "[:", " ", ' ', "nil", " "}

var jsonNotation = notation{KindString, [...]string{`"invoke"`, `"ok"`, `"fail"`, `"info"`}, `["`, `",`, ',', "null", ": "}

// gap is the text between two values of an op: the name of a field, with what
// separates it. The same text in the same place means the same.
type gap struct {
	text  []byte // empty when it cannot be recognised
	field field
	name  string
}

const maxGaps = 32 // that are remembered

// skipGap passes over gap i of the op if it is the one of the op before.
func (p *rows) skipGap(i int) (g *gap, ok bool) {
	if i >= len(p.gaps) {
		return nil, false
	}
	g = &p.gaps[i]
	if len(g.text) == 0 || !bytes.HasPrefix(p.buf[p.pos:p.end], g.text) {
		return nil, false
	}
	p.pos += len(g.text)
	return g, true
}

// learnGap remembers gap i, which began at the offset from in the given line and
// ends here.
func (p *rows) learnGap(i int, from int64, line int, f field, name string) {
	if i == len(p.gaps) && i < maxGaps {
		p.gaps = append(p.gaps, gap{})
	}
	if i >= len(p.gaps) {
		return
	}
	g := &p.gaps[i]
	g.text, g.field, g.name = g.text[:0], f, name
	if from >= p.off && line == p.line && bytes.IndexByte([]byte(p.gapEnd), p.buf[p.pos-1]) >= 0 {
		g.text = append(g.text, p.buf[from-p.off:p.pos]...)
	}
}

// wordF is the function of the op before and how it was written.
type wordF struct {
	text []byte
	f    F
}

var endsWord = [256]bool{' ': true, ',': true, ']': true, '}': true, '\n': true}

// skipWord passes over text if it stands here and ends here.
func skipWord[T string | []byte](p *rows, text T) bool {
	end := p.pos + len(text)
	if len(text) == 0 || end >= p.end || !endsWord[p.buf[end]] || string(p.buf[p.pos:end]) != string(text) {
		return false
	}
	p.pos = end
	return true
}

// digits reads a number from 0 of up to 17 digits.
func (p *rows) digits() (int64, bool) {
	n, i := digitsAt(p.buf, p.pos)
	if i < 0 || !endsWord[p.buf[i]] {
		return 0, false
	}
	p.pos = i
	return n, true
}

// digitsAt reads a number from 0 of up to 17 digits at buf[i]. end is -1 when
// there is none.
func digitsAt(buf []byte, i int) (n int64, end int) {
	from := i
	for c := buf[i] - '0'; c <= 9; c = buf[i] - '0' {
		n = n*10 + int64(c)
		i++
	}
	if i == from || i > from+17 || buf[from] == '0' && i > from+1 {
		return 0, -1
	}
	return n, i
}

// plainMops reads micro-ops whose keys are numbers and whose values are nil,
// numbers or vectors of numbers, as many as there are, and puts them on the
// stack; see vector.
func (p *rows) plainMops() (some bool) {
	if p.depth+2 > maxDepth {
		return false
	}
	for p.plainMop() {
		some = true
		if p.buf[p.pos] != p.sep {
			break
		}
		if p.pos++; !p.plainMop() {
			p.pos--
			break
		}
	}
	return some
}

func (p *rows) plainMop() bool {
	text := p.buf[p.pos:p.end]
	if len(text) < 2 || text[0] != p.verb[0] || text[1] != p.verb[1] {
		return false
	}
	verb, size := verbAt(text[2:], p.verbEnd[0])
	i := p.pos + 2 + size + len(p.verbEnd)
	if verb < 0 || i >= p.end || p.buf[i-1] != p.verbEnd[len(p.verbEnd)-1] {
		return false
	}
	key, i := digitsAt(p.buf, p.blank(i))
	if i < 0 || p.buf[i] != p.sep {
		return false
	}
	m := p.h.mark()
	value, i := p.plainValue(p.blank(i + 1))
	if i < 0 || p.buf[i] != ']' {
		p.h.ints = p.h.ints[:m.ints]
		return false
	}
	p.pos = i + 1
	p.stack = append(p.stack, Ref(verb), p.h.AddInt(key), value)
	return true
}

func (p *rows) blank(i int) int {
	if p.buf[i] == ' ' {
		i++
	}
	return i
}

// plainValue reads the value of a micro-op. end is -1 when it is of another kind.
func (p *rows) plainValue(i int) (v Ref, end int) {
	switch c := p.buf[i]; {
	case c == '[' && p.buf[i+1] == ']':
		return makeSpan(KindVector, len(p.h.cells), 0), i + 2
	case c == '[':
		return p.smallInts(i+1, p.sep)
	case c == p.null[0] && i+len(p.null) < p.end && string(p.buf[i:i+len(p.null)]) == p.null:
		return 0, i + len(p.null)
	}
	n, end := digitsAt(p.buf, i)
	if end < 0 {
		return 0, -1
	}
	return p.h.AddInt(n), end
}
