package stores

import (
	"checker/workloads/gen"
	"checker/workloads/gen/txns"
)

// Store is a kind of database.
type Store struct {
	Name    string
	Summary string // one sentence
	// Holds are the strongest consistency models that no history of it violates,
	// Breaks some that histories do violate, the weakest ones known.
	Holds  []string
	Breaks []string
	// NoLists says that only registers can be kept: replicas order writes
	// differently. NoRegisters says that what it breaks does not show in registers.
	NoLists, NoRegisters bool

	whole bool // a transaction runs from beginning to end in one step
	open  func(gen.Rand, Params) engine
}

// engine runs the transactions of a store.
type engine interface {
	// begin starts a transaction of a session; it is told of all its micro-ops.
	begin(session int, mops []txns.Mop) transaction
}

// transaction is one that runs. It is over after commit or abort.
type transaction interface {
	// read returns the elements of a key that it sees, oldest first, its own among
	// them. They stay valid until the next call.
	read(key int64) []int32
	write(key int64, elem int32)
	// commit reports whether it happened; if not, it never will.
	commit() bool
	// abort undoes it, or so it should.
	abort()
}

// own are the writes of a transaction that others do not see yet.
type own []ownWrite

type ownWrite struct {
	key  int64
	elem int32
}

func (w *own) add(key int64, elem int32) { *w = append(*w, ownWrite{key, elem}) }

// appendTo appends the elements that w holds for a key.
func (w own) appendTo(elems []int32, key int64) []int32 {
	for _, o := range w {
		if o.key == key {
			elems = append(elems, o.elem)
		}
	}
	return elems
}

func (w own) has(key int64) bool {
	for _, o := range w {
		if o.key == key {
			return true
		}
	}
	return false
}
