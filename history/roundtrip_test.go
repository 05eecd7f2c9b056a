package history

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// awkward strings are those that some encoding treats in its own way.
var awkward = []string{
	"", "x", "read", ":", "::", ":k", "#", "##", "#set", "#tag", "nil", "null", "true", "5", "-1", "a b", "a,b", "\"", "\\", "\\u0041",
	"\n\r\t\b\f\x00\x1f\x7f", "é€😀", "\xff", "\xed\xb2\x80", "\ufffd", "a;b", "{}[]()", "~@^`", "\u2028",
}

func anyString() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom(awkward), rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
}

func legalName() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{"x", "a/b", "k2", "ünï", "#h", "'", "1", "-", "+5", "*", "nil", "w", "é.ü"})
}

func number() *rapid.Generator[Value] {
	return rapid.OneOf(
		rapid.Map(rapid.Int64Range(-3, 40), Int),
		rapid.Map(rapid.Int64(), Int),
		rapid.Map(rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64, 1 << 53, 1<<53 + 1, math.MaxInt32 + 1, math.MinInt32 - 1, 1 << 59, -1 << 59}), Int),
		rapid.Map(rapid.Float64(), Float),
		rapid.Map(rapid.SampledFrom([]float64{0, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), 1e300, 5e-324, 1e21}), Float),
	)
}

func scalar() *rapid.Generator[Value] {
	return rapid.OneOf(
		rapid.Just(Nil), rapid.Map(rapid.Bool(), Bool), number(),
		rapid.Map(anyString(), String), rapid.Map(legalName(), Keyword),
		rapid.Custom(func(t *rapid.T) Value { return Tagged(symbolTag, String(anyString().Draw(t, "symbol"))) }),
	)
}

func values(depth int) *rapid.Generator[Value] {
	if depth == 0 {
		return scalar()
	}
	inner := values(depth - 1)
	elems := rapid.SliceOfN(inner, 0, 4)
	return rapid.OneOf(
		scalar(),
		rapid.Map(rapid.SliceOfN(rapid.Int64Range(-1, 1<<31), 0, 6), func(ns []int64) Value { return Ints(ns...) }),
		rapid.Map(elems, func(vs []Value) Value { return Vector(vs...) }),
		rapid.Map(elems, func(vs []Value) Value { return List(vs...) }),
		rapid.Map(elems, func(vs []Value) Value { return Set(vs...) }),
		rapid.Map(elems, func(vs []Value) Value { return Map(vs[:len(vs)/2*2]...) }),
		rapid.Custom(func(t *rapid.T) Value {
			return Map(String(anyString().Draw(t, "key")), inner.Draw(t, "v"), Keyword(legalName().Draw(t, "key")), inner.Draw(t, "v"))
		}),
		rapid.Custom(func(t *rapid.T) Value {
			return Tagged(rapid.SampledFrom([]string{"inst", "a/b", symbolTag}).Draw(t, "tag"), inner.Draw(t, "tagged"))
		}),
		rapid.Map(rapid.SliceOfN(mops(inner), 0, 3), func(ms []Value) Value { return Vector(ms...) }),
	)
}

func mops(inner *rapid.Generator[Value]) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		return Mop(rapid.SampledFrom([]string{"r", "w", "append", "inc"}).Draw(t, "f"), inner.Draw(t, "k"), inner.Draw(t, "v"))
	})
}

// someOps draws rows that a history takes: each process invokes and completes in
// turn.
func someOps(t *rapid.T) []Op {
	open := map[Process]string{}
	index := 0
	ops := make([]Op, rapid.IntRange(1, 6).Draw(t, "ops"))
	for i := range ops {
		index += rapid.SampledFrom([]int{1, 1, 1, 7}).Draw(t, "gap")
		op := Op{
			Index: index, Time: rapid.Int64().Draw(t, "time"),
			Process: Process(rapid.SampledFrom([]int32{0, 1, 2, 70_000, math.MaxInt32, -1}).Draw(t, "process")),
			Value:   values(3).Draw(t, "value"), Error: values(1).Draw(t, "error"), Node: anyString().Draw(t, "node"),
		}
		f, isOpen := open[op.Process]
		switch {
		case op.Process == Nemesis:
			op.Type, op.F = Info, anyString().Draw(t, "f")
		case isOpen:
			op.Type, op.F = Type(rapid.IntRange(1, 3).Draw(t, "type")), f
			delete(open, op.Process)
		default:
			op.Type, op.F = Invoke, anyString().Draw(t, "f")
			open[op.Process] = op.F
		}
		for _, name := range rapid.SliceOfNDistinct(anyString(), 0, 2, rapid.ID[string]).Draw(t, "extra") {
			op.Extra = append(op.Extra, Field{"x" + name, values(2).Draw(t, "value")})
		}
		ops[i] = op
	}
	return ops
}

