package runner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"checker/check"
	"checker/history"
	"checker/rundir"
	"checker/targets"
)

// The driver's clock is that of a synctest bubble: a minute of a run takes no time,
// and a goroutine that outlives the test fails it.

// TestRealTimeVerdicts is the control in both directions.
func TestRealTimeVerdicts(t *testing.T) {
	for name, c := range map[string]struct {
		store *storeTarget
		want  check.Verdict
	}{
		"a correct store":   {&storeTarget{latency: 5 * time.Millisecond}, check.Valid},
		"without latency":   {&storeTarget{}, check.Valid},
		"stale reads":       {&storeTarget{latency: 5 * time.Millisecond, stale: true}, check.Invalid},
		"writes that fade":  {&storeTarget{latency: 5 * time.Millisecond, forget: true}, check.Invalid},
		"slower than asked": {&storeTarget{latency: 400 * time.Millisecond}, check.Valid},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out := executeStore(t, t.Context(), storeSpec(c.store), nil)
				wantStatus(t, out, rundir.StatusComplete, c.want)
				wellFormed(t, out.History, 5)
				if took := time.Duration(out.Run.DurationNS); took < 19*time.Second || took > 30*time.Second {
					t.Errorf("it took %s of a time limit of 20 s", took)
				}
				if got := lifeOf(c.store); got != "[setup teardown close]" {
					t.Errorf("the life of the cluster was %s", got)
				}
				if c.store.closed != len(c.store.opened) {
					t.Errorf("%d clients opened, %d closed", len(c.store.opened), c.store.closed)
				}
			})
		})
	}
}

// TestRate: ops begin at the rate that was asked for.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := executeStore(t, t.Context(), storeSpec(&storeTarget{}), nil)
		if n := len(completions(out.History, history.Ok)); n < 700 || n > 1300 {
			t.Errorf("%d ok ops in 20 s at 50 a second", n)
		}
	})
}

// TestHangingClient: an op whose client does not come back is indeterminate after a
// while, its process ends, and its thread goes on with a new client.
func TestHangingClient(t *testing.T) {
	for name, hang := range map[string]func(context.Context, *storeClient){
		"until its context ends": func(ctx context.Context, _ *storeClient) { <-ctx.Done() },
		"longer than allowed":    func(context.Context, *storeClient) { time.Sleep(15 * time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &storeTarget{latency: time.Millisecond}
				store.invoke = func(ctx context.Context, c *storeClient, op history.Op) (history.Op, bool) {
					if c.cfg.Process != 2 || c.ops != 3 {
						return op, false
					}
					hang(ctx, c)
					op.Type, op.Error = history.Info, history.Keyword("hung")
					return op, true
				}
				out := executeStore(t, t.Context(), storeSpec(store), nil)
				wantStatus(t, out, rundir.StatusComplete, check.Valid)
				wellFormed(t, out.History, 5)
				hung := completions(out.History, history.Info)
				if len(hung) != 1 || hung[0].Process != 2 {
					t.Fatalf("indeterminate: %v", hung)
				}
				i := out.History.Len() - 1
				for ; out.History.Op(i).Index != hung[0].Index; i-- {
				}
				took := time.Duration(hung[0].Time - out.History.Op(out.History.Pair(i)).Time)
				if took < OpTimeout || took > OpTimeout+grace {
					t.Errorf("it was indeterminate after %s", took)
				}
				if n := successors(out.History, 2, 5); n != 1 {
					t.Errorf("the thread went on as %d processes", n)
				}
				if store.closed != len(store.opened) {
					t.Errorf("%d clients opened, %d closed", len(store.opened), store.closed)
				}
			})
		})
	}
}

// successors counts the processes that a thread went on as.
func successors(h *history.History, thread, clients int) int {
	seen := map[history.Process]bool{}
	for i := range h.Len() {
		if p := h.Process(i); p.IsClient() && int(p)%clients == thread && int(p) != thread {
			seen[p] = true
		}
	}
	return len(seen)
}

