package reports

import (
	"slices"

	"checker/history"
)

// keyNames numbers the keys that ops touch, in the order in which they appear.
// Those beyond [maxLanes] share the last number: they would share a lane too.
type keyNames struct {
	names  []string
	number map[history.Ref]int
	pairs  bool // the values of plain ops are pairs of key and value
}

// otherKeys is what the keys without a lane of their own are called.
const otherKeys = "other keys"

func (v *view) newKeyNames() *keyNames {
	k := &keyNames{names: []string{}, number: map[history.Ref]int{}, pairs: true}
	for o := range v.clientOps {
		asked := v.Ref(o.inv)
		if _, _, pair := v.Heap.Pair(asked); !pair && !v.IsTxn(asked) {
			k.pairs = false
			break
		}
	}
	return k
}

// keysOf returns the numbers of the keys that an op touched, each once; none where
// a value does not tell.
func (v *view) keysOf(o operation, names *keyNames) []int {
	asked := v.Ref(o.inv)
	var keys []int
	if v.IsTxn(asked) {
		for i := range v.Heap.Len(asked) {
			n := names.of(&v.Heap, v.Heap.Key(v.Heap.MicroOp(asked, i).Key))
			if !slices.Contains(keys, n) {
				keys = append(keys, n)
			}
		}
		return keys
	}
	if key, _, pair := v.Heap.Pair(asked); pair && names.pairs {
		keys = append(keys, names.of(&v.Heap, key))
	}
	return keys
}

func (k *keyNames) of(h *history.Heap, key history.Ref) int {
	n, known := k.number[key]
	if !known {
		n = min(len(k.names), maxLanes-1)
		switch {
		case n < maxLanes-1:
			k.names = append(k.names, brief(h, key, 40))
		case len(k.names) < maxLanes:
			k.names = append(k.names, otherKeys)
		}
		k.number[key] = n
	}
	return n
}
