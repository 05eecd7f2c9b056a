package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"checker/history"
)

// Client is the session of a process, on at most one connection to each server. A
// connection that fails is given up, and the next op makes another one.
type Client struct {
	dialect Dialect
	load    string // the workload
	lines   map[string]*line
}

// line is how a client talks to one server.
type line struct {
	db   *sql.DB
	conn *sql.Conn // nil until an op needs one
}

// New returns a session for the ops of a workload.
func New(d Dialect, workload string) *Client {
	return &Client{dialect: d, load: workload, lines: map[string]*line{}}
}

// Close ends the session.
func (c *Client) Close() error {
	var errs []error
	for _, l := range c.lines {
		l.hangUp()
		errs = append(errs, l.db.Close())
	}
	return errors.Join(errs...)
}

// unacknowledged is an error from the moment on when COMMIT was sent.
type unacknowledged struct{ error }

// Invoke executes an op as a transaction, or plays an interleaving of several.
func (c *Client) Invoke(ctx context.Context, op history.Op) history.Op {
	if op.F == playF {
		return c.play(ctx, op)
	}
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
	server := c.dialect.Route(readsOnly(op))
	l, err := c.connect(ctx, server.Address)
	if err != nil {
		return history.Nil, fmt.Errorf("no connection: %w", err)
	}
	value, err := c.perform(ctx, l.conn, server.Begin, op)
	if err != nil {
		l.rollBack(ctx)
		return history.Nil, err
	}
	if err := c.dialect.commit(ctx, l.conn); err != nil {
		l.rollBack(ctx)
		return history.Nil, unacknowledged{err}
	}
	return value, nil
}

// connect returns a line to a server that has a connection.
func (c *Client) connect(ctx context.Context, address string) (*line, error) {
	l := c.lines[address]
	if l == nil {
		db, err := c.dialect.Open(address)
		if err != nil {
			return nil, err
		}
		db.SetMaxIdleConns(-1) // whoever gives a connection back closes it
		l = &line{db: db}
		c.lines[address] = l
	}
	var err error
	if l.conn == nil {
		l.conn, err = l.db.Conn(ctx)
	}
	return l, err
}

// perform begins a transaction and does what the op asks for.
func (c *Client) perform(ctx context.Context, conn *sql.Conn, begin []string, op history.Op) (history.Value, error) {
	for _, statement := range begin {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return history.Nil, err
		}
	}
	return transaction{ctx, conn, c.dialect, c.load}.do(op)
}

// rollBack gives the transaction up, and where that fails the connection with it.
func (l *line) rollBack(ctx context.Context) {
	if _, err := l.conn.ExecContext(ctx, "ROLLBACK"); err != nil {
		l.hangUp()
	}
}

func (l *line) hangUp() {
	if l.conn != nil {
		l.conn.Close() // an error would be that it is closed
		l.conn = nil
	}
}