func write(t rapid.TB, h *History, f Format) string {
	t.Helper()
	var out bytes.Buffer
	if err := WriteHistory(&out, h, f); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func read(t rapid.TB, text string) *History {
	t.Helper()
	h, err := Read(strings.NewReader(text), "text", ReadOptions{})
	if err != nil {
		t.Fatalf("%v\nin %q", err, text)
	}
	return h
}

func TestEveryFormatGivesBackWhatWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ops := someOps(t)
		var lines []byte
		for _, op := range ops {
			lines = append(AppendJSON(lines, op), '\n')
		}
		h := read(t, string(lines))
		if got := write(t, h, JSONL); got != string(lines) {
			t.Fatalf("JSON Lines changed\nfrom %s\nto   %s", lines, got)
		}
		for i, op := range ops {
			if diff := difference(h.Op(i), op); diff != "" {
				t.Fatalf("op %d, written as %s: %s", i, AppendJSON(nil, op), diff)
			}
		}
		for _, f := range []Format{EDN, JSON, Block} {
			text := write(t, h, f)
			if got := write(t, read(t, text), JSONL); got != string(lines) {
				t.Fatalf("by way of %s\n%s\nJSON Lines changed\nfrom %s\nto   %s", f, text, lines, got)
			}
		}
	})
}

// difference names the first field in which two ops differ.
func difference(a, b Op) string {
	switch {
	case a.Index != b.Index || a.Time != b.Time || a.Process != b.Process || a.Type != b.Type:
		return fmt.Sprintf("%v is not %v", a, b)
	case a.F != b.F || a.Node != b.Node:
		return fmt.Sprintf("f %q, node %q are not %q, %q", a.F, a.Node, b.F, b.Node)
	case !a.Value.Equal(b.Value) || !a.Error.Equal(b.Error):
		return fmt.Sprintf("value %v, error %v are not %v, %v", a.Value, a.Error, b.Value, b.Error)
	case len(a.Extra) != len(b.Extra):
		return "number of extra fields"
	}
	for i, extra := range a.Extra {
		if extra.Name != b.Extra[i].Name || !extra.Value.Equal(b.Extra[i].Value) {
			return fmt.Sprintf("extra %v is not %v", extra, b.Extra[i])
		}
	}
	return ""
}

func TestWriterRefusesWhatCannotBeReadBack(t *testing.T) {
	deep := Int(1)
	for range maxDepth + 1 {
		deep = Vector(deep)
	}
	tests := []struct {
		name string
		op   Op
		want string
	}{
		{"keyword", Op{Value: Keyword("a b")}, "no legal keyword"},
		{"empty keyword", Op{Error: Vector(Keyword(""))}, "no legal keyword"},
		{"tag", Op{Value: Tagged("a b", Nil)}, "no legal tag"},
		{"deep", Op{Value: deep}, "nested"},
		{"own field", Op{Extra: []Field{{"time", Int(1)}}}, "every op has it"},
		{"same field twice", Op{Extra: []Field{{"a", Nil}, {"a", Nil}}}, "two extra"},
		{"type", Op{Type: 9}, "unknown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w, err := NewWriter(&bytes.Buffer{}, JSONL)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(test.op); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
	if _, err := NewWriter(&bytes.Buffer{}, KnossosLog); err == nil {
		t.Error("a writer for a format that can only be read")
	}
}

// The deepest values that can be written can be read, in every format.
func TestDeepestValueComesBack(t *testing.T) {
	for _, wrap := range []func(Value) Value{
		func(v Value) Value { return Vector(v) },
		func(v Value) Value { return Set(v) },
		func(v Value) Value { return List(v) },
		func(v Value) Value { return Map(Int(1), v) },
		func(v Value) Value { return Map(Keyword("k"), v) },
		func(v Value) Value { return Tagged("t", v) },
		func(v Value) Value { return Vector(v, Nil) },
	} {
		deep := Ints(1, 2)
		for range maxDepth - 1 {
			deep = wrap(deep)
		}
		h := build(t, Op{F: "x", Value: deep})
		if got := read(t, write(t, h, Block)).Op(0).Value; !got.Equal(deep) {
			t.Errorf("%s: %.60s… came back different", Block, deep)
		}
		for _, f := range []Format{JSONL, EDN} {
			if got := read(t, write(t, h, f)).Op(0).Value; !got.Equal(deep) {
				t.Errorf("%s: %.60s… came back different", f, deep)
			}
			text := strings.Replace(write(t, build(t, Op{F: "x", Value: Vector(String("deep"))}), f), `"deep"`,
				string(appendValue(nil, deep, f)), 1)
			if _, err := Read(strings.NewReader(text), "text", ReadOptions{}); err == nil || !strings.Contains(err.Error(), "nested") {
				t.Errorf("%s: error %v for too deep a value", f, err)
			}
		}
	}
}

func appendValue(dst []byte, v Value, f Format) []byte {
	if f == EDN {
		return v.AppendEDN(dst)
	}
	return appendJSONValue(dst, v)
}
