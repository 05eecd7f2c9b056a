package postgres

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"checker/history"
	"checker/targets"
	"checker/targets/docker"
	"checker/targets/relational"
)

// TestServer does every kind of op on a real server, kills it, and finds what it had
// acknowledged. The first time it builds the image, which takes half a minute.
func TestServer(t *testing.T) {
	if err := docker.Buildable(t.Context()); err != nil {
		t.Skip("skipped: ", err)
	}
	c := open15(t)
	clients := map[string]*relational.Client{}
	for _, workload := range []string{"append", "wr", "bank", "set"} {
		c.cfg.Workload = workload
		opened, err := c.OpenClient(t.Context(), targets.ClientConfig{Node: "n1"})
		if err != nil {
			t.Fatal(err)
		}
		clients[workload] = opened.(*relational.Client)
		defer opened.Close()
	}
	if err := clients["bank"].Setup(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ workload, f, value, want, answer string }{
		{"append", "txn", "[[:r 1 nil] [:append 1 5] [:append 1 6] [:r 1 nil]]", "ok", "[[:r 1 []] [:append 1 5] [:append 1 6] [:r 1 [5 6]]]"},
		{"append", "txn", "[[:append 1 7]]", "ok", "[[:append 1 7]]"},
		{"wr", "txn", "[[:w 1 5] [:r 1 nil] [:w 1 6] [:r 2 nil]]", "ok", "[[:w 1 5] [:r 1 5] [:w 1 6] [:r 2 nil]]"},
		{"bank", "transfer", "{:from 0 :to 1 :amount 4}", "ok", ""},
		{"bank", "transfer", "{:from 0 :to 1 :amount 7}", "fail", ""},
		{"bank", "read", "nil", "ok", "{0 6, 1 14, 2 10, 3 10, 4 10, 5 10, 6 10, 7 10}"},
		{"set", "add", "7", "ok", "7"},
		{"set", "add", "7", "fail", ""}, // it is there
		{"set", "dance", "nil", "fail", ""},
		{"", "kill", "", "", ""},
		{"set", "read", "nil", "ok", "[7]"},
		{"append", "txn", "[[:r 1 nil]]", "ok", "[[:r 1 [5 6 7]]]"},
		{"wr", "txn", "[[:r 1 nil]]", "ok", "[[:r 1 6]]"},
	} {
		if step.f == "kill" {
			kill(t, c, clients["set"])
			continue
		}
		value, err := history.ParseEDN(step.value)
		if err != nil {
			t.Fatal(err)
		}
		op := invoke(t, clients[step.workload], history.Op{F: step.f, Value: value})
		if step.f == "txn" && op.Type == history.Fail { // its connection was of the server that is dead
			op = invoke(t, clients[step.workload], history.Op{F: step.f, Value: value})
		}
		if op.Type.String() != step.want || step.answer != "" && op.Value.String() != step.answer {
			t.Errorf("%s %s: %v", step.f, step.value, op)
		}
	}
}

// open15 starts a server.
func open15(t *testing.T) *cluster {
	t.Helper()
	path := filepath.Join(t.TempDir(), "checker")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "checker/cmd/checker")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	target := Postgres{Program: path}
	settings, err := target.Describe().CheckSettings(nil)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := target.Open(t.Context(), targets.Config{Env: "docker", Nodes: 1, Workload: "append", Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return opened.(*cluster)
}

// kill kills the server, sees that it is gone, and waits until it is back.
func kill(t *testing.T, c *cluster, client *relational.Client) {
	t.Helper()
	if killed, err := c.Kill(t.Context(), "n1"); err != nil || !killed {
		t.Fatalf("%v, %v", killed, err)
	}
	if op := invoke(t, client, history.Op{F: "add", Value: history.Int(9)}); op.Type != history.Fail {
		t.Errorf("a dead server: %v", op)
	}
	if started, err := c.Start(t.Context(), "n1"); err != nil || !started {
		t.Fatalf("%v, %v", started, err)
	}
	for deadline := time.Now().Add(2 * time.Minute); invoke(t, client, history.Op{F: "read"}).Type != history.Ok; {
		if time.Now().After(deadline) {
			t.Fatal("the server does not come back")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func invoke(t *testing.T, c *relational.Client, op history.Op) history.Op {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return c.Invoke(ctx, op)
}
