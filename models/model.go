package models

import (
	"fmt"
	"strings"

	"checker/history"
)

// Datum is a number that stands for a value: usually one given by [Values],
// sometimes the number itself, as a model pleases.
type Datum int64

// Model is a sequential specification of one object.
type Model struct {
	Name      string
	Summary   string     // one sentence
	Functions []Function // what ops may do; Op.F counts them from 0

	// Initial is the value of a fresh object; nil unless set. A multi-register
	// takes either one value for every key or a map from keys to values; its nil
	// is whatever the history needs.
	Initial history.Value

	// Keyed says that the value of every op is [key value] and that keys are
	// objects of their own. Other models are split by key where the whole
	// history looks that way; see check/linear.
	Keyed bool

	// Transactional says that an op is a transaction over several keys, so that
	// linearizable means strict serializable.
	Transactional bool

	// Owned says that it matters which process does an op: Op.By.
	Owned bool

	// Settles says that, where Initial is nil, the first reads settle what the
	// object held at first, so that no read is pure.
	Settles bool

	// Type says which well-known data type the object is, if any, so that a checker
	// may use what is known of it. The functions are then those of that type's
	// model here, counted alike, and do the same.
	Type DataType

	// Init returns the state of a fresh object. Nil: the initial value itself.
	Init func(v *Values, initial history.Value) (Datum, error)

	// Encode makes an op of an invocation's value and, for an op that is known,
	// of its completion's. Nil: arguments and result as Functions declare them.
	Encode func(v *Values, f int, in, out history.Ref, known bool) (Op, error)

	// Step applies op to a state and returns the next one. It is false where the
	// op cannot happen in that state with that result. It never sees a pure op
	// that is not known. An op that is not known steps as one that happened, with
	// a result that nobody saw; that it may never happen is the checker's concern.
	// Whether op is known, it may ask only of an op with a result.
	Step func(v *Values, state Datum, op Op) (Datum, bool)

	// Next takes the place of Step in an object that may do one of several
	// things: it appends every state that may follow to next, each once.
	Next func(v *Values, state Datum, op Op, next []Datum) []Datum

	// Observes reports whether seen, by its arguments or its result, may tell
	// that effect happened. The contract: take away an op that no other observes
	// from a legal order, and the order stays legal. Crashed ops that nothing
	// observes are then left out of a search, and witnesses are made smaller. Nil:
	// any op may observe any other.
	Observes func(v *Values, seen, effect Op) bool

	// Overwrites reports whether hidden, put right before by, never shows: by can
	// happen wherever it could before, with the same state after it, and hidden
	// can happen in every state. A search then need not ask when hidden happened.
	// Nil: nothing is overwritten.
	Overwrites func(by, hidden Op) bool

	// Ease returns an op that can happen wherever op can, and leads to the same
	// states there, such as a write for a compare-and-set. A search that takes all
	// crashed ops for such has fewer kinds of them to tell apart, and where even so
	// there is no order there is none. Nil: every op is as easy as can be.
	Ease func(op Op) Op

	// Merge returns, for a history of these ops, what to put in the place of a
	// state: one for all states that no op can tell apart, now or after any others.
	// A search then has fewer states. Nil: every state counts.
	Merge func(v *Values, ops []Op) func(state Datum) Datum

	// Anywhere returns every state that the object may be in in the middle of a
	// history, as far as ops of these can tell them apart; start is that of a fresh
	// one. A witness may then begin in the middle. Nil: they are too many.
	Anywhere func(v *Values, start Datum, ops []Op) []Datum

	// Parts appends the parts of the object that op touches, where ops that share
	// none do not affect each other; false is all of it. A search then takes the
	// parts one by one. Nil: the object has no parts.
	Parts func(v *Values, op Op, parts []Datum) ([]Datum, bool)

	_ struct{}
}

// Function is one kind of op that a model understands.
type Function struct {
	Name   string
	Args   int  // 0: none; 1: the value is the argument; 2: it is a pair of them
	Result bool // the completion's value is a result
	Pure   bool // it changes nothing
}

// Op is one op of a history in the terms of a model.
type Op struct {
	F     int   // which of Model.Functions
	Known bool  // it completed as ok; otherwise it may have happened, or may yet
	Pure  bool  // it changes nothing
	By    Datum // the process that did it, for a model that is Owned
	In    []Datum
	Out   []Datum // nil unless Known
}

// Function returns the number of the function called name, or -1.
func (m *Model) Function(name string) int {
	for i := range m.Functions {
		if m.Functions[i].Name == name {
			return i
		}
	}
	return -1
}

// Start returns the state of a fresh object.
func (m *Model) Start(v *Values) (Datum, error) {
	if m.Init != nil {
		return m.Init(v, m.Initial)
	}
	return v.Add(m.Initial), nil
}

// Successors appends to next the states that op may lead to.
func (m *Model) Successors(v *Values, state Datum, op Op, next []Datum) []Datum {
	if m.Next != nil {
		return m.Next(v, state, op, next)
	}
	if after, ok := m.Step(v, state, op); ok {
		next = append(next, after)
	}
	return next
}

// Op makes an op of function f from the value of its invocation and, when it is
// known, the value of its completion.
func (m *Model) Op(v *Values, f int, in, out history.Ref, known bool) (Op, error) {
	if m.Encode != nil {
		op, err := m.Encode(v, f, in, out, known)
		if known && m.Settles && m.Initial.IsNil() {
			op.Pure = false
		}
		return op, err
	}
	return m.plain(v, f, in, out, known)
}

// plain reads arguments and result as the function declares them.
func (m *Model) plain(v *Values, f int, in, out history.Ref, known bool) (Op, error) {
	fn := &m.Functions[f]
	op := Op{F: f, Known: known, Pure: fn.Pure}
	switch fn.Args {
	case 1:
		op.In = []Datum{v.Of(in)}
	case 2:
		a, b, ok := v.Heap().Pair(in)
		if !ok {
			return Op{}, fmt.Errorf("%s of %s: the value is not a pair", fn.Name, v.Heap().Value(in))
		}
		op.In = []Datum{v.Of(a), v.Of(b)}
	}
	if known && fn.Result {
		op.Out = []Datum{v.Of(out)}
	}
	return op, nil
}

// Describe puts an op in words, from its values as they were recorded: "write 7",
// "cas [7 8]", "read → 7", "read → ?".
func (m *Model) Describe(f int, in, out history.Value, known bool) string {
	fn := &m.Functions[f]
	var b strings.Builder
	b.WriteString(fn.Name)
	if fn.Args > 0 && !in.IsNil() {
		b.WriteString(" " + in.String())
	}
	switch {
	case fn.Result && known:
		b.WriteString(" → " + out.String())
	case fn.Result || !known:
		b.WriteString(" → ?")
	}
	return b.String()
}
