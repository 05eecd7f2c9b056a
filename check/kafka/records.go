package kafka

import (
	"slices"

	"checker/history"
)

// rank orders the offsets of each log that surely hold something.
func (r *run) rank() {
	for _, l := range r.order {
		for offset, recs := range l.offsets {
			if slices.ContainsFunc(recs, (*record).certain) {
				l.ranks = append(l.ranks, offset)
			}
		}
		slices.Sort(l.ranks)
		l.atRank = make([]*record, len(l.ranks))
		for i, offset := range l.ranks {
			recs := l.offsets[offset]
			l.rankOf[offset] = i
			l.atRank[i] = recs[max(0, slices.IndexFunc(recs, (*record).certain))]
		}
	}
}

// rankOf returns where a micro-op's record lies in its log, or -1.
func rankOf(m mop) int {
	offset := m.offset
	if offset < 0 && len(m.rec.offsets) == 1 {
		offset = m.rec.offsets[0]
	}
	if i, ok := m.rec.log.rankOf[offset]; ok {
		return i
	}
	return -1
}

// records judges each record and each offset by itself.
func (r *run) records() {
	for _, l := range r.order {
		for _, offset := range l.ranks {
			r.inconsistent(l, offset)
		}
		last := -1 // the last rank that was polled
		for i, rec := range l.atRank {
			if len(rec.polls) > 0 {
				last = i
			}
		}
		for _, rec := range l.first {
			r.judge(rec, last)
		}
	}
	for _, o := range r.ops {
		for _, m := range o.mops {
			if !m.send && m.rec.sender == o {
				r.report(PrecommittedRead, false, m.rec, []history.Pair{o.Pair}, "op %d polled %s, which it had itself sent and not yet committed", r.h.Witness(o.Pair), r.show(m.rec))
			}
		}
	}
}

// judge judges one record; last is the last rank of its log that was polled.
func (r *run) judge(rec *record, last int) {
	ops := rec.shownBy()
	if len(rec.offsets) > 1 {
		r.report(Duplicate, false, rec, ops, "%s is at %d offsets: %v", r.show(rec), len(rec.offsets), sorted(rec.offsets))
	}
	if len(rec.polls) > 0 && rec.sender == nil && r.sends {
		poll := rec.polls[0].Pair
		r.report(Unexpected, false, rec, []history.Pair{poll}, "op %d polled %s, which nobody sent", r.h.Witness(poll), r.show(rec))
	}
	if len(rec.polls) > 0 && rec.sender != nil && rec.sender.outcome == history.Fail {
		poll := rec.polls[0].Pair
		r.report(AbortedRead, false, rec, []history.Pair{rec.sender.Pair, poll}, "op %d polled %s, which op %d had failed to send", r.h.Witness(poll), r.show(rec), r.h.Witness(rec.sender.Pair))
	}
	if len(rec.polls) > 0 || !rec.certain() {
		return
	}
	rank := rankOf(mop{rec: rec, offset: -1})
	switch {
	case rank < 0 || rank > last:
		if rec.sender.outcome == history.Ok {
			r.unseen++
		}
	default:
		behind := rec.log.atRank[last]
		poll := behind.polls[0].Pair
		r.report(LostWrite, false, rec, []history.Pair{rec.sender.Pair, poll}, "%s was written (op %d, offset %d) and never polled, though op %d polled %s behind it (offset %d)",
			r.show(rec), r.h.Witness(rec.sender.Pair), rec.offsets[0], r.h.Witness(poll), r.values.Value(behind.value), rec.log.ranks[last])
	}
}

// inconsistent looks for two records at one offset.
func (r *run) inconsistent(l *log, offset int64) {
	recs := l.offsets[offset]
	if len(recs) < 2 {
		return
	}
	var ops []history.Pair
	var values []string
	for _, rec := range recs {
		ops = append(ops, rec.shownAt(offset))
		values = append(values, r.values.Value(rec.value).String())
	}
	r.report(InconsistentOffsets, false, recs[0], ops, "offset %d of key %s holds %v", offset, l.key, values)
}

// shownBy returns for each offset of a record an op that shows it there.
func (rec *record) shownBy() []history.Pair {
	var ops []history.Pair
	for _, offset := range rec.offsets {
		ops = append(ops, rec.shownAt(offset))
	}
	return ops
}

// shownAt returns an op that shows the record at an offset.
func (rec *record) shownAt(offset int64) history.Pair {
	for _, o := range append([]*op{rec.sender}, rec.polls...) {
		if o == nil {
			continue
		}
		for _, m := range o.mops {
			if m.rec == rec && m.offset == offset {
				return o.Pair
			}
		}
	}
	panic("kafka: an offset that no op shows")
}

func sorted(offsets []int64) []int64 {
	offsets = slices.Clone(offsets)
	slices.Sort(offsets)
	return offsets
}
