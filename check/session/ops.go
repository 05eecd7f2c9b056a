package session

import (
	"fmt"

	"checker/history"
	"checker/models"
)

// never is the row at which a crashed op ends.
const never = 1<<31 - 1

// op is a read, a write, or a cas, which is both.
type op struct {
	history.Pair
	end     int32 // row of the completion, or never
	session int32
	key     int32
	reads   bool
	writes  bool
	seen    models.Datum // that it read
	made    models.Datum // that it wrote
	from    int32        // the op that wrote seen; initial, nobody, or failed
	kept    bool         // it surely happened
}

// Who wrote a value where it is none of the ops.
const (
	initial int32 = -1
	nobody  int32 = -2
	failed  int32 = -3 // only ops that failed
)

// ops are the client ops of a history on registers that did not fail, in the order of
// their invocations.
type ops struct {
	list   []op
	keys   []history.Value // nil of the one register
	values *models.Values
}

// place is a value of a register.
type place struct {
	key   int32
	value models.Datum
}

// collect reads a history. Errors are what does not fit.
func collect(h *history.History, m *models.Model) (*ops, error) {
	o := &ops{values: models.NewValues(&h.Heap)}
	first := o.values.Add(m.Initial)
	pairs := h.Pairs()
	keyed := m.Independent(h)
	numbers := map[models.Datum]int32{}
	writers, gone := map[place]int32{}, map[place]bool{}
	sessions := numbering{current: map[history.Process]int32{}}
	for _, p := range pairs {
		x := op{Pair: p, end: never, session: sessions.of(h, p)}
		in, out := h.Ref(int(p.Inv)), h.Ref(int(max(p.Comp, p.Inv)))
		key := history.Ref(0)
		if keyed {
			key, in, _ = h.Heap.Pair(in)
			_, out, _ = h.Heap.Pair(out)
		}
		k := o.values.Of(key)
		n, known := numbers[k]
		if !known {
			n = int32(len(o.keys))
			numbers[k] = n
			o.keys = append(o.keys, h.Value(key))
		}
		x.key = n
		outcome := h.Outcome(p)
		if outcome == history.Ok {
			x.end, x.kept = p.Comp, true
		}
		if err := o.read(h, m, &x, in, out, outcome); err != nil {
			return nil, err
		}
		at := place{n, x.made}
		switch _, twice := writers[at]; {
		case !x.writes && !x.kept: // a read that crashed tells nothing
			continue
		case x.writes && outcome == history.Fail:
			gone[at] = true
			continue
		case x.writes && (twice || x.made == first):
			return nil, fmt.Errorf("%s is written more than once, or there at first (op %d): who wrote what a read returned cannot be told", o.values.Value(x.made), h.Witness(p))
		case x.writes:
			writers[at] = int32(len(o.list))
		}
		o.list = append(o.list, x)
	}
	o.trace(first, writers, gone)
	return o, nil
}

// read reads what an op saw and made.
func (o *ops) read(h *history.History, m *models.Model, x *op, in, out history.Ref, outcome history.Type) error {
	f := m.Function(h.FName(h.F(int(x.Inv))))
	switch f {
	case models.RegisterRead:
		if x.reads = outcome == history.Ok; x.reads {
			x.seen = o.values.Of(out)
		}
	case models.RegisterWrite:
		x.writes, x.made = true, o.values.Of(in)
	case models.RegisterCAS:
		old, made, pair := h.Heap.Pair(in)
		if !pair {
			return fmt.Errorf("op %d: a cas of %s is not [old new]", h.Witness(x.Pair), h.Value(in))
		}
		x.reads, x.writes, x.seen, x.made = true, true, o.values.Of(old), o.values.Of(made)
	default:
		return fmt.Errorf("op %d: a register does not know %q", h.Witness(x.Pair), h.FName(h.F(int(x.Inv))))
	}
	return nil
}

// trace finds who wrote what was read, and which crashed ops happened for sure.
func (o *ops) trace(first models.Datum, writers map[place]int32, gone map[place]bool) {
	var work []int32
	for i := range o.list {
		x := &o.list[i]
		if !x.reads {
			continue
		}
		at := place{x.key, x.seen}
		w, written := writers[at]
		switch {
		case written:
			x.from = w
		case x.seen == first:
			x.from = initial
		case gone[at]:
			x.from = failed
		default:
			x.from = nobody
		}
		if x.kept {
			work = append(work, int32(i))
		}
	}
	for len(work) > 0 {
		x := o.list[work[len(work)-1]]
		work = work[:len(work)-1]
		if x.from >= 0 && !o.list[x.from].kept {
			o.list[x.from].kept = true
			if o.list[x.from].reads {
				work = append(work, x.from)
			}
		}
	}
}

// key names the register of an op, or is "".
func (o *ops) key(x *op) string {
	if len(o.keys) == 1 && o.keys[0].IsNil() {
		return ""
	}
	return o.keys[x.key].String()
}

// numbering numbers sessions: processes, of which one whose op crashed goes on as
// another.
type numbering struct {
	current map[history.Process]int32
	next    int32
}

func (s *numbering) of(h *history.History, p history.Pair) int32 {
	process := h.Process(int(p.Inv))
	n, known := s.current[process]
	if !known {
		n = s.next
		s.next++
		s.current[process] = n
	}
	if h.Outcome(p) == history.Info {
		delete(s.current, process)
	}
	return n
}
