package polygraph_test

import (
	"slices"

	"checker/check/txn/brute"
	"checker/check/txn/polygraph"
)

// poser makes a problem of a small history, straight from the definitions.
type poser struct {
	polygraph.Problem
	keys  map[int]int     // numbers of keys in the problem
	left  []map[int][]int // transaction → key → what it left of a register, or appended to a list
	lists bool
}

// pose returns false when a read is of what no committed transaction left behind,
// or a transaction does not see its own writes: no guarantee holds then.
func pose(h brute.History) (*polygraph.Problem, bool) {
	p := &poser{keys: map[int]int{}}
	var txns []brute.Txn
	for _, t := range h {
		if t.Outcome == brute.Ok || t.Outcome == brute.Info && observed(h, t) {
			p.enter(int32(len(txns)), t)
			txns = append(txns, t)
		}
	}
	for i, t := range txns {
		if t.Outcome == brute.Ok && !p.reads(int32(i), t) {
			return nil, false
		}
	}
	return &p.Problem, true
}

func observed(h brute.History, t brute.Txn) bool {
	for _, o := range t.Ops {
		for _, other := range h {
			for _, r := range other.Ops {
				if o.Kind != brute.Read && other.Outcome == brute.Ok && slices.Contains(r.Seen, o.Value) {
					return true
				}
			}
		}
	}
	return false
}

func (p *poser) key(key int) *polygraph.Key {
	if _, ok := p.keys[key]; !ok {
		p.keys[key] = len(p.Keys)
		p.Keys = append(p.Keys, polygraph.Key{})
	}
	return &p.Keys[p.keys[key]]
}

// enter adds a transaction and what it wrote.
func (p *poser) enter(i int32, t brute.Txn) {
	end := polygraph.Never
	if t.Outcome == brute.Ok {
		end = int32(t.Complete)
	}
	p.Txns = append(p.Txns, polygraph.Txn{Session: int32(t.Process), Inv: int32(t.Invoke), End: end})
	left := map[int][]int{}
	for _, o := range t.Ops {
		if o.Kind == brute.Read {
			continue
		}
		if k := p.key(o.Key); left[o.Key] == nil {
			k.Writers = append(k.Writers, i)
		}
		if o.Kind == brute.Write {
			left[o.Key] = nil
		}
		p.lists = p.lists || o.Kind == brute.Append
		left[o.Key] = append(left[o.Key], o.Value)
	}
	p.left = append(p.left, left)
}

// reads adds what a transaction read of others.
func (p *poser) reads(i int32, t brute.Txn) bool {
	own, overwritten := map[int][]int{}, map[int]bool{}
	for _, o := range t.Ops {
		switch mine := own[o.Key]; {
		case o.Kind == brute.Write:
			own[o.Key], overwritten[o.Key] = []int{o.Value}, true
		case o.Kind == brute.Append:
			own[o.Key] = append(mine, o.Value)
		case overwritten[o.Key]:
			if !slices.Equal(o.Seen, mine) {
				return false
			}
		default:
			base := len(o.Seen) - len(mine)
			if base < 0 || !slices.Equal(o.Seen[base:], mine) || !p.read(i, o.Key, o.Seen[:base], len(mine) > 0) {
				return false
			}
		}
	}
	return true
}

// read adds one version: of a list, all versions before it come first, and what
// the reader made of it and saw comes next.
func (p *poser) read(i int32, key int, seen []int, own bool) bool {
	last := polygraph.Nobody
	var order []int32
	for len(seen) > 0 {
		last = p.leaver(i, key, seen)
		if last == polygraph.Nobody {
			return false
		}
		seen, order = seen[len(p.left[last][key]):], append(order, last)
	}
	k := p.key(key)
	k.Reads = append(k.Reads, polygraph.Read{Txn: i, Writer: last})
	if own {
		order = append(order, i)
	}
	if p.lists {
		n := min(len(order), len(k.Prefix))
		if !slices.Equal(order[:n], k.Prefix[:n]) {
			return false
		}
		k.Prefix = append(k.Prefix, order[n:]...)
	}
	return true
}

// leaver returns who left what a value begins with.
func (p *poser) leaver(reader int32, key int, seen []int) int32 {
	for _, w := range p.key(key).Writers {
		left := p.left[w][key]
		if w != reader && len(left) <= len(seen) && slices.Equal(left, seen[:len(left)]) {
			return w
		}
	}
	return polygraph.Nobody
}
