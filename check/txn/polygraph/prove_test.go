package polygraph_test

import (
	"fmt"
	"slices"

	"checker/check"
	"checker/check/txn/polygraph"
)

// prove checks a result against the problem, without the code that made it. It
// returns what is wrong, or nothing.
func prove(p *polygraph.Problem, g polygraph.Guarantee, r polygraph.Result) string {
	switch r.Verdict {
	case check.Valid:
		return replay(p, g, r.Schedule)
	case check.Invalid:
		return refute(p, g, r.Witness)
	}
	return "it is not decided: " + r.Reason
}

// replay executes a schedule.
func replay(p *polygraph.Problem, g polygraph.Guarantee, schedule []polygraph.Point) string {
	start, commit := make([]int, len(p.Txns)), make([]int, len(p.Txns))
	for t := range p.Txns {
		start[t], commit[t] = -1, -1
	}
	for at, point := range schedule {
		if g.Snapshot && !point.Commit {
			start[point.Txn] = at
			continue
		}
		commit[point.Txn] = at
		if !g.Snapshot {
			start[point.Txn] = at
		}
	}
	for a, ta := range p.Txns {
		if start[a] < 0 || commit[a] < start[a] {
			return fmt.Sprintf("T%d starts at %d and commits at %d", a, start[a], commit[a])
		}
		for b, tb := range p.Txns {
			late := g.Session && a != b && ta.Session >= 0 && ta.Session == tb.Session && ta.Inv < tb.Inv || g.Realtime && ta.End < tb.Inv
			if late && commit[a] > start[b] {
				return fmt.Sprintf("T%d commits after T%d, which came later, started", a, b)
			}
		}
	}
	for k, key := range p.Keys {
		if why := replayKey(g, key, start, commit); why != "" {
			return fmt.Sprintf("key %d: %s", k, why)
		}
	}
	return ""
}

func replayKey(g polygraph.Guarantee, key polygraph.Key, start, commit []int) string {
	for _, r := range key.Reads {
		latest := polygraph.Nobody
		for _, w := range key.Writers {
			if w != r.Txn && commit[w] < start[r.Txn] && (latest == polygraph.Nobody || commit[w] > commit[latest]) {
				latest = w
			}
		}
		if latest != r.Writer {
			return fmt.Sprintf("T%d reads the version of T%d, not of T%d", r.Txn, latest, r.Writer)
		}
	}
	for _, a := range key.Writers {
		for _, b := range key.Writers {
			if a != b && !g.Overwrites && start[a] < commit[b] && start[b] < commit[a] {
				return fmt.Sprintf("T%d and T%d overlap", a, b)
			}
		}
	}
	order := slices.Clone(key.Writers)
	slices.SortFunc(order, func(a, b int32) int { return commit[a] - commit[b] })
	if !slices.Equal(order[:len(key.Prefix)], key.Prefix) {
		return fmt.Sprintf("the versions are of %v, not first of %v", order, key.Prefix)
	}
	for _, pair := range key.Order {
		if commit[pair[0]] > commit[pair[1]] {
			return fmt.Sprintf("T%d commits before T%d", pair[1], pair[0])
		}
	}
	return ""
}

// assumed is a version order that a proof supposes: the last of a run before the
// first of another.
type assumed struct{ key, before, after int32 }

// refute follows a witness through all its cases.
func refute(p *polygraph.Problem, g polygraph.Guarantee, w *polygraph.Witness) string {
	if len(w.Choices) == 0 {
		return impossible(p, g, w.Cycle, nil)
	}
	if w.Proof == nil || !w.Minimal {
		return "a small problem has no minimal proof"
	}
	return refuteStep(p, g, w, w.Proof, nil)
}

func refuteStep(p *polygraph.Problem, g polygraph.Guarantee, w *polygraph.Witness, s *polygraph.Step, given []assumed) string {
	c := w.Choices[s.Choice]
	for i, side := range s.Sides {
		first, second := c.A, c.B
		if i == 1 {
			first, second = c.B, c.A
		}
		all := append(slices.Clone(given), assumed{c.Key, first.Last, second.First})
		why := ""
		if side.Then != nil {
			why = refuteStep(p, g, w, side.Then, all)
		} else {
			why = impossible(p, g, side.Cycle, all)
		}
		if why != "" {
			return why
		}
	}
	return ""
}

