package trial

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Interleaving is what two or three sessions do in turn, after Martin Kleppmann's
// Hermitage: a script with a line for each statement, "1 COMMIT" for the first
// session's. Each begins a transaction first. The table has the rows 1 with 10 and 2
// with 20, in columns k and v.
type Interleaving struct {
	Name    string
	Summary string
	script  string
	seen    func(r outcome) bool
}

// outcome is what came of an interleaving.
type outcome struct {
	reads     [][]int64 // of each line, what it read
	committed map[string]bool
	final     []int64 // the values in the end
}

func (o outcome) both() bool { return o.committed["1"] && o.committed["2"] }

// Interleavings are those that tell levels of isolation apart.
var Interleavings = []Interleaving{
	{"G0", "two transactions overwrite each other's writes", `
1 UPDATE t SET v = 11 WHERE k = 1
2 UPDATE t SET v = 12 WHERE k = 1
1 UPDATE t SET v = 21 WHERE k = 2
1 COMMIT
2 UPDATE t SET v = 22 WHERE k = 2
2 COMMIT`, func(o outcome) bool { return o.both() && o.final[0]%10 != o.final[1]%10 }},
	{"G1a", "a read of what is rolled back", `
1 UPDATE t SET v = 101 WHERE k = 1
2 SELECT v FROM t ORDER BY k
1 ROLLBACK
2 COMMIT`, func(o outcome) bool { return slices.Contains(o.reads[1], 101) }},
	{"G1b", "a read of what its writer replaces", `
1 UPDATE t SET v = 101 WHERE k = 1
2 SELECT v FROM t ORDER BY k
1 UPDATE t SET v = 11 WHERE k = 1
1 COMMIT
2 COMMIT`, func(o outcome) bool { return slices.Contains(o.reads[1], 101) }},
	{"G1c", "two transactions that each read the other's write", `
1 UPDATE t SET v = 11 WHERE k = 1
2 UPDATE t SET v = 22 WHERE k = 2
1 SELECT v FROM t WHERE k = 2
2 SELECT v FROM t WHERE k = 1
1 COMMIT
2 COMMIT`, func(o outcome) bool {
		return o.both() && slices.Contains(o.reads[2], 22) && slices.Contains(o.reads[3], 11)
	}},
	{"OTV", "an observed transaction vanishes again", `
1 UPDATE t SET v = 11 WHERE k = 1
1 UPDATE t SET v = 19 WHERE k = 2
2 UPDATE t SET v = 12 WHERE k = 1
1 COMMIT
3 SELECT v FROM t WHERE k = 1
3 SELECT v FROM t WHERE k = 2
2 UPDATE t SET v = 18 WHERE k = 2
2 COMMIT
3 COMMIT`, func(o outcome) bool { return slices.Contains(o.reads[4], 12) && slices.Contains(o.reads[5], 19) }},
	{"PMP", "a predicate matches what another transaction adds in between", `
1 SELECT v FROM t WHERE v = 30
2 INSERT INTO t (k, v) VALUES (3, 30)
2 COMMIT
1 SELECT v FROM t WHERE v % 3 = 0
1 COMMIT`, func(o outcome) bool { return o.both() && len(o.reads[0]) == 0 && len(o.reads[3]) > 0 }},
	{"P4", "an update is lost", `
1 SELECT v FROM t WHERE k = 1
2 SELECT v FROM t WHERE k = 1
1 UPDATE t SET v = 11 WHERE k = 1
2 UPDATE t SET v = 12 WHERE k = 1
1 COMMIT
2 COMMIT`, outcome.both},
	{"G-single", "a read from before and one from after the same transaction", `
1 SELECT v FROM t WHERE k = 1
2 UPDATE t SET v = 12 WHERE k = 1
2 UPDATE t SET v = 18 WHERE k = 2
2 COMMIT
1 SELECT v FROM t WHERE k = 2
1 COMMIT`, func(o outcome) bool { return o.both() && slices.Contains(o.reads[4], 18) }},
	{"G-single, writing", "the same, by a transaction that writes what it did not see", `
1 SELECT v FROM t WHERE k = 1
2 UPDATE t SET v = 12 WHERE k = 1
2 UPDATE t SET v = 18 WHERE k = 2
2 COMMIT
1 UPDATE t SET v = v + 100 WHERE k = 2
1 COMMIT`, func(o outcome) bool { return o.both() && slices.Contains(o.reads[0], 10) && o.final[1] == 118 }},
	{"G2-item", "write skew: each writes what the other has read", `
1 SELECT v FROM t ORDER BY k
2 SELECT v FROM t ORDER BY k
1 UPDATE t SET v = 11 WHERE k = 1
2 UPDATE t SET v = 21 WHERE k = 2
1 COMMIT
2 COMMIT`, outcome.both},
	{"G2", "each adds what the other's predicate would have matched", `
1 SELECT v FROM t WHERE v % 3 = 0
2 SELECT v FROM t WHERE v % 3 = 0
1 INSERT INTO t (k, v) VALUES (3, 30)
2 INSERT INTO t (k, v) VALUES (4, 42)
1 COMMIT
2 COMMIT`, outcome.both},
}

