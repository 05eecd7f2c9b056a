package session

import (
	"cmp"
	"slices"

	"checker/check"
	"checker/history"
)

// reads judges every read on its own: whether its value can be there at all, regular
// and safe.
func (j *judge) reads() {
	o := j.ops
	byKey := make([][]int32, len(o.keys)) // writes, in the order of their invocations
	for i := range o.list {
		if o.list[i].writes {
			byKey[o.list[i].key] = append(byKey[o.list[i].key], int32(i))
		}
	}
	writes := make([]*writes, len(byKey))
	for k := range byKey {
		writes[k] = newWrites(o, byKey[k])
	}
	for i := range o.list {
		x := &o.list[i]
		if !x.reads || !x.kept {
			continue
		}
		w := writes[x.key]
		between := w.between(x)
		overlapped := w.overlaps(int32(i))
		switch {
		case x.from == nobody || x.from == failed || x.from == int32(i):
			j.noSource(x, overlapped)
		case x.from >= 0 && o.list[x.from].Inv > x.end:
			j.early(x, overlapped)
		case between >= 0:
			j.replaced(x, &o.list[between], overlapped)
		}
	}
	if !j.h.HasRealTime() {
		delete(j.verdicts, Regular)
		delete(j.verdicts, Safe)
		j.unknown("the history has no real time", Regular, Safe, KAtomic, DeltaAtomic)
	}
	j.holds(Regular, Safe)
}

// noSource reports a value that nobody wrote: only a safe register may return it, to a
// read that a write overlaps.
func (j *judge) noSource(x *op, overlapped bool) {
	j.impossible = true
	for _, name := range Models() {
		if name != Safe {
			j.verdicts[name] = check.Invalid
		}
	}
	j.irregular(Models(), garbage, x, overlapped, []history.Pair{x.Pair}, "%s observed %s, which nobody wrote")
}

func (j *judge) early(x *op, overlapped bool) {
	w := &j.ops.list[x.from]
	j.irregular([]string{Regular, Safe, KAtomic, DeltaAtomic}, irregular, x, overlapped, []history.Pair{w.Pair, x.Pair},
		"%s observed %s and completed before its write was invoked")
}

func (j *judge) replaced(x, by *op, overlapped bool) {
	show := []history.Pair{by.Pair, x.Pair}
	if x.from >= 0 {
		show = append([]history.Pair{j.ops.list[x.from].Pair}, show...)
	}
	j.irregular([]string{Regular, Safe}, irregular, x, overlapped, show,
		"%s observed %s, which another write had surely replaced before the read was invoked")
}

// irregular reports an op that observed what it should not have; %s stand for the op and
// the value.
func (j *judge) irregular(names []string, kind string, x *op, overlapped bool, show []history.Pair, format string) {
	name, value := j.name(x), j.ops.values.Value(x.seen)
	others := slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == Safe })
	j.broken(others, kind, j.ops.key(x), show, format, name, value)
	// Who saw what a crashed cas wrote overlaps it, and proves nothing to a safe register.
	if !overlapped && x.end != never {
		j.broken([]string{Safe}, unsafe, j.ops.key(x), show, format+", and no write overlapped it", name, value)
	}
}

// writes are the writes of one register, indexed by when they begin and end.
type writes struct {
	ops     *ops
	byInv   []int32
	longest []int32 // by place in byInv: of those up to there, which ends last
	second  []int32 // and which ends last but that one, or -1
	byEnd   []int32 // those that ended
	latest  []int32 // by place in byEnd: of those up to there, which was invoked last
}

func newWrites(o *ops, list []int32) *writes {
	w := &writes{ops: o, byInv: list}
	longest, second := int32(-1), int32(-1)
	for _, i := range list {
		switch {
		case longest < 0 || o.list[i].end > o.list[longest].end:
			longest, second = i, longest
		case second < 0 || o.list[i].end > o.list[second].end:
			second = i
		}
		w.longest, w.second = append(w.longest, longest), append(w.second, second)
		if o.list[i].end != never {
			w.byEnd = append(w.byEnd, i)
		}
	}
	slices.SortFunc(w.byEnd, func(a, b int32) int { return cmp.Compare(o.list[a].end, o.list[b].end) })
	latest := int32(-1)
	for _, i := range w.byEnd {
		if latest < 0 || o.list[i].Inv > o.list[latest].Inv {
			latest = i
		}
		w.latest = append(w.latest, latest)
	}
	return w
}

// between returns a write that surely came after the one that x read from and before x,
// or -1.
func (w *writes) between(x *op) int32 {
	n, _ := slices.BinarySearchFunc(w.byEnd, x.Inv, func(i, row int32) int { return cmp.Compare(w.ops.list[i].end, row) })
	if n == 0 {
		return -1
	}
	latest := w.latest[n-1]
	if x.from == initial || x.from >= 0 && w.ops.list[x.from].end < w.ops.list[latest].Inv {
		return latest
	}
	return -1
}

// overlaps reports whether another write overlaps op i, or may.
func (w *writes) overlaps(i int32) bool {
	x := &w.ops.list[i]
	n, _ := slices.BinarySearchFunc(w.byInv, x.end, func(i, row int32) int { return cmp.Compare(w.ops.list[i].Inv, row) })
	if n == 0 {
		return false
	}
	other := w.longest[n-1]
	if other == i {
		other = w.second[n-1]
	}
	return other >= 0 && w.ops.list[other].end > x.Inv
}
