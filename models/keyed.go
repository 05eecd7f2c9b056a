package models

import "checker/history"

// Independent reports whether a history is one of many objects: every client op
// with a function of the model carries a [key value].
func (m *Model) Independent(h *history.History) bool {
	found := false
	for i := range h.Len() {
		if h.Type(i) != history.Invoke || !h.Process(i).IsClient() || m.Function(h.FName(h.F(i))) < 0 {
			continue
		}
		found = true
		if m.NotKeyed(h, i) != "" {
			return false
		}
	}
	return found
}

// NotKeyed says why the op invoked at row i, of a function of the model, is not
// one on [key value], or "".
func (m *Model) NotKeyed(h *history.History, i int) string {
	fn := &m.Functions[m.Function(h.FName(h.F(i)))]
	key, arg, ok := h.Heap.Pair(h.Ref(i))
	if !ok {
		return "its value is not [key value]"
	}
	if _, _, pair := h.Heap.Pair(arg); fn.Args == 2 && !pair {
		return "its value is not [key [a b]]"
	}
	done := h.Pair(i)
	if done < 0 || h.Type(done) != history.Ok || !fn.Result {
		return ""
	}
	same, _, ok := h.Heap.Pair(h.Ref(done))
	if !ok || !h.Equal(same, key) {
		return "its completion is not of the same [key value]"
	}
	return ""
}
