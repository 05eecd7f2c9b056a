package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"checker/history"
)

// transaction is one that has begun. Errors mean that it is to be rolled back.
type transaction struct {
	ctx     context.Context
	conn    *sql.Conn
	dialect Dialect
	load    string // the workload
}

// readsOnly reports whether an op has no effect, whatever becomes of it.
func readsOnly(op history.Op) bool {
	if op.F != "txn" {
		return op.F == "read"
	}
	for _, mop := range op.Value.Elems() {
		if parts := mop.Elems(); len(parts) != 3 || parts[0].Text() != "r" {
			return false
		}
	}
	return true
}

// do returns the value of the op's completion.
func (t transaction) do(op history.Op) (history.Value, error) {
	switch {
	case op.F == "add":
		v, ok := op.Value.Int()
		if !ok {
			break
		}
		return op.Value, t.exec("INSERT INTO %s (k, v) VALUES (%d, 0)", elements, v)
	case op.F == "transfer" || op.F == "open" || op.F == "close":
		return op.Value, t.bank(op)
	case op.F == "read" && t.load == "bank":
		return t.balances()
	case op.F == "read" && t.load == "set":
		return t.elements()
	case op.F == "txn" || op.F == "read" || op.F == "write":
		return t.micro(op)
	}
	return history.Nil, unknown(op)
}

func unknown(op history.Op) error {
	return fmt.Errorf("the client does not know the op %s %s", op.F, op.Value)
}

// micro executes a transaction as Elle writes it: [[:r 1 nil] [:append 1 5] [:w 2 7]].
func (t transaction) micro(op history.Op) (history.Value, error) {
	mops := op.Value.Elems()
	done := make([]history.Value, len(mops))
	for i, mop := range mops {
		parts := mop.Elems()
		if len(parts) != 3 {
			return history.Nil, unknown(op)
		}
		key, keyed := parts[1].Int()
		v, number := parts[2].Int()
		done[i] = mop
		var err error
		switch f := parts[0].Text(); {
		case f == "r" && keyed:
			var read history.Value
			read, err = t.read(key)
			done[i] = history.Vector(parts[0], parts[1], read)
		case f == "w" && keyed && number:
			err = t.put(registers, key, v)
		case f == "append" && keyed && number:
			err = t.exec("INSERT INTO %s (k, v) VALUES (%d, '%d') %s CONCAT(%s.v, ',%d')", lists, key, v, t.dialect.OnConflict, lists, v)
		default:
			err = unknown(op)
		}
		if err != nil {
			return history.Nil, err
		}
	}
	return history.Vector(done...), nil
}

func (t transaction) exec(format string, args ...any) error {
	_, err := t.conn.ExecContext(t.ctx, fmt.Sprintf(format, args...))
	return err
}

// put writes a number, whether there is one or not.
func (t transaction) put(table string, key, v int64) error {
	return t.exec("INSERT INTO %s (k, v) VALUES (%d, %d) %s %d", table, key, v, t.dialect.OnConflict, v)
}

// read reads a register or a list, as the workload has them. Without a value there is
// none, or an empty list.
func (t transaction) read(key int64) (history.Value, error) {
	if t.load != "append" {
		n, there, err := t.number(registers, key)
		if err != nil || !there {
			return history.Nil, err
		}
		return history.Int(n), nil
	}
	var text string
	err := t.conn.QueryRowContext(t.ctx, fmt.Sprintf("SELECT v FROM %s WHERE k = %d", lists, key)).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return history.Ints(), nil
	}
	if err != nil {
		return history.Nil, err
	}
	fields := strings.Split(text, ",")
	list := make([]int64, len(fields))
	for i, field := range fields {
		if list[i], err = strconv.ParseInt(field, 10, 64); err != nil {
			return history.Nil, fmt.Errorf("the list %d holds %q: %w", key, text, err)
		}
	}
	return history.Ints(list...), nil
}

// number reads a number, and whether there is one.
func (t transaction) number(table string, key int64) (n int64, there bool, err error) {
	err = t.conn.QueryRowContext(t.ctx, fmt.Sprintf("SELECT v FROM %s WHERE k = %d", table, key)).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return n, err == nil, err
}

// rows reads the numbers of a table, in the order of their keys.
func (t transaction) rows(table string) (keys, values []int64, err error) {
	rows, err := t.conn.QueryContext(t.ctx, fmt.Sprintf("SELECT k, v FROM %s ORDER BY k", table))
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k, v int64
		if err := rows.Scan(&k, &v); err != nil {
			return nil, nil, err
		}
		keys, values = append(keys, k), append(values, v)
	}
	return keys, values, rows.Err()
}

// elements reads the whole set.
func (t transaction) elements() (history.Value, error) {
	keys, _, err := t.rows(elements)
	return history.Ints(keys...), err
}

// balances reads all accounts.
func (t transaction) balances() (history.Value, error) {
	keys, values, err := t.rows(accounts)
	pairs := make([]history.Value, 0, 2*len(keys))
	for i, k := range keys {
		pairs = append(pairs, history.Int(k), history.Int(values[i]))
	}
	return history.Map(pairs...), err
}
