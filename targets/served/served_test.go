package served

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"checker/history"
	"checker/targets"
	"checker/targets/docker"
	"checker/targets/refdb"
	"checker/targets/refdb/sharded"
)

// registers stands for the simulated target: one workload, three settings.
type registers struct{ targets.Target }

// Describe names what the tests use.
func (registers) Describe() targets.Description {
	return targets.Description{
		Environments: []string{"sim"},
		Settings: []targets.Setting{
			{Name: "reads", Values: []string{"read-index", "local"}},
			{Name: "members", Values: []string{"fixed", "dynamic"}},
			{Name: "links", Values: []string{"drawn", "slow"}},
			{Name: "shards", Default: "3"}, {Name: "replication", Default: "3"},
			{Name: "isolation", Default: "strict-serializable"}, {Name: "commit", Default: "2pc"},
		},
	}
}

// Promise has all of a shard's three nodes vote.
func (registers) Promise(workload string, _ map[string]string) (targets.Promise, error) {
	return targets.Promise{Voters: 3, Transactions: workload == "append"}, nil
}

// Command knows registers.
func (registers) Command(workload string, op history.Op) (refdb.Command, error) {
	if workload != "register" {
		return refdb.Command{}, errors.New("a single group does not run the workload " + workload)
	}
	k, v, _ := op.Value.Pair()
	key, _ := k.Int()
	switch op.F {
	case "read":
		return refdb.Command{Op: refdb.Read, Key: key}, nil
	case "write":
		n, _ := v.Int()
		return refdb.Command{Op: refdb.Write, Key: key, A: n}, nil
	case "cas":
		before, after, _ := v.Pair()
		a, _ := before.Int()
		b, _ := after.Int()
		return refdb.Command{Op: refdb.CAS, Key: key, A: a, B: b}, nil
	}
	return refdb.Command{}, errors.New("no such op")
}

// Value answers reads.
func (registers) Value(_ string, op history.Op, r refdb.Result) history.Value {
	if op.F != "read" {
		return op.Value
	}
	key, _, _ := op.Value.Pair()
	return history.Vector(key, history.Int(r.Value))
}

// Transactional names the one workload with transactions: reads of single keys, and
// appends to them.
func (registers) Transactional(workload string) bool { return workload == "append" }

// Transactions knows [k nil] and [k v].
func (registers) Transactions(_ string, op history.Op) ([][]sharded.Op, error) {
	k, v, _ := op.Value.Pair()
	key, _ := k.Int()
	one := sharded.Op{Kind: sharded.Read, Key: key}
	if n, ok := v.Int(); ok {
		one = sharded.Op{Kind: sharded.Append, Key: key, A: n}
	}
	return [][]sharded.Op{{one}, {{Kind: sharded.Read, Key: key + 1}}}, nil
}

// Results answers with what was read.
func (registers) Results(_ string, _ history.Op, results [][]int64) history.Value {
	return history.Vector(history.Ints(results[0]...), history.Ints(results[1]...))
}

// program builds checker, which is agent and node.
func program(t *testing.T) string {
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
	return path
}

func do(t *testing.T, c targets.Client, f string, v history.Value) history.Op {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return c.Invoke(ctx, history.Op{F: f, Value: v})
}

// opened starts three nodes for a workload.
func opened(t *testing.T, workload string) *cluster {
	t.Helper()
	target := Target{Base: registers{}, Program: program(t)}
	settings, err := target.Describe().CheckSettings(nil)
	if err != nil {
		t.Fatal(err)
	}
	return openedWith(t, target, workload, settings).(*cluster)
}

