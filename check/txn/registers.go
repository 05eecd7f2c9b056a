package txn

import (
	"checker/check/txn/micro"
	"checker/internal/graph"
)

// registers are the version orders of a history of registers, as far as they
// are known. The versions of a key are the last values that transactions wrote
// to it, and nil before all of them; nil is numbered behind the values, by key.
type registers struct {
	*micro.Txns
	options Options

	writer  []int32 // by version: the committed transaction whose last write of the key it is, or -1
	readers rows    // by version: ok transactions that read it before they wrote the key
	written rows    // by key: its versions but nil, in the order of the history
	order   orders
	trusted [ways]bool       // by way to know: taken for granted; see [way]
	refuted map[int32]circle // by key
	places  []int32          // see scratch
}

// way is how an order of versions is known.
type way uint8

const (
	byFollowing way = iota // a transaction read one and wrote the other
	bySession              // a session met one before the other
	byRealTime             // one was met before the other in real time
	byGiven                // the caller said in which order transactions happened
	byReading              // a transaction read the one, and something else from who wrote the other
	ways
)

// orders are pairs of versions of a key, the first overwritten by the second or
// by a version between.
type orders struct {
	first, second []int32
	kind          []graph.Kind // what a write of the second on the first is, if nobody takes it for granted
}

func (o *orders) add(first, second int32, k graph.Kind) {
	if first != second {
		o.first, o.second, o.kind = append(o.first, first), append(o.second, second), append(o.kind, k)
	}
}

// rows are lists of numbers in one array: list i is at[first[i]:first[i+1]].
type rows struct{ first, at []int32 }

func (r rows) of(i int32) []int32 { return r.at[r.first[i]:r.first[i+1]] }

// collect makes rows of n lists from what each adds, calling it twice.
func collect(n int, each func(add func(list, item int32))) rows {
	r := rows{first: make([]int32, n+2)}
	each(func(list, _ int32) { r.first[list+2]++ })
	for i := range n {
		r.first[i+2] += r.first[i+1]
	}
	r.at = make([]int32, r.first[n+1])
	each(func(list, item int32) {
		r.at[r.first[list+1]] = item
		r.first[list+1]++
	})
	r.first = r.first[:n+1]
	return r
}

func newRegisters(t *micro.Txns, o Options) *registers {
	r := &registers{Txns: t, options: o, refuted: map[int32]circle{}}
	r.trusted = [ways]bool{byFollowing: o.WFRKeys, bySession: o.SequentialKeys, byRealTime: o.LinearizableKeys, byGiven: o.TransactionOrder != nil}
	r.writer = make([]int32, r.versions())
	for v := range r.writer {
		r.writer[v] = -1
	}
	r.written = collect(t.Keys(), func(add func(list, item int32)) {
		for m := range int32(len(t.Txn)) {
			if v := t.Val[m]; t.Kind[m] == micro.Write && t.Happened(t.Txn[m]) && t.Writer[v] == m && r.isLast(m) {
				r.writer[v] = t.Txn[m]
				add(t.Key[m], v)
			}
		}
	})
	r.readers = collect(r.versions(), func(add func(list, item int32)) {
		for m := range int32(len(t.Txn)) {
			if r.isForeign(m) {
				add(r.read(m), t.Txn[m])
			}
		}
	})
	return r
}

// infer orders versions, and names the keys where what is taken for granted is a
// contradiction.
func (r *registers) infer(f *findings) {
	r.follow()
	r.together()
	r.inSessions()
	if r.History.HasRealTime() {
		s := newZones(r)
		s.sweep()
	}
	r.given()
	r.refute()
	s := registerScan{registers: r, findings: f, say: narrator{r.Txns}}
	s.circles()
}

// versions returns how many numbers of versions there are.
func (r *registers) versions() int { return r.Values() + r.Keys() }

// initial returns the version that key k has at first.
func (r *registers) initial(k int32) int32 { return int32(r.Values()) + k }

func (r *registers) isInitial(v int32) bool { return int(v) >= r.Values() }

// key returns the key of a version.
func (r *registers) key(v int32) int32 {
	if r.isInitial(v) {
		return v - int32(r.Values())
	}
	return r.KeyOf(v)
}

// read returns the version that the read m found.
func (r *registers) read(m int32) int32 {
	if r.Val[m] == micro.Nil {
		return r.initial(r.Key[m])
	}
	return r.Val[m]
}

