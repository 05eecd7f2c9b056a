package micro

import (
	"fmt"

	"checker/history"
)

// Index returns the number that names transaction x in a witness: that of its
// completion, or of its invocation where there is none.
func (t *Txns) Index(x int32) int {
	return t.History.Witness(history.Pair{Inv: t.Inv[x], Comp: t.Comp[x]})
}

// Node returns the node that transaction x ran on, or "".
func (t *Txns) Node(x int32) string {
	if t.Comp[x] >= 0 {
		if node := t.History.Node(int(t.Comp[x])); node != "" {
			return node
		}
	}
	return t.History.Node(int(t.Inv[x]))
}

// Process returns the process of transaction x, as in the history.
func (t *Txns) Process(x int32) history.Process { return t.History.Process(int(t.Inv[x])) }

// KeyText prints a key.
func (t *Txns) KeyText(key int32) string {
	return t.History.Value(t.History.Key(history.KeyID(key))).String()
}

// ValueText prints a value, without its key.
func (t *Txns) ValueText(value int32) string {
	if value == Nil {
		return "nil"
	}
	if value >= t.atFirst {
		return t.History.Value(t.extra[value-t.atFirst].ref).String()
	}
	n := t.numbers[t.KeyOf(value)]
	return fmt.Sprint(n.least + int64(value-n.first))
}

// KeyOf returns the key of a value.
func (t *Txns) KeyOf(value int32) int32 {
	if value >= t.atFirst {
		return t.extra[value-t.atFirst].key
	}
	lo, hi := 0, len(t.numbers) // the last key whose numbers begin at value or before
	for hi-lo > 1 {
		mid := (lo + hi) / 2
		if t.numbers[mid].first <= value {
			lo = mid
		} else {
			hi = mid
		}
	}
	return int32(lo)
}

// MopText prints a micro-op as it was recorded: [:r 5 [1 2]].
func (t *Txns) MopText(m int32) string {
	x := t.Txn[m]
	ref := t.source(x)
	mop := t.History.MicroOp(ref, int(m-t.First[x]))
	return history.Mop(t.History.FName(mop.F), t.History.Value(t.History.Key(mop.Key)), t.History.Value(mop.Value)).String()
}

// Text prints the micro-ops of transaction x as they were recorded.
func (t *Txns) Text(x int32) string {
	return t.History.Value(t.source(x)).String()
}

// source returns the value that the micro-ops of x are read from.
func (t *Txns) source(x int32) history.Ref {
	p := history.Pair{Inv: t.Inv[x], Comp: t.Comp[x]}
	ref, _ := sourceOf(t.History, p, t.Status[x] == Ok)
	return ref
}
