package history

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unsafe"
)

// Kind is the kind of a [Value].
type Kind uint8

// The kinds: those of EDN, of which JSON has a part.
const (
	KindNil Kind = iota
	KindBool
	KindInt
	KindFloat
	KindString
	KindKeyword // an EDN keyword, without its colon
	KindVector  // [a b c]; JSON's only sequence
	KindList    // (a b c)
	KindSet     // #{a b c}, in the order read
	KindMap     // {k v …}, keys and values alternating, in the order read
	KindTagged  // #tag value
)

// Value is a datum of an op in flight: nil, a boolean, a number, a string, a
// keyword or a collection of those. The zero Value is nil. Values are immutable.
// They are compared with Equal.
//
// Ops carry two of them through every layer of a run, so they are small: 24 bytes,
// what a text or a collection holds being behind one pointer (as in log/slog).
type Value struct {
	_    [0]func() // no ==
	kind Kind
	n    int64          // bool, int, float bits; how many bytes or elements are at p
	p    unsafe.Pointer // the bytes of a string or keyword, else the elements
}

func textual(kind Kind, s string) Value {
	return Value{kind: kind, n: int64(len(s)), p: unsafe.Pointer(unsafe.StringData(s))}
}

func collection(kind Kind, elems []Value) Value {
	return Value{kind: kind, n: int64(len(elems)), p: unsafe.Pointer(unsafe.SliceData(elems))}
}

// Nil is the absent value.
var Nil Value

// Bool returns a boolean value.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, n: 1}
	}
	return Value{kind: KindBool}
}

// Int returns an integer value.
func Int(n int64) Value { return Value{kind: KindInt, n: n} }

// Float returns a floating-point value.
func Float(f float64) Value { return Value{kind: KindFloat, n: int64(math.Float64bits(f))} }

// String returns a string value.
func String(s string) Value { return textual(KindString, s) }

// Keyword returns a keyword; s comes without its colon.
func Keyword(s string) Value { return textual(KindKeyword, s) }

// Vector returns a sequence. It keeps elems.
func Vector(elems ...Value) Value { return collection(KindVector, elems) }

// List returns an EDN list. It keeps elems.
func List(elems ...Value) Value { return collection(KindList, elems) }

// Set returns a set, whose elements stay in the order given. It keeps elems.
func Set(elems ...Value) Value { return collection(KindSet, elems) }

// Map returns a map of alternating keys and values, in the order given. It keeps kvs.
func Map(kvs ...Value) Value {
	if len(kvs)%2 != 0 {
		panic("history: a map needs a value for each key")
	}
	return collection(KindMap, kvs)
}

// symbolTag is the tag of an EDN symbol, as histories have in the stack traces of
// exceptions: foo is held as #symbol "foo".
const symbolTag = "symbol"

// Tagged returns v behind a tag, as in EDN's #inst "…".
func Tagged(tag string, v Value) Value {
	return collection(KindTagged, []Value{String(tag), v})
}

// Ints returns a vector of integers.
func Ints(ns ...int64) Value {
	elems := make([]Value, len(ns))
	for i, n := range ns {
		elems[i] = Int(n)
	}
	return Vector(elems...)
}

// Mop returns a micro-op of a transaction, [f k v].
func Mop(f string, key, value Value) Value { return Vector(Keyword(f), key, value) }

// Kind returns the kind of v.
func (v Value) Kind() Kind { return v.kind }

// IsNil reports whether v is nil.
func (v Value) IsNil() bool { return v.kind == KindNil }

// Bool returns the boolean v, or false.
func (v Value) Bool() bool { return v.kind == KindBool && v.n != 0 }

// Int returns the integer v; ok is false, and n is 0, when v is of another kind.
func (v Value) Int() (n int64, ok bool) {
	if v.kind != KindInt {
		return 0, false
	}
	return v.n, true
}

