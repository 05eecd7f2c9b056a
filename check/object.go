package check

import "checker/history"

// Object is one of the independent objects that a history is about.
type Object struct {
	Key   string // "" where the history is about one object
	Pairs []history.Pair
	keyed bool
}

// Objects splits the client ops of a history by object. It is about many if every
// invocation has a value [key value] and every ok completion the same key; else it
// is about one.
func Objects(h *history.History) []Object {
	pairs := h.Pairs()
	if !independent(h, pairs) {
		return []Object{{Pairs: pairs}}
	}
	keys, groups, _ := h.ByKey(pairs)
	objects := make([]Object, len(keys))
	for i, key := range keys {
		objects[i] = Object{Key: h.Value(key).String(), Pairs: groups[i], keyed: true}
	}
	return objects
}

func independent(h *history.History, pairs []history.Pair) bool {
	for _, p := range pairs {
		key, _, ok := h.Heap.Pair(h.Ref(int(p.Inv)))
		if !ok {
			return false
		}
		if h.Outcome(p) != history.Ok {
			continue
		}
		same, _, ok := h.Heap.Pair(h.Ref(int(p.Comp)))
		if !ok || !h.Equal(same, key) {
			return false
		}
	}
	return len(pairs) > 0
}

// In returns the value of p's invocation, without the key.
func (o *Object) In(h *history.History, p history.Pair) history.Ref { return o.value(h, p.Inv) }

// Out returns the value of p's completion, without the key; nil where there is
// no completion.
func (o *Object) Out(h *history.History, p history.Pair) history.Ref {
	if p.Comp < 0 {
		return 0
	}
	return o.value(h, p.Comp)
}

func (o *Object) value(h *history.History, row int32) history.Ref {
	if o.keyed {
		return h.Inner(int(row))
	}
	return h.Ref(int(row))
}
