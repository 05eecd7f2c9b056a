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
	"checker/targets/refdb/sharded"
)

// start runs nodes in this process, each on a port of its own.
func start(t *testing.T, folders []string, bugs ...string) []string {
	t.Helper()
	return startAs(t, folders, Config{Reads: "read-index", Bugs: bugs, SnapshotEvery: 50})
}

func startAs(t *testing.T, folders []string, cfg Config) []string {
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
		cfg := cfg
		cfg.ID, cfg.Peers, cfg.Data = i+1, addresses, folders[i]
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
			r, err := c.Ask(refdb.Request{Client: 7, Seq: seq, Attempt: 1, Command: command}, func(r refdb.Reply) bool { return r.Seq == seq }, time.Now().Add(time.Second))
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
	if _, err := os.Stat(filepath.Join(folder[0], "wal"+fresh)); !errors.Is(err, os.ErrNotExist) {
		t.Logf("a new log is under way: %v", err)
	}
	addresses := start(t, folder)
	if r := ask(t, addresses, writes+1, refdb.Command{Op: refdb.Read, Key: 1}); r.Value != writes-1 {
		t.Errorf("%+v", r)
	}
}

// TestShards: transactions over shards are there again after a restart, whichever
// node is asked.
func TestShards(t *testing.T) {
	all := folders(t, 3)
	cfg := Config{Reads: "read-index", SnapshotEvery: 20, Shards: 3, Replication: 3, Isolation: "strict-serializable", Commit: "2pc"}
	const txns = 60 // beyond two snapshots
	t.Run("first life", func(t *testing.T) {
		addresses := startAs(t, all, cfg)
		for i := range int64(txns) {
			transact(t, addresses[i%3], uint64(i)+1, sharded.Op{Kind: sharded.Append, Key: 1, A: i}, sharded.Op{Kind: sharded.Append, Key: 2, A: i})
		}
	})
	addresses := startAs(t, all, cfg)
	lists := transact(t, addresses[0], txns+1, sharded.Op{Kind: sharded.Read, Key: 1}, sharded.Op{Kind: sharded.Read, Key: 2})
	for _, list := range lists {
		if len(list) != txns || list[txns-1] != txns-1 {
			t.Errorf("%v", list)
		}
	}
}

// transact has a node execute a transaction, however often it takes.
func transact(t *testing.T, address string, seq uint64, ops ...sharded.Op) [][]int64 {
	t.Helper()
	request := sharded.Request{ID: sharded.TxnID{Client: 7, Seq: seq}, Ops: ops}
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); request.Attempt++ {
		c, err := DialShards(t.Context(), address)
		if err != nil {
			continue
		}
		r, err := c.Ask(request, func(r sharded.Reply) bool { return r.ID == request.ID }, time.Now().Add(5*time.Second))
		c.Close()
		switch {
		case err == nil && r.Status == sharded.Committed:
			return r.Results
		case err == nil && r.Status == sharded.Aborted: // nobody led yet
			request.ID.Client++
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("%v was not answered", request)
	return nil
}

func TestConfig(t *testing.T) {
	good := Config{ID: 1, Peers: []string{"a:1", "b:1"}, Reads: "lease", Bugs: []string{"stale-leader-read"}}
	if _, err := good.group(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Config){
		"no such node": func(c *Config) { c.ID = 3 },
		"node 0":       func(c *Config) { c.ID = 0 },
		"reads":        func(c *Config) { c.Reads = "guess" },
		"bug of txns":  func(c *Config) { c.Bugs = []string{"in-doubt-released"} },
		"bug":          func(c *Config) { c.Bugs = []string{"none-such"} },
	} {
		bad := good
		change(&bad)
		if _, err := bad.group(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	good.Shards, good.Replication, good.Isolation, good.Commit = 3, 3, "read-committed", "2pc"
	good.Bugs = append(good.Bugs, "in-doubt-released")
	if s, err := good.shards(); err != nil || s.Replication != 2 || s.Bugs != sharded.InDoubtReleased || s.Raft.Bugs != refdb.StaleLeaderRead {
		t.Errorf("%+v, %v", s, err)
	}
	for name, change := range map[string]func(*Config){
		"isolation": func(c *Config) { c.Isolation = "none-such" },
		"commit":    func(c *Config) { c.Commit = "4pc" },
	} {
		bad := good
		change(&bad)
		if _, err := bad.shards(); err == nil {
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
	if _, err := c.Ask(refdb.Request{Client: 1, Seq: 1}, func(refdb.Reply) bool { return true }, time.Now().Add(20*time.Millisecond)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
