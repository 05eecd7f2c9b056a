package postgres

import (
	"context"
	"slices"
	"testing"
	"time"

	"checker/history"
	"checker/nemesis"
	"checker/targets"
	"checker/targets/docker"
	"checker/targets/relational/trial"
)

// TestRoutes: whose transactions go where, before and after the standby is promoted.
func TestRoutes(t *testing.T) {
	for name, c := range map[string]struct {
		m                *manager
		primaries        []string
		write1, write2   string // where clients of n1 and of n2 write
		read1, readThere string // where they read, "" for where they write
	}{
		"all is well":          {&manager{}, []string{"n1"}, "n1", "n1", "", ""},
		"reads of the standby": {&manager{reads: true}, []string{"n1"}, "n1", "n1", "", "n2"},
		"promoted, not fenced": {&manager{reads: true, promoted: true}, []string{"n1", "n2"}, "n1", "n2", "", ""},
		"fenced, not promoted": {&manager{reads: true, fenced: true}, nil, "n1", "n1", "", "n2"},
		"fenced and promoted":  {&manager{reads: true, fenced: true, promoted: true}, []string{"n2"}, "n2", "n2", "", ""},
	} {
		if got := c.m.primaries(); !slices.Equal(got, c.primaries) {
			t.Errorf("%s: primaries %v, expected %v", name, got, c.primaries)
		}
		if a, b := c.m.primaryFor("n1"), c.m.primaryFor("n2"); a != c.write1 || b != c.write2 {
			t.Errorf("%s: writes go to %s and %s, expected %s and %s", name, a, b, c.write1, c.write2)
		}
		if a, b := c.m.standbyFor("n1"), c.m.standbyFor("n2"); a != c.read1 || b != c.readThere {
			t.Errorf("%s: reads go to %q and %q, expected %q and %q", name, a, b, c.read1, c.readThere)
		}
	}
}

// TestFailOver cuts a primary off its standby: it is killed, the standby is promoted and
// has what was acknowledged.
func TestFailOver(t *testing.T) {
	c := trial.Open(t, Postgres{Program: trial.Program(t, docker.Buildable(t.Context()))}, "set", map[string]string{replicationSetting: remoteApply}).(*cluster)
	client, err := c.OpenClient(t.Context(), targets.ClientConfig{Node: firstPrimary})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.(targets.Preparer).Setup(t.Context()); err != nil {
		t.Fatal(err)
	}
	do := func(f string, value history.Value) history.Op {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		return client.Invoke(ctx, history.Op{F: f, Value: value})
	}
	if op := do("add", history.Int(1)); op.Type != history.Ok {
		t.Fatal(op)
	}
	if err := c.Cut(t.Context(), nemesis.OneWay([]string{firstPrimary}, []string{firstStandby})); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); !slices.Equal(c.manager.primaries(), []string{firstStandby}); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("nobody has failed over")
		}
	}
	if op := do("read", history.Nil); op.Type != history.Ok || op.Value.String() != "[1]" {
		t.Errorf("after fail-over: %v", op)
	}
	if op := do("add", history.Int(2)); op.Type != history.Ok {
		t.Errorf("after fail-over: %v", op)
	}
}
