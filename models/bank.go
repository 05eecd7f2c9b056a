package models

import (
	"fmt"
	"slices"

	"checker/history"
)

const (
	bankRead = iota
	bankTransfer
)

// Bank is accounts whose balances are read all at once and between which
// transfers {:from a :to b :amount n} move money that is there. The initial value
// is a map of balances, or one for every account; where it is nil, the first
// read settles what the accounts held, and until then money is not missed.
func Bank() Model {
	return Model{
		Name:          "bank",
		Summary:       "accounts that are read all at once and between which money moves",
		Functions:     []Function{{Name: "read", Result: true, Pure: true}, {Name: "transfer", Args: 1}},
		Transactional: true,
		Settles:       true,
		Init:          initBank,
		Encode:        encodeBank,
		Step:          stepBank,
		Observes:      func(_ *Values, seen, effect Op) bool { return effect.F == bankTransfer && effect.In[2] != 0 },
	}
}

// What the accounts that a state does not name hold: 0, one balance, or whatever
// the first read says.
const (
	bankNone Datum = iota
	bankEach
	bankUnsettled
)

// A state is the kind and the amount of what other accounts hold, followed by
// pairs of account and balance in order of accounts.
func initBank(v *Values, initial history.Value) (Datum, error) {
	n, each := initial.Int()
	switch {
	case initial.IsNil():
		return v.Tuple([]Datum{bankUnsettled, 0}), nil
	case each:
		return v.Tuple([]Datum{bankEach, Datum(n)}), nil
	}
	state, kvs := []Datum{bankNone, 0}, initial.Elems()
	if initial.Kind() != history.KindMap {
		return 0, fmt.Errorf("a bank cannot start with %s", initial)
	}
	for i := 0; i < len(kvs); i += 2 {
		n, ok := kvs[i+1].Int()
		if !ok {
			return 0, fmt.Errorf("the balance %s is not a whole number", kvs[i+1])
		}
		state = setBalance(state, v.Add(kvs[i]), Datum(n))
	}
	return v.Tuple(state), nil
}

// encodeBank makes pairs of account and balance of a read, in order of accounts,
// and (from, to, amount) of a transfer.
func encodeBank(v *Values, f int, in, out history.Ref, known bool) (Op, error) {
	op := Op{F: f, Known: known, Pure: f == bankRead}
	if f == bankRead && !known {
		return op, nil
	}
	x := v.Heap().Value(in)
	if f == bankRead {
		x = v.Heap().Value(out)
	}
	if x.Kind() != history.KindMap {
		return op, fmt.Errorf("%s is not a map", x)
	}
	kvs := x.Elems()
	if f == bankRead {
		read := []Datum{0, 0}
		for i := 0; i < len(kvs); i += 2 {
			n, ok := kvs[i+1].Int()
			if !ok {
				return op, fmt.Errorf("read: the balance %s is not a whole number", kvs[i+1])
			}
			read = setBalance(read, v.Add(kvs[i]), Datum(n))
		}
		op.Out = read[2:]
		return op, nil
	}
	op.In = []Datum{-1, -1, 0}
	found := 0
	for i := 0; i < len(kvs); i += 2 {
		n, ok := kvs[i+1].Int()
		switch kvs[i].Text() {
		case "from":
			op.In[0], found = v.Add(kvs[i+1]), found|1
		case "to":
			op.In[1], found = v.Add(kvs[i+1]), found|2
		case "amount":
			if op.In[2] = Datum(n); ok && n >= 0 {
				found |= 4
			}
		}
	}
	if found != 7 {
		return op, fmt.Errorf("transfer: %s is not {:from a :to b :amount n}", x)
	}
	return op, nil
}

func stepBank(v *Values, state Datum, op Op) (Datum, bool) {
	now := v.Elems(state)
	if op.F == bankTransfer && now[0] == bankUnsettled {
		return state, true
	}
	if op.F == bankTransfer {
		left := balance(now, op.In[0]) - op.In[2]
		next := setBalance(now, op.In[0], left)
		next = setBalance(next, op.In[1], balance(next, op.In[1])+op.In[2])
		return v.Tuple(next), left >= 0
	}
	if now[0] == bankUnsettled {
		return v.Tuple(append([]Datum{bankNone, 0}, op.Out...)), true
	}
	shown := 0
	for i := 0; i < len(op.Out); i += 2 {
		if balance(now, op.Out[i]) != op.Out[i+1] {
			return state, false
		}
	}
	for i := 2; i < len(now); i += 2 {
		if slices.Contains(everySecond(op.Out), now[i]) {
			shown++
		}
	}
	return state, 2*shown == len(now)-2
}

func everySecond(pairs []Datum) []Datum {
	var firsts []Datum
	for i := 0; i < len(pairs); i += 2 {
		firsts = append(firsts, pairs[i])
	}
	return firsts
}

func balance(state []Datum, account Datum) Datum {
	for i := 2; i < len(state); i += 2 {
		if state[i] == account {
			return state[i+1]
		}
	}
	return state[1]
}

func setBalance(state []Datum, account, to Datum) []Datum {
	at := 2
	for at < len(state) && state[at] < account {
		at += 2
	}
	if at < len(state) && state[at] == account {
		next := slices.Clone(state)
		next[at+1] = to
		return next
	}
	return slices.Insert(slices.Clone(state), at, account, to)
}
