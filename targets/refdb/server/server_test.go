package server

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"checker/targets/refdb"
)

// start runs nodes in this process, each on a port of its own.
func start(t *testing.T, folders []string, bugs ...string) []string {
	t.Helper()
	var addresses []string
	var listeners []net.Listener
	for range folders {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listeners = append(listeners, l)
		addresses = append(addresses, l.Addr().String())
	}
	for i, l := range listeners {
		cfg := Config{ID: i + 1, Peers: addresses, Data: folders[i], Reads: "read-index", Bugs: bugs, SnapshotEvery: 50}
		done := make(chan error, 1)
		go func() { done <- Run(cfg, l) }()
		t.Cleanup(func() {
			l.Close()
			if err := <-done; !errors.Is(err, net.ErrClosed) {
				t.Errorf("node %d: %v", cfg.ID, err)
			}
		})
	}
	return addresses
}

// ask asks one node after the other until one answers for good.
func ask(t *testing.T, addresses []string, seq uint64, command refdb.Command) refdb.Result {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		for _, a := range addresses {
			c, err := Dial(t.Context(), a)
			if err != nil {
				continue
			}
			r, err := c.Ask(refdb.Request{Client: 7, Seq: seq, Attempt: 1, Command: command}, time.Now().Add(time.Second))
			c.Close()
			if err == nil && r.Status == refdb.OK {
				return r.Result
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%v was not answered", command)
	return refdb.Result{}
}

func folders(t *testing.T, n int) []string {
	var all []string
	for range n {
		all = append(all, t.TempDir())
	}
	return all
}

func TestThreeNodes(t *testing.T) {
	addresses := start(t, folders(t, 3))
	for i := range int64(20) {
		ask(t, addresses, uint64(i)+1, refdb.Command{Op: refdb.Write, Key: i % 3, A: i})
	}
	if r := ask(t, addresses, 21, refdb.Command{Op: refdb.Read, Key: 1}); r.Value != 19 {
		t.Errorf("%+v", r)
	}
	leaders := 0
	for _, a := range addresses {
		c, err := Dial(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		leads, err := c.Leads(time.Now().Add(time.Second))
		if err != nil {
			t.Error(err)
		}
		if leads {
			leaders++
		}
		c.Close()
	}
	if leaders != 1 {
		t.Errorf("%d leaders", leaders)
	}
}

// TestRestart: what was acknowledged is there again, also when the log was replaced
// by a snapshot meanwhile.
func TestRestart(t *testing.T) {
	folder := folders(t, 1)
	const writes = 130 // beyond two snapshots
	t.Run("first life", func(t *testing.T) {
		addresses := start(t, folder)
		for i := range int64(writes) {
			ask(t, addresses, uint64(i)+1, refdb.Command{Op: refdb.Write, Key: 1, A: i})
		}
	})
	if _, err := os.Stat(filepath.Join(folder[0], newLogName)); !errors.Is(err, os.ErrNotExist) {
		t.Logf("a new log is under way: %v", err)
	}
	addresses := start(t, folder)
	if r := ask(t, addresses, writes+1, refdb.Command{Op: refdb.Read, Key: 1}); r.Value != writes-1 {
		t.Errorf("%+v", r)
	}
}

func TestConfig(t *testing.T) {
	good := Config{ID: 1, Peers: []string{"a:1", "b:1"}, Reads: "lease", Bugs: []string{"stale-leader-read"}}
	if _, err := good.settings(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Config){
		"no such node": func(c *Config) { c.ID = 3 },
		"node 0":       func(c *Config) { c.ID = 0 },
		"reads":        func(c *Config) { c.Reads = "guess" },
		"bug":          func(c *Config) { c.Bugs = []string{"none-such"} },
	} {
		bad := good
		change(&bad)
		if _, err := bad.settings(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestSilence: nobody answers, and the wait ends.
func TestSilence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := Dial(context.Background(), l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Ask(refdb.Request{Client: 1, Seq: 1}, time.Now().Add(20*time.Millisecond)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
