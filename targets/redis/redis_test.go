package redis

import (
	"net"
	"testing"

	"checker/history"
)

// TestLostAnswers: a write that nobody answered is indeterminate, a read is not, and
// without a connection nothing happens.
func TestLostAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			conn.Read(make([]byte, 512))
			conn.Close()
		}
	}()
	c := &client{wire{address: l.Addr().String()}}
	defer c.Close()
	key := func(v history.Value) history.Value { return history.Vector(history.Int(1), v) }
	do := func(f string, v history.Value) history.Type {
		return c.Invoke(t.Context(), history.Op{F: f, Value: v}).Type
	}
	for f, v := range map[string]history.Value{"write": key(history.Int(2)), "cas": key(history.Ints(2, 3)), "add": history.Int(4)} {
		if got := do(f, v); got != history.Info {
			t.Errorf("%s: %s, expected info", f, got)
		}
	}
	if got := do("read", key(history.Nil)); got != history.Fail {
		t.Errorf("read: %s, expected fail", got)
	}
	l.Close()
	if got := do("write", key(history.Int(2))); got != history.Fail {
		t.Errorf("write without a connection: %s, expected fail", got)
	}
}
