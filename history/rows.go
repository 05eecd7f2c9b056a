package history

import (
	"fmt"
	"math"
)

// syntax is what differs between EDN and JSON when an op's fields are read.
type syntax interface {
	// sequence reads ops, one after the other, up to the end.
	sequence() error
	// next returns the first byte of the next form, 0 at the end.
	next() (byte, error)
	// value reads the next form into the heap h of rows.
	value() (Ref, error)
	// word reads the next form if it is a name (a keyword, symbol or string);
	// else it leaves it alone and ok is false. The text is valid until the next
	// read.
	word() (text []byte, ok bool, err error)
	// element goes to the next element of a collection; more is false when it
	// has read the end instead.
	element(end byte, first bool) (more bool, err error)
	// verb reads the bracket and the verb of a micro-op, if that is what comes.
	verb() (verb int, ok bool)
}

// rows assembles ops from their fields, whatever the syntax, and hands them to a
// Builder, or to a chunk when the text is a piece of a history.
type rows struct {
	source
	*notation
	b       *Builder
	chunk   *chunk // instead of b
	heap    *Heap  // of b or chunk
	h       *Heap  // where values go: heap or scratch
	scratch Heap
	stack   []Ref  // elements of the collections that are being read
	text    []byte // a string without its escapes
	depth   int

	row     Row
	has     fieldSet
	gaps    []gap // of the op before
	lastF   wordF
	key     Ref // of porcupine-kv
	keyed   bool
	missing [numFields]lack
}

// lack counts the ops without a certain field.
type lack struct{ count, line int }

type field uint8

const (
	fieldIndex field = iota
	fieldTime
	fieldProcess
	fieldType
	fieldF
	fieldValue
	fieldError
	fieldNode
	fieldKey // porcupine-kv only
	fieldExtra
	numFields
)

type fieldSet uint16

const (
	maxExtra = 1000                            // fields of one op that not every op has
	maxFs    = math.MaxUint16 + 1 - len(verbs) // a few stay free for micro-ops
)

// realTimeField is false on the first op of a written history that has no real
// time; see [History.HasRealTime].
const realTimeField = "real-time"

var fieldNames = [...]string{"index", "time", "process", "type", "f", "value", "error", "node", "key"}

func newRows(s source, n *notation) rows {
	b := NewBuilder()
	return rows{source: s, notation: n, b: b, heap: b.Heap(), h: b.Heap()}
}

// fieldOf returns which field a name stands for, and the name to keep.
func (p *rows) fieldOf(name []byte) (field, string) {
	f := fieldExtra
	switch string(name) {
	case "index":
		f = fieldIndex
	case "time":
		f = fieldTime
	case "process":
		f = fieldProcess
	case "type":
		f = fieldType
	case "f":
		f = fieldF
	case "value":
		f = fieldValue
	case "error":
		f = fieldError
	case "node":
		f = fieldNode
	case "key":
		if p.keyed {
			f = fieldKey
		}
	}
	if f == fieldExtra {
		return f, string(name)
	}
	return f, fieldNames[f]
}

// begin starts an op at pos.
func (p *rows) begin() {
	p.opStart = p.off + int64(p.pos)
	m := p.heap.mark()
	p.row, p.has = Row{Line: p.line, Index: -1, col: p.source.col(), start: m, added: m}, 0
}

// field reads the value of field f, which is called name.
func (p *rows) field(syn syntax, f field, name string) error {
	if f == fieldExtra {
		return p.extra(syn, name)
	}
	if p.has&(1<<f) != 0 {
		return p.twice(name)
	}
	p.has |= 1 << f
	if c := p.buf[p.pos]; c <= '#' || c == ',' || c == ';' { // what may be a blank
		if _, err := syn.next(); err != nil {
			return err
		}
	}
	switch f {
	case fieldIndex, fieldTime:
		if n, ok := p.digits(); ok {
			p.setNumber(f, n)
			return nil
		}
		return p.number(syn, f)
	case fieldProcess:
		return p.process(syn)
	case fieldType:
		return p.typ(syn)
	case fieldF:
		return p.function(syn)
	case fieldNode:
		return p.node(syn)
	}
	return p.datum(syn, f)
}

func (p *rows) twice(name string) error {
	return p.failed(p.line, p.source.col(), "expected each field once, found a second %q", name)
}

