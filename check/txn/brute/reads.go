package brute

import "slices"

// read is what a transaction saw of the others: a version of a key. Several
// reads of one key may have seen different ones. Base says that the transaction
// then saw its own version, made of this one.
type read struct {
	key  int
	seen []int
	base bool
}

// external lists what a transaction read of others, in its order, and reports
// whether it saw its own writes: without that no definition by reads-from
// applies. A list read after own appends shows what they were appended to.
func external(t Txn) (reads []read, sawOwn bool) {
	if t.Outcome != Ok {
		return nil, true
	}
	written, appended := map[int]int{}, map[int][]int{}
	for _, o := range t.Ops {
		value, overwritten := written[o.Key]
		own := appended[o.Key]
		switch {
		case o.Kind == Write:
			written[o.Key] = o.Value
		case o.Kind == Append:
			appended[o.Key] = append(slices.Clone(own), o.Value)
		case overwritten:
			if !slices.Equal(o.Seen, []int{value}) {
				return nil, false
			}
		default:
			base := len(o.Seen) - len(own)
			if base < 0 || !slices.Equal(o.Seen[base:], own) {
				return nil, false
			}
			reads = append(reads, read{o.Key, o.Seen[:base], len(own) > 0})
		}
	}
	return reads, true
}

// nobody is the writer of what is initial.
const nobody = -1

// versions are what writers installed: of each key the transactions in version
// order, and the value that each left.
type versions struct {
	order map[int][]int // key → transactions
	value []state       // transaction → key → value
}

// install gives each key the versions that its writers make, in this order.
func install(txns []Txn, order map[int][]int) versions {
	v := versions{order, make([]state, len(txns))}
	for i := range txns {
		v.value[i] = state{}
	}
	for key, writers := range order {
		now := []int{}
		for _, w := range writers {
			for _, o := range txns[w].Ops {
				switch {
				case o.Key != key:
				case o.Kind == Write:
					now = []int{o.Value}
				case o.Kind == Append:
					now = append(slices.Clone(now), o.Value)
				}
			}
			v.value[w][key] = now
		}
	}
	return v
}

// writer finds who installed what was read: a transaction other than the
// reader, or nobody. What a version was made of is the one before it.
func (v versions) writer(reader int, r read) (writer int, found bool) {
	before := nobody
	for _, w := range v.order[r.key] {
		if w == reader && r.base {
			return before, len(r.seen) == 0 && before == nobody || before != nobody && slices.Equal(v.value[before][r.key], r.seen)
		}
		if w != reader && !r.base && len(r.seen) > 0 && slices.Equal(v.value[w][r.key], r.seen) {
			return w, true
		}
		before = w
	}
	return nobody, len(r.seen) == 0
}

// shows lists the transactions whose writes are in the version that a writer
// installed: one of a register, for a list all up to it.
func (v versions) shows(writer, key int) []int {
	order := v.order[key]
	at := slices.Index(order, writer)
	if at < 0 {
		return nil
	}
	if len(v.value[writer][key]) > 1 {
		return order[:at+1]
	}
	return order[at : at+1]
}
