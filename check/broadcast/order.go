package broadcast

import "checker/history"

// senders judges FIFO and causal order: for every process q and sender s it goes
// through what s broadcast and delivered, in its order, and keeps what q delivered
// last of that. A message of s that q delivered earlier came too early.
func (r *run) senders() {
	for _, q := range r.all {
		for _, s := range r.all {
			r.sender(q, s)
		}
	}
}

func (r *run) sender(q, s *process) {
	var own, seen *message // of those so far, the one that q delivered last or not at all
	later := func(a *message, b *message) *message {
		if a == nil || q.place(b) > q.place(a) {
			return b
		}
		return a
	}
	for _, e := range s.events {
		m := e.message
		if e.broadcast && q.place(m) != never {
			if own != nil && q.place(own) > q.place(m) {
				r.early(FIFOOrder, q, s, own, m, "had broadcast")
			} else if seen != nil && q.place(seen) > q.place(m) {
				r.early(CausalOrder, q, s, seen, m, "had delivered")
			}
		}
		if e.broadcast {
			own = later(own, m)
		} else if m != nil && m.sender != s {
			seen = later(seen, m)
		}
	}
}

// early reports that q delivered m before what its sender s did first.
func (r *run) early(kind string, q, s *process, first, m *message, how string) {
	ops := []history.Pair{first.sent, m.sent, q.ops[m]}
	if kind == CausalOrder {
		ops[0] = s.ops[first]
	}
	then := "and never delivered that"
	if op, ok := q.ops[first]; ok {
		then = "and that later"
		ops = append(ops, op)
	}
	r.report(kind, ops, "%s %s %s (op %d) before it broadcast %s (op %d), but %s delivered %s first (op %d), %s",
		s.name, how, r.show(first), r.h.Witness(ops[0]), r.show(m), r.h.Witness(m.sent), q.name, r.show(m), r.h.Witness(q.ops[m]), then)
}

// total judges total order, process by process: what both delivered must come in one
// order.
func (r *run) total() {
	for i, p := range r.all {
		for _, q := range r.all[:i] {
			var last *message
			for _, e := range p.events {
				m := e.message
				if e.broadcast || p.ops[m] != e.op || q.place(m) == never {
					continue
				}
				if last != nil && q.place(m) < q.place(last) {
					r.report(TotalOrder, []history.Pair{p.ops[last], p.ops[m], q.ops[m], q.ops[last]}, "%s delivered %s before %s (ops %d, %d), and %s the other way round (ops %d, %d)",
						p.name, r.show(last), r.show(m), r.h.Witness(p.ops[last]), r.h.Witness(p.ops[m]), q.name, r.h.Witness(q.ops[m]), r.h.Witness(q.ops[last]))
				}
				if last == nil || q.place(m) > q.place(last) {
					last = m
				}
			}
		}
	}
}