func (p *rows) datum(syn syntax, f field) (err error) {
	switch f {
	case fieldValue:
		if p.has&(1<<fieldKey) == 0 {
			p.row.added = p.h.mark()
		}
		p.row.Value, err = syn.value()
	case fieldKey:
		if p.has&(1<<fieldValue) == 0 {
			p.row.added = p.h.mark()
		}
		p.key, err = syn.value()
	case fieldError:
		p.row.Error, err = syn.value()
	}
	return err
}

func (p *rows) number(syn syntax, f field) error {
	line, col := p.line, p.source.col()
	r, err := syn.value()
	if err != nil {
		return err
	}
	n, ok := p.h.Int(r)
	switch {
	case r.IsNil():
		p.has &^= 1 << f
	case !ok:
		return p.failed(line, col, "expected an integer as %s, found %s", fieldNames[f], brief(p.h.Value(r)))
	case f == fieldIndex && n < 0:
		return p.failed(line, col, "expected an index from 0, found %d", n)
	default:
		p.setNumber(f, n)
	}
	return nil
}

func (p *rows) setNumber(f field, n int64) {
	if f == fieldIndex {
		p.row.Index = n
		return
	}
	p.row.Time, p.row.HasTime = n, true
}

func (p *rows) process(syn syntax) error {
	if n, ok := p.digits(); ok && n <= math.MaxInt32 {
		p.row.Process = Process(n)
		return nil
	}
	line, col := p.line, p.source.col()
	name, ok, err := syn.word()
	if err != nil {
		return err
	}
	if ok {
		p.row.Process = p.named(string(name), line)
		return nil
	}
	r, err := syn.value()
	if err != nil {
		return err
	}
	n, ok := p.h.Int(r)
	switch {
	case r.IsNil():
		p.has &^= 1 << fieldProcess
	case !ok || n < 0 || n > math.MaxInt32:
		return p.failed(line, col, "expected a process (a number from 0 to %d, or a name), found %s", math.MaxInt32, brief(p.h.Value(r)))
	default:
		p.row.Process = Process(n)
	}
	return nil
}

// named returns the process of that name.
func (p *rows) named(name string, line int) Process {
	if p.chunk != nil {
		return p.chunk.named(name, line)
	}
	return p.b.namedByRow(name, line)
}

func (p *rows) typ(syn syntax) error {
	for t, text := range p.types {
		if skipWord(p, text) {
			p.row.Type = Type(t)
			return nil
		}
	}
	line, col := p.line, p.source.col()
	name, ok, err := syn.word()
	if err != nil {
		return err
	}
	if !ok {
		return p.expected("a type: invoke, ok, fail or info")
	}
	if p.row.Type, ok = ParseType(string(name)); !ok {
		return p.failed(line, col, "expected a type: invoke, ok, fail or info, found %q", name)
	}
	return nil
}

func (p *rows) function(syn syntax) error {
	if skipWord(p, p.lastF.text) {
		p.row.F = p.lastF.f
		return nil
	}
	line, col, from := p.line, p.source.col(), p.off+int64(p.pos)
	name, ok, err := syn.word()
	if err != nil {
		return err
	}
	if !ok {
		r, err := syn.value()
		if err == nil && !r.IsNil() {
			err = p.failed(line, col, "expected the name of a function, found %s", brief(p.h.Value(r)))
		}
		p.has &^= 1 << fieldF
		return err
	}
	if err = p.setF(name, line, col); err == nil && from >= p.off && p.line == line {
		p.lastF = wordF{append(p.lastF.text[:0], p.buf[from-p.off:p.pos]...), p.row.F}
	}
	return err
}

func (p *rows) setF(name []byte, line, col int) error {
	h := p.heap
	f, ok := h.fIDs[string(name)]
	if !ok {
		if h.Fs() >= maxFs {
			return p.failed(line, col, "expected a few functions, found more than 65,000 distinct ones; is this a history?")
		}
		f = h.InternF(string(name))
	}
	p.row.F = f
	return nil
}

// node keeps a node that is no name as an extra field.
func (p *rows) node(syn syntax) error {
	name, ok, err := syn.word()
	if err != nil {
		return err
	}
	if ok {
		p.row.Node = p.h.AddString(name)
		return nil
	}
	return p.extra(syn, "node")
}

