package brute

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a micro-op does.
type Kind uint8

// The micro-ops: reads of either data model, writes of a register, appends to a
// list. A key is one or the other throughout.
const (
	Read Kind = iota
	Write
	Append
)

// Op is a micro-op. Value is what it writes or appends; Seen is what it read: the
// elements of a list, or the one value of a register. The initial value of both
// is nothing, an empty Seen.
type Op struct {
	Kind  Kind
	Key   int
	Value int
	Seen  []int
}

// Outcome is what became of a transaction.
type Outcome uint8

// A transaction committed, certainly did not, or may have: then its reads are
// not known and it has no completion.
const (
	Ok Outcome = iota
	Fail
	Info
)

// Never is the completion of a transaction that has none.
const Never = 1 << 30

// Txn is a transaction. Invoke and Complete are positions in the history, all
// distinct; those of one process do not overlap.
type Txn struct {
	Process  int
	Invoke   int
	Complete int
	Outcome  Outcome
	Ops      []Op
}

// History is a handful of transactions, in any order.
type History []Txn

func (t Txn) writes(key int) bool {
	return slices.ContainsFunc(t.Ops, func(o Op) bool { return o.Kind != Read && o.Key == key })
}

// conflict reports whether both write some key.
func conflict(a, b Txn) bool {
	return slices.ContainsFunc(a.Ops, func(o Op) bool { return o.Kind != Read && b.writes(o.Key) })
}

// session reports whether a comes before b in the same process.
func session(a, b Txn) bool { return a.Process == b.Process && a.Invoke < b.Invoke }

// realtime reports whether a had completed when b was invoked.
func realtime(a, b Txn) bool { return a.Outcome == Ok && a.Complete < b.Invoke }

// precedence is an order that an execution must respect.
type precedence func(a, b Txn) bool

func none(Txn, Txn) bool { return false }

// both is session order, which real time does not contain where a process went
// on after a transaction of unknown outcome, and real time.
func both(a, b Txn) bool { return session(a, b) || realtime(a, b) }

// anySubset reports whether holds is true of some set of committed transactions:
// all that are ok, and any of those whose outcome is unknown.
func anySubset(h History, holds func(committed []Txn) bool) bool {
	var ok, open []Txn
	for _, t := range h {
		switch t.Outcome {
		case Ok:
			ok = append(ok, t)
		case Info:
			open = append(open, t)
		}
	}
	for mask := range 1 << len(open) {
		committed := slices.Clone(ok)
		for i, t := range open {
			if mask>>i&1 == 1 {
				committed = append(committed, t)
			}
		}
		if holds(committed) {
			return true
		}
	}
	return false
}

// state is the values of all keys; what is absent is initial.
type state map[int][]int

// run executes a transaction on a private copy of a state and returns what it
// leaves there, and whether all its reads returned what they are recorded to have.
func run(t Txn, before state) (after state, explained bool) {
	after = make(state, len(before)+len(t.Ops))
	for k, v := range before {
		after[k] = v
	}
	for _, o := range t.Ops {
		switch o.Kind {
		case Write:
			after[o.Key] = []int{o.Value}
		case Append:
			after[o.Key] = append(slices.Clone(after[o.Key]), o.Value)
		case Read:
			if t.Outcome == Ok && !slices.Equal(after[o.Key], o.Seen) {
				return nil, false
			}
		}
	}
	return after, true
}

// String prints a transaction a line, in the order of invocations.
func (h History) String() string {
	sorted := slices.Clone(h)
	slices.SortFunc(sorted, func(a, b Txn) int { return a.Invoke - b.Invoke })
	var b strings.Builder
	for _, t := range sorted {
		fmt.Fprintf(&b, "process %d, %d to ", t.Process, t.Invoke)
		if t.Complete == Never {
			b.WriteString("never")
		} else {
			fmt.Fprint(&b, t.Complete)
		}
		fmt.Fprintf(&b, ", %s:", [...]string{"ok", "fail", "info"}[t.Outcome])
		for _, o := range t.Ops {
			switch o.Kind {
			case Read:
				fmt.Fprintf(&b, " r %d %v", o.Key, o.Seen)
			case Write:
				fmt.Fprintf(&b, " w %d %d", o.Key, o.Value)
			case Append:
				fmt.Fprintf(&b, " append %d %d", o.Key, o.Value)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
