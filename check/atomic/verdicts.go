package atomic

import (
	"fmt"

	"checker/history"
	"checker/models"
)

// conclude says of each transaction what became of it.
func (e *effects) conclude() {
	several := 0
	var unknown struct{ effect, none, unread int }
	for _, t := range e.txns {
		if len(t.branches) > 1 {
			several++
		}
		e.judge(t)
		if e.h.Outcome(t.op) != history.Info {
			continue
		}
		switch {
		case t.shown != nil:
			unknown.effect++
		case e.lookedFor(t):
			unknown.none++
		default:
			unknown.unread++
		}
	}
	e.found.Note("%d transactions that append, %d of them to several lists; %d that read or append are ok", len(e.txns), several, e.reads)
	if n := unknown.effect + unknown.none + unknown.unread; n > 0 {
		e.found.Note("of %d transactions whose outcome clients did not learn, %d took effect, %d did not, and of %d nobody looked for every part", n, unknown.effect, unknown.none, unknown.unread)
	}
	if several == 0 {
		e.found.Undecided("no transaction appends to more than one list, so none could take effect in part")
	}
	e.conserve()
}

// lookedFor tells whether every list of a transaction was read after it had begun.
func (e *effects) lookedFor(t *whole) bool {
	for _, b := range t.branches {
		if last, any := e.lasts[b.key]; !any || last.Inv < t.op.Inv {
			return false
		}
	}
	return true
}

// judge reports the worst of a transaction.
func (e *effects) judge(t *whole) {
	if e.h.Outcome(t.op) == history.Fail {
		for _, b := range t.branches {
			if b.shown != nil {
				e.tell(abortedEffect, t, b, b.shown, "op %d failed, and op %d read the %s that it appended to list %s",
					e.h.Witness(t.op), e.h.Witness(*b.shown), e.element(b), e.name(b.key))
				return
			}
		}
	}
	for _, b := range t.branches {
		if b.vanished == nil {
			continue
		}
		kind, end := reversedEffect, ""
		if b.returned != nil {
			kind, end = resurrectedEffect, fmt.Sprintf(", and op %d has it again", e.h.Witness(*b.returned))
		}
		e.tell(kind, t, b, b.vanished, "op %d read the %s that op %d appended to list %s; op %d, which began later, does not have it%s",
			e.h.Witness(*b.shown), e.element(b), e.h.Witness(t.op), e.name(b.key), e.h.Witness(*b.vanished), end)
		return
	}
	e.judgeMissed(t)
}

// judgeMissed tells a transaction of which nothing is left from one of which a part is. A read that lacks what
// later ones have, and of which nothing had been shown before, is only out of date: another check's matter.
func (e *effects) judgeMissed(t *whole) {
	for _, b := range t.branches {
		switch {
		case b.torn != nil:
			e.tell(fracturedEffect, t, b, b.torn, "op %d appended %s to list %s and %s to list %s; op %d read both lists and has the first alone",
				e.h.Witness(t.op), e.element(b.tornFrom), e.name(b.tornFrom.key), e.element(b), e.name(b.key), e.h.Witness(*b.torn))
			return
		case b.missed == nil:
		case t.shown == nil:
			e.tell(lostEffect, t, b, b.missed, "op %d is ok, and op %d, which began later, does not have the %s that it appended to list %s; nor has any other read anything of it",
				e.h.Witness(t.op), e.h.Witness(*b.missed), e.element(b), e.name(b.key))
			return
		case t.shownBefore(b.missed):
			e.split(t, b)
			return
		}
	}
}

// split reports a transaction of which a read has one part, and a later one lacks another.
func (e *effects) split(t *whole, b *branch) {
	for _, other := range t.branches {
		if other.shown == t.shown {
			e.tell(fracturedEffect, t, b, b.missed, "op %d appended %s to list %s and %s to list %s; op %d read the first, and op %d, which began later, does not have the second",
				e.h.Witness(t.op), e.element(other), e.name(other.key), e.element(b), e.name(b.key), e.h.Witness(*t.shown), e.h.Witness(*b.missed))
			return
		}
	}
}

// tell reports an anomaly of a transaction: the transaction, who showed it, and who did not.
func (e *effects) tell(kind string, t *whole, b *branch, read *history.Pair, format string, args ...any) {
	ops := []history.Pair{t.op}
	for _, p := range []*history.Pair{t.shown, b.shown, read, b.returned} {
		if p != nil {
			ops = append(ops, *p)
		}
	}
	e.found.Found(kind, e.name(b.key), ops, format, args...)
}

func (e *effects) element(b *branch) string { return e.values.Value(b.element).String() }

// conserve adds up what the last reads of all lists have, where every transaction appends numbers that add up
// to nothing, as transfers do: debits and credits. If the rest has been without fault they must as well.
func (e *effects) conserve() {
	sum, accounts, why := e.balance()
	switch {
	case why != "" && e.closed:
		e.found.Undecided("nobody can tell whether debits and credits add up to 0: %s", why)
	case why != "":
	case sum == 0:
		e.found.Note("debits and credits of %d accounts add up to 0 in the end", accounts)
	case len(e.found.Anomalies) == 0:
		e.found.Undecided("debits and credits of %d accounts add up to %d in their last reads: a transfer happened between these", accounts, sum)
	}
}

// balance adds up what the last reads of all lists have, or says why that means nothing.
func (e *effects) balance() (sum int64, accounts int, why string) {
	var end int32
	for _, t := range e.txns {
		var own int64
		for _, b := range t.branches {
			n, ok := e.values.Int(b.element)
			if !ok {
				return 0, 0, fmt.Sprintf("op %d appends %s, which is no number", e.h.Witness(t.op), e.element(b))
			}
			own += n
		}
		if own != 0 {
			return 0, 0, fmt.Sprintf("what op %d appends adds up to %d", e.h.Witness(t.op), own)
		}
		end = max(end, t.op.Inv, t.op.Comp)
	}
	keys := map[models.Datum]bool{}
	for _, t := range e.txns {
		for _, b := range t.branches {
			last, any := e.lasts[b.key]
			if !any || last.Inv < end { // somebody may have written since
				return 0, 0, fmt.Sprintf("account %s was not read after the last transfer", e.name(b.key))
			}
			keys[b.key] = true
			if n, _ := e.values.Int(b.element); e.readsAt(last, b) {
				sum += n
			}
		}
	}
	return sum, len(keys), ""
}

// readsAt tells whether a read shows a branch.
func (e *effects) readsAt(p history.Pair, b *branch) bool {
	v := e.h.Ref(int(p.Comp))
	for i := range e.h.Heap.Len(v) {
		m := e.h.MicroOp(v, i)
		if f := e.h.FName(m.F); f != "r" && f != "read" || m.Value.IsNil() || e.values.Of(e.h.Key(m.Key)) != b.key {
			continue
		}
		for j := range e.h.Heap.Len(m.Value) {
			if e.values.Of(e.h.Elem(m.Value, j)) == b.element {
				return true
			}
		}
	}
	return false
}
