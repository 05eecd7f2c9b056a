package kafka

import (
	"fmt"
	"slices"

	"checker/history"
	"checker/models"
)

// read takes note of one op.
func (r *run) read(p history.Pair) error {
	f := r.h.FName(r.h.F(int(p.Inv)))
	o := &op{Pair: p, process: r.h.Process(int(p.Inv)), outcome: r.h.Outcome(p), asks: f != "send"}
	switch f {
	case "send", "poll", "txn":
	case "assign", "subscribe", "crash":
		return r.moves(o, f)
	case "debug-topic-partitions":
		return nil
	default:
		return fmt.Errorf("op %d: a log knows send, poll, txn, assign, subscribe and crash, not %q", r.h.Witness(p), f)
	}
	v := r.h.Ref(int(p.Inv))
	if p.Comp >= 0 && o.outcome != history.Fail && !r.h.Ref(int(p.Comp)).IsNil() {
		v = r.h.Ref(int(p.Comp))
	}
	if k := v.Kind(); (k != history.KindVector && k != history.KindList) || r.h.IsTxn(v) {
		return r.misfit(p, v)
	}
	for i := range r.h.Heap.Len(v) {
		if err := r.mop(o, r.h.Elem(v, i)); err != nil {
			return err
		}
	}
	r.ops = append(r.ops, o)
	return nil
}

func (r *run) misfit(p history.Pair, v history.Ref) error {
	return fmt.Errorf("op %d: %s is not made of [:send k v] and [:poll …]", r.h.Witness(p), r.h.Value(v))
}

// moves notes that a process polls other keys from now on.
func (r *run) moves(o *op, f string) error {
	o.resets = true
	r.subscribed = r.subscribed || f == "subscribe"
	if f == "assign" {
		v := r.h.Ref(int(o.Inv))
		o.keeps = map[*log]bool{}
		for i := range r.h.Heap.Len(v) {
			o.keeps[r.log(r.h.Elem(v, i))] = true
		}
	}
	r.ops = append(r.ops, o)
	return nil
}

func (r *run) log(key history.Ref) *log {
	name := r.h.Text(key) // keys of JSON maps are strings
	if name == "" {
		name = r.h.Value(key).String()
	}
	l := r.logs[name]
	if l == nil {
		l = &log{key: name, records: map[models.Datum]*record{}, offsets: map[int64][]*record{}, rankOf: map[int64]int{}}
		r.logs[name] = l
		r.order = append(r.order, l)
	}
	return l
}

func (r *run) record(l *log, value history.Ref) *record {
	d := r.values.Of(value)
	rec := l.records[d]
	if rec == nil {
		rec = &record{log: l, value: d}
		l.records[d] = rec
		l.first = append(l.first, rec)
	}
	return rec
}

// at notes that an offset holds a record.
func (rec *record) at(offset int64) {
	if !slices.Contains(rec.offsets, offset) {
		rec.offsets = append(rec.offsets, offset)
		rec.log.offsets[offset] = append(rec.log.offsets[offset], rec)
	}
}

// mop reads one micro-op.
func (r *run) mop(o *op, v history.Ref) error {
	n := r.h.Heap.Len(v)
	if k := v.Kind(); n == 0 || k != history.KindVector && k != history.KindList || r.h.IsTxn(v) {
		return r.misfit(o.Pair, v)
	}
	switch f := r.h.Text(r.h.Elem(v, 0)); {
	case f == "send" && n == 3:
		return r.send(o, r.h.Elem(v, 1), r.h.Elem(v, 2))
	case f == "poll" && n == 1:
		return nil
	case f == "poll" && n == 2:
		return r.poll(o, r.h.Elem(v, 1))
	}
	return r.misfit(o.Pair, v)
}

func (r *run) send(o *op, key, value history.Ref) error {
	offset := int64(-1)
	if at, sent, ok := r.h.Heap.Pair(value); ok {
		n, known := r.h.Int(at)
		if !known && !at.IsNil() {
			return fmt.Errorf("op %d: the offset %s is not a whole number", r.h.Witness(o.Pair), r.h.Value(at))
		}
		if value = sent; known {
			offset = n
		}
	}
	rec := r.record(r.log(key), value)
	if rec.sender != nil {
		return fmt.Errorf("op %d: %s is sent again after op %d; each value of a key may be sent once", r.h.Witness(o.Pair), r.show(rec), r.h.Witness(rec.sender.Pair))
	}
	rec.sender, r.sends = o, true
	if offset >= 0 {
		rec.at(offset)
	}
	o.mops = append(o.mops, mop{send: true, rec: rec, offset: offset})
	return nil
}

// poll reads {k [[offset v] …]}.
func (r *run) poll(o *op, v history.Ref) error {
	if v.IsNil() {
		return nil
	}
	if v.Kind() != history.KindMap {
		return r.misfit(o.Pair, v)
	}
	for i := 0; i < r.h.Heap.Len(v); i += 2 {
		l, records := r.log(r.h.Elem(v, i)), r.h.Elem(v, i+1)
		if records.IsNil() {
			continue
		}
		if k := records.Kind(); k != history.KindVector && k != history.KindList || r.h.IsTxn(records) {
			return r.misfit(o.Pair, v)
		}
		for j := range r.h.Heap.Len(records) {
			at, value, ok := r.h.Heap.Pair(r.h.Elem(records, j))
			offset, known := r.h.Int(at)
			if !ok || !known || offset < 0 {
				return fmt.Errorf("op %d: %s is not a polled [offset value]", r.h.Witness(o.Pair), r.h.Value(r.h.Elem(records, j)))
			}
			rec := r.record(l, value)
			rec.at(offset)
			rec.polls = append(rec.polls, o)
			r.polled++
			o.mops = append(o.mops, mop{rec: rec, offset: offset})
		}
	}
	return nil
}
