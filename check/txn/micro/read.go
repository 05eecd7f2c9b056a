package micro

import (
	"errors"
	"fmt"
	"math"

	"checker/history"
)

// ErrDoesNotFit is what the error of [Of] is when a history is not one of
// transactions of the data model, or contradicts itself. Its text names the op.
var ErrDoesNotFit = errors.New("the history does not fit")

// Of makes columns of the transactions of a history. Errors are
// [ErrDoesNotFit].
func Of(h *history.History, model Model) (*Txns, error) {
	pairs := h.Pairs()
	t := &Txns{History: h, Model: model}
	t.makeTxns(pairs)
	if err := t.measure(pairs); err != nil {
		return nil, err
	}
	r := reader{Txns: t, parts: split(len(pairs))}
	if err := r.each(r.readMops); err != nil {
		return nil, err
	}
	r.numberValues()
	if err := r.each(r.findValues); err != nil {
		return nil, err
	}
	r.numberOthers()
	r.findWriters()
	r.findZeros()
	r.findSeen()
	return t, nil
}

func (t *Txns) makeTxns(pairs []history.Pair) {
	n := len(pairs)
	t.Inv, t.Comp = make([]int32, n), make([]int32, n)
	t.Status, t.Session, t.First = make([]Status, n), make([]int32, n), make([]int32, n+1)
	sessions := map[history.Process]int32{}
	for x, p := range pairs {
		t.Inv[x], t.Comp[x] = p.Inv, p.Comp
		switch t.History.Outcome(p) {
		case history.Ok:
			t.Status[x] = Ok
		case history.Fail:
			t.Status[x] = Fail
		default:
			t.Status[x] = Info
		}
		process := t.History.Process(int(p.Inv))
		s, known := sessions[process]
		if !known {
			s = int32(len(sessions))
			sessions[process] = s
		}
		t.Session[x] = s
	}
	t.Sessions = len(sessions)
}

// measure counts micro-ops.
func (t *Txns) measure(pairs []history.Pair) error {
	total := 0
	for x, p := range pairs {
		ref, ok := sourceOf(t.History, p, t.Status[x] == Ok)
		if !ok {
			return t.wrong(int32(x), "its value is no transaction: %s", brief(t.History, ref))
		}
		total += t.History.Heap.Len(ref)
		if total > math.MaxInt32-8 {
			return fmt.Errorf("%w: more than 2^31 micro-ops", ErrDoesNotFit)
		}
		t.First[x+1] = int32(total)
	}
	t.Txn, t.Kind = make([]int32, total), make([]Kind, total)
	t.Key, t.Val = make([]int32, total), make([]int32, total)
	return nil
}

// sourceOf returns where the micro-ops of an operation are read from: the
// completion of an ok one, else the invocation, unless that says nothing.
func sourceOf(h *history.History, p history.Pair, ok bool) (ref history.Ref, isTxn bool) {
	if ok {
		ref = h.Ref(int(p.Comp))
		return ref, transaction(h, ref)
	}
	ref = h.Ref(int(p.Inv))
	if !transaction(h, ref) && p.Comp >= 0 {
		ref = h.Ref(int(p.Comp))
	}
	return ref, transaction(h, ref)
}

// transaction reports whether a value is a list of micro-ops, perhaps empty.
func transaction(h *history.History, ref history.Ref) bool {
	return h.IsTxn(ref) || (ref.Kind() == history.KindVector || ref.Kind() == history.KindList) && h.Heap.Len(ref) == 0
}

func (t *Txns) wrong(x int32, format string, args ...any) error {
	return fmt.Errorf("%w: op %d: %s", ErrDoesNotFit, t.Index(x), fmt.Sprintf(format, args...))
}

func brief(h *history.History, ref history.Ref) string {
	text := h.Value(ref).String()
	if len(text) > 60 {
		return text[:60] + "…"
	}
	return text
}

// reader is the state of one call of Of.
type reader struct {
	*Txns
	parts []*part
}

