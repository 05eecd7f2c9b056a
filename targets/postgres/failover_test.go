package postgres

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"checker/history"
	"checker/nemesis"
	"checker/targets"
	"checker/targets/docker"
	"checker/targets/relational"
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

// noted is the target, with what its manager notes.
type noted struct {
	Postgres
	notes *notes
}

type notes struct {
	mu   sync.Mutex
	text strings.Builder
}

func (n *notes) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notes) Close() error { return nil }

func (n *notes) has(text string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return strings.Contains(n.text.String(), text)
}

func (n noted) Open(ctx context.Context, cfg targets.Config) (targets.Cluster, error) {
	cfg.Log = func(node string) (io.WriteCloser, error) {
		if node == "manager" {
			return n.notes, nil
		}
		return discard{io.Discard}, nil
	}
	return n.Postgres.Open(ctx, cfg)
}

type discard struct{ io.Writer }

func (discard) Close() error { return nil }

// pair is a primary with a standby, as tests use it.
type pair struct {
	*testing.T
	*cluster
	notes *notes
}

func newPair(t *testing.T, replication string) pair {
	p := pair{T: t, notes: &notes{}}
	p.cluster = trial.Open(t, noted{Postgres{Program: trial.Program(t, docker.Buildable(t.Context()))}, p.notes}, "set", map[string]string{replicationSetting: replication}).(*cluster)
	c, err := p.OpenClient(t.Context(), targets.ClientConfig{Node: firstPrimary})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.(targets.Preparer).Setup(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

// do does an op as a new client of a node.
func (p pair) do(node, f string, value history.Value, patience time.Duration) history.Op {
	p.Helper()
	c, err := p.OpenClient(p.Context(), targets.ClientConfig{Node: node})
	if err != nil {
		p.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(p.Context(), patience)
	defer cancel()
	return c.Invoke(ctx, history.Op{F: f, Value: value})
}

// expect expects an op to be ok, and a read to return elements.
func (p pair) expect(node, f string, value history.Value, elements string) {
	p.Helper()
	if op := p.do(node, f, value, 10*time.Second); op.Type != history.Ok || f == "read" && op.Value.String() != elements {
		p.Errorf("by a client of %s: %v, expected %s", node, op, elements)
	}
}

// until waits for something.
func (p pair) until(what string, is func() bool) {
	p.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.Fatalf("never: %s; the manager notes %s", what, p.notes.text.String())
		}
	}
}

func (p pair) promoted() bool { return slices.Contains(p.manager.primaries(), firstStandby) }

// TestFenced: what a standby lags behind with is not acknowledged, and is no reason to
// fail over. A primary cut off its standby is killed, and the standby promoted, which
// has what was acknowledged. When the old primary comes back, that is noted, and no
// client talks to it; what one would write there is not acknowledged.
func TestFenced(t *testing.T) {
	p := newPair(t, remoteApply)
	p.expect(firstPrimary, "add", history.Int(1), "")

	lag := func(statement string) {
		if _, err := p.manager.standby.ExecContext(t.Context(), "SELECT "+statement); err != nil {
			t.Fatal(err)
		}
	}
	lag("pg_wal_replay_pause()")
	if op := p.do(firstPrimary, "add", history.Int(2), patience+time.Second); op.Type != history.Info {
		t.Errorf("a standby that lags: %v", op)
	}
	if p.promoted() {
		t.Error("a standby that lags was promoted")
	}
	lag("pg_wal_replay_resume()")
	p.until("the write that had to wait takes effect", func() bool {
		return p.do(firstPrimary, "read", history.Nil, 10*time.Second).Value.String() == "[1 2]"
	})

	if err := p.Cut(t.Context(), nemesis.OneWay([]string{firstPrimary}, []string{firstStandby})); err != nil {
		t.Fatal(err)
	}
	p.until("the standby alone is the primary", func() bool { return slices.Equal(p.manager.primaries(), []string{firstStandby}) })
	p.expect(firstPrimary, "read", history.Nil, "[1 2]")
	p.expect(firstPrimary, "add", history.Int(3), "")

	p.back()
	p.expect(firstPrimary, "add", history.Int(4), "")
	p.expect(firstPrimary, "read", history.Nil, "[1 2 3 4]")
	alone := relational.New(dialect(relational.Only(p.address(firstPrimary), begin(serializable))), "set")
	defer alone.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if op := alone.Invoke(ctx, history.Op{F: "add", Value: history.Int(5)}); op.Type != history.Info {
		t.Errorf("the old primary acknowledges: %v", op)
	}
}

// TestNotFenced: without a fence an old primary that comes back goes on as one, for its
// own clients, which is noted, and neither is hidden.
func TestNotFenced(t *testing.T) {
	p := newPair(t, async)
	p.expect(firstPrimary, "add", history.Int(1), "")
	p.until("the standby has it", func() bool {
		var n int
		return p.manager.standby.QueryRowContext(t.Context(), "SELECT count(*) FROM checker_elements").Scan(&n) == nil && n == 1
	})
	if _, err := p.Kill(t.Context(), firstPrimary); err != nil {
		t.Fatal(err)
	}
	p.until("the standby is a primary", p.promoted)
	p.expect(firstStandby, "add", history.Int(2), "")
	p.back()
	p.expect(firstPrimary, "add", history.Int(3), "")
	p.expect(firstPrimary, "read", history.Nil, "[1 3]")
	p.expect(firstStandby, "read", history.Nil, "[1 2]")
}

// back has the old primary come back.
func (p pair) back() {
	p.Helper()
	if err := p.Cut(p.Context(), nil); err != nil {
		p.Fatal(err)
	}
	if _, err := p.Start(p.Context(), firstPrimary); err != nil {
		p.Fatal(err)
	}
	p.until("the manager notes it", func() bool { return p.notes.has("n1 takes itself for a primary, beside n2") })
}
