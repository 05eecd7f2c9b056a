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

// opened starts a cluster for a test. The first time it builds the server, which
// takes a minute.
func opened(t *testing.T, nodes int, set map[string]string) *cluster {
	t.Helper()
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
	settings, err := target.Describe().CheckSettings(set)
	if err != nil {
		t.Fatal(err)
	}
	c, err := target.Open(t.Context(), targets.Config{Env: "docker", Nodes: nodes, Workload: "register", Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c.(*cluster)
}

// pair opens clients of a workload on two nodes, as processes 0 and 1.
func (c *cluster) pair(t *testing.T, workload string, h habits) []targets.Client {
	t.Helper()
	with := *c
	with.words, with.habits = vocabularies[workload], h
	var clients []targets.Client
	for p, node := range []string{"n1", "n2"} {
		client, err := with.OpenClient(t.Context(), targets.ClientConfig{Process: history.Process(p), Node: node})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		clients = append(clients, client)
	}
	return clients
}

// step is an op and what is expected of it.
type step struct {
	process history.Process
	f       string
	value   string // as EDN
	want    history.Type
	answer  string // "" for any
}

var steps = map[string][]step{
	"register": {
		{0, "read", "[1 nil]", history.Ok, "[1 nil]"},
		{0, "write", "[1 3]", history.Ok, "[1 3]"},
		{1, "read", "[1 nil]", history.Ok, "[1 3]"},
		{1, "cas", "[1 [3 4]]", history.Ok, "[1 [3 4]]"},
		{0, "cas", "[1 [3 5]]", history.Fail, ""},
		{0, "read", "[1 nil]", history.Ok, "[1 4]"},
		{0, "cas", "[1 5]", history.Fail, ""},
		{0, "dance", "nil", history.Fail, ""},
	},
	"set": {
		{0, "read", "nil", history.Ok, "[]"},
		{0, "add", "7", history.Ok, "7"},
		{1, "add", "8", history.Ok, "8"},
		{1, "read", "nil", history.Ok, "[7 8]"},
	},
	"append": {
		{0, "txn", "[[:r 1 nil]]", history.Ok, "[[:r 1 []]]"},
		{0, "txn", "[[:append 1 5] [:r 1 nil] [:append 1 6] [:append 2 7]]", history.Ok, "[[:append 1 5] [:r 1 [5]] [:append 1 6] [:append 2 7]]"},
		{1, "txn", "[[:r 2 nil] [:append 1 8] [:r 1 nil]]", history.Ok, "[[:r 2 [7]] [:append 1 8] [:r 1 [5 6 8]]]"},
		{0, "txn", "[[:swap 1 5]]", history.Fail, ""},
	},
	"wr": {
		{0, "txn", "[[:r 3 nil] [:w 3 1] [:w 3 2] [:r 3 nil]]", history.Ok, "[[:r 3 nil] [:w 3 1] [:w 3 2] [:r 3 2]]"},
		{1, "txn", "[[:w 3 4] [:w 4 5]]", history.Ok, "[[:w 3 4] [:w 4 5]]"},
		{0, "txn", "[[:r 3 nil] [:r 4 nil]]", history.Ok, "[[:r 3 4] [:r 4 5]]"},
	},
	"lock": {
		{0, "release", "[1 nil]", history.Fail, ""},
		{0, "acquire", "[1 nil]", history.Ok, ""},
		{1, "acquire", "[1 nil]", history.Fail, ""},
		{1, "release", "[1 nil]", history.Fail, ""},
		{0, "release", "[1 nil]", history.Ok, ""},
		{1, "acquire", "[1 nil]", history.Ok, ""},
	},
	"locked-set": {
		{0, "read", "nil", history.Ok, "[]"},
		{0, "add", "1", history.Ok, "1"},
		{1, "add", "2", history.Ok, "2"},
		{0, "add", "3", history.Ok, "3"},
		{1, "read", "nil", history.Ok, "[1 2 3]"},
	},
}

// TestClients does every op against three real servers, one of them killed in the
// end.
func TestClients(t *testing.T) {
	c := opened(t, 3, nil)
	for workload, list := range steps {
		clients := c.pair(t, workload, habits{guarded: true})
		for _, s := range list {
			op := invoke(t, clients[s.process], s.process, s.f, value(t, s.value))
			if op.Type != s.want || s.answer != "" && op.Value.String() != s.answer {
				t.Errorf("%s: %s %s by %d: %v", workload, s.f, s.value, s.process, op)
			}
		}
	}
	c.fence(t, true)
	c.fence(t, false)
	leaders, err := c.Primaries(t.Context())
	if err != nil || len(leaders) != 1 {
		t.Errorf("leaders: %v, %v", leaders, err)
	}
	clients := c.pair(t, "register", habits{})
	if killed, err := c.Kill(t.Context(), "n1"); err != nil || !killed {
		t.Fatalf("%v, %v", killed, err)
	}
	if op := invoke(t, clients[0], 0, "write", value(t, "[1 9]")); op.Type == history.Ok {
		t.Errorf("a dead node has answered: %v", op)
	}
}

// fence takes a lock twice: what it guards refuses the first token if it is guarded.
func (c *cluster) fence(t *testing.T, guarded bool) {
	t.Helper()
	clients := c.pair(t, "fenced-lock", habits{guarded: guarded})
	var tokens []history.Value
	for p := range clients {
		op := invoke(t, clients[p], history.Process(p), "acquire", value(t, "[1 nil]"))
		_, token, ok := op.Value.Pair()
		if op.Type != history.Ok || !ok {
			t.Fatalf("%v", op)
		}
		tokens = append(tokens, token)
	}
	want := []history.Type{history.Ok, history.Ok}
	if guarded {
		want[0] = history.Fail
	}
	for p := range clients {
		op := invoke(t, clients[p], history.Process(p), "write", history.Vector(history.Int(1), history.Vector(tokens[p], history.Int(5))))
		if op.Type != want[p] {
			t.Errorf("guarded %t, token %d: %v", guarded, p, op)
		}
	}
}

func value(t *testing.T, text string) history.Value {
	t.Helper()
	v, err := history.ParseEDN(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func invoke(t *testing.T, c targets.Client, p history.Process, f string, v history.Value) history.Op {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	return c.Invoke(ctx, history.Op{Process: p, F: f, Value: v})
}