const interleaved = "checker_interleaved"

// stuckAfter is how long a statement may take before the other sessions go on: it waits
// for one of them.
const stuckAfter = 500 * time.Millisecond

// Seen plays all interleavings and returns the names of those whose anomaly was seen.
// Begin are the statements that begin a transaction.
func Seen(ctx context.Context, db *sql.DB, begin []string) ([]string, error) {
	var names []string
	for _, i := range Interleavings {
		o, err := i.play(ctx, db, begin)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", i.Name, err)
		}
		if i.seen(o) {
			names = append(names, i.Name)
		}
	}
	return names, nil
}

// player is a session.
type player struct {
	conn   *sql.Conn
	todo   chan func()
	failed bool // so that the rest of its part is left out
}

func (i Interleaving) play(ctx context.Context, db *sql.DB, begin []string) (outcome, error) {
	for _, s := range []string{"DROP TABLE IF EXISTS " + interleaved,
		"CREATE TABLE " + interleaved + " (k INT PRIMARY KEY, v INT NOT NULL)",
		"INSERT INTO " + interleaved + " (k, v) VALUES (1, 10), (2, 20)"} {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return outcome{}, err
		}
	}
	lines := strings.Split(strings.TrimSpace(i.script), "\n")
	o := outcome{reads: make([][]int64, len(lines)), committed: map[string]bool{}}
	players := map[string]*player{}
	var all sync.WaitGroup
	for _, line := range lines {
		name := line[:1]
		if players[name] != nil {
			continue
		}
		p := &player{todo: make(chan func(), len(lines))}
		var err error
		if p.conn, err = db.Conn(ctx); err != nil {
			return o, err
		}
		defer p.conn.Close()
		for _, s := range begin {
			if _, err := p.conn.ExecContext(ctx, s); err != nil {
				return o, err
			}
		}
		players[name] = p
		all.Go(func() {
			for do := range p.todo {
				do()
			}
		})
	}
	for at, line := range lines {
		p, statement := players[line[:1]], strings.ReplaceAll(line[2:], " t ", " "+interleaved+" ")
		done := make(chan struct{})
		p.todo <- func() {
			defer close(done)
			if !p.failed {
				o.reads[at], p.failed = p.execute(ctx, statement)
			}
		}
		select {
		case <-done:
		case <-time.After(stuckAfter):
		}
	}
	for _, p := range players {
		close(p.todo)
	}
	all.Wait()
	for name, p := range players {
		o.committed[name] = !p.failed
	}
	var err error
	o.final, err = numbers(db.QueryContext(ctx, "SELECT v FROM "+interleaved+" ORDER BY k"))
	return o, err
}

// execute executes a statement; when it fails, the transaction is rolled back.
func (p *player) execute(ctx context.Context, statement string) (read []int64, failed bool) {
	var err error
	if strings.HasPrefix(statement, "SELECT") {
		read, err = numbers(p.conn.QueryContext(ctx, statement))
	} else {
		_, err = p.conn.ExecContext(ctx, statement)
	}
	if err != nil {
		p.conn.ExecContext(ctx, "ROLLBACK") // where that fails, too, nothing is committed either
	}
	return read, err != nil
}

func numbers(rows *sql.Rows, err error) ([]int64, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []int64{}
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, rows.Err()
}