// TestClientThatIsLeftBehind never comes back at all; the run ends all the same.
func TestClientThatIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		store := &storeTarget{latency: time.Millisecond}
		store.invoke = func(_ context.Context, c *storeClient, op history.Op) (history.Op, bool) {
			if c.cfg.Process == 1 && c.ops == 2 {
				<-release
			}
			return op, false
		}
		dir := newRunDir(t)
		out := executeStore(t, t.Context(), storeSpec(store), dir)
		wantStatus(t, out, rundir.StatusComplete, check.Valid)
		if info := completions(out.History, history.Info); len(info) != 1 || info[0].Error.Text() != "timeout" {
			t.Errorf("indeterminate: %v", info)
		}
		if log := readFile(t, dir, rundir.HarnessLog); !strings.Contains(log, "is left behind") {
			t.Errorf("harness.log does not say so:\n%s", log)
		}
		close(release)
		time.Sleep(time.Second)
		synctest.Wait()
		if store.closed != len(store.opened) {
			t.Errorf("%d clients opened, %d closed", len(store.opened), store.closed)
		}
	})
}

// TestFaultyClients: whatever a client does wrong, its op is recorded as what can be
// said of it, and the run goes on.
func TestFaultyClients(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(op history.Op) history.Op
		says   string
	}{
		"panics":                    {func(history.Op) history.Op { panic("nil connection") }, "the client panicked: nil connection"},
		"answers with an invoke":    {func(op history.Op) history.Op { return op }, "the client broke its contract"},
		"answers for another":       {func(op history.Op) history.Op { op.Process, op.Type = 99, history.Ok; return op }, "the client broke its contract"},
		"answers another question":  {func(op history.Op) history.Op { op.F, op.Type = "drop", history.Ok; return op }, "the client broke its contract"},
		"answers with no such type": {func(op history.Op) history.Op { op.Type = 9; return op }, "the client broke its contract"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answer := c.answer
				store := &storeTarget{latency: time.Millisecond}
				store.invoke = func(_ context.Context, c *storeClient, op history.Op) (history.Op, bool) {
					if c.cfg.Thread == 3 && c.ops%20 == 0 {
						return answer(op), true
					}
					return op, false
				}
				out := executeStore(t, t.Context(), storeSpec(store), nil)
				wantStatus(t, out, rundir.StatusComplete, check.Valid)
				wellFormed(t, out.History, 5)
				info := completions(out.History, history.Info)
				if len(info) < 3 {
					t.Fatalf("%d indeterminate ops", len(info))
				}
				for _, op := range info {
					if !strings.Contains(op.Error.Text(), c.says) || int(op.Process)%5 != 3 {
						t.Errorf("%v", op)
					}
				}
				if n := successors(out.History, 3, 5); n != len(info) {
					t.Errorf("%d ops ended their process, and the thread went on as %d", len(info), n)
				}
			})
		})
	}
}

// TestClientsThatCannotBeOpened: nothing was sent, so the op failed for certain, and
// the process goes on.
func TestClientsThatCannotBeOpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &storeTarget{latency: time.Millisecond}
		refused := 0
		store.open = func(cfg targets.ClientConfig) error {
			store.mu.Lock()
			defer store.mu.Unlock()
			if cfg.Process == 4 && refused < 7 {
				refused++
				return errRefused
			}
			return nil
		}
		out := executeStore(t, t.Context(), storeSpec(store), nil)
		wantStatus(t, out, rundir.StatusComplete, check.Valid)
		wellFormed(t, out.History, 5)
		n := 0
		for _, op := range completions(out.History, history.Fail) {
			if strings.Contains(op.Error.String(), ":no-client") {
				n++
				if op.Process != 4 || !strings.Contains(op.Error.String(), "connection refused") {
					t.Errorf("%v", op)
				}
			}
		}
		if n != 7 || successors(out.History, 4, 5) != 0 {
			t.Errorf("%d ops without a client; the process went on as %d others", n, successors(out.History, 4, 5))
		}
	})
}

