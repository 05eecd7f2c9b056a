package postgres

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"checker/check/hermitage"
	"checker/history"
	"checker/targets/relational"
)

// answer is what a server that plays a part does when it is told to commit.
type answer func(*pgproto3.Backend) (goOn bool)

func tells(m ...pgproto3.BackendMessage) answer {
	return func(b *pgproto3.Backend) bool {
		for _, m := range append(m, &pgproto3.ReadyForQuery{TxStatus: 'I'}) {
			b.Send(m)
		}
		return b.Flush() == nil
	}
}

func cutOff(*pgproto3.Backend) bool { return false }

// serve plays a server whose statements succeed, but for those that answers has.
func serve(t *testing.T, answers map[string]answer) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go converse(conn, answers)
		}
	}()
	return l.Addr().String()
}

func converse(conn net.Conn, answers map[string]answer) {
	defer conn.Close()
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	for _, p := range []pgproto3.ParameterStatus{{Name: "standard_conforming_strings", Value: "on"}, {Name: "client_encoding", Value: "UTF8"}} {
		b.Send(&p)
	}
	goOn := tells()(b)
	for goOn {
		m, err := b.Receive()
		if err != nil {
			return
		}
		q, ok := m.(*pgproto3.Query)
		if !ok {
			return
		}
		verb, _, _ := strings.Cut(q.String, " ")
		answer, ok := answers[verb]
		if !ok {
			answer = tells(&pgproto3.CommandComplete{CommandTag: []byte(verb)})
		}
		goOn = answer(b)
	}
}

func refuses(state string) answer {
	return tells(&pgproto3.ErrorResponse{Severity: "ERROR", Code: state, Message: "no"})
}

// TestCommit: a write whose COMMIT was sent and not answered is indeterminate; what
// went wrong before, or was refused for a reason, did not happen.
func TestCommit(t *testing.T) {
	tag := func(s string) answer { return tells(&pgproto3.CommandComplete{CommandTag: []byte(s)}) }
	for name, c := range map[string]struct {
		answers map[string]answer
		want    history.Type
	}{
		"all is well":                      {nil, history.Ok},
		"cut off in the middle of COMMIT":  {map[string]answer{"COMMIT": cutOff}, history.Info},
		"cut off before COMMIT":            {map[string]answer{"INSERT": cutOff}, history.Fail},
		"COMMIT answered with ROLLBACK":    {map[string]answer{"COMMIT": tag("ROLLBACK")}, history.Fail},
		"conflict at COMMIT":               {map[string]answer{"COMMIT": refuses("40001")}, history.Fail},
		"the server does not know":         {map[string]answer{"COMMIT": refuses("40003")}, history.Info},
		"shut down during COMMIT":          {map[string]answer{"COMMIT": refuses("57P01")}, history.Info},
		"an error that nobody has seen":    {map[string]answer{"COMMIT": refuses("ZZ999")}, history.Info},
		"conflict, and cut off afterwards": {map[string]answer{"INSERT": refuses("40001"), "ROLLBACK": cutOff}, history.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			client := relational.New(dialect(relational.Only(serve(t, c.answers), "BEGIN")), "append")
			defer client.Close()
			write := history.Op{F: "txn", Value: history.Vector(history.Mop("append", history.Int(1), history.Int(2)))}
			got := client.Invoke(t.Context(), write)
			if got.Type != c.want || got.Type != history.Ok && got.Error.Text() == "" {
				t.Errorf("%v, expected %s", got, c.want)
			}
			read := history.Op{F: "txn", Value: history.Vector()}
			if got := client.Invoke(t.Context(), read); c.want != history.Ok && c.answers["COMMIT"] != nil && got.Type != history.Fail {
				t.Errorf("what only reads cannot be indeterminate: %v", got)
			}
		})
	}
}

// TestPausedCommit: an acknowledgement that does not come in time.
func TestPausedCommit(t *testing.T) {
	silent := make(chan struct{})
	defer close(silent)
	answers := map[string]answer{"COMMIT": func(*pgproto3.Backend) bool { <-silent; return false }}
	client := relational.New(dialect(relational.Only(serve(t, answers), "BEGIN")), "set")
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if got := client.Invoke(ctx, history.Op{F: "add", Value: history.Int(1)}); got.Type != history.Info {
		t.Errorf("%v, expected info", got)
	}
}

func TestMeanings(t *testing.T) {
	for _, m := range meanings {
		if m.because == "" {
			t.Errorf("%s has no reason", m.state)
		}
	}
	if why := uncommitted(errors.New("something new")); why != "" {
		t.Errorf("an unknown error is definite: %s", why)
	}
	if why := uncommitted(&pgconn.PgError{Code: "40P01"}); why == "" {
		t.Error("a deadlock is not definite")
	}
}

// TestPlay: an interleaving in which a session was lost is indeterminate, one that could
// not begin failed, and one whose statement was refused is whole.
func TestPlay(t *testing.T) {
	for name, c := range map[string]struct {
		answers map[string]answer
		want    history.Type
		told    string
	}{
		"all is well":                 {nil, history.Ok, `{:line "2 COMMIT"}`},
		"conflict at COMMIT":          {map[string]answer{"COMMIT": refuses("40001")}, history.Ok, `{:line "1 COMMIT", :failed`},
		"conflict before":             {map[string]answer{"UPDATE": refuses("40001")}, history.Ok, `{:line "1 COMMIT", :omitted true}`},
		"COMMIT rolls back":           {map[string]answer{"COMMIT": tells(&pgproto3.CommandComplete{CommandTag: []byte("ROLLBACK")})}, history.Ok, `{:line "2 COMMIT", :failed`},
		"cut off in the midst":        {map[string]answer{"COMMIT": cutOff}, history.Info, ""},
		"cut off while it is staged":  {map[string]answer{"CREATE": cutOff}, history.Fail, ""},
		"cut off at a session's turn": {map[string]answer{"BEGIN": cutOff}, history.Fail, ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := relational.New(dialect(relational.Only(serve(t, c.answers), "BEGIN")), "hermitage")
			defer client.Close()
			play := hermitage.All()[0].Op()
			got := client.Invoke(t.Context(), play)
			if got.Type != c.want || !strings.Contains(got.Value.String(), c.told) || (got.Type == history.Ok) != got.Error.IsNil() {
				t.Errorf("%v, expected %s with %s", got, c.want, c.told)
			}
		})
	}
}
