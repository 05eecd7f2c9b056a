package txn

import (
	"cmp"
	"slices"

	"checker/internal/graph"
)

// given orders versions as the caller ordered transactions.
func (r *registers) given() {
	number := r.options.TransactionOrder
	if number == nil {
		return
	}
	for k := range int32(r.Keys()) {
		versions := slices.Clone(r.written.of(k))
		versions = slices.DeleteFunc(versions, func(v int32) bool {
			_, known := number[r.Index(r.writer[v])]
			return !known
		})
		slices.SortStableFunc(versions, func(a, b int32) int {
			return cmp.Compare(number[r.Index(r.writer[a])], number[r.Index(r.writer[b])])
		})
		for i := range max(0, len(versions)-1) {
			r.order.add(versions[i], versions[i+1], ww)
		}
	}
}

// wayOf returns how an order was found.
func wayOf(k graph.Kind) way {
	switch k {
	case wwFollows:
		return byFollowing
	case wwTogether:
		return byReading
	case wwProcess, wwProcessRead, wwProcessSeen:
		return bySession
	case wwRealtime, wwRealtimeSeen:
		return byRealTime
	}
	return byGiven
}

// refute looks for keys of which the orders taken for granted contradict each
// other, or put something before nil, and takes none for granted there.
func (r *registers) refute() {
	if r.trusted == [ways]bool{} {
		return
	}
	var e graph.Edges
	for i, first := range r.order.first {
		second, w := r.order.second[i], wayOf(r.order.kind[i])
		if !r.trusted[w] {
			continue
		}
		if r.isInitial(second) {
			r.contradiction(second, w, []int32{second, first, second})
			continue
		}
		if !r.isInitial(first) {
			e.Add(first, second, 1<<w)
		}
	}
	g := graph.New(r.versions(), &e)
	walker := graph.Walker{Graph: g}
	for _, versions := range g.Components(graph.Any).Cyclic() {
		mask, worst := graph.Kind(0), byFollowing
		for _, w := range []way{byFollowing, byGiven, bySession, byRealTime} {
			mask |= 1 << w
			worst = w
			if part := g.Induce(versions, mask, r.scratch()); part.Components(graph.Any).Cyclic() != nil {
				break
			}
		}
		cycle, _ := walker.ShortestCycle(versions, mask, defaultSteps)
		r.contradiction(versions[0], worst, cycle)
	}
}

// contradiction remembers a circle of versions, and of its ways the one that
// promises most.
func (r *registers) contradiction(version int32, w way, cycle []int32) {
	k := r.key(version)
	old, known := r.refuted[k]
	if !known || rank(w) > rank(old.way) {
		r.refuted[k] = circle{w, cycle}
	}
}

func rank(w way) int { return slices.Index([]way{byFollowing, byGiven, bySession, byRealTime}, w) }

// circle is a circle of versions, the first one again at its end.
type circle struct {
	way      way
	versions []int32
}

func (r *registers) scratch() []int32 {
	if r.places == nil {
		r.places = make([]int32, r.versions())
		for i := range r.places {
			r.places[i] = -1
		}
	}
	return r.places
}

// dependency returns what kind of edge an order makes of writes of its versions,
// and of a read of the first and a write of the second.
func (r *registers) dependency(i int) (writes, read graph.Kind) {
	k := r.order.kind[i]
	w := wayOf(k)
	if _, bad := r.refuted[r.key(r.order.first[i])]; r.trusted[w] && !bad {
		return ww, rw
	}
	switch w {
	case bySession:
		return k, rwProcess
	case byRealTime:
		return k, rwRealtime
	case byGiven:
		return 0, 0
	}
	return k, rw
}

// addEdges adds the dependencies between transactions.
func (r *registers) addEdges(b *builder) {
	for v := range int32(r.Values()) {
		if w := r.writer[v]; w >= 0 {
			for _, x := range r.readers.of(v) {
				b.edges.Add(w, x, wr)
			}
		}
	}
	for k := range int32(r.Keys()) {
		b.fan(r.sources(r.initial(k), rw), r.writers(r.written.of(k)))
	}
	after := collect(r.versions(), func(add func(list, item int32)) {
		for i, first := range r.order.first {
			if second := r.order.second[i]; !r.isInitial(first) && !r.isInitial(second) && r.writer[second] >= 0 {
				add(first, int32(i))
			}
		}
	})
	for v := range int32(r.Values()) {
		if list := after.of(v); len(list) > 0 {
			r.addOrders(b, v, list)
		}
	}
}

// addOrders adds what follows from the orders in which v is first.
func (r *registers) addOrders(b *builder, v int32, list []int32) {
	var targets [3][]int32
	antis := [3]graph.Kind{rw, rwProcess, rwRealtime}
	for _, i := range list {
		writes, read := r.dependency(int(i))
		if writes == 0 {
			continue
		}
		to := r.writer[r.order.second[i]]
		if w := r.writer[v]; w >= 0 {
			b.edges.Add(w, to, writes)
		}
		at := slices.Index(antis[:], read)
		targets[at] = append(targets[at], to)
	}
	if len(r.readers.of(v)) == 0 {
		return
	}
	for at, list := range targets {
		if len(list) > 0 {
			slices.Sort(list)
			b.fan(r.sources(v, antis[at]), slices.Compact(list))
		}
	}
}

func (r *registers) sources(v int32, k graph.Kind) []source {
	readers := r.readers.of(v)
	s := make([]source, len(readers))
	for i, x := range readers {
		s[i] = source{x, k}
	}
	return s
}

func (r *registers) writers(versions []int32) []int32 {
	w := make([]int32, len(versions))
	for i, v := range versions {
		w[i] = r.writer[v]
	}
	return w
}
