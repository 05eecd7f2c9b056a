package history

import "sort"

// Pair is an operation: the rows of its invocation and its completion.
type Pair struct {
	Inv  int32
	Comp int32 // -1 when it was never completed
}

// Pairs returns the operations of clients in the order of their invocations.
// Completions without an invocation (see [Builder]) are in none.
func (h *History) Pairs() []Pair {
	n := 0
	for i, t := range h.typ {
		if t == Invoke && h.process[i].IsClient() {
			n++
		}
	}
	pairs := make([]Pair, 0, n)
	for i, t := range h.typ {
		if t == Invoke && h.process[i].IsClient() {
			pairs = append(pairs, Pair{int32(i), h.pair[i]})
		}
	}
	return pairs
}

// Outcome returns how p ended. An operation whose completion never came is
// indeterminate.
func (h *History) Outcome(p Pair) Type {
	if p.Comp < 0 {
		return Info
	}
	return h.typ[p.Comp]
}

// Witness returns the index that names p in a witness: that of its completion,
// or of the invocation where there is none.
func (h *History) Witness(p Pair) int {
	if p.Comp < 0 {
		return h.Index(int(p.Inv))
	}
	return h.Index(int(p.Comp))
}

// ByKey splits operations on independent keys, whose values are tuples [key
// value]: groups[i] are those of keys[i], in the order given, and the keys are in
// the order of their first operation. It is the invocation that says which key.
// ok is false when an invocation's value is no tuple. [History.Inner] returns
// the value without its key.
func (h *History) ByKey(pairs []Pair) (keys []Ref, groups [][]Pair, ok bool) {
	group := make([]int32, len(pairs))
	sizes := []int{}
	scalars, collections := map[Ref]int32{}, map[string]int32{}
	for i, p := range pairs {
		key, _, ok := h.Heap.Pair(h.value[p.Inv])
		if !ok {
			return nil, nil, false
		}
		var g int32
		var seen bool
		text := ""
		if isScalar(key) {
			g, seen = scalars[key]
		} else {
			text = h.Value(key).String()
			g, seen = collections[text]
		}
		if !seen {
			g = int32(len(keys))
			keys = append(keys, key)
			sizes = append(sizes, 0)
			if isScalar(key) {
				scalars[key] = g
			} else {
				collections[text] = g
			}
		}
		group[i] = g
		sizes[g]++
	}
	all := make([]Pair, len(pairs))
	groups = make([][]Pair, len(keys))
	at := 0
	for g, n := range sizes {
		groups[g] = all[at : at : at+n]
		at += n
	}
	for i, p := range pairs {
		groups[group[i]] = append(groups[group[i]], p)
	}
	return keys, groups, true
}

// Inner returns the value of row i without its key: v of a tuple [k v], nil of
// anything else.
func (h *History) Inner(i int) Ref {
	_, v, _ := h.Heap.Pair(h.value[i])
	return v
}

// Counts counts the operations of one function by how they ended. An operation
// that was never completed counts as info.
type Counts struct {
	Invoke int `json:"invoke"`
	Ok     int `json:"ok"`
	Fail   int `json:"fail"`
	Info   int `json:"info"`
}

// Stats says how much there is in a history.
type Stats struct {
	Ops       int               // operations of clients, counted by invocation
	ByF       map[string]Counts // of clients
	Processes int               // clients
	Faults    int               // ops of the nemesis and other named processes, counted by first row
	First     int64             // ns, of the first row
	Last      int64             // ns, the latest of all rows
}

// Fs returns the functions of s in alphabetical order.
func (s Stats) Fs() []string {
	names := make([]string, 0, len(s.ByF))
	for name := range s.ByF {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Stats counts what is in h.
func (h *History) Stats() Stats {
	s := Stats{ByF: map[string]Counts{}}
	perF := make([]Counts, h.Fs())
	clients := map[Process]bool{}
	for i, t := range h.typ {
		s.Last = max(s.Last, h.time[i])
		if !h.process[i].IsClient() {
			if h.pair[i] < 0 || int(h.pair[i]) > i {
				s.Faults++
			}
			continue
		}
		clients[h.process[i]] = true
		if t != Invoke {
			continue
		}
		c := &perF[h.f[i]]
		c.Invoke++
		switch h.Outcome(Pair{int32(i), h.pair[i]}) {
		case Ok:
			c.Ok++
		case Fail:
			c.Fail++
		default:
			c.Info++
		}
	}
	if len(h.time) > 0 {
		s.First = h.time[0]
	}
	for f, c := range perF {
		if c.Invoke > 0 {
			s.ByF[h.fNames[f]] = c
			s.Ops += c.Invoke
		}
	}
	s.Processes = len(clients)
	return s
}
