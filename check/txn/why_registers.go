package txn

import (
	"fmt"

	"checker/check/txn/micro"
	"checker/internal/graph"
)

func (r *registers) versionText(v int32) string {
	if r.isInitial(v) {
		return "nil"
	}
	return r.ValueText(v)
}

// meetings returns the transactions that met a version: the one that left it
// behind, and those that read it.
func (r *registers) meetings(v int32) []int32 {
	var list []int32
	if w := r.writer[v]; w >= 0 {
		list = append(list, w)
	}
	return append(list, r.readers.of(v)...)
}

// evidence says why version u comes before v, naming transactions by name, and
// between which transactions that was seen; a is negative when there is none to
// name.
func (r *registers) evidence(u, v int32, name func(int32) string) (a, b int32, why string) {
	if r.isInitial(u) {
		return -1, -1, "nil is there before everything else"
	}
	if w := r.writer[v]; w >= 0 {
		for _, x := range r.readers.of(u) {
			if x == w {
				return x, x, fmt.Sprintf("%s read %s and wrote %s", name(x), r.versionText(u), r.versionText(v))
			}
		}
	}
	for _, x := range r.readers.of(v) {
		for m := r.First[x]; m < r.First[x+1]; m++ {
			if w := r.writer[u]; w >= 0 && r.isExternal(m) && r.read(m) != u && r.writer[r.read(m)] == w {
				return w, x, fmt.Sprintf("%s read %s but also what %s wrote elsewhere, so %s was overwritten by then", name(x), r.versionText(v), name(w), r.versionText(u))
			}
		}
	}
	first, second := r.meetings(u), r.meetings(v)
	for _, a := range first {
		for _, b := range second {
			if a < b && r.Session[a] == r.Session[b] {
				return a, b, r.meeting(a, b, u, v, name, fmt.Sprintf("in process %s ", r.History.ProcessName(r.Process(a))))
			}
		}
	}
	a, b = soonest(r, first), latest(r, second)
	if a >= 0 && b >= 0 && r.End(a) < r.Inv[b] && r.History.HasRealTime() {
		return a, b, r.meeting(a, b, u, v, name, "")
	}
	if a, b := r.writer[u], r.writer[v]; a >= 0 && b >= 0 {
		return a, b, fmt.Sprintf("%s was said to come before %s", name(a), name(b))
	}
	return -1, -1, ""
}

// meeting says that one transaction met a version before another met the next.
func (r *registers) meeting(a, b, u, v int32, name func(int32) string, where string) string {
	first, second := name(a), name(b)
	return fmt.Sprintf("%s%s %s %s before %s %s %s", where, first, r.verb(a, u), r.versionText(u), second, r.verb(b, v), r.versionText(v))
}

func (r *registers) verb(x, v int32) string {
	if r.writer[v] == x {
		return "wrote"
	}
	return "read"
}

func soonest(r *registers, txns []int32) int32 {
	best := int32(-1)
	for _, x := range txns {
		if best < 0 || r.End(x) < r.End(best) {
			best = x
		}
	}
	return best
}

func latest(r *registers, txns []int32) int32 {
	best := int32(-1)
	for _, x := range txns {
		if best < 0 || r.Inv[x] > r.Inv[best] {
			best = x
		}
	}
	return best
}

// why says why a comes before b, in a history of registers.
func (r *registers) why(a, b int32, kind graph.Kind, first, second string) (key int32, why string) {
	say := narrator{r.Txns}
	if kind == wr {
		for m := r.First[b]; m < r.First[b+1]; m++ {
			if r.isForeign(m) && r.writer[r.read(m)] == a {
				return r.Key[m], fmt.Sprintf("%s read %s, which %s wrote", second, say.read(m), first)
			}
		}
	}
	name := func(x int32) string {
		switch x {
		case a:
			return first
		case b:
			return second
		}
		return fmt.Sprintf("op %d", r.Index(x))
	}
	for m := r.First[a]; m < r.First[a+1]; m++ {
		u, did, ok := r.left(m, a, kind)
		if !ok {
			continue
		}
		for n := r.First[b]; n < r.First[b+1]; n++ {
			v := r.Val[n]
			if r.Key[n] != r.Key[m] || r.Kind[n] != micro.Write || r.writer[v] != b || !r.ordered(u, v) {
				continue
			}
			_, _, evidence := r.evidence(u, v, name)
			return r.Key[m], fmt.Sprintf("%s %s %s of key %s and %s wrote %s, a later version: %s", first, did, r.versionText(u), r.KeyText(r.Key[m]), second, r.versionText(v), evidence)
		}
	}
	return -1, fmt.Sprintf("%s comes before %s", first, second)
}

// left returns the version that micro-op m of a read, for an edge that overwrites
// what was read, or wrote, for any other.
func (r *registers) left(m, a int32, kind graph.Kind) (version int32, did string, ok bool) {
	if isAnti(kind) {
		if r.isExternal(m) {
			return r.read(m), "read", true
		}
		return 0, "", false
	}
	if r.Kind[m] == micro.Write && r.writer[r.Val[m]] == a {
		return r.Val[m], "wrote", true
	}
	return 0, "", false
}

// ordered reports whether u is known to come before v.
func (r *registers) ordered(u, v int32) bool {
	if u == v {
		return false
	}
	if r.isInitial(u) {
		return true
	}
	for i, first := range r.order.first {
		if first == u && r.order.second[i] == v {
			return true
		}
	}
	return false
}
