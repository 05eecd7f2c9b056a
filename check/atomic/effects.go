package atomic

import (
	"context"
	"fmt"
	"slices"

	"checker/check"
	"checker/history"
	"checker/models"
)

// EffectOptions direct the check of effects.
type EffectOptions struct {
	Witnesses int // examples kept of each anomaly; 0 is [check.DefaultWitnesses]
	// Closed is that the history ends with reads of all lists, whose elements add up to nothing: without
	// them it is unknown.
	Closed bool
	_      struct{}
}

// NewEffects returns the check of what clients saw: that transactions take effect in all of their parts or in
// none, and for good. It takes any list-append history: a part of a transaction is an element that it appends
// to a list, and has taken effect when a read shows it. Elements are unique in their list. Reads must be of
// one recent state of the database, as they are under strong snapshot isolation and strict serializability:
// under weaker models one may see a part of a transaction that is atomic all the same.
func NewEffects(o EffectOptions) check.Checker { return effectsCheck{o} }

type effectsCheck struct{ options EffectOptions }

// Name is "effects".
func (effectsCheck) Name() string { return "effects" }

// branch is a part of a transaction: an element appended to a list.
type branch struct {
	of       int32 // the transaction
	key      models.Datum
	element  models.Datum
	shown    *history.Pair // the first read that shows it
	missed   *history.Pair // the first that must and does not
	vanished *history.Pair // the first that does not although one before it did
	returned *history.Pair // the first after that which does
	torn     *history.Pair // the first that does not although it shows
	tornFrom *branch       // this one
	inRead   int           // the number of the latest read that shows it, for the read that is judged
	inList   int           // and of the latest list
}

// whole is a transaction that appends.
type whole struct {
	op       history.Pair
	branches []*branch
	due      int32         // the row from which on every read must show it; -1 for none yet
	shown    *history.Pair // the first read that shows any branch
}

// effects is one call of Check.
type effects struct {
	h       *history.History
	found   *check.Findings
	values  *models.Values
	txns    []*whole
	of      map[int32]*whole // by the row of the invocation
	places  map[[2]models.Datum]*branch
	due     map[models.Datum][]*branch    // by list, in the order in which they became due
	lasts   map[models.Datum]history.Pair // by list, the read that was invoked last
	reads   int
	lists   int
	strange map[[2]models.Datum]bool // elements that nobody appended, told once
	closed  bool                     // see [EffectOptions]
}

// Check judges a history of transactions. Without one that appends to several lists it is unknown.
func (c effectsCheck) Check(ctx context.Context, h *history.History) (check.Result, error) {
	e := &effects{h: h, found: check.NewFindings(c.Name(), h, c.options.Witnesses), values: models.NewValues(&h.Heap),
		of: map[int32]*whole{}, places: map[[2]models.Datum]*branch{}, due: map[models.Datum][]*branch{},
		lasts: map[models.Datum]history.Pair{}, strange: map[[2]models.Datum]bool{}, closed: c.options.Closed}
	pairs := h.Pairs()
	for _, p := range pairs {
		if err := e.learn(p); err != nil {
			return check.Result{}, err
		}
	}
	pairs = slices.DeleteFunc(pairs, func(p history.Pair) bool { return h.Outcome(p) != history.Ok })
	slices.SortFunc(pairs, func(a, b history.Pair) int { return int(a.Comp - b.Comp) })
	for i := range pairs {
		if i%1024 == 0 && ctx.Err() != nil {
			return check.Result{}, fmt.Errorf("%d of %d transactions judged: %w", i, len(pairs), ctx.Err())
		}
		if err := e.observe(&pairs[i]); err != nil {
			return check.Result{}, err
		}
	}
	e.conclude()
	return e.found.Result, nil
}

// learn takes note of what a transaction appends.
func (e *effects) learn(p history.Pair) error {
	v := e.h.Ref(int(p.Inv))
	if !e.h.IsTxn(v) {
		return fmt.Errorf("op %d: %s is not a transaction such as [[:append k v] [:r k nil]]", e.h.Witness(p), e.h.Value(v))
	}
	t := &whole{op: p, due: -1}
	number := int32(len(e.txns))
	for i := range e.h.Heap.Len(v) {
		m := e.h.MicroOp(v, i)
		switch f := e.h.FName(m.F); f {
		case "r", "read":
			continue
		case "append":
		default:
			return fmt.Errorf("op %d: effects are told by appends and reads, not by %q", e.h.Witness(p), f)
		}
		at := [2]models.Datum{e.values.Of(e.h.Key(m.Key)), e.values.Of(m.Value)}
		if before := e.places[at]; before != nil {
			return fmt.Errorf("op %d: %s is appended to list %s again after op %d; effects are told by elements that are appended once",
				e.h.Witness(p), e.values.Value(at[1]), e.values.Value(at[0]), e.h.Witness(e.txns[before.of].op))
		}
		b := &branch{of: number, key: at[0], element: at[1]}
		e.places[at] = b
		t.branches = append(t.branches, b)
		if len(t.branches) == 1 { // or a repetition within would find nobody to name
			e.txns = append(e.txns, t)
			e.of[p.Inv] = t
		}
	}
	return nil
}

