package hermitage

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"checker/check"
	"checker/history"
)

// store is a database without any isolation, that knows the statements of the scripts.
type store struct {
	rows map[int64]int64
	undo map[string][]func() // by session, what a rollback does
}

// execute executes a line, and returns what it reads.
func (s *store) execute(t *testing.T, line string) (read []int64) {
	session, statement := line[:1], line[2:]
	write := func(k, v int64) {
		before, there := s.rows[k]
		s.undo[session] = append(s.undo[session], func() {
			if s.rows[k] = before; !there {
				delete(s.rows, k)
			}
		})
		s.rows[k] = v
	}
	var k, v int64
	switch scan := func(format string) bool {
		n, err := fmt.Sscanf(statement, format, &v, &k)
		return n == strings.Count(format, "%d") && err == nil
	}; {
	case statement == "COMMIT":
	case statement == "ROLLBACK":
		for _, undo := range slices.Backward(s.undo[session]) {
			undo()
		}
	case scan("UPDATE t SET v = v + %d WHERE k = %d"):
		write(k, s.rows[k]+v)
	case scan("UPDATE t SET v = %d WHERE k = %d"):
		write(k, v)
	case scan("INSERT INTO t (k, v) VALUES (%d, %d)"):
		write(v, k)
	case strings.HasPrefix(statement, "SELECT v FROM t"):
		for _, row := range slices.Sorted(maps.Keys(s.rows)) {
			if matches(t, statement, row, s.rows[row]) {
				read = append(read, s.rows[row])
			}
		}
	default:
		t.Fatalf("the store does not know %q", statement)
	}
	return read
}

func matches(t *testing.T, statement string, k, v int64) bool {
	_, where, ok := strings.Cut(statement, " WHERE ")
	var n int64
	switch scan := func(format string) bool { m, err := fmt.Sscanf(where, format, &n); return m == 1 && err == nil }; {
	case !ok:
		return true
	case where == "v % 3 = 0":
		return v%3 == 0
	case scan("k = %d"):
		return k == n
	case scan("v = %d"):
		return v == n
	}
	t.Fatalf("the store does not know %q", statement)
	return false
}

// completion executes the lines of an interleaving in an order, and returns the value
// of the completion.
func completion(t *testing.T, i Interleaving, order []int) history.Value {
	s := &store{rows: map[int64]int64{1: 10, 2: 20}, undo: map[string][]func(){}}
	lines := i.Lines()
	told := make([]history.Value, len(lines))
	for _, at := range order {
		read := s.execute(t, lines[at])
		told[at] = history.Map(history.Keyword("line"), history.String(lines[at]), history.Keyword("read"), history.Ints(read...))
	}
	var final []int64
	for _, row := range slices.Sorted(maps.Keys(s.rows)) {
		final = append(final, s.rows[row])
	}
	return history.Map(history.Keyword("interleaving"), history.String(i.Name), history.Keyword("script"), history.Vector(told...), history.Keyword("final"), history.Ints(final...))
}

// TestShows: every interleaving shows its anomaly where nothing isolates its sessions,
// and none does in any order of sessions that do their parts one after the other.
func TestShows(t *testing.T) {
	for _, i := range All() {
		lines := i.Lines()
		inTurn := make([]int, len(lines))
		for at := range lines {
			inTurn[at] = at
		}
		if shown, err := Shows(completion(t, i, inTurn)); err != nil || !shown {
			t.Errorf("%s without isolation: %v, %v", i.Name, shown, err)
		}
		for _, sessions := range []string{"123", "132", "213", "231", "312", "321"} {
			order := slices.Clone(inTurn)
			slices.SortStableFunc(order, func(a, b int) int {
				return strings.Index(sessions, lines[a][:1]) - strings.Index(sessions, lines[b][:1])
			})
			if shown, err := Shows(completion(t, i, order)); err != nil || shown {
				t.Errorf("%s, sessions %s one after the other: %v, %v", i.Name, sessions, shown, err)
			}
		}
	}
}

// TestFailures: a session that failed or was not heard to the end has not committed.
func TestFailures(t *testing.T) {
	for _, i := range All() {
		lines := i.Lines()
		for at, line := range lines {
			if line[2:] != "COMMIT" {
				continue
			}
			order := make([]int, len(lines))
			for at := range lines {
				order[at] = at
			}
			v := completion(t, i, order)
			told := v.Elems()[3].Elems()
			told[at] = history.Map(history.Keyword("line"), history.String(line), history.Keyword("failed"), history.String("could not serialize"))
			if o, err := outcomeOf(i, v); err != nil || o.committed(line[:1]) || !strings.Contains(o.String(), line+" → failed") {
				t.Errorf("%s: %v, %v", i.Name, o, err)
			}
		}
	}
}

// judge judges plays of the interleavings without isolation.
func judge(t *testing.T, models []string, values ...history.Value) check.Result {
	t.Helper()
	b := history.NewBuilder()
	for _, v := range values {
		for _, op := range []history.Op{{F: F, Type: history.Invoke}, {F: F, Type: history.Ok, Value: v}} {
			if err := b.AddOp(op); err != nil {
				t.Fatal(err)
			}
		}
	}
	h := b.History()
	return check.Run(context.Background(), New(Options{ConsistencyModels: models}), h)
}

// TestVerdicts: which models forbid what, and what is unknown.
func TestVerdicts(t *testing.T) {
	var all []history.Value
	for _, i := range All() {
		order := make([]int, len(i.Lines()))
		for at := range order {
			order[at] = at
		}
		all = append(all, completion(t, i, order))
	}
	for model, want := range map[string]string{
		"read-uncommitted":   "G0",
		"read-committed":     "G0 G1a G1b G1c",
		"repeatable-read":    "G0 G1a G1b G1c G-single-item lost-update G2-item",
		"snapshot-isolation": "G0 G1a G1b G1c G-single-item G-single lost-update",
		"serializable":       "G0 G1a G1b G1c G-single-item G-single lost-update G2-item G2",
	} {
		var got []string
		for _, a := range judge(t, []string{model}, all...).Anomalies {
			got = append(got, a.Type)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, expected %s", model, got, want)
		}
	}
	if r := judge(t, []string{"read-uncommitted"}, all[1:]...); r.Verdict != check.Unknown || !strings.Contains(r.Reason, "G0") {
		t.Errorf("an interleaving that was not played: %s, %s", r.Verdict, r.Reason)
	}
	for _, bad := range []string{`{:interleaving "G7" :script []}`, `{:interleaving "G0" :script []}`, `7`} {
		v, err := history.ParseEDN(bad)
		if err != nil {
			t.Fatal(err)
		}
		if r := judge(t, nil, append(all, v)...); r.Verdict != check.Unknown {
			t.Errorf("%s: %s", bad, r.Verdict)
		}
	}
}