func openedWith(t *testing.T, target Target, workload string, settings map[string]string) targets.Cluster {
	t.Helper()
	c, err := target.Open(t.Context(), targets.Config{Env: "docker", Nodes: 3, Workload: workload, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// TestMembers: a node that was removed can be killed with another one, which leaves one
// of three, and the group goes on; restored, everybody is in again.
func TestMembers(t *testing.T) {
	target := Target{Base: registers{}, Program: program(t)}
	settings, err := target.Describe().CheckSettings(map[string]string{"members": "dynamic"})
	if err != nil {
		t.Fatal(err)
	}
	c := openedWith(t, target, "register", settings).(*dynamic)
	session, err := c.OpenClient(t.Context(), targets.ClientConfig{Process: 3, Node: "n1"})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	key := func(v history.Value) history.Value { return history.Vector(history.Int(1), v) }
	changes := func(least uint64) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			n, err := c.MemberChanges(t.Context())
			if err == nil && n >= least {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d changes, %v: expected %d", n, err, least)
			}
		}
	}
	if op := do(t, session, "write", key(history.Int(5))); op.Type != history.Ok {
		t.Fatalf("%v", op)
	}
	for i, node := range []string{"n3", "n2"} { // each while a majority of who is left lives
		if err := c.Remove(t.Context(), node); err != nil {
			t.Fatal(err)
		}
		changes(uint64(i + 1))
		if killed, err := c.Kill(t.Context(), node); err != nil || !killed {
			t.Fatalf("%s: %v, %v", node, killed, err)
		}
	}
	if op := do(t, session, "write", key(history.Int(6))); op.Type != history.Ok {
		t.Errorf("one of one: %v", op)
	}
	for _, node := range []string{"n2", "n3"} {
		if _, err := c.Start(t.Context(), node); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	changes(6) // a learner and a voter each
	if _, err := c.Kill(t.Context(), "n1"); err != nil {
		t.Fatal(err)
	}
	if op := do(t, session, "read", key(history.Nil)); op.Type != history.Ok || op.Value.String() != "[1 6]" {
		t.Errorf("two of three: %v", op)
	}
	if err := c.Remove(t.Context(), "n9"); err == nil {
		t.Error("there is no n9")
	}
}

// TestTransactions: what was committed over shards survives that all nodes are killed.
func TestTransactions(t *testing.T) {
	cluster := opened(t, "append")
	c, err := cluster.OpenClient(t.Context(), targets.ClientConfig{Process: 3, Node: "n2"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for k := range int64(5) {
		if op := do(t, c, "txn", history.Ints(k, 7)); op.Type != history.Ok {
			t.Fatalf("%d: %v", k, op)
		}
	}
	for _, node := range cluster.Nodes() {
		if _, err := cluster.Kill(t.Context(), node); err != nil {
			t.Fatal(err)
		}
	}
	for _, node := range cluster.Nodes() {
		if _, err := cluster.Start(t.Context(), node); err != nil {
			t.Fatal(err)
		}
	}
	if op := do(t, c, "txn", history.Vector(history.Int(2), history.Nil)); op.Type != history.Ok || op.Value.String() != "[[7] [7]]" {
		t.Errorf("after all were killed: %v", op)
	}
	if leaders, err := cluster.Primaries(t.Context()); err != nil || len(leaders) == 0 {
		t.Errorf("leaders: %v, %v", leaders, err)
	}
}

// TestFailover: what was written survives the leader, and a node that was killed
// comes back with what it knew.
func TestFailover(t *testing.T) {
	cluster := opened(t, "register")
	c, err := cluster.OpenClient(t.Context(), targets.ClientConfig{Process: 3, Node: "n2"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	key := func(v history.Value) history.Value { return history.Vector(history.Int(1), v) }
	if op := do(t, c, "write", key(history.Int(5))); op.Type != history.Ok {
		t.Fatalf("%v", op)
	}
	if op := do(t, c, "cas", key(history.Ints(4, 6))); op.Type != history.Fail {
		t.Errorf("%v", op)
	}
	leaders, err := cluster.Primaries(t.Context())
	if err != nil || len(leaders) != 1 {
		t.Fatalf("leaders: %v, %v", leaders, err)
	}
	if killed, err := cluster.Kill(t.Context(), leaders[0]); err != nil || !killed {
		t.Fatalf("%v, %v", killed, err)
	}
	if op := do(t, c, "read", key(history.Nil)); op.Type != history.Ok || op.Value.String() != "[1 5]" {
		t.Errorf("without %s: %v", leaders[0], op)
	}
	for _, node := range cluster.Nodes() { // all at once, so that only disks remember
		if _, err := cluster.Kill(t.Context(), node); err != nil {
			t.Fatal(err)
		}
	}
	for _, node := range cluster.Nodes() {
		if started, err := cluster.Start(t.Context(), node); err != nil || !started {
			t.Fatalf("%s: %v, %v", node, started, err)
		}
	}
	if op := do(t, c, "read", key(history.Nil)); op.Type != history.Ok || op.Value.String() != "[1 5]" {
		t.Errorf("after all were killed: %v", op)
	}
}

// TestRefusals: what real nodes do not know is refused before anything is set up.
func TestRefusals(t *testing.T) {
	target := RefDB(registers{})
	settings, err := target.Describe().CheckSettings(nil)
	if err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(*targets.Config){
		"links=slow is for":                        func(c *targets.Config) { c.Settings["links"] = "slow" },
		"in-doubt-released is one of transactions": func(c *targets.Config) { c.Bugs = []string{"in-doubt-released"} },
		"a single group does not run":              func(c *targets.Config) { c.Workload = "none-such" },
	} {
		cfg := targets.Config{Env: "docker", Nodes: 3, Workload: "register", Settings: map[string]string{}}
		for k, v := range settings {
			cfg.Settings[k] = v
		}
		change(&cfg)
		if _, err := target.Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("expected %q: %v", says, err)
		}
	}
}
