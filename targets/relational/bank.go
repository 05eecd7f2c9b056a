package relational

import (
	"errors"

	"checker/history"
)

// What the bank refuses: the transaction is rolled back, and the op fails.
var (
	errPoor   = errors.New("the account has less than that")
	errAbsent = errors.New("there is no such account")
	errThere  = errors.New("there is such an account already")
	errOther  = errors.New("the account has another balance")
)

// bank moves money between two accounts, one of which an open makes and a close removes.
func (t transaction) bank(op history.Op) error {
	fields := map[string]int64{}
	entries := op.Value.Elems()
	for i := 0; i+1 < len(entries); i += 2 {
		fields[entries[i].Text()], _ = entries[i+1].Int()
	}
	if len(fields) != 3 {
		return unknown(op)
	}
	amount := fields["amount"]
	switch op.F {
	case "open":
		return t.open(fields["account"], fields["from"], amount)
	case "close":
		return t.close(fields["account"], fields["to"], amount)
	}
	return t.transfer(fields["from"], fields["to"], amount)
}

// transfer reads two balances, as an application does that computes them, and writes both.
func (t transaction) transfer(from, to, amount int64) error {
	source, err := t.balance(from)
	if err != nil {
		return err
	}
	sink, err := t.balance(to)
	if err != nil {
		return err
	}
	if source < amount {
		return errPoor
	}
	if err := t.put(accounts, from, source-amount); err != nil {
		return err
	}
	return t.put(accounts, to, sink+amount)
}

// balance reads that of an account that there is.
func (t transaction) balance(account int64) (int64, error) {
	n, there, err := t.number(accounts, account)
	if err == nil && !there {
		err = errAbsent
	}
	return n, err
}

func (t transaction) open(account, from, amount int64) error {
	source, err := t.balance(from)
	if err != nil {
		return err
	}
	switch _, there, err := t.number(accounts, account); {
	case err != nil:
		return err
	case there:
		return errThere
	case source < amount:
		return errPoor
	}
	if err := t.put(accounts, from, source-amount); err != nil {
		return err
	}
	return t.exec("INSERT INTO %s (k, v) VALUES (%d, %d)", accounts, account, amount)
}

func (t transaction) close(account, to, amount int64) error {
	sink, err := t.balance(to)
	if err != nil {
		return err
	}
	switch rest, err := t.balance(account); {
	case err != nil:
		return err
	case rest != amount:
		return errOther
	}
	if err := t.exec("DELETE FROM %s WHERE k = %d", accounts, account); err != nil {
		return err
	}
	return t.put(accounts, to, sink+amount)
}