// Float returns the number v as a float; ok is false when v is not a number.
func (v Value) Float() (f float64, ok bool) {
	switch v.kind {
	case KindFloat:
		return math.Float64frombits(uint64(v.n)), true
	case KindInt:
		return float64(v.n), true
	}
	return 0, false
}

// Text returns the characters of a string or keyword, or the tag of a tagged value.
func (v Value) Text() string {
	switch v.kind {
	case KindString, KindKeyword:
		return unsafe.String((*byte)(v.p), v.n)
	case KindTagged:
		return v.elems()[0].Text()
	}
	return ""
}

// Elems returns the elements of a collection: of a map the alternating keys and
// values, of a tagged value the one value. The caller must not change them.
func (v Value) Elems() []Value {
	switch v.kind {
	case KindVector, KindList, KindSet, KindMap:
		return v.elems()
	case KindTagged:
		return v.elems()[1:]
	}
	return nil
}

// elems returns what a collection holds, of a tagged value the tag and the value.
func (v Value) elems() []Value { return unsafe.Slice((*Value)(v.p), v.n) }

// Pair returns the two elements of a vector or list of two, as in a CAS's
// [old new] or an independent op's [key value].
func (v Value) Pair() (a, b Value, ok bool) {
	if (v.kind == KindVector || v.kind == KindList) && v.n == 2 {
		pair := v.elems()
		return pair[0], pair[1], true
	}
	return Nil, Nil, false
}

// Equal reports whether v and w are the same datum. Sets and maps are compared
// in the order that they were built in.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind || v.n != w.n {
		return false
	}
	switch v.kind {
	case KindNil, KindBool, KindInt, KindFloat:
		return true
	case KindString, KindKeyword:
		return v.Text() == w.Text()
	}
	return v.p == w.p || slices.EqualFunc(v.elems(), w.elems(), Value.Equal)
}

// String prints v as EDN.
func (v Value) String() string { return string(v.AppendEDN(nil)) }

// AppendEDN appends v as EDN to dst.
func (v Value) AppendEDN(dst []byte) []byte {
	switch v.kind {
	case KindNil:
		return append(dst, "nil"...)
	case KindBool:
		return strconv.AppendBool(dst, v.n != 0)
	case KindInt:
		return strconv.AppendInt(dst, v.n, 10)
	case KindFloat:
		return appendEDNFloat(dst, math.Float64frombits(uint64(v.n)))
	case KindString:
		return appendQuoted(dst, v.Text())
	case KindKeyword:
		return append(append(dst, ':'), v.Text()...)
	case KindVector:
		return appendEDNSeq(dst, "[", v.Elems(), "]")
	case KindList:
		return appendEDNSeq(dst, "(", v.Elems(), ")")
	case KindSet:
		return appendEDNSeq(dst, "#{", v.Elems(), "}")
	case KindMap:
		return appendEDNMap(dst, v.Elems())
	case KindTagged:
		if name := v.Elems()[0]; v.Text() == symbolTag && name.kind == KindString && isSymbol(name.Text()) {
			return append(dst, name.Text()...)
		}
		dst = append(append(append(dst, '#'), v.Text()...), ' ')
		return v.Elems()[0].AppendEDN(dst)
	}
	panic("history: value of unknown kind " + strconv.Itoa(int(v.kind)))
}

func appendEDNSeq(dst []byte, open string, elems []Value, end string) []byte {
	dst = append(dst, open...)
	for i, e := range elems {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = e.AppendEDN(dst)
	}
	return append(dst, end...)
}

func appendEDNMap(dst []byte, kvs []Value) []byte {
	dst = append(dst, '{')
	for i := 0; i < len(kvs); i += 2 {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(kvs[i].AppendEDN(dst), ' ')
		dst = kvs[i+1].AppendEDN(dst)
	}
	return append(dst, '}')
}

// appendEDNFloat keeps a float recognisable as one when it is read back.
func appendEDNFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "##NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "##Inf"...)
	case math.IsInf(f, -1):
		return append(dst, "##-Inf"...)
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return append(dst, text...)
}
