package polygraph

import (
	"fmt"
	"strings"
)

// Names says how a witness calls transactions and keys.
type Names struct {
	Txn func(txn int32) string
	Key func(key int32) string
}

// Words tells a witness as a proof, a line a thought, indented by case.
func (w *Witness) Words(n Names) string {
	t := &words{Names: n, witness: w}
	switch {
	case len(w.Choices) == 0:
		t.line(0, "%s: a cycle.", t.cycle(w.Cycle))
	case w.Proof == nil:
		t.line(0, "The order of these versions cannot be chosen, whichever comes first:")
		for _, c := range w.Choices {
			t.line(1, "of %s, %s and %s", n.Key(c.Key), t.run(c.A), t.run(c.B))
		}
	default:
		t.step(0, w.Proof)
	}
	return t.text.String()
}

type words struct {
	Names
	witness *Witness
	text    strings.Builder
}

func (t *words) line(depth int, format string, args ...any) {
	fmt.Fprintf(&t.text, "%s%s\n", strings.Repeat("  ", depth), fmt.Sprintf(format, args...))
}

// step tells a choice. Where a side closes a cycle, the other one is what is
// left, and needs no case of its own.
func (t *words) step(depth int, s *Step) {
	c := t.witness.Choices[s.Choice]
	first, second := s.Sides[0], s.Sides[1]
	a, b := t.run(c.A), t.run(c.B)
	if first.Then != nil && second.Then == nil {
		first, second, a, b = second, first, b, a
	}
	t.line(depth, "If %s of %s came before %s:", a, t.Key(c.Key), b)
	t.side(depth+1, first)
	if second.Then != nil && first.Then == nil {
		t.line(depth, "So %s of %s came before %s.", b, t.Key(c.Key), a)
		t.step(depth, second.Then)
		return
	}
	t.line(depth, "If %s of %s came before %s:", b, t.Key(c.Key), a)
	t.side(depth+1, second)
}

func (t *words) side(depth int, s Side) {
	if s.Then != nil {
		t.step(depth, s.Then)
		return
	}
	t.line(depth, "%s: a cycle.", t.cycle(s.Cycle))
}

func (t *words) run(r Run) string {
	if r.First == r.Last {
		return t.Txn(r.First) + "'s write"
	}
	return fmt.Sprintf("%s's write, and what followed it up to %s's,", t.Txn(r.First), t.Txn(r.Last))
}

func (t *words) cycle(cycle []Edge) string {
	parts := make([]string, len(cycle))
	for i, e := range cycle {
		parts[i] = fmt.Sprintf("%s < %s (%s)", t.Txn(e.From), t.Txn(e.To), t.why(e))
	}
	return strings.Join(parts, ", ")
}

func (t *words) why(e Edge) string {
	from, to := t.Txn(e.From), t.Txn(e.To)
	switch e.Kind {
	case "ww":
		return fmt.Sprintf("%s wrote %s after %s", to, t.Key(e.Key), from)
	case "wr":
		return fmt.Sprintf("%s read %s from %s", to, t.Key(e.Key), from)
	case "rw":
		return fmt.Sprintf("%s read %s before %s overwrote it", from, t.Key(e.Key), to)
	case "process":
		return fmt.Sprintf("%s came before %s in their process", from, to)
	}
	return fmt.Sprintf("%s had ended before %s began", from, to)
}
