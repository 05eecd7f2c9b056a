package docker

import (
	"fmt"
	"testing"
	"time"

	"checker/nemesis"
)

// ahead returns how far the wall clock of a victim is ahead of that of another one,
// and its monotonic clock, which nothing moves.
func ahead(t *testing.T, e *Environment, node string) (wall, mono time.Duration) {
	t.Helper()
	var there, here struct{ wall, mono int64 }
	read := func(node string, into *struct{ wall, mono int64 }) {
		if _, err := fmt.Sscan(mustAsk(t, e, node, "clock"), &into.wall, &into.mono); err != nil {
			t.Fatal(err)
		}
	}
	read(node, &there)
	read("n3", &here)
	return time.Duration(there.wall - here.wall), time.Duration(there.mono)
}

// wantAhead demands a skew, but for the time that the questions take.
func wantAhead(t *testing.T, e *Environment, node string, want time.Duration) {
	t.Helper()
	wantBetween(t, e, node, want, func() time.Duration { return want })
}

// wantBetween demands a skew of at least least, and of at most what most says when
// it has been read, but for the time that the questions take.
func wantBetween(t *testing.T, e *Environment, node string, least time.Duration, most func() time.Duration) {
	t.Helper()
	begun := time.Now()
	got, _ := ahead(t, e, node)
	slack := 100*time.Millisecond + time.Since(begun)
	if got < least-slack || got > most()+slack {
		t.Errorf("the clock of %s is %s ahead, expected %s to %s", node, got, least, most())
	}
	begun = time.Now()
	got, err := e.Offset(t.Context(), node)
	slack = 100*time.Millisecond + time.Since(begun)
	if err != nil || got < least-slack || got > most()+slack {
		t.Errorf("the agent of %s says %s ahead, %v, expected %s to %s", node, got, err, least, most())
	}
}

func TestBump(t *testing.T) {
	e := nodes(t)
	wantAhead(t, e, "n1", 0)
	_, before := ahead(t, e, "n1")
	for _, step := range []struct{ delta, want time.Duration }{{time.Hour, time.Hour}, {-3 * time.Hour, -2 * time.Hour}} {
		if err := e.Bump(t.Context(), "n1", step.delta); err != nil {
			t.Fatal(err)
		}
		wantAhead(t, e, "n1", step.want)
		wantAhead(t, e, "n2", 0)
	}
	if _, after := ahead(t, e, "n1"); after < before || after > before+time.Minute {
		t.Errorf("the monotonic clock went from %s to %s", before, after)
	}
	// A new process has the same clock.
	if killed, err := e.Kill(t.Context(), "n1"); err != nil || !killed {
		t.Fatalf("%v, %v", killed, err)
	}
	if err := e.Bump(t.Context(), "n1", 30*time.Minute); err != nil {
		t.Fatal(err)
	}
	if started, err := e.Start(t.Context(), "n1"); err != nil || !started {
		t.Fatalf("%v, %v", started, err)
	}
	await(t, "n1 answers", func() bool { _, err := ask(e.Address("n1"), "clock"); return err == nil })
	await(t, "its clock is moved", func() bool { wall, _ := ahead(t, e, "n1"); return wall < -time.Hour })
	wantAhead(t, e, "n1", -90*time.Minute)
	if err := e.Reset(t.Context(), "n1"); err != nil {
		t.Fatal(err)
	}
	wantAhead(t, e, "n1", 0)
}

func TestDrift(t *testing.T) {
	e := nodes(t)
	asked := time.Now()
	if err := e.Drift(t.Context(), "n2", 2_000_000); err != nil { // three seconds a second
		t.Fatal(err)
	}
	begun := time.Now()
	time.Sleep(time.Second)
	wantBetween(t, e, "n2", 2*time.Since(begun), func() time.Duration { return 2 * time.Since(asked) })
	least := 2 * time.Since(begun)
	if err := e.Drift(t.Context(), "n2", 0); err != nil { // what it has gained stays
		t.Fatal(err)
	}
	most := 2 * time.Since(asked)
	time.Sleep(500 * time.Millisecond)
	wantBetween(t, e, "n2", least, func() time.Duration { return most })
	if err := e.Reset(t.Context(), "n2"); err != nil {
		t.Fatal(err)
	}
	wantAhead(t, e, "n2", 0)
}

func TestStrobe(t *testing.T) {
	e := nodes(t)
	strobe := nemesis.Strobe{Delta: time.Hour, Period: 100 * time.Millisecond, For: time.Second}
	if err := e.Strobe(t.Context(), "n1", strobe); err != nil {
		t.Fatal(err)
	}
	jumps, last := 0, false
	for begun := time.Now(); time.Since(begun) < 1500*time.Millisecond; {
		wall, _ := ahead(t, e, "n1")
		if on := wall > 30*time.Minute; on != last {
			jumps, last = jumps+1, on
		}
	}
	if jumps < 4 || last {
		t.Errorf("%d jumps; ahead in the end: %v", jumps, last)
	}
	strobe.For = time.Minute
	if err := e.Strobe(t.Context(), "n1", strobe); err != nil {
		t.Fatal(err)
	}
	if err := e.Steady(t.Context(), "n1"); err != nil {
		t.Fatal(err)
	}
	wantAhead(t, e, "n1", 0)
}
