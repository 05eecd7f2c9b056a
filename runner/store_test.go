package runner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"checker/check"
	"checker/history"
	"checker/rundir"
	"checker/targets"
	"checker/workloads"
)

// storeTarget is a database of one map behind a mutex, with clients that block: what
// the real-time driver is tested on. Its hooks make it wrong.
type storeTarget struct {
	mu     sync.Mutex
	cells  map[int64]int64
	before map[int64]int64 // what each held before its last write
	adds   int
	life   []string // Setup, Teardown and Close, in order
	opened []targets.ClientConfig
	closed int
	killed map[string]bool

	latency time.Duration                                                             // of each op
	invoke  func(context.Context, *storeClient, history.Op) (done history.Op, _ bool) // in place of the store, if true
	open    func(targets.ClientConfig) error
	setup   func(context.Context) error
	leave   func() error // its Teardown
	kill    func(ctx context.Context, node string) error
	stale   bool // reads answer what was before the last write
	forget  bool // every third write is lost
}

func (s *storeTarget) Describe() targets.Description {
	return targets.Description{Name: "map", Environments: []string{"here"}, Workloads: []string{"register"}}
}

func (s *storeTarget) Promise(string, map[string]string) (targets.Promise, error) {
	return targets.Promise{ConsistencyModels: []string{"linearizable"}, FaultModel: []string{"kill"}}, nil
}

func (s *storeTarget) Open(context.Context, targets.Config) (targets.Cluster, error) {
	s.cells, s.before, s.killed = map[int64]int64{}, map[int64]int64{}, map[string]bool{}
	return s, nil
}

func (s *storeTarget) Nodes() []string                    { return []string{"a", "b", "c"} }
func (s *storeTarget) Capabilities() []targets.Capability { return nil }
func (s *storeTarget) Close() error                       { s.note("close"); return nil }

func (s *storeTarget) note(event string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.life = append(s.life, event)
}

// Kill and Start note which nodes are down, and change nothing else: the map is on
// none of them.
func (s *storeTarget) Kill(ctx context.Context, node string) (bool, error) {
	if s.kill != nil {
		if err := s.kill(ctx, node); err != nil {
			return false, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.killed[node]
	s.killed[node] = true
	return !was, nil
}

func (s *storeTarget) Start(_ context.Context, node string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.killed[node]
	s.killed[node] = false
	return was, nil
}

func (s *storeTarget) OpenClient(_ context.Context, cfg targets.ClientConfig) (targets.Client, error) {
	if s.open != nil {
		if err := s.open(cfg); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened = append(s.opened, cfg)
	return &storeClient{store: s, cfg: cfg}, nil
}

type storeClient struct {
	store *storeTarget
	cfg   targets.ClientConfig
	ops   int
}

func (c *storeClient) Close() error {
	c.store.mu.Lock()
	defer c.store.mu.Unlock()
	c.store.closed++
	return nil
}

func (c *storeClient) Setup(ctx context.Context) error {
	c.store.note("setup")
	if c.store.setup != nil {
		return c.store.setup(ctx)
	}
	return nil
}

func (c *storeClient) Teardown(context.Context) error {
	c.store.note("teardown")
	if c.store.leave != nil {
		return c.store.leave()
	}
	return nil
}

func (c *storeClient) Invoke(ctx context.Context, op history.Op) history.Op {
	c.ops++
	if c.store.invoke != nil {
		if done, instead := c.store.invoke(ctx, c, op); instead {
			return done
		}
	}
	time.Sleep(c.store.latency)
	done := c.store.execute(op)
	time.Sleep(c.store.latency)
	return done
}

func (s *storeTarget) execute(op history.Op) history.Op {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, v, _ := op.Value.Pair()
	key, _ := k.Int()
	op.Type = history.Ok
	switch op.F {
	case "read":
		held, ok := s.cells[key]
		if s.stale {
			held, ok = s.before[key], s.before[key] != 0
		}
		if ok {
			op.Value = history.Vector(k, history.Int(held))
		}
	case "write":
		n, _ := v.Int()
		s.write(key, n)
	case "cas":
		old, n, _ := v.Pair()
		from, _ := old.Int()
		to, _ := n.Int()
		if s.cells[key] != from {
			op.Type = history.Fail
			return op
		}
		s.write(key, to)
	}
	return op
}

func (s *storeTarget) write(key, value int64) {
	s.adds++
	if s.forget && s.adds%3 == 0 {
		return
	}
	s.before[key] = s.cells[key]
	s.cells[key] = value
}

// storeSpec is a run of the register workload on the store.
func storeSpec(s *storeTarget) Spec {
	spec := DefaultSpec([]targets.Target{s}, workloads.All())
	spec.Concurrency, spec.TimeLimit, spec.Rate, spec.Seed = 5, 20*time.Second, 50, 1
	return spec
}

// completions returns the completions in a history that are of a type.
func completions(h *history.History, typ history.Type) []history.Op {
	var ops []history.Op
	for i := range h.Len() {
		if op := h.Op(i); op.Type == typ && op.Process.IsClient() {
			ops = append(ops, op)
		}
	}
	return ops
}

func executeStore(t *testing.T, ctx context.Context, spec Spec, dir *rundir.Dir) Outcome {
	t.Helper()
	plan, err := spec.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	out, err := Execute(ctx, plan, Options{Now: fixedNow, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantStatus(t *testing.T, out Outcome, status string, verdict check.Verdict) {
	t.Helper()
	if out.Run.Status != status || out.Document.Verdict != verdict {
		t.Fatalf("%s (%s), %s", out.Run.Status, out.Run.Error, out.Document.Summary)
	}
}

func newRunDir(t *testing.T) *rundir.Dir {
	t.Helper()
	dir, err := rundir.Create(t.TempDir(), "run", 1, fixedNow())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func readFile(t *testing.T, dir *rundir.Dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(dir.Path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

var errRefused = errors.New("connection refused")

// wellFormed checks what holds of every history of a run: one op at a time for each
// process, and after an info no other.
func wellFormed(t *testing.T, h *history.History, clients int) {
	t.Helper()
	open := map[history.Process]bool{}
	gone := map[history.Process]bool{}
	last := int64(0)
	for i := range h.Len() {
		op := h.Op(i)
		if op.Time < last {
			t.Fatalf("row %d: time goes backwards", i)
		}
		last = op.Time
		if !op.Process.IsClient() {
			continue
		}
		if node := []string{"a", "b", "c"}[int(op.Process)%clients%3]; op.Node != node {
			t.Fatalf("row %d: process %v is at %q, want %q", i, op.Process, op.Node, node)
		}
		begins := op.Type == history.Invoke
		if gone[op.Process] || begins == open[op.Process] {
			t.Fatalf("row %d: %v", i, op)
		}
		open[op.Process] = begins
		gone[op.Process] = op.Type == history.Info
	}
}

func lifeOf(s *storeTarget) string { return fmt.Sprint(slices.Clone(s.life)) }
