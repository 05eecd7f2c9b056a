package trial

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"checker/history"
	"checker/nemesis"
	"checker/targets"
)

// Program builds checker for the agent in the pods, or skips the test where there can be
// no pods, for that reason.
func Program(t *testing.T, impossible error) string {
	t.Helper()
	if impossible != nil {
		t.Skip("skipped: ", impossible)
	}
	path := filepath.Join(t.TempDir(), "checker")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "checker/cmd/checker")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// Open opens a target with its default settings, and some others, until the test ends.
func Open(t *testing.T, target targets.Target, workload string, others map[string]string) targets.Real {
	t.Helper()
	settings, err := target.Describe().CheckSettings(others)
	if err != nil {
		t.Fatal(err)
	}
	promise, err := target.Promise(workload, settings)
	if err != nil {
		t.Fatal(err)
	}
	c, err := target.Open(t.Context(), targets.Config{Env: "docker", Nodes: max(1, promise.Nodes), Workload: workload, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c.(targets.Real)
}

var steps = []struct{ workload, f, value, want, answer string }{
	{"append", "txn", "[[:r 1 nil] [:append 1 5] [:append 1 6] [:r 1 nil]]", "ok", "[[:r 1 []] [:append 1 5] [:append 1 6] [:r 1 [5 6]]]"},
	{"append", "txn", "[[:append 1 7]]", "ok", "[[:append 1 7]]"},
	{"wr", "txn", "[[:w 1 5] [:r 1 nil] [:w 1 6] [:r 2 nil]]", "ok", "[[:w 1 5] [:r 1 5] [:w 1 6] [:r 2 nil]]"},
	{"bank", "transfer", "{:from 0 :to 1 :amount 4}", "ok", ""},
	{"bank", "transfer", "{:from 0 :to 1 :amount 7}", "fail", ""},
	{"bank", "read", "nil", "ok", "{0 6, 1 14, 2 10, 3 10, 4 10, 5 10, 6 10, 7 10}"},
	{"bank", "open", "{:account 8 :from 0 :amount 2}", "ok", ""},
	{"bank", "open", "{:account 8 :from 1 :amount 2}", "fail", ""},
	{"bank", "close", "{:account 1 :to 2 :amount 9}", "fail", ""},
	{"bank", "close", "{:account 1 :to 2 :amount 14}", "ok", ""},
	{"bank", "transfer", "{:from 0 :to 1 :amount 1}", "fail", ""},
	{"bank", "read", "12", "ok", "{0 4, 2 24, 3 10, 4 10, 5 10, 6 10, 7 10, 8 2}"},
	{"set", "add", "7", "ok", "7"},
	{"set", "add", "7", "fail", ""}, // it is there
	{"set", "dance", "nil", "fail", ""},
	{"", "kill", "nil", "", ""},
	{"set", "read", "nil", "ok", "[7]"},
	{"append", "txn", "[[:r 1 nil]]", "ok", "[[:r 1 [5 6 7]]]"},
	{"wr", "txn", "[[:r 1 nil]]", "ok", "[[:r 1 6]]"},
}

// Steps does the ops, through a client for each workload, and kills the server of node
// n1 in the midst.
func Steps(t *testing.T, server nemesis.Killer, clientFor func(workload string) (targets.Client, error)) {
	clients := map[string]targets.Client{}
	for _, workload := range []string{"append", "wr", "bank", "set"} {
		c, err := clientFor(workload)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		clients[workload] = c
	}
	if err := clients["bank"].(targets.Preparer).Setup(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if step.f == "kill" {
			kill(t, server, clients["set"])
			continue
		}
		value, err := history.ParseEDN(step.value)
		if err != nil {
			t.Fatal(err)
		}
		op := invoke(t, clients[step.workload], step.f, value)
		if step.f == "txn" && op.Type == history.Fail { // its connection was one to the server that is dead
			op = invoke(t, clients[step.workload], step.f, value)
		}
		if op.Type.String() != step.want || step.answer != "" && op.Value.String() != step.answer {
			t.Errorf("%s %s: %v", step.f, step.value, op)
		}
	}
}

// kill kills the server, sees that it is gone, and waits until it is back.
func kill(t *testing.T, server nemesis.Killer, c targets.Client) {
	t.Helper()
	if killed, err := server.Kill(t.Context(), "n1"); err != nil || !killed {
		t.Fatalf("%v, %v", killed, err)
	}
	if op := invoke(t, c, "add", history.Int(9)); op.Type != history.Fail {
		t.Errorf("a dead server: %v", op)
	}
	if started, err := server.Start(t.Context(), "n1"); err != nil || !started {
		t.Fatalf("%v, %v", started, err)
	}
	for deadline := time.Now().Add(2 * time.Minute); invoke(t, c, "read", history.Nil).Type != history.Ok; {
		if time.Now().After(deadline) {
			t.Fatal("the server does not come back")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func invoke(t *testing.T, c targets.Client, f string, value history.Value) history.Op {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return c.Invoke(ctx, history.Op{F: f, Value: value})
}
