package micro

import (
	"math"

	"checker/history"
)

// Model is what the objects of a history are.
type Model uint8

const (
	Lists     Model = iota // [:append k v] and [:r k [v …]]
	Registers              // [:w k v] and [:r k v]
)

// Status says whether a transaction happened.
type Status uint8

const (
	Ok   Status = iota // it committed, and what it read is known
	Seen               // indeterminate, but an ok transaction read what it wrote: it happened; its reads are not known
	Info               // indeterminate, and nobody saw what it wrote
	Fail               // it aborted
)

// Kind says what a micro-op does.
type Kind uint8

const (
	Read  Kind = iota // what is there
	Write             // put a value there: an append, on lists
)

// What takes the place of a number in Val.
const (
	Unread int32 = -1 // a read whose result is not known
	Nil    int32 = -2 // a register as it was at first, or an empty list's last element

	// irregular is the number of the first list that is no prefix of the longest
	// list of its key; further ones go down from here.
	irregular int32 = -3
)

// What takes the place of a micro-op in Writer.
const (
	Nobody int32 = -1 // nobody wrote it
	Many   int32 = -2 // several transactions that may have happened, or one twice: it cannot be told who
)

// Never is the row at which a transaction ends that is not known to have ended.
const Never int32 = math.MaxInt32

// Txns are the transactions of a history. They are read-only.
type Txns struct {
	History *history.History
	Model   Model

	// By transaction.
	Inv     []int32 // row of the invocation
	Comp    []int32 // row of the completion, -1 where there is none
	Status  []Status
	Session []int32 // its process, numbered from 0 in the order of appearance
	First   []int32 // its first micro-op; with one more entry at the end

	// By micro-op.
	Txn  []int32
	Kind []Kind
	Key  []int32
	Val  []int32 // a write's value; a register read's value, [Nil] or [Unread]; for list reads see List and Prefix

	// Writer is, by value, the micro-op that wrote it, or [Nobody] or [Many].
	// A failed transaction is named only for what no other one wrote.
	Writer []int32

	Sessions int

	twice   []int32 // values with more than one writer, in the order of the second write
	numbers []numbers
	extra   []extraValue
	atFirst int32 // number of the first extra value

	lists   []int32 // elements of the longest lists, key by key, then of irregular ones
	longest []span  // by key
	odd     []span  // irregular lists
}

// span is a part of lists.
type span struct{ at, n int32 }

// Len returns how many transactions there are.
func (t *Txns) Len() int { return len(t.Inv) }

// Keys returns how many keys there are. Some may be in no transaction.
func (t *Txns) Keys() int { return len(t.numbers) }

// Values returns how many numbers of values there are.
func (t *Txns) Values() int { return len(t.Writer) }

// Happened reports whether transaction x is known to have committed.
func (t *Txns) Happened(x int32) bool { return t.Status[x] <= Seen }

// End returns the row before which the effects of transaction x were complete:
// that of its completion if that was ok, else [Never]. It is how real time
// orders transactions: x before y when End(x) < Inv[y].
func (t *Txns) End(x int32) int32 {
	if t.Status[x] != Ok {
		return Never
	}
	return t.Comp[x]
}

// WriterTxn returns the transaction that wrote a value; ok is false when there
// is none, or more than one.
func (t *Txns) WriterTxn(value int32) (x int32, ok bool) {
	if m := t.Writer[value]; m >= 0 {
		return t.Txn[m], true
	}
	return 0, false
}

// Twice returns the values that were written more than once, apart from what
// failed transactions wrote, in the order of the second write.
func (t *Txns) Twice() []int32 { return t.twice }

// Longest returns the longest list that an ok transaction read of a key, as
// values; of several, the one that was read first.
func (t *Txns) Longest(key int32) []int32 { return t.span(t.longest[key]) }

// Prefix returns how many elements of the longest list of its key the list read
// m returned. ok is false for a read that is not known and for one whose list is
// no prefix; see [Txns.List].
func (t *Txns) Prefix(m int32) (n int32, ok bool) { return t.Val[m], t.Val[m] >= 0 }

// List returns what the list read m returned, as values; ok is false when that
// is not known, and for what is no read of a list.
func (t *Txns) List(m int32) (list []int32, ok bool) {
	if t.Model != Lists || t.Kind[m] != Read {
		return nil, false
	}
	switch v := t.Val[m]; {
	case v >= 0:
		return t.Longest(t.Key[m])[:v], true
	case v <= irregular:
		return t.span(t.odd[irregular-v]), true
	}
	return nil, false
}

func (t *Txns) span(s span) []int32 { return t.lists[s.at : s.at+s.n : s.at+s.n] }

// Seen returns the value that a read found: of a register its value, of a list
// its last element; [Nil] for none, [Unread] when it is not known.
func (t *Txns) Seen(m int32) int32 {
	if t.Model == Registers {
		return t.Val[m]
	}
	list, ok := t.List(m)
	switch {
	case !ok:
		return Unread
	case len(list) == 0:
		return Nil
	}
	return list[len(list)-1]
}
