package stores

import (
	"checker/history"
	"checker/workloads/gen/txns"
)

// recorder writes transactions into a history, straight into its columns.
type recorder struct {
	b           *history.Builder
	registers   bool
	f           history.F
	read, write history.Ref
	time        int64
	mops, elems []history.Ref
}

func newRecorder(registers bool) *recorder {
	b := history.NewBuilder()
	r := &recorder{b: b, registers: registers, f: b.Heap().InternF(txns.F)}
	r.read = b.Heap().AddKeyword([]byte("r"))
	r.write = b.Heap().AddKeyword([]byte("append"))
	if registers {
		r.write = b.Heap().AddKeyword([]byte("w"))
	}
	return r
}

func (r *recorder) invoke(c *client) error { return r.add(c, history.Invoke) }

// complete records how the transaction of a client ended.
func (r *recorder) complete(c *client) error { return r.add(c, c.outcome) }

// microsecond is how far apart rows are recorded.
const microsecond = 1000

func (r *recorder) add(c *client, typ history.Type) error {
	h := r.b.Heap()
	r.time += microsecond
	row := r.b.Begin(0)
	row.Time, row.HasTime, row.Process, row.Type, row.F = r.time, true, c.process, typ, r.f
	r.mops = r.mops[:0]
	for i, m := range c.mops {
		f, value := r.write, h.AddInt(m.Value)
		if !m.Write {
			f, value = r.read, 0
		}
		if !m.Write && typ == history.Ok {
			var err error
			if value, err = r.value(c.results.at(i)); err != nil {
				return err
			}
		}
		mop, err := h.AddSeq(history.KindVector, []history.Ref{f, h.AddInt(m.Key), value})
		if err != nil {
			return err
		}
		r.mops = append(r.mops, mop)
	}
	var err error
	if row.Value, err = h.AddSeq(history.KindVector, r.mops); err != nil {
		return err
	}
	return r.b.Add(row)
}

// value returns what a read returned: all elements of a list, or the last one as
// the value of a register, nil where there is none.
func (r *recorder) value(elems []int32) (history.Ref, error) {
	h := r.b.Heap()
	if len(elems) == 0 {
		return 0, nil
	}
	if r.registers {
		return h.AddInt(int64(elems[len(elems)-1])), nil
	}
	r.elems = r.elems[:0]
	for _, e := range elems {
		r.elems = append(r.elems, h.AddInt(int64(e)))
	}
	return h.AddSeq(history.KindVector, r.elems)
}
