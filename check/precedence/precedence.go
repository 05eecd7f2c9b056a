package precedence

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
	"checker/models"
)

// The anomalies that this package finds.
const (
	CausalReverse  = "causal-reverse"        // a write is visible without one that had completed before it
	MissingEarlier = "missing-earlier-write" // a subkey is there without one written before it
	Unexpected     = "unexpected"            // a read has a value that nobody wrote
)

// Kinds explains what this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: CausalReverse, Summary: "A read has a write, but lacks another that had completed before that one was invoked.", Example: `client 1   [ write 1, ok ]
client 2                    [ write 2, ok ]
client 3                        [ read → #{2} ]`},
		{Name: MissingEarlier, Summary: "A read has a write of a client, but lacks one that the same client had made before.", Example: `client 1   [ write k.1 ]  [ write k.2 ]
client 2                        [ read k.2, k.1 → 2, nil ]`},
	}
}

// Options direct the check. The zero value is sensible.
type Options struct {
	Name      string // what the check is called: comments or causal-reverse; "" is comments
	Witnesses int    // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	_         struct{}
}

// NewComments returns the check called comments or causal-reverse.
func NewComments(o Options) check.Checker {
	if o.Name == "" {
		o.Name = "comments"
	}
	return comments{o}
}

type comments struct{ options Options }

// Name is comments or causal-reverse.
func (c comments) Name() string { return c.options.Name }

// Check judges a history of writes and reads of all values. One without an ok read
// that has anything is unknown.
func (c comments) Check(ctx context.Context, h *history.History) (check.Result, error) {
	found := check.NewFindings(c.Name(), h, c.options.Witnesses)
	values := models.NewValues(&h.Heap)
	judged := 0
	for _, o := range check.Objects(h) {
		s := &shelf{h: h, object: o, values: values, found: found, writes: map[models.Datum]history.Pair{}}
		if err := s.sort(); err != nil {
			return check.Result{}, err
		}
		for _, p := range s.reads {
			if err := ctx.Err(); err != nil {
				return check.Result{}, fmt.Errorf("%d reads judged: %w", judged, err)
			}
			if err := s.read(p); err != nil {
				return check.Result{}, err
			}
			judged += s.saw
		}
	}
	found.Note("%d reads that have something were judged", judged)
	if judged == 0 {
		found.Undecided("nothing to check: no ok read has anything")
	}
	return found.Result, nil
}

// shelf is one object: what was written to it, and its reads.
type shelf struct {
	h      *history.History
	object check.Object
	values *models.Values
	found  *check.Findings
	writes map[models.Datum]history.Pair
	sure   []sureWrite // in the order in which they completed
	reads  []history.Pair
	saw    int // 1 if the last read had anything
}

// sureWrite is a write that is ok.
type sureWrite struct {
	datum models.Datum
	op    history.Pair
}

// sort tells writes from reads.
func (s *shelf) sort() error {
	for _, p := range s.object.Pairs {
		outcome := s.h.Outcome(p)
		switch f := s.h.FName(s.h.F(int(p.Inv))); {
		case f == "read" && outcome == history.Ok:
			s.reads = append(s.reads, p)
		case f == "write":
			d := s.values.Of(s.object.In(s.h, p))
			if before, twice := s.writes[d]; twice {
				return fmt.Errorf("op %d: %s is written again after op %d; each value may be written once", s.h.Witness(p), s.values.Value(d), s.h.Witness(before))
			}
			s.writes[d] = p
			if outcome == history.Ok {
				s.sure = append(s.sure, sureWrite{d, p})
			}
		case f != "read":
			return fmt.Errorf("op %d: this kind of history knows write and read, not %q", s.h.Witness(p), f)
		}
	}
	slices.SortFunc(s.sure, func(a, b sureWrite) int { return cmp.Compare(a.op.Comp, b.op.Comp) })
	return nil
}

// read looks for a sure write that is missing beside a later one.
func (s *shelf) read(p history.Pair) error {
	v := s.object.Out(s.h, p)
	switch v.Kind() {
	case history.KindVector, history.KindList, history.KindSet, history.KindNil:
	default:
		return fmt.Errorf("op %d: a read of %s is not a collection of values", s.h.Witness(p), s.h.Value(v))
	}
	if s.h.IsTxn(v) {
		return fmt.Errorf("op %d: a read of %s is a transaction, not a collection of values", s.h.Witness(p), s.h.Value(v))
	}
	has := map[models.Datum]bool{}
	newest := history.Pair{Inv: -1}
	var strange []models.Datum
	for i := range s.h.Heap.Len(v) {
		d := s.values.Of(s.h.Elem(v, i))
		has[d] = true
		w, known := s.writes[d]
		if !known || s.h.Outcome(w) == history.Fail {
			strange = append(strange, d)
		} else if w.Inv > newest.Inv {
			newest = w
		}
	}
	s.saw = min(1, len(has))
	for _, w := range s.sure {
		if w.op.Comp >= newest.Inv {
			break
		}
		if !has[w.datum] {
			s.found.Found(CausalReverse, s.object.Key, []history.Pair{w.op, newest, p}, "read (op %d) has what op %d wrote, but lacks %s, whose write (op %d) had completed before op %d was invoked",
				s.h.Witness(p), s.h.Witness(newest), s.values.Value(w.datum), s.h.Witness(w.op), s.h.Witness(newest))
			break
		}
	}
	for _, d := range strange {
		s.unexpected(p, d)
	}
	return nil
}

func (s *shelf) unexpected(p history.Pair, d models.Datum) {
	if w, failed := s.writes[d]; failed {
		s.found.Found(Unexpected, s.object.Key, []history.Pair{w, p}, "read (op %d) has %s, whose write (op %d) failed", s.h.Witness(p), s.values.Value(d), s.h.Witness(w))
		return
	}
	s.found.Found(Unexpected, s.object.Key, []history.Pair{p}, "read (op %d) has %s, which nobody wrote", s.h.Witness(p), s.values.Value(d))
}
