package history

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// blockColumns decodes the columns of a block into a chunk. Whatever they hold,
// it takes memory in proportion to their size.
type blockColumns struct {
	chunk
	table []blockString
	next  [numColumns]int // the row of the next entry of a column, -1 when there is none
	stack []Ref
	c     [numColumns]column
	err   error // the first
}

// blockString is a string of the block, and what has been found out about it.
type blockString struct {
	text  string
	ref   Ref
	f     uint32 // its number as a function + 1
	verb  int8   // its number as a verb + 1; -1 none
	legal int8   // 1 a keyword, 2 a tag too, -1 neither
}

// column is what is left of one.
type column []byte

var errShort = errors.New("a column is too short")

// decode reads the columns in raw.
func (p *blockColumns) decode(raw []byte, rows int) error {
	p.chunk.reset()
	p.stack, p.err = p.stack[:0], nil
	rest := column(raw)
	for c := range p.c {
		n := p.count(&rest, math.MaxInt)
		p.c[c], rest = rest[:n:n], rest[n:]
	}
	if p.err == nil && len(rest) > 0 {
		p.fail("%d bytes after the last column", len(rest))
	}
	if p.err == nil && len(p.c[colType]) != rows {
		p.fail("%d types of %d rows", len(p.c[colType]), rows)
	}
	p.rows = slices.Grow(p.rows, len(p.c[colType]))
	p.readStrings()
	for c := colError; c < numColumns; c++ {
		p.next[c] = -1
		p.skip(c)
	}
	index, time := int64(-1), int64(0)
	for i := 0; i < rows && p.err == nil; i++ {
		index += 1 + p.signed(&p.c[colIndex])
		time += p.signed(&p.c[colTime])
		p.row(i, index, time)
	}
	for c := range p.c {
		if p.err == nil && len(p.c[c]) > 0 {
			p.fail("%d bytes left in the column %s", len(p.c[c]), columnNames[c])
		}
	}
	return p.err
}

// fail keeps the first error. Nothing is left to be read after it.
func (p *blockColumns) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	p.c = [numColumns]column{}
}

func (p *blockColumns) readStrings() {
	p.table = p.table[:0]
	c := &p.c[colStrings]
	n := p.count(c, math.MaxInt32)
	lengths := *c
	for range n {
		p.unsigned(c)
	}
	text := *c
	for range n {
		size := p.unsigned(&lengths)
		if size > uint64(len(text)) {
			p.fail("%w", errShort)
			return
		}
		ref := p.AddString(text[:size])
		p.table = append(p.table, blockString{text: p.Text(ref), ref: ref})
		text = text[size:]
	}
	p.c[colStrings] = text
}

// row reads row i.
func (p *blockColumns) row(i int, index, time int64) {
	m := p.mark()
	row := Row{Index: index, Time: time, HasTime: true, start: m, added: m}
	if index < 0 {
		p.fail("index %d", index)
	}
	row.Process = p.process()
	if row.Type = Type(p.take(&p.c[colType])); int(row.Type) >= len(typeNames) {
		p.fail("type %d", row.Type)
	}
	row.F = p.function()
	row.Value = p.value(&p.c[colValue], 0)
	if p.next[colError] == i {
		row.Error = p.value(&p.c[colError], 0)
		p.skip(colError)
	}
	if p.next[colNode] == i {
		row.Node = p.str(&p.c[colNode]).ref
		p.skip(colNode)
	}
	if p.next[colExtra] == i {
		p.extra(&row)
		p.skip(colExtra)
	}
	p.rows = append(p.rows, row)
}

// skip finds the next row that has an entry in column c.
func (p *blockColumns) skip(c int) {
	if len(p.c[c]) == 0 {
		p.next[c] = -1
		return
	}
	n := p.unsigned(&p.c[c])
	if n >= maxBlockRows {
		p.fail("a column skips %d rows", n)
		return
	}
	p.next[c] += 1 + int(n)
}

func (p *blockColumns) process() Process {
	n := p.signed(&p.c[colProcess])
	switch {
	case n >= -1 && n <= math.MaxInt32:
		return Process(n)
	case n < -1 && -2-n < int64(len(p.table)):
		return p.named(p.table[-2-n].text, 0)
	}
	p.fail("process %d", n)
	return 0
}

func (p *blockColumns) function() F {
	s := p.str(&p.c[colF])
	if s.f == 0 {
		if p.Fs() >= maxFs {
			p.fail("more than 65,000 functions")
			return 0
		}
		s.f = uint32(p.InternF(s.text)) + 1
	}
	return F(s.f - 1)
}

// extra reads the fields of row that not every op has. Their values do not stay
// in the heap.
func (p *blockColumns) extra(row *Row) {
	c := &p.c[colExtra]
	op := Op{Node: p.Text(row.Node)}
	for range p.count(c, maxExtra) {
		name, heap := p.str(c).text, p.Heap
		p.Heap = Heap{strs: heap.strs}
		field := Field{name, p.Value(p.value(c, 0))}
		p.Heap = heap
		if err := checkExtra(field, row.Extra, &op); err != nil {
			p.fail("%w", err)
		}
		if p.err != nil {
			return
		}
		if name == realTimeField && field.Value.Equal(Bool(false)) {
			p.noRealTime = true
			continue
		}
		row.Extra = append(row.Extra, field)
	}
}
