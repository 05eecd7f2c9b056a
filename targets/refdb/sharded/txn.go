package sharded

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// TxnID names a transaction. A client has one open at a time and numbers them upward from 1.
type TxnID struct{ Client, Seq uint64 }

// String returns "7.3" for the third transaction of client 7.
func (id TxnID) String() string {
	text := strconv.AppendUint(make([]byte, 0, 24), id.Client, 10)
	return string(strconv.AppendUint(append(text, '.'), id.Seq, 10))
}

// OpKind tells micro-ops apart.
type OpKind uint8

// What a micro-op does. Under every key lies a list of numbers, at first empty: a register is a list of
// one, a set a list without repetition. A transaction sees its own earlier micro-ops.
const (
	Read   OpKind = iota + 1 // answers the list
	Write                    // the list becomes [A]
	Append                   // A comes to the end of the list
	Insert                   // the same, unless the list has it
	Delete                   // the list becomes empty
	Add                      // [n] becomes [n+A], and empty [A]; answers the new list
	Move                     // as Add, but aborts the transaction if the list would be below [B]
	CAS                      // [A] becomes [B]; aborts the transaction if the list is another
	numOpKinds
)

var opKindNames = [numOpKinds]string{"", "read", "write", "append", "insert", "delete", "add", "move", "cas"}

// String returns the kind's name in lower case.
func (k OpKind) String() string {
	if k == 0 || k >= numOpKinds {
		return fmt.Sprintf("op-%d", uint8(k))
	}
	return opKindNames[k]
}

// Op is a micro-op on one key.
type Op struct {
	Kind      OpKind
	Key, A, B int64
}

// String returns the micro-op in one short phrase, such as "append 1 5".
func (o Op) String() string {
	switch o.Kind {
	case Read, Delete:
		return fmt.Sprintf("%v %d", o.Kind, o.Key)
	case Move, CAS:
		return fmt.Sprintf("%v %d %d %d", o.Kind, o.Key, o.A, o.B)
	}
	return fmt.Sprintf("%v %d %d", o.Kind, o.Key, o.A)
}

func describeOps(ops []Op) string {
	words := make([]string, len(ops))
	for i, o := range ops {
		words[i] = o.String()
	}
	return strings.Join(words, ", ")
}

// apply returns what the list becomes and what the micro-op answers. It is false where the transaction
// has to abort. Lists are shared and never change in place.
func (o Op) apply(list []int64) (after, answer []int64, ok bool) {
	switch o.Kind {
	case Read:
		return list, list, true
	case Write:
		return []int64{o.A}, nil, true
	case Append:
		return append(list[:len(list):len(list)], o.A), nil, true
	case Insert:
		if slices.Contains(list, o.A) {
			return list, nil, true
		}
		return append(list[:len(list):len(list)], o.A), nil, true
	case Delete:
		return nil, nil, true
	case Add:
		after = []int64{first(list) + o.A}
		return after, after, true
	case Move:
		after = []int64{first(list) + o.A}
		return after, after, after[0] >= o.B
	case CAS:
		return []int64{o.B}, nil, len(list) == 1 && list[0] == o.A
	}
	return list, nil, false
}

func first(list []int64) int64 {
	if len(list) == 0 {
		return 0
	}
	return list[0]
}

// reads tells whether all micro-ops leave the data alone.
func readOnly(ops []Op) bool {
	return !slices.ContainsFunc(ops, func(o Op) bool { return o.Kind != Read })
}

// Request is a transaction that a client wants executed, by whichever node it asks. A retry repeats ID and
// raises Attempt, which comes back in the reply and means nothing to the database. The smaller Priority is
// the older transaction and goes first where two are in each other's way; a transaction that is tried
// again after it was aborted keeps it, so that its time comes. Seen is that of the latest reply to the client,
// of a committed transaction: where snapshots of the past are read, they are no older.
type Request struct {
	ID       TxnID
	Attempt  uint32
	Priority int64
	Seen     stamp
	Ops      []Op
}

// String returns the request in one line.
func (r Request) String() string {
	return fmt.Sprintf("request %v attempt %d: %s", r.ID, r.Attempt, describeOps(r.Ops))
}

// Reply answers one attempt of a request.
type Reply struct {
	ID      TxnID
	Attempt uint32
	Status  Status
	Results [][]int64 // of a committed one, by micro-op; shared, not to be changed
	Seen    stamp     // of a committed one: for the client's next request
	Leader  NodeID    // who leads the shard of the first key, as far as is known: the node to ask next time
}

// String returns the reply in one line.
func (r Reply) String() string {
	if r.Status == Committed {
		return fmt.Sprintf("reply to %v attempt %d: %v %v", r.ID, r.Attempt, r.Status, r.Results)
	}
	return fmt.Sprintf("reply to %v attempt %d: %v", r.ID, r.Attempt, r.Status)
}

// Status is the outcome of a transaction.
type Status uint8

const (
	// Committed: all of it took effect, exactly once.
	Committed Status = iota + 1
	// Aborted: nothing of it took effect, or ever will; a conflict with another transaction was decided
	// against it, or too long nobody could decide.
	Aborted
	// Refused: the same, since a Move or CAS found what it must not.
	Refused
	// Invalid: the same; the request makes no sense.
	Invalid
	// Overloaded: this attempt has done nothing. An earlier one may have.
	Overloaded
	numStatuses
)

var statusNames = [numStatuses]string{"", "committed", "aborted", "refused", "invalid", "overloaded"}

// String returns the status's name in lower case.
func (s Status) String() string {
	if s == 0 || s >= numStatuses {
		return fmt.Sprintf("status-%d", uint8(s))
	}
	return statusNames[s]
}

func (r *Request) valid() bool {
	known := func(o Op) bool { return o.Kind > 0 && o.Kind < numOpKinds }
	return r.ID.Seq > 0 && r.ID.Seq < math.MaxUint64 && len(r.Ops) > 0 &&
		!slices.ContainsFunc(r.Ops, func(o Op) bool { return !known(o) })
}
