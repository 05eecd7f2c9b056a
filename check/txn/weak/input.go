package weak

import (
	"math"

	"checker/check/txn/micro"
)

// initial stands for the state before all transactions where a read has no
// writer.
const initial int32 = -1

// never is the version number of an append that no read shows.
const never int32 = math.MaxInt32

// input is a history of transactions as the models see it: those that committed,
// what each read from whom and which keys it wrote. Of the columns, only those
// that happened are there, numbered anew in the order of their invocations.
type input struct {
	*micro.Txns
	lists bool
	keys  int

	txns    []int32 // by transaction: its number in the columns
	session []int32 // by transaction
	place   []int32 // by transaction: where it stands in its session
	members spans   // by session: its transactions in order

	reads   []read // external ones, in the order of the transaction
	readAt  []int32
	writes  []write // the last one of each key, by key
	writeAt []int32

	// order has for each key of a list history the transactions whose elements the
	// reads show, in their order.
	order spans
}

// read is an external read: of the initial state, or of what a write left.
type read struct {
	key   int32
	from  int32 // the transaction that wrote the value, or the list's last element; or initial
	write int32 // its write, as an index
	seen  int32 // of a list, how many elements were read that other transactions appended
}

// write is the last write of a transaction to a key.
type write struct {
	key, txn int32
	last     int32 // the value
	version  int32 // of a list, the number of its last element in the order, or never
}

// spans are lists of numbers, one behind the other: list i is
// of[at[i]:at[i+1]].
type spans struct {
	at []int32
	of []int32
}

func (s spans) list(i int32) []int32 { return s.of[s.at[i]:s.at[i+1]] }

// spansOf sorts items into n lists, each in the order of the items.
func spansOf(n, items int, list func(i int32) int32) spans {
	s := spans{make([]int32, n+2), make([]int32, items)}
	for i := range int32(items) {
		s.at[list(i)+2]++
	}
	for i := range n {
		s.at[i+2] += s.at[i+1]
	}
	for i := range int32(items) {
		at := &s.at[list(i)+1]
		s.of[*at] = i
		*at++
	}
	s.at = s.at[:n+1]
	return s
}

// len returns the number of transactions.
func (in *input) len() int { return len(in.txns) }

func (in *input) sessions() int { return len(in.members.at) - 1 }

func (in *input) readsOf(t int32) []read { return in.reads[in.readAt[t]:in.readAt[t+1]] }

func (in *input) writesOf(t int32) []write { return in.writes[in.writeAt[t]:in.writeAt[t+1]] }

// writeOf returns the write of a transaction to a key; ok is false when there is
// none.
func (in *input) writeOf(t, key int32) (index int32, ok bool) {
	lo, hi := in.writeAt[t], in.writeAt[t+1]
	for hi-lo > 8 {
		mid := (lo + hi) / 2
		if in.writes[mid].key <= key {
			lo = mid
		} else {
			hi = mid
		}
	}
	for ; lo < hi; lo++ {
		if in.writes[lo].key == key {
			return lo, true
		}
	}
	return 0, false
}

// sources returns the transactions that a read shows: one for a register, for a
// list all whose elements it holds. one is room for the answer.
func (in *input) sources(r *read, one *[1]int32) []int32 {
	if in.lists {
		return in.order.list(r.key)[:r.seen]
	}
	if r.from == initial {
		return nil
	}
	one[0] = r.from
	return one[:]
}

// before returns the transaction before t in its session, or initial.
func (in *input) before(t int32) int32 {
	if in.place[t] == 0 {
		return initial
	}
	return in.members.list(in.session[t])[in.place[t]-1]
}

// misses reports whether a read does not show a write of the same key that it
// should be later than, and so contradicts it whatever the order of commits. Of
// registers only a read of the initial state does.
func (in *input) misses(r *read, w int32) bool {
	if in.lists {
		return in.writes[w].version >= r.seen
	}
	return r.from == initial
}
