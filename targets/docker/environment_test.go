package docker

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"checker/nemesis"
	"checker/targets"
)

// objects counts what there is of a run.
func objects(t *testing.T, e *Engine, run string) int {
	t.Helper()
	containers, err := e.api.ContainerList(t.Context(), client.ContainerListOptions{All: true, Filters: ofRun(run)})
	if err != nil {
		t.Fatal(err)
	}
	networks, err := e.api.NetworkList(t.Context(), client.NetworkListOptions{Filters: ofRun(run)})
	if err != nil {
		t.Fatal(err)
	}
	volumes, err := e.api.VolumeList(t.Context(), client.VolumeListOptions{Filters: ofRun(run)})
	if err != nil {
		t.Fatal(err)
	}
	return len(containers.Items) + len(networks.Items) + len(volumes.Items)
}

// sweep sweeps. What it cannot remove may be somebody else's: an engine can be left
// with a network that it takes for used for ever.
func sweep(t *testing.T, e *Engine, all bool) {
	t.Helper()
	if _, err := e.Sweep(t.Context(), all); err != nil {
		t.Log(err)
	}
}

func TestOpenAndClose(t *testing.T) {
	engine := requireEngine(t)
	spec, err := victimSpec(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	logs := t.TempDir()
	spec.Log = func(node string) (io.WriteCloser, error) { return os.Create(filepath.Join(logs, node)) }
	begun := time.Now()
	e, err := Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("5 nodes in %s", time.Since(begun))
	if n := objects(t, engine, e.run); n != 5*3+1 {
		t.Errorf("%d objects", n)
	}
	measurePartitions(t, e)
	if _, err := e.Kill(t.Context(), "n1"); err != nil { // Close removes the dead as well
		t.Error(err)
	}
	begun = time.Now()
	for range 2 {
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("closed in %s", time.Since(begun))
	if n := objects(t, engine, e.run); n != 0 {
		t.Errorf("%d objects are left", n)
	}
	for _, node := range e.Nodes() {
		if got, err := os.ReadFile(filepath.Join(logs, node)); err != nil || string(got) != "victim: ready\n" {
			t.Errorf("the log of %s is %q, %v", node, got, err)
		}
	}
}

// measurePartitions tells how long a change of partitions takes, and a heal with its
// probe of every link.
func measurePartitions(t *testing.T, e *Environment) {
	t.Helper()
	var cut, heal []time.Duration
	for i := range 10 {
		begun := time.Now()
		grudge := nemesis.Complete([][]string{e.Nodes()[:1+i%3], e.Nodes()[1+i%3:]})
		if err := e.Cut(t.Context(), grudge); err != nil {
			t.Fatal(err)
		}
		cut = append(cut, time.Since(begun))
		begun = time.Now()
		if err := e.Heal(t.Context()); err != nil {
			t.Fatal(err)
		}
		heal = append(heal, time.Since(begun))
	}
	slices.Sort(cut)
	slices.Sort(heal)
	t.Logf("of ten partitions of 5 nodes the median is cut in %s, the slowest in %s; healed and probed in %s and %s", cut[5], cut[9], heal[5], heal[9])
}

// TestUnorderedExit has a database end that nobody has killed: it stands in its log,
// behind what it said itself.
func TestUnorderedExit(t *testing.T) {
	requireEngine(t)
	spec, err := victimSpec(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	spec.Target = "dies"
	path := filepath.Join(t.TempDir(), "log")
	spec.Log = func(string) (io.WriteCloser, error) { return os.Create(path) }
	e, err := Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if answer, err := ask(e.Address("n1"), "die"); err == nil {
		t.Fatalf("it answers %q", answer)
	}
	await(t, "it is dead", func() bool {
		running, _, err := e.pods[0].state(t.Context())
		return err == nil && !running
	})
	if started, err := e.Start(t.Context(), "n1"); err != nil || !started {
		t.Fatalf("%v, %v", started, err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(path)
	if err != nil || strings.Count(string(log), "\n"+targets.UnorderedExit+" with code 2") != 1 || !strings.Contains(string(log), "\npanic: victim: asked to") {
		t.Errorf("%s, %v", log, err)
	}
}

// TestAbandon is for a program that ends at once.
func TestAbandon(t *testing.T) {
	engine := requireEngine(t)
	spec, err := victimSpec(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	spec.Target = "abandoned"
	e, err := Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if shared.env != nil { // it is not to go
		living.Delete(shared.env)
		defer living.Store(shared.env, nil)
	}
	if err := Abandon(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := objects(t, engine, e.run); n != 0 {
		t.Errorf("%d objects are left", n)
	}
}

// TestLeaveUp leaves nodes that go on without the harness until they are swept.
func TestLeaveUp(t *testing.T) {
	engine := requireEngine(t)
	spec, err := victimSpec(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	spec.Target, spec.LeaveUp = "stays", true
	e, err := Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.remove(context.Background(), e.run)
	if err := e.Cut(t.Context(), []nemesis.Link{{From: "n1", To: "n2"}}); err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	await(t, "n1 reaches n2", func() bool {
		answer, err := ask(e.Address("n1"), "reach "+e.Address("n2"))
		return err == nil && answer == "true"
	})
	if lines := strings.Join(e.LeftUp(), "\n"); !strings.Contains(lines, "docker exec -it "+e.run+"-n1 sh") || !strings.Contains(lines, "checker clean --all") {
		t.Errorf("%s", lines)
	}
	if sweep(t, engine, false); objects(t, engine, e.run) != 2*3+1 {
		t.Error("a sweep has removed some of it")
	}
	if sweep(t, engine, true); objects(t, engine, e.run) != 0 {
		t.Error("a sweep of all has left some of it")
	}
}

// TestSetUpThatFails leaves nothing behind and says what the database said.
func TestSetUpThatFails(t *testing.T) {
	engine := requireEngine(t)
	spec, err := victimSpec(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(s *Spec, enough context.CancelFunc)
		says   string
	}{
		"the database ends": {func(s *Spec, _ context.CancelFunc) {
			s.Command = func(Node, []Node) Command { return Command{Args: []string{"/victim", "fail"}} }
		}, "cannot open /data/wal: damaged"},
		"there is no such program": {func(s *Spec, _ context.CancelFunc) {
			s.Command = func(Node, []Node) Command { return Command{Args: []string{"/nothing"}} }
		}, "/nothing"},
		"there is no such image":  {func(s *Spec, _ context.CancelFunc) { s.Image = "checker-nothing:none" }, "checker-nothing:none"},
		"the agent is no program": {func(s *Spec, _ context.CancelFunc) { s.Program = "testdata/victim/main.go" }, "cannot be the agent"},
		"it is never ready": {func(s *Spec, enough context.CancelFunc) {
			s.Ready = func(context.Context, Node) error {
				enough() // patience is over after the first question
				return errors.New("no leader")
			}
		}, "not ready"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := spec
			s.Target = "broken-" + strings.ReplaceAll(name, " ", "-")
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			c.change(&s, cancel)
			e, err := Open(ctx, s)
			if err == nil {
				e.Close()
				t.Fatal("it was set up")
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %q", err)
			}
			owners, err := engine.owners(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for run := range owners {
				if strings.HasPrefix(run, "checker-"+s.Target) {
					t.Errorf("%s is left", run)
				}
			}
		})
	}
}

// liveInChild makes this test binary a harness that waits to be killed; its value is
// the path of the victim.
const liveInChild = "CHECKER_TEST_LIVE"

func liveUntilKilled() {
	spec, err := victims(context.Background(), os.Getenv(liveInChild), 2)
	if err == nil {
		var e *Environment
		if e, err = Open(context.Background(), spec); err == nil {
			os.Stdout.WriteString(e.run + "\n")
			select {}
		}
	}
	os.Stderr.WriteString(err.Error() + "\n")
	os.Exit(1)
}

// TestKilledHarness kills a harness: its nodes end by themselves, and a sweep
// removes them, but not while it lived.
func TestKilledHarness(t *testing.T) {
	engine := requireEngine(t)
	path, err := buildVictim()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), liveInChild+"="+path)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var name [200]byte
	n, err := out.Read(name[:])
	if err != nil {
		t.Fatal(err)
	}
	run := strings.TrimSpace(string(name[:n]))
	sweep(t, engine, true)
	if n := objects(t, engine, run); n != 2*3+1 {
		t.Fatalf("a sweep left %d objects of a run that lives", n)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	child.Wait()
	await(t, "no container of the run lives", func() bool {
		living, err := engine.api.ContainerList(t.Context(), client.ContainerListOptions{Filters: ofRun(run)})
		if err != nil {
			t.Fatal(err)
		}
		return len(living.Items) == 0
	})
	sweep(t, engine, false)
	if n := objects(t, engine, run); n != 0 {
		t.Errorf("a sweep left %d objects of a run that is dead", n)
	}
}

func TestOwner(t *testing.T) {
	me, err := owner()
	if err != nil {
		t.Fatal(err)
	}
	place, begin := me[:strings.LastIndexByte(me, '/')], me[strings.LastIndexByte(me, '/')+1:]
	for label, dead := range map[string]bool{
		me:                        false,
		place + "/" + begin + "1": true,  // the number is used again
		me + "\n":                 true,  // it began at another moment
		"left up":                 false, // by nobody
		"":                        false,
		"another-boot" + me:       false,
	} {
		if got := provablyDead(label); got != dead {
			t.Errorf("%q: provably dead is %v", label, got)
		}
	}
}
