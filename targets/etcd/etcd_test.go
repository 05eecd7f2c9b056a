package etcd

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
)

// TestClients does every op against three real servers, one of them killed in the
// midst. The first time it builds the server, which takes a minute.
func TestClients(t *testing.T) {
	e, err := docker.Connect(t.Context())
	if err != nil {
		t.Skip("skipped: ", err)
	}
	e.Close()
	path := filepath.Join(t.TempDir(), "checker")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "checker/cmd/checker")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	target := Etcd{Program: path}
	settings, err := target.Describe().CheckSettings(nil)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := target.Open(t.Context(), targets.Config{Env: "docker", Nodes: 3, Workload: "register", Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	}()
	c := opened.(*cluster)
	clients := map[history.Process]targets.Client{}
	for p, node := range []string{"n1", "n2"} {
		client, err := c.OpenClient(t.Context(), targets.ClientConfig{Process: history.Process(p), Node: node})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		clients[history.Process(p)] = client
	}
	nothing := history.Nil
	key := func(v history.Value) history.Value { return history.Vector(history.Int(1), v) }
	for _, step := range []struct {
		process history.Process
		f       string
		value   history.Value
		want    history.Type
		answer  string // "" for any
	}{
		{0, "read", key(nothing), history.Ok, "[1 nil]"},
		{0, "write", key(history.Int(3)), history.Ok, "[1 3]"},
		{1, "read", key(nothing), history.Ok, "[1 3]"},
		{1, "cas", key(history.Ints(3, 4)), history.Ok, "[1 [3 4]]"},
		{0, "cas", key(history.Ints(3, 5)), history.Fail, ""},
		{0, "read", key(nothing), history.Ok, "[1 4]"},
		{0, "add", history.Int(7), history.Ok, "7"},
		{1, "add", history.Int(8), history.Ok, "8"},
		{1, "read", nothing, history.Ok, "[7 8]"},
		{0, "release", key(nothing), history.Fail, ""},
		{0, "acquire", key(nothing), history.Ok, ""},
		{1, "acquire", key(nothing), history.Fail, ""},
		{1, "release", key(nothing), history.Fail, ""},
		{0, "release", key(nothing), history.Ok, ""},
		{1, "acquire", key(nothing), history.Ok, ""},
		{0, "dance", nothing, history.Fail, ""},
	} {
		op := invoke(t, clients[step.process], step.process, step.f, step.value)
		if op.Type != step.want || step.answer != "" && op.Value.String() != step.answer {
			t.Errorf("%s %s by %d: %v", step.f, step.value, step.process, op)
		}
	}
	leaders, err := c.Primaries(t.Context())
	if err != nil || len(leaders) != 1 {
		t.Errorf("leaders: %v, %v", leaders, err)
	}
	if killed, err := c.Kill(t.Context(), "n1"); err != nil || !killed {
		t.Fatalf("%v, %v", killed, err)
	}
	if op := invoke(t, clients[0], 0, "write", key(history.Int(9))); op.Type == history.Ok {
		t.Errorf("a dead node has answered: %v", op)
	}
}

func invoke(t *testing.T, c targets.Client, p history.Process, f string, v history.Value) history.Op {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return c.Invoke(ctx, history.Op{Process: p, F: f, Value: v})
}
