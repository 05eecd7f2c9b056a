package sharded

import (
	"encoding/binary"
	"fmt"
)

// writer puts numbers in bytes, small ones in few: entries of the log and what a shard saves are made so.
type writer struct{ bytes []byte }

func (w *writer) uint(v uint64) { w.bytes = binary.AppendUvarint(w.bytes, v) }
func (w *writer) int(v int64)   { w.bytes = binary.AppendVarint(w.bytes, v) }
func (w *writer) bool(b bool) {
	var v uint64
	if b {
		v = 1
	}
	w.uint(v)
}

func (w *writer) id(id TxnID) {
	w.uint(id.Client)
	w.uint(id.Seq)
}

func (w *writer) ints(list []int64) {
	w.uint(uint64(len(list)))
	for _, v := range list {
		w.int(v)
	}
}

func (w *writer) lists(lists [][]int64) {
	w.uint(uint64(len(lists)))
	for _, list := range lists {
		w.ints(list)
	}
}

func (w *writer) ops(ops []Op) {
	w.uint(uint64(len(ops)))
	for _, o := range ops {
		w.uint(uint64(o.Kind))
		w.int(o.Key)
		w.int(o.A)
		w.int(o.B)
	}
}

func (w *writer) shards(shards []ShardID) {
	w.uint(uint64(len(shards)))
	for _, s := range shards {
		w.uint(uint64(s))
	}
}

// reader reads what a writer wrote, and zeros once that has run out or makes no sense: bad tells.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	return v * r.skip(n)
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.rest)
	return v * int64(r.skip(n))
}

// skip returns 1, or 0 where there was no number.
func (r *reader) skip(n int) uint64 {
	if n <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return 1
}

func (r *reader) bool() bool { return r.uint() == 1 }
func (r *reader) id() TxnID  { return TxnID{r.uint(), r.uint()} }

// count reads how many things follow, each of at least one byte.
func (r *reader) count() int {
	v := r.uint()
	if v > uint64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return 0
	}
	return int(v)
}

func (r *reader) ints() []int64 {
	n := r.count()
	if n == 0 {
		return nil
	}
	list := make([]int64, n)
	for i := range list {
		list[i] = r.int()
	}
	return list
}

func (r *reader) lists() [][]int64 {
	n := r.count()
	if n == 0 {
		return nil
	}
	lists := make([][]int64, n)
	for i := range lists {
		lists[i] = r.ints()
	}
	return lists
}

func (r *reader) ops() []Op {
	ops := make([]Op, r.count())
	for i := range ops {
		ops[i] = Op{OpKind(r.uint()), r.int(), r.int(), r.int()}
	}
	return ops
}

func (r *reader) shards() []ShardID {
	shards := make([]ShardID, r.count())
	for i := range shards {
		shards[i] = ShardID(r.uint())
	}
	return shards
}

// MarshalBinary writes a part as the log has it, for messages that leave the process.
func (p *part) MarshalBinary() ([]byte, error) {
	var w writer
	w.part(p)
	return w.bytes, nil
}

// UnmarshalBinary reads a part that a message has brought.
func (p *part) UnmarshalBinary(data []byte) error {
	r := reader{rest: data}
	if *p = r.part(); r.bad || len(r.rest) > 0 {
		return fmt.Errorf("refdb: a part of %d bytes makes no sense", len(data))
	}
	return nil
}