// isLast reports whether the write m is its transaction's last one of the key.
func (r *registers) isLast(m int32) bool {
	for i := m + 1; i < r.First[r.Txn[m]+1]; i++ {
		if r.Kind[i] == micro.Write && r.Key[i] == r.Key[m] {
			return false
		}
	}
	return true
}

// isExternal reports whether micro-op m is a read of an ok transaction that had
// not used the key before.
func (r *registers) isExternal(m int32) bool {
	if r.Kind[m] != micro.Read || r.Val[m] == micro.Unread {
		return false
	}
	for i := r.First[r.Txn[m]]; i < m; i++ {
		if r.Key[i] == r.Key[m] {
			return false
		}
	}
	return true
}

// isForeign reports whether micro-op m is a read of an ok transaction that had
// not written the key before, nor found the same in it: whoever wrote that comes
// before the transaction, though an earlier read of the key may have found
// something else.
func (r *registers) isForeign(m int32) bool {
	if r.Kind[m] != micro.Read || r.Val[m] == micro.Unread {
		return false
	}
	for i := r.First[r.Txn[m]]; i < m; i++ {
		if r.Key[i] == r.Key[m] && (r.Kind[i] == micro.Write || r.Val[i] == r.Val[m]) {
			return false
		}
	}
	return true
}

// touches calls f for every version that transaction x read or left behind, the
// read of a key before the write.
func (r *registers) touches(x int32, f func(key, version int32, write bool)) {
	for m := r.First[x]; m < r.First[x+1]; m++ {
		if r.isExternal(m) {
			f(r.Key[m], r.read(m), false)
		} else if v := r.Val[m]; r.Kind[m] == micro.Write && r.writer[v] == x {
			f(r.Key[m], v, true)
		}
	}
}

// follow orders what a transaction read before what it wrote.
func (r *registers) follow() {
	for m := range int32(len(r.Txn)) {
		if r.Kind[m] != micro.Write || r.Status[r.Txn[m]] != micro.Ok || r.writer[r.Val[m]] != r.Txn[m] {
			continue
		}
		for i := r.First[r.Txn[m]]; i < m; i++ {
			if r.Key[i] == r.Key[m] {
				if r.isExternal(i) && !r.isInitial(r.read(i)) {
					r.order.add(r.read(i), r.Val[m], wwFollows)
				}
				break
			}
		}
	}
}

// together orders versions by transactions that read from several others: of two
// from which one of them read, if both wrote a key, the one whose version of it
// was read wrote it later.
func (r *registers) together() {
	for x := range int32(r.Len()) {
		for m := r.First[x]; m < r.First[x+1]; m++ {
			if !r.isExternal(m) || r.isInitial(r.read(m)) {
				continue
			}
			for i := r.First[x]; i < r.First[x+1]; i++ {
				if i == m || !r.isExternal(i) || r.isInitial(r.read(i)) || r.writer[r.read(i)] == r.writer[r.read(m)] {
					continue
				}
				if v := r.leftBy(r.writer[r.read(i)], r.Key[m]); v >= 0 {
					r.order.add(v, r.read(m), wwTogether)
				}
			}
		}
	}
}

// leftBy returns the version of key k that transaction x left behind, or -1.
func (r *registers) leftBy(x, k int32) int32 {
	if x < 0 {
		return -1
	}
	for m := r.First[x]; m < r.First[x+1]; m++ {
		if v := r.Val[m]; r.Kind[m] == micro.Write && r.Key[m] == k && r.writer[v] == x {
			return v
		}
	}
	return -1
}

// met is a session's last encounter with a key.
type met struct {
	version int32
	write   bool
}

// inSessions orders the versions that one session met one after the other.
func (r *registers) inSessions() {
	last := map[uint64]met{}
	for x := range int32(r.Len()) {
		if !r.Happened(x) {
			continue
		}
		r.touches(x, func(key, v int32, write bool) {
			at := uint64(r.Session[x])<<32 | uint64(key)
			if before, ok := last[at]; ok {
				k := wwProcessSeen
				switch {
				case write && before.write:
					k = wwProcess
				case write:
					k = wwProcessRead
				}
				r.order.add(before.version, v, k)
			}
			last[at] = met{v, write}
		})
	}
}
