package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"checker/history"
)

// Client is the session of a process, on at most one connection at a time. A
// connection that fails is given up, and the next op makes another one.
type Client struct {
	db      *sql.DB
	dialect Dialect
	load    string    // the workload
	conn    *sql.Conn // nil until an op needs one
}

// New returns a session for the ops of a workload, on a database that it closes in
// the end.
func New(db *sql.DB, d Dialect, workload string) *Client {
	db.SetMaxIdleConns(-1) // whoever gives a connection back closes it
	return &Client{db: db, dialect: d, load: workload}
}

// Close ends the session.
func (c *Client) Close() error {
	c.hangUp()
	return c.db.Close()
}

// unacknowledged is an error from the moment on when COMMIT was sent.
type unacknowledged struct{ error }

// Invoke executes an op as a transaction.
func (c *Client) Invoke(ctx context.Context, op history.Op) history.Op {
	value, err := c.transact(ctx, op)
	if err == nil {
		op.Type, op.Value = history.Ok, value
		return op
	}
	op.Type = history.Fail
	why := ""
	if late := (unacknowledged{}); errors.As(err, &late) && !readsOnly(op) {
		if why = c.dialect.Uncommitted(late.error); why == "" {
			op.Type = history.Info
		} else {
			why = ": " + why
		}
	}
	op.Error = history.String(strings.Join(strings.Fields(err.Error()+why), " "))
	return op
}

// transact returns the value of the op's completion.
func (c *Client) transact(ctx context.Context, op history.Op) (history.Value, error) {
	if err := c.connect(ctx); err != nil {
		return history.Nil, fmt.Errorf("no connection: %w", err)
	}
	value, err := c.perform(ctx, op)
	if err != nil {
		c.rollBack(ctx)
		return history.Nil, err
	}
	if err := c.dialect.commit(ctx, c.conn); err != nil {
		c.rollBack(ctx)
		return history.Nil, unacknowledged{err}
	}
	return value, nil
}

func (c *Client) connect(ctx context.Context) (err error) {
	if c.conn == nil {
		c.conn, err = c.db.Conn(ctx)
	}
	return err
}

// perform begins a transaction and does what the op asks for.
func (c *Client) perform(ctx context.Context, op history.Op) (history.Value, error) {
	for _, statement := range c.dialect.Begin {
		if _, err := c.conn.ExecContext(ctx, statement); err != nil {
			return history.Nil, err
		}
	}
	return transaction{ctx, c.conn, c.dialect, c.load}.do(op)
}

// rollBack gives the transaction up, and where that fails the connection with it.
func (c *Client) rollBack(ctx context.Context) {
	if _, err := c.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		c.hangUp()
	}
}

func (c *Client) hangUp() {
	if c.conn != nil {
		c.conn.Close() // an error would be that it is closed
		c.conn = nil
	}
}
