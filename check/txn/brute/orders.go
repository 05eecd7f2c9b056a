package brute

// serial reports whether the committed transactions, run one after another in
// some order that respects before, read what they are recorded to have read.
func serial(committed []Txn, before precedence) bool {
	return serialFrom(committed, make([]bool, len(committed)), state{}, before)
}

func serialFrom(txns []Txn, done []bool, now state, before precedence) bool {
	finished := true
	for i, t := range txns {
		if done[i] {
			continue
		}
		finished = false
		if !mayBeNext(txns, done, t, before) {
			continue
		}
		after, explained := run(t, now)
		if !explained {
			continue
		}
		done[i] = true
		if serialFrom(txns, done, after, before) {
			return true
		}
		done[i] = false
	}
	return finished
}

// mayBeNext reports whether nothing that is not done must come before t.
func mayBeNext(txns []Txn, done []bool, t Txn, before precedence) bool {
	for j, other := range txns {
		if !done[j] && before(other, t) {
			return false
		}
	}
	return true
}
