package linear

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"checker/history"
	"checker/models"
)

// never is the row at which a crashed op completes.
const never = math.MaxInt32

// object is the history of one object: its ops, each named by the row of its
// invocation, in order. Failed ops are not among them.
type object struct {
	key  history.Ref
	rows []int32
}

// view reads the ops of a history in the terms of a model.
type view struct {
	h     *history.History
	model *models.Model
	fs    []int8 // by history.F, the model's function or -1
	keyed bool   // values are [key value]
}

func newView(h *history.History, m *models.Model) *view {
	v := &view{h: h, model: m, fs: make([]int8, h.Fs())}
	for f := range v.fs {
		v.fs[f] = int8(m.Function(h.FName(history.F(f))))
	}
	return v
}

// isOp reports whether row i is the invocation of a client's op.
func (v *view) isOp(i int) bool {
	return v.h.Type(i) == history.Invoke && v.h.Process(i).IsClient()
}

// outcome returns how the op invoked at row i ended, and where: [never] when it
// crashed or never completed.
func (v *view) outcome(i int) (t history.Type, res int32) {
	p := v.h.Pair(i)
	if p < 0 {
		return history.Info, never
	}
	if t = v.h.Type(p); t == history.Info {
		return t, never
	}
	return t, int32(p)
}

// function returns the model's function of the op at row i.
func (v *view) function(i int) int { return int(v.fs[v.h.F(i)]) }

// in returns the argument of the op invoked at row i, without its key.
func (v *view) in(i int) history.Ref { return v.unkeyed(v.h.Ref(i)) }

// out returns the result of the op completed at row i, without its key.
func (v *view) out(i int32) history.Ref { return v.unkeyed(v.h.Ref(int(i))) }

func (v *view) unkeyed(r history.Ref) history.Ref {
	if v.keyed {
		_, r, _ = v.h.Heap.Pair(r)
	}
	return r
}

// index names the op invoked at row i: the index of its completion, or of its
// invocation where there is none.
func (v *view) index(i int32) int {
	if p := v.h.Pair(int(i)); p >= 0 {
		return v.h.Index(p)
	}
	return v.h.Index(int(i))
}

// unknownFs says which ops the model does not understand; failed ones did not
// happen and do not matter. It is "" when there are none.
func (v *view) unknownFs() string {
	if !slices.Contains(v.fs, -1) {
		return ""
	}
	count := map[string]int{}
	for i := range v.h.Len() {
		if v.isOp(i) && v.function(i) < 0 {
			if t, _ := v.outcome(i); t != history.Fail {
				count[v.h.FName(v.h.F(i))]++
			}
		}
	}
	if len(count) == 0 {
		return ""
	}
	var names []string
	for name, n := range count {
		names = append(names, fmt.Sprintf("%q (%d ops)", name, n))
	}
	sort.Strings(names)
	return fmt.Sprintf("the model %s (%s) does not understand %s", v.model.Name, v.model.Usage(), strings.Join(names, ", "))
}

// objects splits the history by key, in the order in which keys appear.
func (v *view) objects() ([]object, error) {
	if !v.keyed {
		all := object{rows: make([]int32, 0, v.h.Len()/2+1)}
		for i := range v.h.Len() {
			if !v.isOp(i) || !v.counts(i) {
				continue
			}
			if _, _, pair := v.h.Heap.Pair(v.h.Ref(i)); v.model.Functions[v.function(i)].Args == 2 && !pair {
				return nil, fmt.Errorf("op %d: its value is not a pair", v.index(int32(i)))
			}
			all.rows = append(all.rows, int32(i))
		}
		return []object{all}, nil
	}
	return v.byKey()
}

// counts reports whether the op invoked at row i happened or may have.
func (v *view) counts(i int) bool {
	t, _ := v.outcome(i)
	return t != history.Fail
}

func (v *view) byKey() ([]object, error) {
	var objects []object
	ids := map[history.Ref]int32{}
	canon := canonical{heap: &v.h.Heap}
	count := []int{}
	each := func(visit func(row int, id int32)) error {
		for i := range v.h.Len() {
			if !v.isOp(i) || !v.counts(i) {
				continue
			}
			if why := v.model.NotKeyed(v.h, i); why != "" {
				return fmt.Errorf("op %d: %s", v.index(int32(i)), why)
			}
			key, _, _ := v.h.Heap.Pair(v.h.Ref(i))
			key = canon.of(key)
			id, ok := ids[key]
			if !ok {
				id = int32(len(objects))
				ids[key] = id
				objects = append(objects, object{key: key})
				count = append(count, 0)
			}
			visit(i, id)
		}
		return nil
	}
	if err := each(func(_ int, id int32) { count[id]++ }); err != nil {
		return nil, err
	}
	for id := range objects {
		objects[id].rows = make([]int32, 0, count[id])
	}
	err := each(func(row int, id int32) { objects[id].rows = append(objects[id].rows, int32(row)) })
	return objects, err
}

// canonical gives equal data one Ref. Scalars have that already.
type canonical struct {
	heap  *history.Heap
	first map[string]history.Ref
}

func (c *canonical) of(r history.Ref) history.Ref {
	switch r.Kind() {
	case history.KindVector, history.KindList, history.KindSet, history.KindMap, history.KindTagged:
	default:
		return r
	}
	text := c.heap.Value(r).String()
	first, ok := c.first[text]
	if !ok {
		if c.first == nil {
			c.first = map[string]history.Ref{}
		}
		first = r
		c.first[text] = r
	}
	return first
}