// impossible checks that a cycle is one, that each edge holds, and that the
// guarantee forbids it.
func impossible(p *polygraph.Problem, g polygraph.Guarantee, cycle []polygraph.Edge, given []assumed) string {
	if len(cycle) < 2 {
		return fmt.Sprintf("a cycle of %d edges", len(cycle))
	}
	for i, e := range cycle {
		next := cycle[(i+1)%len(cycle)]
		switch {
		case e.To != next.From:
			return fmt.Sprintf("the cycle %v is broken at %d", cycle, i)
		case g.Snapshot && e.Kind == "rw" && next.Kind == "rw":
			return fmt.Sprintf("the cycle %v has two rw in a row", cycle)
		case !holds(p, g, e, given):
			return fmt.Sprintf("%v does not hold", e)
		}
	}
	return ""
}

// holds reports whether an edge follows from the problem and what is assumed.
func holds(p *polygraph.Problem, g polygraph.Guarantee, e polygraph.Edge, given []assumed) bool {
	from, to := p.Txns[e.From], p.Txns[e.To]
	switch e.Kind {
	case "process":
		return g.Session && from.Session == to.Session && from.Inv < to.Inv
	case "realtime":
		return g.Realtime && from.End < to.Inv
	}
	key := p.Keys[e.Key]
	switch e.Kind {
	case "wr":
		return slices.Contains(key.Reads, polygraph.Read{Txn: e.To, Writer: e.From})
	case "ww":
		return before(g, e.Key, key, e.From, e.To, given)
	case "rw":
		for _, r := range key.Reads {
			if r.Txn == e.From && (r.Writer == polygraph.Nobody || before(g, e.Key, key, r.Writer, e.To, given)) {
				return slices.Contains(key.Writers, e.To)
			}
		}
	}
	return false
}

// before reports whether a version is known to precede another: by the prefix, by
// a given order, as assumed, or since a version that was read to be overwritten
// has its successor right behind it.
func before(g polygraph.Guarantee, k int32, key polygraph.Key, a, b int32, given []assumed) bool {
	known := map[[2]int32]bool{}
	for i, w := range key.Prefix {
		for _, v := range key.Writers {
			if at := slices.Index(key.Prefix, v); at > i || at < 0 {
				known[[2]int32{w, v}] = true
			}
		}
	}
	for _, pair := range key.Order {
		known[pair] = true
	}
	for _, s := range given {
		if s.key == k {
			known[[2]int32{s.before, s.after}] = true
		}
	}
	for grown := -1; grown < len(known); {
		grown = len(known)
		for _, r := range key.Reads {
			if slices.Contains(key.Writers, r.Txn) {
				overwrite(g, key, r, known)
			}
		}
		for _, x := range key.Writers {
			for _, y := range key.Writers {
				for _, z := range key.Writers {
					if known[[2]int32{x, y}] && known[[2]int32{y, z}] {
						known[[2]int32{x, z}] = true
					}
				}
			}
		}
	}
	return a != b && known[[2]int32{a, b}]
}

// overwrite says of a read by a writer that its version follows the one it read
// and, unless writers may overlap, that nothing lies between them.
func overwrite(g polygraph.Guarantee, key polygraph.Key, r polygraph.Read, known map[[2]int32]bool) {
	if r.Writer != polygraph.Nobody {
		known[[2]int32{r.Writer, r.Txn}] = true
	}
	for _, v := range key.Writers {
		if g.Overwrites || v == r.Txn || v == r.Writer {
			continue
		}
		if r.Writer == polygraph.Nobody || known[[2]int32{r.Writer, v}] {
			known[[2]int32{r.Txn, v}] = true
		}
		if r.Writer != polygraph.Nobody && known[[2]int32{v, r.Txn}] {
			known[[2]int32{v, r.Writer}] = true
		}
	}
}