// readMops reads functions and keys of a part's micro-ops, and measures its
// values.
func (r *reader) readMops(p *part) error {
	kinds := kindsOf(r.History, r.Model)
	p.keys = make([]keyRange, r.History.Keys())
	for k := range p.keys {
		p.keys[k] = keyRange{least: math.MaxInt64, most: math.MinInt64, longest: -1}
	}
	for x := p.from; x < p.to; x++ {
		ref := r.source(x)
		for m := r.First[x]; m < r.First[x+1]; m++ {
			mop := r.History.MicroOp(ref, int(m-r.First[x]))
			if int(mop.F) >= len(kinds) || kinds[mop.F] < 0 {
				return r.wrong(x, "%s is no micro-op on %s", r.MopText(m), r.Model)
			}
			r.Txn[m], r.Kind[m], r.Key[m] = x, Kind(kinds[mop.F]), int32(mop.Key)
			if err := r.measureMop(p, x, mop, m); err != nil {
				return err
			}
		}
		if err := r.sameAsAsked(x, ref); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) measureMop(p *part, x int32, mop history.MicroOp, m int32) error {
	k := &p.keys[mop.Key]
	switch {
	case r.Kind[m] == Write:
		if mop.Value.IsNil() && r.Model == Registers {
			return r.wrong(x, "%s writes nil, which is what a register holds at first", brief(r.History, r.source(x)))
		}
		n, whole := r.History.Int(mop.Value)
		if !whole {
			k.sparse = true
			return nil
		}
		k.writes++
		k.least, k.most = min(k.least, n), max(k.most, n)
	case r.Status[x] != Ok:
		r.Val[m] = Unread
	case r.Model == Lists:
		n, isList := listLen(r.History, mop.Value)
		if !isList {
			return r.wrong(x, "%s read %s, which is no list", brief(r.History, r.source(x)), brief(r.History, mop.Value))
		}
		if n > 0 && (k.longest < 0 || n > int(k.size)) {
			k.longest, k.size = m, int32(n)
		}
	}
	return nil
}

// sameAsAsked compares what an ok transaction did with what it was invoked with.
func (r *reader) sameAsAsked(x int32, done history.Ref) error {
	asked := r.History.Ref(int(r.Inv[x]))
	if r.Status[x] != Ok || asked == done || asked.IsNil() {
		return nil
	}
	h := r.History
	if !transaction(h, asked) || h.Heap.Len(asked) != h.Heap.Len(done) {
		return r.wrong(x, "it was invoked as %s and completed as %s", brief(h, asked), brief(h, done))
	}
	for i := range h.Heap.Len(done) {
		a, b := h.MicroOp(asked, i), h.MicroOp(done, i)
		if a.F != b.F || a.Key != b.Key || r.Kind[r.First[x]+int32(i)] == Write && !h.Equal(a.Value, b.Value) {
			return r.wrong(x, "it was invoked as %s and completed as %s", brief(h, asked), brief(h, done))
		}
	}
	return nil
}

func (m Model) String() string {
	if m == Lists {
		return "lists"
	}
	return "registers"
}

// kindsOf returns by function what micro-ops of that function do; -1 for those
// that the data model does not have.
func kindsOf(h *history.History, model Model) []int8 {
	kinds := make([]int8, h.Fs())
	for f := range kinds {
		switch h.FName(history.F(f)) {
		case "r", "read":
			kinds[f] = int8(Read)
		case "append":
			kinds[f] = kindIf(model == Lists)
		case "w", "write":
			kinds[f] = kindIf(model == Registers)
		default:
			kinds[f] = -1
		}
	}
	return kinds
}

func kindIf(has bool) int8 {
	if has {
		return int8(Write)
	}
	return -1
}

// listLen returns the length of a list; nil is the empty one.
func listLen(h *history.History, ref history.Ref) (n int, ok bool) {
	switch ref.Kind() {
	case history.KindNil:
		return 0, true
	case history.KindVector, history.KindList:
		return h.Heap.Len(ref), !h.IsTxn(ref)
	}
	return 0, false
}
