package txn

import (
	"fmt"
	"slices"

	"checker/check"
	"checker/internal/graph"
	"checker/models/consistency"
)

// explain describes a cycle: its transactions, why each comes before the next,
// and why that cannot be.
func (r *run) explain(g group, cycle []hop) check.Witness {
	n := narrator{r.txns}
	turn(cycle)
	txns := make([]int32, len(cycle))
	for i, h := range cycle {
		txns[i] = h.from
	}
	steps := make([]step, len(cycle))
	for i, h := range cycle {
		to := (i + 1) % len(cycle)
		s := step{from: i, to: to, edge: edgeName(h.kind), key: -1}
		first, second := fmt.Sprintf("T%d", i+1), fmt.Sprintf("T%d", to+1)
		switch s.edge {
		case "process", "realtime":
			s.why = n.orderWhy(h.from, h.to, first, second, s.edge == "process")
		default:
			s.key, s.why = r.versions.why(h.from, h.to, h.kind, first, second)
		}
		steps[i] = s
	}
	name := g.class.name(g.variant)
	headline := fmt.Sprintf("%s would each have to come before the next, in a circle", n.ops(txns))
	if len(txns) == 2 {
		headline = fmt.Sprintf("%s would each have to come before the other", n.ops(txns))
	}
	return n.witness(headline, oneKey(steps), txns, steps, r.verdictOn(name))
}

// turn makes a cycle begin with an edge that overwrites what was read, or else
// with the transaction that was invoked first.
func turn(cycle []hop) {
	best := 0
	for i, h := range cycle {
		a, b := isAnti(h.kind), isAnti(cycle[best].kind)
		if a && !b || a == b && h.from < cycle[best].from {
			best = i
		}
	}
	rotated := append(slices.Clone(cycle[best:]), cycle[:best]...)
	copy(cycle, rotated)
}

func isAnti(k graph.Kind) bool { return k&withRealtime.anti() != 0 }

// edgeName returns what an edge is called in a witness.
func edgeName(k graph.Kind) string {
	switch {
	case isAnti(k):
		return "rw"
	case k == wr:
		return "wr"
	case k == process:
		return "process"
	case k == realtime:
		return "realtime"
	}
	return "ww"
}

// oneKey returns the key that all steps are about, or -1.
func oneKey(steps []step) int32 {
	key := int32(-1)
	for _, s := range steps {
		if s.key >= 0 && key >= 0 && s.key != key {
			return -1
		}
		key = max(key, s.key)
	}
	return key
}

// verdictOn says what an anomaly means for what was asked.
func (r *run) verdictOn(name string) string {
	not, also := consistency.Broken(name)
	for _, m := range r.ConsistencyModels {
		if slices.Contains(not, m) {
			return fmt.Sprintf("A contradiction: %s forbids %s.", m, name)
		}
		if slices.Contains(also, m) {
			return fmt.Sprintf("A contradiction: %s forbids %s, and %s implies it.", not[0], name, m)
		}
	}
	if len(not) > 0 {
		return fmt.Sprintf("A contradiction: %s forbids %s.", not[0], name)
	}
	return ""
}
