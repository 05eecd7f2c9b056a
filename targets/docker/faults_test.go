package docker

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"checker/nemesis"
)

// reachable is which node's victim another one reaches, as "n1>n2".
func reachable(t *testing.T, e *Environment) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, from := range e.Nodes() {
		for _, to := range e.Nodes() {
			if from != to {
				all[from+">"+to] = mustAsk(t, e, from, "reach "+e.Address(to)) == "true"
			}
		}
	}
	return all
}

func wantReachable(t *testing.T, e *Environment, cut ...string) {
	t.Helper()
	for pair, ok := range reachable(t, e) {
		if ok == slices.Contains(cut, pair) {
			t.Errorf("%s: reached is %v", pair, ok)
		}
	}
}

func TestPartition(t *testing.T) {
	e := nodes(t)
	wantReachable(t, e)
	before, err := e.PacketCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	if err := e.Cut(t.Context(), nemesis.Complete([][]string{{"n1"}, {"n2", "n3"}})); err != nil {
		t.Fatal(err)
	}
	t.Logf("cut in %s", time.Since(begun))
	wantReachable(t, e, "n1>n2", "n2>n1", "n1>n3", "n3>n1")
	// Another cut takes the place of the first.
	if err := e.Cut(t.Context(), nemesis.Complete([][]string{{"n3"}, {"n2", "n1"}})); err != nil {
		t.Fatal(err)
	}
	wantReachable(t, e, "n1>n3", "n3>n1", "n2>n3", "n3>n2")
	begun = time.Now()
	if err := e.Heal(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("healed in %s", time.Since(begun))
	wantReachable(t, e)
	after, err := e.PacketCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after.Sub(before).Cut == 0 {
		t.Error("no packet was counted as dropped")
	}
	quiet, err := e.PacketCounts(t.Context())
	if err != nil || quiet != after {
		t.Errorf("dropped after the end: %v, then %v, %v", after, quiet, err)
	}
}

// TestOneWay cuts one direction: datagrams pass in the other.
func TestOneWay(t *testing.T) {
	e := nodes(t)
	if err := e.Cut(t.Context(), []nemesis.Link{{From: "n1", To: "n2"}}); err != nil {
		t.Fatal(err)
	}
	heard := func(from, to string) int64 { return mustAskInt(t, e, to, "heard "+e.Address(from)) }
	shout := func(from, to string) { mustAsk(t, e, from, "shout "+e.Address(to)) }
	there, back := heard("n1", "n2"), heard("n2", "n1")
	shout("n1", "n2")
	shout("n2", "n1")
	await(t, "n1 hears n2", func() bool { return heard("n2", "n1") == back+1 })
	time.Sleep(50 * time.Millisecond)
	if n := heard("n1", "n2"); n != there {
		t.Errorf("n2 heard n1 %d times", n-there)
	}
	if err := e.Heal(t.Context()); err != nil {
		t.Fatal(err)
	}
	shout("n1", "n2")
	await(t, "n2 hears n1 again", func() bool { return heard("n1", "n2") == there+1 })
}

func TestKill(t *testing.T) {
	e := nodes(t)
	size := mustAskInt(t, e, "n2", "mark")
	address := e.Address("n2")
	for i, want := range []bool{true, false} {
		if killed, err := e.Kill(t.Context(), "n2"); err != nil || killed != want {
			t.Fatalf("kill %d: %v, %v", i, killed, err)
		}
	}
	if answer, err := ask(address, "clock"); err == nil {
		t.Fatalf("a dead node answers %q", answer)
	}
	// Rules that are made while the database is down hold when it is up.
	if err := e.Cut(t.Context(), []nemesis.Link{{From: "n1", To: "n2"}}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		if started, err := e.Start(t.Context(), "n2"); err != nil || started != want {
			t.Fatalf("start %d: %v, %v", i, started, err)
		}
	}
	await(t, "n2 answers under its address", func() bool { _, err := ask(address, "clock"); return err == nil })
	if mustAsk(t, e, "n1", "reach "+address) == "true" {
		t.Error("a restart healed the partition")
	}
	if err := e.Heal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := mustAskInt(t, e, "n2", "mark"); n != size+1 {
		t.Errorf("the volume held %d bytes and now %d", size, n)
	}
}

func TestPause(t *testing.T) {
	e := nodes(t)
	for i, want := range []bool{true, false} {
		if paused, err := e.Pause(t.Context(), "n3"); err != nil || paused != want {
			t.Fatalf("pause %d: %v, %v", i, paused, err)
		}
	}
	if mustAsk(t, e, "n1", "reach "+e.Address("n3")) == "true" {
		t.Error("a frozen node answers")
	}
	for i, want := range []bool{true, false} {
		if resumed, err := e.Resume(t.Context(), "n3"); err != nil || resumed != want {
			t.Fatalf("resume %d: %v, %v", i, resumed, err)
		}
	}
	if mustAsk(t, e, "n1", "reach "+e.Address("n3")) != "true" {
		t.Error("the node has not gone on")
	}
	// What is frozen can be killed.
	if _, err := e.Pause(t.Context(), "n3"); err != nil {
		t.Fatal(err)
	}
	if killed, err := e.Kill(t.Context(), "n3"); err != nil || !killed {
		t.Fatalf("kill of a frozen node: %v, %v", killed, err)
	}
	if started, err := e.Start(t.Context(), "n3"); err != nil || !started {
		t.Fatalf("start: %v, %v", started, err)
	}
	await(t, "n3 answers", func() bool { _, err := ask(e.Address("n3"), "clock"); return err == nil })
}

func TestUnknownNode(t *testing.T) {
	e := nodes(t)
	for what, err := range map[string]error{
		"kill":  second(e.Kill(t.Context(), "n9")),
		"start": second(e.Start(t.Context(), "n9")),
		"pause": second(e.Pause(t.Context(), "n9")),
		"cut":   e.Cut(t.Context(), []nemesis.Link{{From: "n1", To: "n9"}}),
	} {
		if want := fmt.Sprintf("there is no node %q", "n9"); err == nil || err.Error() != want {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestCapabilities(t *testing.T) {
	e := nodes(t)
	names := map[string]bool{}
	for _, c := range e.Capabilities() {
		names[c.Name] = c.Available
	}
	if len(names) < 4 || !names["containers"] {
		t.Errorf("%v", slices.Sorted(maps.Keys(names)))
	}
}
