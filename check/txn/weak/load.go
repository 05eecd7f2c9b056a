package weak

import (
	"slices"

	"checker/check"
	"checker/check/txn/micro"
	"checker/history"
)

// loader makes an input of transactions in columns, and finds on the way what no
// model allows.
type loader struct {
	*input
	found   *check.Findings
	number  []int32 // by transaction of the columns: ours, or -1
	ownTxn  []int32 // by key: the transaction + 1 that wrote it last in this pass
	ownLast []int32 // the value that it wrote
}

// load reads transactions over lists or registers.
func load(t *micro.Txns, found *check.Findings) *input {
	l := &loader{input: &input{Txns: t, lists: t.Model == micro.Lists, keys: t.Keys()}, found: found}
	l.ownTxn, l.ownLast = make([]int32, l.keys), make([]int32, l.keys)
	l.number = make([]int32, t.Len())
	l.loadSessions()
	l.loadWrites()
	clear(l.ownTxn)
	if l.lists {
		l.orderLists()
	}
	l.loadReads()
	return l.input
}

// loadSessions numbers the transactions that happened. Nobody knows when one
// took effect that has no answer, so its session ends with it.
func (l *loader) loadSessions() {
	current := make([]int32, l.Sessions)
	var sizes []int32
	for x := range int32(l.Txns.Len()) {
		s := l.Session[x]
		l.number[x] = -1
		if l.Happened(x) {
			if current[s] == 0 {
				sizes = append(sizes, 0)
				current[s] = int32(len(sizes))
			}
			own := current[s] - 1
			l.number[x] = int32(len(l.txns))
			l.txns, l.session, l.place = append(l.txns, x), append(l.session, own), append(l.place, sizes[own])
			sizes[own]++
		}
		if l.Status[x] == micro.Seen || l.Status[x] == micro.Info {
			current[s] = 0
		}
	}
	l.members = spansOf(len(sizes), len(l.txns), func(t int32) int32 { return l.session[t] })
}

func (l *loader) loadWrites() {
	l.writeAt = make([]int32, 1, l.len()+1)
	for t, x := range l.txns {
		from := len(l.writes)
		for m := l.First[x]; m < l.First[x+1]; m++ {
			if l.Kind[m] != micro.Write {
				continue
			}
			key := l.Key[m]
			if l.ownTxn[key] != int32(t)+1 {
				l.writes = append(l.writes, write{key: key, txn: int32(t), version: never})
				l.ownTxn[key] = int32(t) + 1
			}
		}
		if own := l.writes[from:]; len(own) > 1 {
			slices.SortFunc(own, func(a, b write) int { return int(a.key) - int(b.key) })
		}
		l.writeAt = append(l.writeAt, int32(len(l.writes)))
	}
	for t, x := range l.txns {
		for m := l.First[x]; m < l.First[x+1]; m++ {
			if l.Kind[m] == micro.Write {
				w, _ := l.writeOf(int32(t), l.Key[m])
				l.writes[w].last = l.Val[m]
			}
		}
	}
}

// orderLists takes the order of each key's versions from its longest list.
func (l *loader) orderLists() {
	at := make([]int32, 1, l.keys+1)
	var writers []int32
	seen := make([]bool, l.Values())
	for key := range int32(l.keys) {
		for _, value := range l.Longest(key) {
			writer := l.writer(value)
			if writer < 0 || seen[value] {
				break // reported with the reads
			}
			seen[value] = true
			if w, ok := l.writeOf(writer, key); ok {
				l.writes[w].version = int32(len(writers)) - at[key]
			}
			writers = append(writers, writer)
		}
		at = append(at, int32(len(writers)))
	}
	l.order = spans{at, writers}
}

// writer returns the transaction that wrote a value, or -1 if none did that
// happened.
func (l *loader) writer(value int32) int32 {
	if x, ok := l.WriterTxn(value); ok {
		return l.number[x]
	}
	return -1
}

// loadReads goes through the reads of all transactions whose reads are known.
func (l *loader) loadReads() {
	l.readAt = make([]int32, 1, l.len()+1)
	for t, x := range l.txns {
		for m := l.First[x]; m < l.First[x+1] && l.Status[x] == micro.Ok; m++ {
			switch {
			case l.Kind[m] == micro.Write:
				l.ownTxn[l.Key[m]], l.ownLast[l.Key[m]] = int32(t)+1, l.Val[m]
			case l.lists:
				l.listRead(int32(t), m)
			default:
				l.registerRead(int32(t), m)
			}
		}
		l.readAt = append(l.readAt, int32(len(l.reads)))
	}
}