// observe takes a transaction that is ok, in the order of completions.
func (e *effects) observe(p *history.Pair) error {
	v := e.h.Ref(int(p.Comp))
	if !e.h.IsTxn(v) {
		return fmt.Errorf("op %d: %s is not a transaction such as [[:append k v] [:r k [v]]]", e.h.Witness(*p), e.h.Value(v))
	}
	e.reads++
	var keys []models.Datum
	var recent []*branch
	for i := range e.h.Heap.Len(v) {
		m := e.h.MicroOp(v, i)
		if f := e.h.FName(m.F); f != "r" && f != "read" {
			continue
		}
		key := e.values.Of(e.h.Key(m.Key))
		seen, err := e.list(p, key, m.Value)
		if err != nil {
			return err
		}
		recent = append(recent, seen...)
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		e.judgeMissing(p, key)
		if last, any := e.lasts[key]; !any || last.Inv < p.Inv {
			e.lasts[key] = *p
		}
	}
	for _, b := range recent {
		e.judgeTogether(p, b, keys)
	}
	if t := e.of[p.Inv]; t != nil {
		e.becomeDue(t, p.Comp)
	}
	return nil
}

// list takes one list that was read, and returns what it shows and need not have shown yet.
func (e *effects) list(p *history.Pair, key models.Datum, v history.Ref) (recent []*branch, err error) {
	e.lists++
	if v.IsNil() {
		return nil, nil
	}
	if v.Kind() != history.KindVector {
		return nil, fmt.Errorf("op %d: list %s was read as %s, which is no list", e.h.Witness(*p), e.values.Value(key), e.h.Value(v))
	}
	for i := range e.h.Heap.Len(v) {
		element := e.values.Of(e.h.Elem(v, i))
		at := [2]models.Datum{key, element}
		b := e.places[at]
		if b == nil {
			if !e.strange[at] {
				e.strange[at] = true
				e.found.Found(phantomEffect, e.name(key), []history.Pair{*p}, "op %d read %s in list %s, and nobody has appended it", e.h.Witness(*p), e.values.Value(element), e.name(key))
			}
			continue
		}
		if b.inList == e.lists {
			e.found.Found(doubledEffect, e.name(key), []history.Pair{e.txns[b.of].op, *p}, "op %d appended %s to list %s once, and op %d read it twice",
				e.h.Witness(e.txns[b.of].op), e.values.Value(element), e.name(key), e.h.Witness(*p))
		}
		b.inRead, b.inList = e.reads, e.lists
		if t := e.txns[b.of]; t.op.Inv != p.Inv { // what it appends itself it may read as it likes
			e.show(t, b, p)
			if t.due < 0 || t.due > p.Inv {
				recent = append(recent, b)
			}
		}
	}
	return recent, nil
}

// show takes note that a read shows a branch.
func (e *effects) show(t *whole, b *branch, p *history.Pair) {
	if b.vanished != nil && b.returned == nil && p.Inv > b.vanished.Comp {
		b.returned = p
	}
	if b.shown == nil {
		b.shown = p
	}
	if t.shown == nil {
		t.shown = p
	}
}

// becomeDue has every read invoked from now on show the transaction.
func (e *effects) becomeDue(t *whole, row int32) {
	if t.due >= 0 {
		return
	}
	t.due = row
	for _, b := range t.branches {
		e.due[b.key] = append(e.due[b.key], b)
	}
}

// judgeMissing finds what a read of a list must show and does not.
func (e *effects) judgeMissing(p *history.Pair, key models.Datum) {
	for _, b := range e.due[key] {
		t := e.txns[b.of]
		if t.due > p.Inv {
			break // and so are all behind it
		}
		if b.inRead == e.reads {
			continue
		}
		if b.missed == nil || !t.shownBefore(b.missed) {
			b.missed = p
		}
		if b.vanished == nil && b.shown != nil && b.shown.Comp < p.Inv {
			b.vanished = p
		}
	}
}

// shownBefore tells whether anything of the transaction had been read before another read began.
func (t *whole) shownBefore(p *history.Pair) bool { return t.shown != nil && t.shown.Comp <= p.Inv }

// judgeTogether finds a transaction of which a read shows one branch, which need not have been there yet, and
// not another, in a list that it read as well.
func (e *effects) judgeTogether(p *history.Pair, b *branch, keys []models.Datum) {
	t := e.txns[b.of]
	for _, other := range t.branches {
		if other.inRead != e.reads && other.torn == nil && slices.Contains(keys, other.key) {
			other.torn, other.tornFrom = p, b
		}
	}
	e.becomeDue(t, p.Comp)
}

func (e *effects) name(key models.Datum) string { return e.values.Value(key).String() }