func TestSetupThatFails(t *testing.T) {
	for name, setup := range map[string]func(context.Context) error{
		"fails":  func(context.Context) error { return errors.New("permission denied") },
		"panics": func(context.Context) error { panic("permission denied") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &storeTarget{setup: setup}
				out := executeStore(t, t.Context(), storeSpec(store), nil)
				wantStatus(t, out, rundir.StatusFailed, check.Unknown)
				if !strings.Contains(out.Run.Error, "permission denied") || out.History.Len() != 0 {
					t.Errorf("%q after %d rows", out.Run.Error, out.History.Len())
				}
				if got := lifeOf(store); got != "[setup close]" {
					t.Errorf("the life of the cluster was %s", got)
				}
			})
		})
	}
}

// TestFaultsOnRealNodes: the nemesis strikes on its own thread, and what it did is
// counted.
func TestFaultsOnRealNodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := executeStore(t, t.Context(), storeSpec(&storeTarget{latency: time.Millisecond}), nil)
		wantStatus(t, out, rundir.StatusComplete, check.Valid)
		if bite := out.Document.Evidence.Faults["kill"]; bite.Effective == 0 {
			t.Errorf("%+v", bite)
		}
	})
}

// TestNemesisThatPanics fails the run: nobody knows the state of the nodes.
func TestNemesisThatPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &storeTarget{latency: time.Millisecond, kill: func(context.Context, string) error { panic("no such container") }}
		dir := newRunDir(t)
		out := executeStore(t, t.Context(), storeSpec(store), dir)
		wantStatus(t, out, rundir.StatusFailed, check.Unknown)
		if !strings.Contains(out.Run.Error, "panic in the nemesis: no such container") {
			t.Errorf("%q", out.Run.Error)
		}
		if run, err := dir.ReadRun(); err != nil || run.Status != rundir.StatusFailed {
			t.Errorf("run.json: %q, %v", run.Status, err)
		}
	})
}

// TestCancelled ends a run in its midst, during set-up and while a client hangs.
func TestCancelled(t *testing.T) {
	for name, c := range map[string]struct {
		store *storeTarget
		after time.Duration
	}{
		"in its midst": {&storeTarget{latency: 50 * time.Millisecond}, 7 * time.Second},
		"during set-up": {&storeTarget{setup: func(ctx context.Context) error {
			<-ctx.Done()
			return errors.New("the driver says so in its own words")
		}}, time.Second},
		"hanging": {&storeTarget{invoke: func(context.Context, *storeClient, history.Op) (history.Op, bool) {
			time.Sleep(4 * time.Second)
			return history.Op{}, false
		}}, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				begun := time.Now()
				time.AfterFunc(c.after, cancel)
				dir := newRunDir(t)
				out := executeStore(t, ctx, storeSpec(c.store), dir)
				wantStatus(t, out, rundir.StatusInterrupted, check.Unknown)
				if took := time.Since(begun) - c.after; took > grace+farewell {
					t.Errorf("it went on for %s", took)
				}
				h, err := dir.ReadHistory()
				if err != nil || h.Len() != out.History.Len() || h.Len() != out.Run.Rows {
					t.Errorf("%d rows were written of %d: %v", h.Len(), out.History.Len(), err)
				}
				if c.store.closed != len(c.store.opened) {
					t.Errorf("%d clients opened, %d closed", len(c.store.opened), c.store.closed)
				}
			})
		})
	}
}

// TestNoGoroutineStays is the same without the bubble, on the clock of the wall.
func TestNoGoroutineStays(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	stopped, stop := context.WithCancel(t.Context())
	defer context.AfterFunc(ctx, stop)()
	out := executeStore(t, stopped, storeSpec(&storeTarget{latency: time.Millisecond}), nil)
	wantStatus(t, out, rundir.StatusInterrupted, check.Unknown)
	if out.History.Len() == 0 {
		t.Error("nothing was recorded")
	}
}

func ExampleProgress() {
	fmt.Println(Progress{Now: 65 * time.Second, Limit: time.Minute, Ok: 12, Faults: 3})
	// Output: 65.0 s of 60 s, recovering: 12 ops ok, 3 faults
}