// registerRead notes from whom a register was read.
func (l *loader) registerRead(t, m int32) {
	key, value := l.Key[m], l.Val[m]
	if l.ownTxn[key] == t+1 {
		if own := l.ownLast[key]; own != value {
			l.report("internal", key, []int32{t}, "T1 wrote %s to key %s and then read %s", l.ValueText(own), l.KeyText(key), l.ValueText(value))
		}
		return
	}
	r := read{key: key, from: initial, write: -1}
	if value == micro.Nil || l.isSilentZero(value) {
		l.reads = append(l.reads, r)
		return
	}
	if !l.blame(t, key, value) {
		return
	}
	r.from = l.writer(value)
	r.write, _ = l.writeOf(r.from, key)
	l.reads = append(l.reads, r)
}

// isSilentZero reports whether a value is a zero that nobody wrote, which is what
// registers hold at first in formats of sessions: they have no nil.
func (l *loader) isSilentZero(value int32) bool {
	return !l.History.HasRealTime() && l.Writer[value] == micro.Nobody && l.ValueText(value) == "0"
}

// blame reports a value that t cannot have read, and returns whether it can.
func (l *loader) blame(t, key, value int32) bool {
	m := l.Writer[value]
	switch {
	case m == micro.Many:
		l.found.Undecided("%s was written to key %s more than once: values must be unique for each key", l.ValueText(value), l.KeyText(key))
	case m == micro.Nobody:
		l.report("garbage-read", key, []int32{t}, "T1 read %s from key %s, which nobody wrote", l.ValueText(value), l.KeyText(key))
	case l.Status[l.Txn[m]] == micro.Fail:
		l.found.Found("G1a", l.KeyText(key), []history.Pair{l.pair(l.Txn[m]), l.pair(l.txns[t])},
			"T2 read %s from key %s, which T1 wrote, and T1 was aborted", l.ValueText(value), l.KeyText(key))
	case l.number[l.Txn[m]] == t:
		l.report("future-read", key, []int32{t}, "T1 read %s from key %s, which it wrote only later", l.ValueText(value), l.KeyText(key))
	default:
		writer := l.number[l.Txn[m]]
		if w, _ := l.writeOf(writer, key); l.lists || l.writes[w].last == value {
			return true
		}
		l.report("G1b", key, []int32{writer, t}, "T2 read %s from key %s, which T1 itself overwrote before it committed", l.ValueText(value), l.KeyText(key))
	}
	return false
}

// listRead notes which elements of others a list showed.
func (l *loader) listRead(t, m int32) {
	key := l.Key[m]
	list, _ := l.List(m)
	own := 0
	if l.ownTxn[key] == t+1 {
		if own = l.ownSuffix(m, list); own < 0 {
			l.report("internal", key, []int32{t}, "T1 read key %s as %s, which does not end with what it had appended", l.KeyText(key), l.MopText(m))
			return
		}
	}
	if _, regular := l.Prefix(m); !regular {
		l.report("incompatible-order", key, []int32{t}, "T1 read key %s as %s, which is no beginning of the longest list that was read of it", l.KeyText(key), l.MopText(m))
		return
	}
	r := read{key: key, from: initial, write: -1, seen: int32(len(list) - own)}
	known := l.order.list(key)
	for i := int32(len(known)); i < r.seen; i++ {
		if !l.blame(t, key, list[i]) {
			return
		}
		l.report("duplicate-elements", key, []int32{t}, "T1 read key %s as %s, in which an element stands twice", l.KeyText(key), l.MopText(m))
		return
	}
	if w, writes := l.writeOf(t, key); writes && slices.Contains(known[:r.seen], t) {
		l.report("future-read", key, []int32{t}, "T1 read key %s with %s, which it appended only later", l.KeyText(key), l.ValueText(l.writes[w].last))
		return
	}
	if r.seen > 0 {
		r.from = known[r.seen-1]
		r.write, _ = l.writeOf(r.from, key)
		if last := list[r.seen-1]; l.writes[r.write].last != last {
			l.report("G1b", key, []int32{r.from, t}, "T2 read key %s up to %s, after which T1 itself appended more before it committed",
				l.KeyText(key), l.ValueText(last))
			return
		}
	}
	l.reads = append(l.reads, r)
}

// ownSuffix returns how many elements the transaction appended to a key before
// its read m, or -1 if the list read does not end with them.
func (l *loader) ownSuffix(m int32, list []int32) int {
	own := 0
	for i := m - 1; i >= l.First[l.Txn[m]]; i-- {
		if l.Key[i] != l.Key[m] || l.Kind[i] != micro.Write {
			continue
		}
		own++
		if own > len(list) || list[len(list)-own] != l.Val[i] {
			return -1
		}
	}
	return own
}

func (l *loader) report(kind string, key int32, txns []int32, format string, args ...any) {
	ops := make([]history.Pair, len(txns))
	for i, t := range txns {
		ops[i] = l.pair(l.txns[t])
	}
	l.found.Found(kind, l.KeyText(key), ops, format, args...)
}

// pair returns the operation of a transaction of the columns.
func (in *input) pair(x int32) history.Pair { return history.Pair{Inv: in.Inv[x], Comp: in.Comp[x]} }
