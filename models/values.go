package models

import (
	"cmp"
	"encoding/binary"

	"checker/history"
)

// Values numbers the data of one history: equal data get equal numbers, counted
// from 0, which is nil. Models make further data out of them: concatenated
// strings and tuples.
type Values struct {
	heap *history.Heap
	refs map[history.Ref]Datum
	text map[string]Datum // by EDN; tuples by their numbers behind a zero byte
	data []datum
	cat  map[[2]Datum]Datum
	size int64
}

type datum struct {
	value history.Value
	tuple []Datum
}

// NewValues returns a numbering of the data in heap.
func NewValues(heap *history.Heap) *Values {
	v := &Values{heap: heap, refs: map[history.Ref]Datum{}, text: map[string]Datum{}, cat: map[[2]Datum]Datum{}}
	v.Add(history.Nil)
	return v
}

// Heap returns the heap whose data are numbered.
func (v *Values) Heap() *history.Heap { return v.heap }

// Of returns the number of a value at rest.
func (v *Values) Of(r history.Ref) Datum {
	d, ok := v.refs[r]
	if !ok {
		d = v.Add(v.heap.Value(r))
		v.refs[r] = d
	}
	return d
}

// Add returns the number of a value in flight.
func (v *Values) Add(x history.Value) Datum {
	text := x.AppendEDN(nil)
	if d, ok := v.text[string(text)]; ok {
		return d
	}
	return v.push(text, datum{value: x})
}

// Tuple returns the number of a sequence of data.
func (v *Values) Tuple(elems []Datum) Datum {
	text := make([]byte, 1, 1+8*len(elems))
	for _, e := range elems {
		text = binary.LittleEndian.AppendUint64(text, uint64(e))
	}
	if d, ok := v.text[string(text)]; ok {
		return d
	}
	return v.push(text, datum{tuple: append([]Datum(nil), elems...)})
}

func (v *Values) push(text []byte, x datum) Datum {
	d := Datum(len(v.data))
	v.data = append(v.data, x)
	v.text[string(text)] = d
	v.size += bytesPerDatum + 2*int64(len(text))
	return d
}

// bytesPerDatum is what a datum takes beside its text, twice kept, with what maps
// and slices leave behind as they grow.
const bytesPerDatum = 480

// Bytes estimates how much memory the data take.
func (v *Values) Bytes() int64 { return v.size }

// Elems returns the elements of a tuple. The caller must not change them.
func (v *Values) Elems(d Datum) []Datum { return v.data[d].tuple }

// Value returns the value behind a number that is not a tuple's.
func (v *Values) Value(d Datum) history.Value { return v.data[d].value }

// Int returns the integer behind a number.
func (v *Values) Int(d Datum) (int64, bool) { return v.data[d].value.Int() }

// Text returns the characters of the string behind a number.
func (v *Values) Text(d Datum) string { return v.data[d].value.Text() }

// Concat returns the number of the string that a and b make together.
func (v *Values) Concat(a, b Datum) Datum {
	d, ok := v.cat[[2]Datum{a, b}]
	if !ok {
		d = v.Add(history.String(v.Text(a) + v.Text(b)))
		v.cat[[2]Datum{a, b}] = d
	}
	return d
}

func (v *Values) compare(a, b Datum) int { return Compare(v.Value(a), v.Value(b)) }

// Compare orders whole numbers by size, before all else, which goes by its text.
func Compare(a, b history.Value) int {
	x, xok := a.Int()
	y, yok := b.Int()
	switch {
	case xok && yok:
		return cmp.Compare(x, y)
	case xok != yok:
		return cmp.Compare(bit(yok), bit(xok))
	}
	return cmp.Compare(a.String(), b.String())
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
