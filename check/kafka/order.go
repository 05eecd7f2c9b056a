package kafka

import (
	"maps"

	"checker/history"
)

// place is the last that was seen of a log.
type place struct {
	rank int
	op   *op
	rec  *record
	lost bool // the consumer may have gone on since, unseen
}

// orderInOps judges the micro-ops of each op, in their order.
func (r *run) orderInOps() {
	for _, o := range r.ops {
		polled, sent := map[*log]place{}, map[*log]place{}
		for _, m := range o.mops {
			rank := rankOf(m)
			if rank < 0 {
				continue
			}
			now, last, skip, back := place{rank: rank, op: o, rec: m.rec}, polled, IntPollSkip, IntPollBack
			if m.send {
				last, skip, back = sent, IntSendSkip, IntSendBack
			}
			if before, ok := last[m.rec.log]; ok {
				r.step(before, now, skip, back, m.send, false)
			}
			last[m.rec.log] = now
		}
	}
}

// orderInProcesses judges successive ops of each process. A consumer that was moved
// begins anew, but for the keys that it keeps.
func (r *run) orderInProcesses() {
	polled, sent := map[history.Process]map[*log]place{}, map[history.Process]map[*log]place{}
	for _, o := range r.ops {
		if polled[o.process] == nil {
			polled[o.process], sent[o.process] = map[*log]place{}, map[*log]place{}
		}
		if o.resets {
			maps.DeleteFunc(polled[o.process], func(l *log, _ place) bool { return !o.keeps[l] })
			continue
		}
		if o.outcome != history.Ok {
			if o.asks {
				loseTrack(polled[o.process])
			}
			continue
		}
		began := map[*log]map[bool]bool{}
		for _, m := range o.mops {
			rank, l := rankOf(m), m.rec.log
			if rank < 0 {
				continue
			}
			last, skip, back := polled[o.process], PollSkip, PollBack
			if m.send {
				last, skip, back = sent[o.process], "", SendBack
			}
			now := place{rank: rank, op: o, rec: m.rec}
			if before, ok := last[l]; ok && !began[l][m.send] {
				r.step(before, now, skip, back, false, !m.send && r.subscribed)
			}
			if began[l] == nil {
				began[l] = map[bool]bool{}
			}
			began[l][m.send] = true
			last[l] = now
		}
	}
}

// loseTrack notes that a consumer polled without telling what: it may have gone on,
// or not.
func loseTrack(places map[*log]place) {
	for l, p := range places {
		p.lost = true
		places[l] = p
	}
}

// step judges the step from one place of a log to the next. maySkip and may say
// that a log may do so.
func (r *run) step(before, now place, skip, back string, maySkip, may bool) {
	did := "polled"
	if skip == IntSendSkip || skip == "" {
		did = "sent"
	}
	ops := []history.Pair{before.op.Pair, now.op.Pair}
	l := now.rec.log
	switch {
	case now.rank <= before.rank:
		r.report(back, may, now.rec, ops, "op %d %s %s (offset %d) after op %d had %s %s (offset %d)",
			r.h.Witness(now.op.Pair), did, r.show(now.rec), l.ranks[now.rank], r.h.Witness(before.op.Pair), did, r.values.Value(before.rec.value), l.ranks[before.rank])
	case now.rank > before.rank+1 && skip != "" && !before.lost:
		missed := l.atRank[before.rank+1]
		ops = append(ops, missed.shownAt(l.ranks[before.rank+1]))
		r.report(skip, maySkip || may, now.rec, ops, "op %d %s %s (offset %d) after op %d had %s %s (offset %d), but between the two there is %s (offset %d)",
			r.h.Witness(now.op.Pair), did, r.show(now.rec), l.ranks[now.rank], r.h.Witness(before.op.Pair), did, r.values.Value(before.rec.value), l.ranks[before.rank],
			r.values.Value(missed.value), l.ranks[before.rank+1])
	}
}