// extra keeps a field that not every op has. Its value lives outside the
// history's heap.
func (p *rows) extra(syn syntax, name string) error {
	if len(p.row.Extra) == maxExtra {
		return p.failed(p.line, p.source.col(), "expected an op of at most %d fields, found more", maxExtra)
	}
	for _, other := range p.row.Extra {
		if other.Name == name {
			return p.twice(name)
		}
	}
	p.h = &p.scratch
	r, err := syn.value()
	p.h = p.heap
	if err != nil {
		return err
	}
	v := p.scratch.Value(r)
	if name == realTimeField && v.Equal(Bool(false)) {
		if p.chunk != nil {
			return errNoChunk
		}
		p.b.NoRealTime()
	} else if name != "node" || !r.IsNil() {
		p.row.Extra = append(p.row.Extra, Field{name, v})
	}
	if len(p.scratch.strs)+len(p.scratch.wide)+len(p.scratch.cells)+len(p.scratch.ints)+len(p.scratch.mopF) > 0 {
		p.scratch = Heap{}
	}
	return nil
}

// finish adds the op.
func (p *rows) finish() error {
	if p.has&(1<<fieldType) == 0 {
		return p.wrong("expected a type in the op, found none: every op is an invoke, ok, fail or info")
	}
	if p.keyed {
		if p.has&(1<<fieldKey) == 0 {
			return p.wrong("expected a key in the op, found none")
		}
		tuple, err := p.h.AddSeq(KindVector, []Ref{p.key, p.row.Value})
		if err != nil {
			return err
		}
		p.row.Value, p.key = tuple, 0
	}
	const usual = 1<<fieldIndex | 1<<fieldTime | 1<<fieldProcess | 1<<fieldF
	if p.has&usual == usual {
		return p.add()
	}
	for _, f := range [...]field{fieldIndex, fieldTime, fieldProcess, fieldF} {
		if p.has&(1<<f) == 0 && !(p.keyed && f <= fieldTime) {
			p.lacks(f)
		}
	}
	return p.add()
}

func (p *rows) lacks(f field) {
	if p.missing[f].count == 0 {
		p.missing[f].line = p.row.Line
	}
	p.missing[f].count++
	switch f {
	case fieldProcess:
		p.row.NoProcess = true
	case fieldF:
		p.row.F = p.heap.InternF("")
	}
}

func (p *rows) add() error {
	if p.chunk != nil {
		p.chunk.rows = append(p.chunk.rows, p.row)
		return nil
	}
	if err := p.b.add(&p.row); err != nil {
		return p.wrong("%v", err)
	}
	return nil
}

// wrong returns an error about an op that is all there.
func (p *rows) wrong(format string, args ...any) error {
	e := p.failed(p.row.Line, p.row.col, format, args...)
	e.atEnd, e.whole = false, true
	return e
}

// close hands the history over, with warnings for what its ops lack.
func (p *rows) close() *History {
	consequences := map[field]string{
		fieldIndex:   "the order in the file counts",
		fieldTime:    "they get the time of the op before",
		fieldProcess: "each gets a process of its own, and completions are matched by function and value",
		fieldF:       "their function is the empty name",
	}
	total := len(p.b.h.typ)
	for _, f := range [...]field{fieldIndex, fieldTime, fieldProcess, fieldF} {
		if n := p.missing[f].count; n > 0 {
			p.b.Warn(p.missing[f].line, "ops without %s: %d of %d; %s", fieldNames[f], n, total, consequences[f])
		}
	}
	return p.b.History()
}

// enter and leave count how deep collections are nested.
func (p *rows) enter() error {
	if p.depth++; p.depth > maxDepth {
		return p.failed(p.line, p.source.col(), "expected collections nested at most %d deep, found more", maxDepth)
	}
	return nil
}

func (p *rows) leave() { p.depth-- }

// seq stores the elements from stack[base] on as a collection.
func (p *rows) seq(k Kind, base int) (Ref, error) {
	r, err := p.h.AddSeq(k, p.stack[base:])
	p.stack = p.stack[:base]
	if err != nil {
		return 0, p.failed(p.line, p.source.col(), "%v", err)
	}
	return r, nil
}

// expectedEnd returns the error for what is neither an element nor the end of a
// collection.
func (p *rows) expectedEnd(what string, end byte) error {
	return p.expected(fmt.Sprintf("%s or the end %q of the collection", what, end))
}

// brief prints v for an error message.
func brief(v Value) string {
	text := v.String()
	if len(text) > 40 {
		return fmt.Sprintf("%.40s…", text)
	}
	return text
}
