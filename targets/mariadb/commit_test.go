package mariadb

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"checker/history"
	"checker/targets/relational"
)

// packet frames what the server says.
func packet(sequence byte, body string) []byte {
	return append([]byte{byte(len(body)), byte(len(body) >> 8), 0, sequence}, body...)
}

const (
	greeting = "\x0a10.11.0\x00" + "\x01\x00\x00\x00" + "12345678\x00" + // protocol, version, connection, challenge
		"\x00\x82" + "\x21" + "\x02\x00" + "\x08\x00" + "\x15" + // capabilities: 4.1, secure, plugin; character set, status
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "123456789012\x00" + "mysql_native_password\x00"
	fine    = "\x00\x00\x00\x02\x00\x00\x00"
	silence = "no answer"
)

// serve plays a server whose statements succeed, but for those that answers has: with
// the body of a packet, or by cutting the line, for "".
func serve(t *testing.T, answers map[string]string) (address string) {
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

func converse(conn net.Conn, answers map[string]string) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	conn.Write(packet(0, greeting))
	if _, err := receive(in); err != nil {
		return
	}
	conn.Write(packet(2, fine))
	for {
		q, err := receive(in)
		if err != nil || q[0] != 3 {
			return
		}
		verb, _, _ := strings.Cut(q[1:], " ")
		answer, ok := answers[verb]
		switch {
		case !ok:
			answer = fine
		case answer == "":
			return
		case answer == silence:
			continue
		}
		conn.Write(packet(1, answer))
	}
}

func receive(in *bufio.Reader) (string, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(in, head); err != nil {
		return "", err
	}
	body := make([]byte, int(head[0])|int(head[1])<<8)
	_, err := io.ReadFull(in, body)
	return string(body), err
}

// refusal is an error of the server.
func refusal(number int) string {
	return "\xff" + string([]byte{byte(number), byte(number >> 8)}) + "#HY000no"
}

// TestCommit: a write whose COMMIT was sent and not answered is indeterminate; what
// went wrong before, or was refused for a reason, did not happen.
func TestCommit(t *testing.T) {
	for name, c := range map[string]struct {
		answers map[string]string
		want    history.Type
	}{
		"all is well":                      {nil, history.Ok},
		"cut off in the middle of COMMIT":  {map[string]string{"COMMIT": ""}, history.Info},
		"cut off before COMMIT":            {map[string]string{"INSERT": ""}, history.Fail},
		"deadlock at COMMIT":               {map[string]string{"COMMIT": refusal(1213)}, history.Fail},
		"an error during COMMIT":           {map[string]string{"COMMIT": refusal(1180)}, history.Info},
		"shut down during COMMIT":          {map[string]string{"COMMIT": refusal(1053)}, history.Info},
		"conflict, and cut off afterwards": {map[string]string{"INSERT": refusal(1205), "ROLLBACK": ""}, history.Fail},
	} {
		t.Run(name, func(t *testing.T) {
			client := session(t, serve(t, c.answers))
			got := client.Invoke(t.Context(), history.Op{F: "add", Value: history.Int(1)})
			if got.Type != c.want || got.Type != history.Ok && got.Error.Text() == "" {
				t.Errorf("%v, expected %s", got, c.want)
			}
		})
	}
}

func session(t *testing.T, address string) *relational.Client {
	t.Helper()
	client := relational.New(dialect(address, "repeatable-read"), "set")
	t.Cleanup(func() { client.Close() })
	return client
}

// TestLateCommit: an acknowledgement that does not come in time.
func TestLateCommit(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	client := session(t, serve(t, map[string]string{"COMMIT": silence}))
	if got := client.Invoke(ctx, history.Op{F: "add", Value: history.Int(1)}); got.Type != history.Info {
		t.Errorf("%v, expected info", got)
	}
	if why := uncommitted(errors.New("something new")); why != "" {
		t.Errorf("an unknown error is definite: %s", why)
	}
}
