package relational

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"checker/history"
)

// playF is the function of the op that has an interleaving played, as package
// check/hermitage describes it.
const playF = "play"

// stuckAfter is how long a statement may take before the other sessions go on: it waits
// for one of them.
const stuckAfter = 500 * time.Millisecond

// interleaving is one that is being played.
type interleaving struct {
	dialect  Dialect
	db       *sql.DB
	lines    []spoken
	sessions map[string]*session
}

// spoken is a line of the script, and what came of it.
type spoken struct {
	text, session, statement string

	reads   bool
	read    []int64
	err     error
	omitted bool // since its session had failed
	waited  bool // the other sessions went on meanwhile
}

// session is one of an interleaving. It executes one statement after the other.
type session struct {
	conn   *sql.Conn
	todo   chan func()
	failed bool  // so that the rest of its part is left out
	lost   error // why its connection cannot be used any more
}

// play plays an interleaving, on sessions of its own. It fails where it could not
// begin; where a session was lost in the midst, nobody knows what the rest would be.
func (c *Client) play(ctx context.Context, op history.Op) history.Op {
	i := &interleaving{dialect: c.dialect, sessions: map[string]*session{}}
	defer i.close()
	op.Type = history.Fail
	err := i.stage(ctx, c, op)
	if err == nil {
		op.Type = history.Info
		err = i.perform(ctx)
	}
	var final []int64
	if err == nil {
		final, err = numbers(i.db.QueryContext(ctx, "SELECT v FROM "+interleaved+" ORDER BY k"))
	}
	if err != nil {
		op.Error = history.String(strings.Join(strings.Fields(err.Error()), " "))
		return op
	}
	op.Type, op.Value = history.Ok, i.value(op.Value, final)
	return op
}

// stage makes the table anew and begins the transaction of each session.
func (i *interleaving) stage(ctx context.Context, c *Client, op history.Op) error {
	server := c.dialect.Route(false)
	l, err := c.connect(ctx, server.Address)
	if err != nil {
		return fmt.Errorf("no connection: %w", err)
	}
	i.db = l.db
	for _, s := range []string{"DROP TABLE IF EXISTS " + interleaved,
		"CREATE TABLE " + interleaved + " (k INT PRIMARY KEY, v INT NOT NULL)",
		"INSERT INTO " + interleaved + " (k, v) VALUES (1, 10), (2, 20)"} {
		if _, err := l.conn.ExecContext(ctx, s); err != nil {
			l.hangUp()
			return err
		}
	}
	for _, text := range scriptOf(op.Value) {
		name, statement, _ := strings.Cut(text, " ")
		statement = strings.ReplaceAll(statement, " t ", " "+interleaved+" ")
		i.lines = append(i.lines, spoken{text: text, session: name, statement: statement, reads: strings.HasPrefix(statement, "SELECT")})
		if i.sessions[name] != nil {
			continue
		}
		conn, err := i.db.Conn(ctx)
		if err != nil {
			return err
		}
		i.sessions[name] = &session{conn: conn}
		for _, statement := range server.Begin {
			if _, err := conn.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
	}
	return nil
}

// scriptOf returns the lines that an op has played.
func scriptOf(v history.Value) (lines []string) {
	for kvs := v.Elems(); len(kvs) >= 2; kvs = kvs[2:] {
		if kvs[0].Text() == "script" {
			for _, line := range kvs[1].Elems() {
				lines = append(lines, line.Text())
			}
		}
	}
	return lines
}

// perform has the sessions say their lines in turn. While one waits for another the
// others go on, and it says the rest when it can. An error is a session that was lost.
func (i *interleaving) perform(ctx context.Context) error {
	var all sync.WaitGroup
	for _, s := range i.sessions {
		s.todo = make(chan func(), len(i.lines))
		all.Go(func() {
			for do := range s.todo {
				do()
			}
		})
	}
	waited := make([]bool, len(i.lines))
	for at := range i.lines {
		line, done := &i.lines[at], make(chan struct{})
		s := i.sessions[line.session]
		s.todo <- func() {
			defer close(done)
			s.say(ctx, i.dialect, line)
		}
		select {
		case <-done:
		case <-time.After(stuckAfter):
			waited[at] = true
		}
	}
	var lost []error
	for _, s := range i.sessions {
		close(s.todo)
	}
	all.Wait()
	for at := range i.lines {
		i.lines[at].waited = waited[at]
		lost = append(lost, i.sessions[i.lines[at].session].lost)
	}
	return errors.Join(lost...)
}

// say executes a statement; when it fails, the transaction is rolled back.
func (s *session) say(ctx context.Context, d Dialect, line *spoken) {
	switch {
	case s.failed:
		line.omitted = true
		return
	case line.reads:
		line.read, line.err = numbers(s.conn.QueryContext(ctx, line.statement))
	case line.statement == "COMMIT":
		line.err = d.commit(ctx, s.conn)
	default:
		_, line.err = s.conn.ExecContext(ctx, line.statement)
	}
	if line.err != nil {
		s.failed = true
		_, s.lost = s.conn.ExecContext(ctx, "ROLLBACK")
	}
}

// value is that of the completion: each line with what came of it, and the values in
// the end.
func (i *interleaving) value(asked history.Value, final []int64) history.Value {
	lines := make([]history.Value, len(i.lines))
	for at, line := range i.lines {
		told := []history.Value{history.Keyword("line"), history.String(line.text)}
		switch {
		case line.omitted:
			told = append(told, history.Keyword("omitted"), history.Bool(true))
		case line.err != nil:
			told = append(told, history.Keyword("failed"), history.String(strings.Join(strings.Fields(line.err.Error()), " ")))
		case line.reads:
			told = append(told, history.Keyword("read"), history.Ints(line.read...))
		}
		if line.waited {
			told = append(told, history.Keyword("waited"), history.Bool(true))
		}
		lines[at] = history.Map(told...)
	}
	all := slices.Clone(asked.Elems())
	for k := 0; k+1 < len(all); k += 2 {
		if all[k].Text() == "script" {
			all[k+1] = history.Vector(lines...)
		}
	}
	return history.Map(append(all, history.Keyword("final"), history.Ints(final...))...)
}

// close ends the sessions.
func (i *interleaving) close() {
	for _, s := range i.sessions {
		s.conn.Close() // an error would be that it is closed
	}
}

// numbers reads a column of numbers.
func numbers(rows *sql.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}
