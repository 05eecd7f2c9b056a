package brute

// axioms are those of Cerone, Bernardi and Gotsman that a model adds to INT and
// EXT, which all have.
type axioms struct {
	transitive bool       // TRANSVIS: what is visible to the visible is visible
	noConflict bool       // NOCONFLICT: of two writers of a key one sees the other
	prefix     bool       // PREFIX: all that was arbitrated before the visible is visible
	total      bool       // TOTALVIS: all that was arbitrated before is visible
	before     precedence // SESSION, or real time: a is visible to b
}

// execution is an abstract execution, as far as it goes.
type execution struct {
	axioms
	txns    []Txn
	done    []bool
	order   []int   // arbitration
	visible []uint  // to each transaction, as bits of txns
	left    []state // the values that each transaction installed
}

// explain reports whether some arbitration order and some visibility relation
// within it satisfy the axioms.
func (a axioms) explain(committed []Txn) bool {
	n := len(committed)
	e := &execution{axioms: a, txns: committed, done: make([]bool, n), visible: make([]uint, n), left: make([]state, n)}
	return e.extend()
}

// extend tries each transaction as the next in arbitration, with each set of
// those before it as visible to it.
func (e *execution) extend() bool {
	if len(e.order) == len(e.txns) {
		return true
	}
	for i := range e.txns {
		if e.done[i] || !mayBeNext(e.txns, e.done, e.txns[i], e.before) {
			continue
		}
		for chosen := range uint(1) << len(e.order) {
			set := uint(0)
			for at, t := range e.order {
				set |= (chosen >> at & 1) << t
			}
			if e.allows(i, set) && e.place(i, set) {
				return true
			}
		}
	}
	return false
}

// allows checks the axioms on what a transaction sees.
func (e *execution) allows(i int, set uint) bool {
	later := false // one that was arbitrated later is visible
	for at := len(e.order) - 1; at >= 0; at-- {
		t := e.order[at]
		sees := set>>t&1 == 1
		switch {
		case sees && e.transitive && e.visible[t]&^set != 0,
			!sees && e.total,
			!sees && e.prefix && later,
			!sees && e.noConflict && conflict(e.txns[t], e.txns[i]),
			!sees && e.before(e.txns[t], e.txns[i]):
			return false
		}
		later = later || sees
	}
	return true
}

// place runs a transaction on what it sees: of each key the version of the
// visible writer that was arbitrated last. An append makes its version of the
// one arbitrated before it, seen or not; only, a transaction that goes on to read
// the list must find that version, so it cannot have missed any.
func (e *execution) place(i int, set uint) bool {
	snapshot, latest := state{}, state{}
	for _, t := range e.order {
		for key, value := range e.left[t] {
			latest[key] = value
			if set>>t&1 == 1 {
				snapshot[key] = value
			}
		}
	}
	if _, explained := run(e.txns[i], snapshot); !explained {
		return false
	}
	whole, sawOwn := run(afterAppends(e.txns[i]), latest)
	if !sawOwn {
		return false
	}
	e.left[i] = state{}
	for _, o := range e.txns[i].Ops {
		if o.Kind != Read {
			e.left[i][o.Key] = whole[o.Key]
		}
	}
	e.done[i], e.visible[i], e.order = true, set, append(e.order, i)
	found := e.extend()
	e.done[i], e.order = false, e.order[:len(e.order)-1]
	return found
}

// afterAppends is a transaction without the reads that precede its appends to
// the key, which need not have seen the latest version.
func afterAppends(t Txn) Txn {
	appended := map[int]bool{}
	ops := []Op{}
	for _, o := range t.Ops {
		appended[o.Key] = appended[o.Key] || o.Kind == Append
		if o.Kind != Read || appended[o.Key] {
			ops = append(ops, o)
		}
	}
	t.Ops = ops
	return t
}
