package session

import (
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/check/txn/micro"
	"checker/check/txn/polygraph"
	"checker/check/txn/weak"
	"checker/history"
)

// sessions are the consistency models that check/txn/weak decides of single ops.
func sessions() []string {
	return []string{weak.CausalMemory, weak.PRAM, weak.WritesFollowReads, weak.MonotonicReads, weak.MonotonicWrites, weak.ReadYourWrites}
}

// sequential looks for one order of all ops that surely happened.
func (j *judge) sequential() {
	o := j.ops
	at := make([]int32, len(o.list))
	var back []int32
	p := polygraph.Problem{Keys: make([]polygraph.Key, len(o.keys))}
	for i := range o.list {
		if x := &o.list[i]; x.kept {
			at[i] = int32(len(p.Txns))
			back = append(back, int32(i))
			p.Txns = append(p.Txns, polygraph.Txn{Session: x.session, Inv: x.Inv, End: x.end})
		}
	}
	for _, i := range back {
		x := &o.list[i]
		k := &p.Keys[x.key]
		if x.writes {
			k.Writers = append(k.Writers, at[i])
		}
		if x.reads {
			writer := polygraph.Nobody
			if x.from >= 0 {
				writer = at[x.from]
			}
			k.Reads = append(k.Reads, polygraph.Read{Txn: at[i], Writer: writer})
		}
	}
	res, err := polygraph.Solve(j.ctx, &p, polygraph.Guarantee{Session: true}, polygraph.Options{Memory: j.options.Memory, Steps: j.steps(Sequential)})
	switch {
	case err != nil:
		j.unknown(err.Error(), Sequential)
	case res.Verdict == check.Valid:
		j.holds(Sequential)
	case res.Verdict == check.Unknown:
		j.unknown(res.Reason, Sequential)
	default:
		j.unordered(res.Witness, back)
	}
}

// unordered tells why there is no order.
func (j *judge) unordered(w *polygraph.Witness, back []int32) {
	pairs := make([]history.Pair, len(w.Txns))
	var lines []string
	for i, x := range w.Txns {
		x := &j.ops.list[back[x]]
		pairs[i] = x.Pair
		lines = append(lines, fmt.Sprintf("T%d = %s of process %s", i+1, j.name(x), j.h.ProcessName(j.h.Process(int(x.Inv)))))
	}
	words := w.Words(polygraph.Names{
		Txn: func(x int32) string { return fmt.Sprintf("T%d", slices.Index(w.Txns, x)+1) },
		Key: func(k int32) string { return j.ops.keys[k].String() },
	})
	j.broken([]string{Sequential}, nonsequential, "", pairs, "no order of these ops agrees with the order of each process:\n%s\n%s", strings.Join(lines, "\n"), strings.TrimSpace(words))
}

// name puts an op in words.
func (j *judge) name(x *op) string {
	h, v := j.h, j.ops.values
	f := h.FName(h.F(int(x.Inv)))
	key := j.ops.key(x)
	if key != "" {
		key = " of " + key
	}
	switch {
	case x.reads && x.writes:
		return fmt.Sprintf("%s [%s %s]%s (op %d)", f, v.Value(x.seen), v.Value(x.made), key, h.Witness(x.Pair))
	case x.writes:
		return fmt.Sprintf("%s %s%s (op %d)", f, v.Value(x.made), key, h.Witness(x.Pair))
	}
	return fmt.Sprintf("%s → %s%s (op %d)", f, v.Value(x.seen), key, h.Witness(x.Pair))
}

// weak decides the models of sessions.
func (j *judge) weak() {
	if j.verdicts[Sequential] == check.Valid {
		j.holds(sessions()...)
		return
	}
	txns, err := j.transactions()
	if err != nil {
		j.unknown(err.Error(), sessions()...)
		return
	}
	for _, name := range sessions() {
		res, err := weak.Check(j.ctx, txns, name)
		if err != nil {
			j.unknown(err.Error(), name)
			continue
		}
		j.take(name, res)
	}
}

// transactions makes a history of transactions of the ops that surely happened, each
// known by the same index; where it has no completion, by one behind all.
func (j *judge) transactions() (*micro.Txns, error) {
	rows := map[int32]*op{}
	for i := range j.ops.list {
		if x := &j.ops.list[i]; x.kept {
			rows[x.Inv] = x
			rows[max(x.Comp, x.Inv)] = x
		}
	}
	b := history.NewBuilder()
	add := func(x *op, index int, row int32, t history.Type) error {
		r := b.Begin(0)
		r.Index, r.Time, r.HasTime = int64(index), j.h.Time(int(row)), true
		r.Process, r.Type, r.F = history.Process(x.session), t, b.Heap().InternF("txn")
		var err error
		if r.Value, err = b.Heap().Add(j.mops(x)); err != nil {
			return err
		}
		return b.Add(r)
	}
	var endless []*op // nothing else of their sessions comes after them
	for row := range int32(j.h.Len()) {
		x := rows[row]
		if x == nil {
			continue
		}
		t := history.Ok
		if row == x.Inv {
			t = history.Invoke
		}
		if err := add(x, j.h.Index(int(row)), row, t); err != nil {
			return nil, err
		}
		if x.Comp < 0 {
			endless = append(endless, x)
		}
	}
	for i, x := range endless {
		last := int32(j.h.Len() - 1)
		if err := add(x, j.h.Index(int(last))+1+i, last, history.Ok); err != nil {
			return nil, err
		}
	}
	return micro.Of(b.History(), micro.Registers)
}

// mops is an op as a transaction.
func (j *judge) mops(x *op) history.Value {
	key := j.ops.keys[x.key]
	if key.IsNil() {
		key = history.Keyword("register")
	}
	var mops []history.Value
	if x.reads {
		seen := history.Nil
		if x.from >= 0 {
			seen = j.ops.values.Value(x.seen)
		}
		mops = append(mops, history.Mop("r", key, seen))
	}
	if x.writes {
		mops = append(mops, history.Mop("w", key, j.ops.values.Value(x.made)))
	}
	return history.Vector(mops...)
}
