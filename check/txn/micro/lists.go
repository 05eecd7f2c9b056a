package micro

import (
	"slices"

	"checker/history"
)

// findList compares a list with the longest one of its key.
func (r *reader) findList(p *part, m int32, list history.Ref) {
	n, _ := listLen(r.History, list)
	if r.isPrefix(list, n, r.parts[0].keys[r.Key[m]].longest) {
		r.Val[m] = int32(n)
		return
	}
	p.odd = append(p.odd, m)
}

// isPrefix reports whether a list of n elements is a prefix of what micro-op m
// read, which is no shorter.
func (r *reader) isPrefix(list history.Ref, n int, m int32) bool {
	if n == 0 {
		return true
	}
	longest := r.valueOf(m)
	if longest == list {
		return true
	}
	a, plain := r.History.Ints(list)
	b, plain2 := r.History.Ints(longest)
	if plain && plain2 {
		return slices.Equal(a, b[:n])
	}
	for i := range n {
		if !r.History.Equal(r.History.Elem(list, i), r.History.Elem(longest, i)) {
			return false
		}
	}
	return true
}

// numberLists numbers the elements of the longest lists and of irregular ones.
func (r *reader) numberLists(v *values) {
	if r.Model != Lists {
		return
	}
	for k, s := range r.longest {
		if s.n > 0 {
			r.numberList(v, int32(k), r.valueOf(r.parts[0].keys[k].longest), r.lists[s.at:s.at+s.n])
		}
	}
	for _, p := range r.parts {
		for _, m := range p.odd {
			list := r.valueOf(m)
			s := span{int32(len(r.lists)), int32(r.History.Heap.Len(list))}
			r.lists = append(r.lists, make([]int32, s.n)...)
			r.numberList(v, r.Key[m], list, r.span(s))
			r.Val[m] = irregular - int32(len(r.odd))
			r.odd = append(r.odd, s)
		}
	}
}

func (r *reader) numberList(v *values, key int32, list history.Ref, into []int32) {
	for i := range into {
		into[i] = r.extraNumber(v, key, r.History.Elem(list, i))
	}
}
