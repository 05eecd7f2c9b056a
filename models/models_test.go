package models_test

import (
	"strings"
	"testing"

	"checker/history"
	"checker/models"
)

func TestRegistry(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range models.All() {
		if seen[m.Name] || m.Name == "" || m.Summary == "" || m.Step == nil && m.Next == nil || len(m.Functions) == 0 {
			t.Errorf("%q: named twice, or without a summary, step or functions", m.Name)
		}
		seen[m.Name] = true
		got, err := models.Parse(m.Name)
		if err != nil || got.Name != m.Name || !got.Initial.Equal(m.Initial) {
			t.Errorf("Parse(%q) = %q, %v", m.Name, got.Name, err)
		}
		if m.Usage() == "" {
			t.Errorf("%s shows no usage", m.Name)
		}
	}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]history.Value{
		"register=0":         history.Int(0),
		"register=-5":        history.Int(-5),
		"cas-register=nil":   history.Nil,
		"register=true":      history.Bool(true),
		`register="x"`:       history.String("x"),
		"multi-register=abc": history.String("abc"),
	} {
		m, err := models.Parse(text)
		if err != nil || !m.Initial.Equal(want) {
			t.Errorf("Parse(%q) starts at %v (%v), want %v", text, m.Initial, err, want)
		}
	}
	if _, err := models.Parse("registre"); err == nil || !strings.Contains(err.Error(), `did you mean "register"?`) {
		t.Errorf("Parse(registre): %v", err)
	}
	if _, err := models.Parse("zzzzzzzz"); err == nil || strings.Contains(err.Error(), "did you mean") {
		t.Errorf("Parse(zzzzzzzz): %v", err)
	}
}

func TestValuesAreEqualWhenTheirDataAre(t *testing.T) {
	var heap history.Heap
	v := models.NewValues(&heap)
	ref := func(x history.Value) history.Ref {
		r, err := heap.Add(x)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if v.Of(0) != 0 {
		t.Errorf("nil is number %d, want 0", v.Of(0))
	}
	pair := history.Vector(history.String("a"), history.Ints(1, 2))
	if a, b := v.Of(ref(pair)), v.Of(ref(pair)); a != b {
		t.Errorf("one datum has two numbers, %d and %d", a, b)
	}
	if a, b := v.Of(ref(history.String("a"))), v.Of(ref(history.Keyword("a"))); a == b {
		t.Error("a string and a keyword have one number")
	}
	ab := v.Concat(v.Add(history.String("a")), v.Add(history.String("b")))
	if ab != v.Add(history.String("ab")) || v.Text(ab) != "ab" {
		t.Errorf("a and b make %q", v.Text(ab))
	}
	if v.Tuple([]models.Datum{1, 2}) != v.Tuple([]models.Datum{1, 2}) || v.Tuple(nil) == v.Tuple([]models.Datum{0}) {
		t.Error("tuples are told apart wrongly")
	}
	if v.Bytes() <= 0 {
		t.Error("values take no memory")
	}
}

func TestMultiRegisterTakesAMapOfInitialValues(t *testing.T) {
	var heap history.Heap
	v := models.NewValues(&heap)
	m := models.MultiRegister()
	m.Initial = history.Map(history.Keyword("y"), history.Int(2), history.Keyword("x"), history.Int(1))
	state, err := m.Start(v)
	if err != nil {
		t.Fatal(err)
	}
	in, err := heap.Add(history.Vector(history.Mop("r", history.Keyword("x"), history.Int(1)),
		history.Mop("r", history.Keyword("y"), history.Int(2)), history.Mop("r", history.Keyword("z"), history.Nil)))
	if err != nil {
		t.Fatal(err)
	}
	op, err := m.Op(v, 0, in, in, true)
	if err != nil {
		t.Fatal(err)
	}
	if next, ok := m.Step(v, state, op); !ok || next != state || !op.Pure {
		t.Errorf("a read of the initial values: %v, pure %v", ok, op.Pure)
	}
}
