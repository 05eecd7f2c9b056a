package micro

import "checker/history"

// numbers are the values of one key that are whole numbers close together:
// least is numbered first, and so on.
type numbers struct {
	least int64
	first int32
	count int32
}

// extraValue is any other value.
type extraValue struct {
	key int32
	ref history.Ref
}

// values finds the numbers of values that have none by arithmetic. Equal
// collections have different Refs, so they are found by their text.
type values struct {
	scalars map[extraValue]int32
	texts   map[textValue]int32
}

type textValue struct {
	key  int32
	text string
}

// numberValues gives the values of every key a range of numbers, and finds the
// longest list of each.
func (r *reader) numberValues() {
	all := r.parts[0].keys
	for _, p := range r.parts[1:] {
		for k, later := range p.keys {
			all[k].merge(later)
		}
		p.keys = nil
	}
	r.numbers = make([]numbers, len(all))
	next, elements := int32(0), int32(0)
	for k := range all {
		n := numbers{first: next}
		if all[k].dense() {
			n.least, n.count = all[k].least, int32(all[k].most-all[k].least)+1
		}
		r.numbers[k] = n
		next += n.count
		elements += all[k].size
	}
	r.atFirst = next
	if r.Model == Lists {
		r.longest = make([]span, len(all))
		r.lists = make([]int32, elements)
		at := int32(0)
		for k := range all {
			r.longest[k] = span{at, all[k].size}
			at += all[k].size
		}
	}
}

// number returns the number of a whole number written to key, or -1.
func (t *Txns) number(key int32, value history.Ref) int32 {
	x, whole := t.History.Int(value)
	n := &t.numbers[key]
	if d := uint64(x) - uint64(n.least); whole && d < uint64(n.count) {
		return n.first + int32(d)
	}
	return -1
}

// findValues fills in Val for a part, as far as numbers follow by arithmetic.
func (r *reader) findValues(p *part) error {
	for x := p.from; x < p.to; x++ {
		if r.First[x] == r.First[x+1] {
			continue
		}
		ref := r.source(x)
		for m := r.First[x]; m < r.First[x+1]; m++ {
			if r.Val[m] == Unread {
				continue
			}
			value := r.History.MicroOp(ref, int(m-r.First[x])).Value
			switch {
			case r.Kind[m] == Read && r.Model == Lists:
				r.findList(p, m, value)
			case value.IsNil() && r.Kind[m] == Read:
				r.Val[m] = Nil
			default:
				if r.Val[m] = r.number(r.Key[m], value); r.Val[m] < 0 {
					if r.Kind[m] == Write {
						p.writes = append(p.writes, m)
					} else {
						p.reads = append(p.reads, m)
					}
				}
			}
		}
	}
	return nil
}

// numberOthers numbers what is not in a dense range of whole numbers: what was
// written, then what was read, each in the order of the history.
func (r *reader) numberOthers() {
	v := values{map[extraValue]int32{}, map[textValue]int32{}}
	for _, p := range r.parts {
		for _, m := range p.writes {
			r.Val[m] = r.extraNumber(&v, r.Key[m], r.valueOf(m))
		}
	}
	for _, p := range r.parts {
		for _, m := range p.reads {
			r.Val[m] = r.extraNumber(&v, r.Key[m], r.valueOf(m))
		}
	}
	r.numberLists(&v)
}

// valueOf returns the recorded value of micro-op m.
func (t *Txns) valueOf(m int32) history.Ref {
	x := t.Txn[m]
	return t.History.MicroOp(t.source(x), int(m-t.First[x])).Value
}

func (r *reader) extraNumber(v *values, key int32, ref history.Ref) int32 {
	if id := r.number(key, ref); id >= 0 {
		return id
	}
	next := r.atFirst + int32(len(r.extra))
	switch ref.Kind() {
	case history.KindVector, history.KindList, history.KindSet, history.KindMap, history.KindTagged:
		at := textValue{key, r.History.Value(ref).String()}
		if id, ok := v.texts[at]; ok {
			return id
		}
		v.texts[at] = next
	default:
		at := extraValue{key, ref}
		if id, ok := v.scalars[at]; ok {
			return id
		}
		v.scalars[at] = next
	}
	r.extra = append(r.extra, extraValue{key, ref})
	return next
}

// findWriters tells who wrote each value.
func (r *reader) findWriters() {
	r.Writer = make([]int32, int(r.atFirst)+len(r.extra))
	for v := range r.Writer {
		r.Writer[v] = Nobody
	}
	for m, kind := range r.Kind {
		if kind != Write {
			continue
		}
		w := &r.Writer[r.Val[m]]
		failed := r.Status[r.Txn[m]] == Fail
		switch {
		case *w == Nobody || *w >= 0 && !failed && r.Status[r.Txn[*w]] == Fail:
			*w = int32(m)
		case *w == Many || failed:
		default:
			*w = Many
			r.twice = append(r.twice, r.Val[m])
		}
	}
}

// findZeros takes reads of a zero that nobody wrote for reads of what registers
// hold at first, in formats of sessions: they have no nil.
func (r *reader) findZeros() {
	if r.Model == Lists || r.History.HasRealTime() {
		return
	}
	for m, kind := range r.Kind {
		if v := r.Val[m]; kind == Read && v >= 0 && r.Writer[v] == Nobody && r.ValueText(v) == "0" {
			r.Val[m] = Nil
		}
	}
}

// findSeen promotes indeterminate transactions that an ok one read from.
func (r *reader) findSeen() {
	see := func(value int32) {
		if x, ok := r.WriterTxn(value); ok && r.Status[x] == Info {
			r.Status[x] = Seen
		}
	}
	for _, value := range r.lists {
		see(value)
	}
	if r.Model == Lists {
		return
	}
	for m, kind := range r.Kind {
		if value := r.Val[m]; kind == Read && value >= 0 {
			see(value)
		}
	}
}
