package docker

import (
	"strings"
	"testing"
	"time"

	"checker/nemesis"
)

// withDisks returns nodes whose disks can be faulty, and skips where there are none.
func withDisks(t *testing.T) *Environment {
	t.Helper()
	requireEngine(t)
	spec, err := victimSpec(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	spec.Target, spec.Disks = "disks", true
	begun := time.Now()
	e, err := Open(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("nodes with disks in %s", time.Since(begun))
	t.Cleanup(func() {
		begun := time.Now()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		t.Logf("closed in %s", time.Since(begun))
	})
	if err := e.canImpair(); err != nil {
		t.Skip("skipped: ", err)
	}
	return e
}

// says demands an answer.
func says(t *testing.T, e *Environment, node, question, want string) {
	t.Helper()
	if got := mustAsk(t, e, node, question); !strings.Contains(got, want) {
		t.Errorf("%s, asked to %s, says %s: expected %s", node, question, got, want)
	}
}

func restart(t *testing.T, e *Environment, node string) {
	t.Helper()
	if started, err := e.Start(t.Context(), node); err != nil || !started {
		t.Fatalf("start: %v, %v", started, err)
	}
	await(t, node+" answers", func() bool { _, err := ask(e.Address(node), "clock"); return err == nil })
}

func impair(t *testing.T, e *Environment, f nemesis.DiskFaults) {
	t.Helper()
	if err := e.Impair(t.Context(), []string{"n1"}, f); err != nil {
		t.Fatal(err)
	}
}

// counted returns what disks have done since.
func counted(t *testing.T, e *Environment, since nemesis.DiskCounts) nemesis.DiskCounts {
	t.Helper()
	c, err := e.DiskCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c.Sub(since)
}

func TestDisks(t *testing.T) {
	e := withDisks(t)
	t.Run("power-off", func(t *testing.T) { testPowerOff(t, e) })
	t.Run("errors", func(t *testing.T) { testDiskErrors(t, e) })
	t.Run("full", func(t *testing.T) { testFullDisk(t, e) })
	t.Run("slow", func(t *testing.T) { testSlowDisk(t, e) })
	t.Run("flip", func(t *testing.T) { testFlippedBits(t, e) })
	t.Run("rot", func(t *testing.T) { testDamage(t, e) })
}

// testPowerOff loses what was not synced, of one node only; a kill loses nothing.
func testPowerOff(t *testing.T, e *Environment) {
	for _, node := range e.Nodes() {
		says(t, e, node, "put log one", "done")
		mustAskInt(t, e, node, "sync log")
		says(t, e, node, "put log two", "done")
		says(t, e, node, "put other three", "done")
	}
	killed, lost, err := e.PowerOff(t.Context(), "n1", nemesis.KeepNothing)
	if err != nil || !killed || lost != uint64(len("twothree")) {
		t.Fatalf("killed %v, lost %d, %v", killed, lost, err)
	}
	restart(t, e, "n1")
	says(t, e, "n1", "get log", `"one" <nil>`)
	says(t, e, "n1", "get other", "no such file")
	if killed, err := e.Kill(t.Context(), "n2"); err != nil || !killed {
		t.Fatalf("%v, %v", killed, err)
	}
	restart(t, e, "n2")
	says(t, e, "n2", "get log", `"onetwo" <nil>`)
	says(t, e, "n2", "get other", `"three" <nil>`)
	if killed, _, err := e.PowerOff(t.Context(), "n2", nemesis.KeepTorn); err != nil || !killed {
		t.Fatalf("%v, %v", killed, err)
	}
	restart(t, e, "n2")
	says(t, e, "n2", "get log", `"one`)
}

func testDiskErrors(t *testing.T, e *Environment) {
	begin := counted(t, e, nemesis.DiskCounts{})
	says(t, e, "n1", "put errors one", "done")
	mustAskInt(t, e, "n1", "sync errors")
	says(t, e, "n1", "put errors two", "done")
	impair(t, e, nemesis.DiskFaults{Sync: 100 * nemesis.Percent})
	says(t, e, "n1", "sync errors", "input/output error")
	mustAskInt(t, e, "n2", "sync errors")
	impair(t, e, nemesis.DiskFaults{Write: 100 * nemesis.Percent})
	says(t, e, "n1", "put errors three", "input/output error")
	mustAskInt(t, e, "n1", "sync errors") // without an error, and in vain
	if c := counted(t, e, begin); c.Failed < 2 || c.Refused+c.Flipped > 0 || c.Delayed > 0 {
		t.Errorf("%+v", c)
	}
	impair(t, e, nemesis.DiskFaults{Read: 100 * nemesis.Percent})
	says(t, e, "n1", "get errors", "input/output error")
	if err := e.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, e, "n1", "get errors", `"onetwo" <nil>`)
	if _, _, err := e.PowerOff(t.Context(), "n1", nemesis.KeepNothing); err != nil {
		t.Fatal(err)
	}
	restart(t, e, "n1")
	says(t, e, "n1", "get errors", `"one`)
	if got := mustAsk(t, e, "n1", "get errors"); strings.Contains(got, "two") {
		t.Errorf("a sync after one that failed has made it durable: %s", got)
	}
}

func testFullDisk(t *testing.T, e *Environment) {
	begin := counted(t, e, nemesis.DiskCounts{})
	impair(t, e, nemesis.DiskFaults{Full: true, Left: 4})
	says(t, e, "n1", "put full 123456789", "no space left")
	says(t, e, "n1", "get full", `"1234" <nil>`)
	says(t, e, "n2", "put full 123456789", "done")
	if c := counted(t, e, begin); c.Refused == 0 {
		t.Errorf("%+v", c)
	}
	if err := e.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, e, "n1", "put full 56789", "done")
	says(t, e, "n1", "get full", `"123456789" <nil>`)
}

func testSlowDisk(t *testing.T, e *Environment) {
	const slow = 300 * time.Millisecond
	begin := counted(t, e, nemesis.DiskCounts{})
	impair(t, e, nemesis.DiskFaults{SlowSync: slow})
	says(t, e, "n1", "put slow x", "done")
	mustAskInt(t, e, "n2", "sync slow")
	if c := counted(t, e, begin); c.Delayed != 0 {
		t.Errorf("what is not slow took %s longer", c.Delayed)
	}
	if took := mustAskInt(t, e, "n1", "sync slow"); took < int64(slow) {
		t.Errorf("a slow sync took %s", time.Duration(took))
	}
	if c := counted(t, e, begin); c.Delayed != slow {
		t.Errorf("%+v", c)
	}
	if err := e.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	mustAskInt(t, e, "n1", "sync slow")
	if c := counted(t, e, begin); c.Delayed != slow {
		t.Errorf("%+v after the repair", c)
	}
}

func testFlippedBits(t *testing.T, e *Environment) {
	says(t, e, "n1", "put flip abcdefgh", "done")
	impair(t, e, nemesis.DiskFaults{Flip: 100 * nemesis.Percent})
	if got := mustAsk(t, e, "n1", "get flip"); strings.Contains(got, `"abcdefgh"`) {
		t.Errorf("read as written: %s", got)
	}
	if err := e.Repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, e, "n1", "get flip", `"abcdefgh" <nil>`)
}

// testDamage damages files of a database that is down, for good, until they are mended.
func testDamage(t *testing.T, e *Environment) {
	const text = "0123456789"
	damage := func(f nemesis.DiskFaults) []nemesis.Harm {
		t.Helper()
		if _, err := e.Damage(t.Context(), "n1", f); err == nil || !strings.Contains(err.Error(), "alive") {
			t.Errorf("under its feet: %v", err)
		}
		if _, err := e.Kill(t.Context(), "n1"); err != nil {
			t.Fatal(err)
		}
		harm, err := e.Damage(t.Context(), "n1", f)
		if err != nil {
			t.Fatal(err)
		}
		restart(t, e, "n1")
		return harm
	}
	content := func(node string) string { // of all files: the seed chooses among them
		var all string
		for _, name := range []string{"log", "other", "errors", "full", "slow", "flip", "rot"} {
			all += mustAsk(t, e, node, "get "+name)
		}
		return all
	}
	mended := func(was string) {
		t.Helper()
		if _, err := e.Kill(t.Context(), "n1"); err != nil {
			t.Fatal(err)
		}
		if err := e.Repair(t.Context()); err != nil {
			t.Fatal(err)
		}
		restart(t, e, "n1")
		if is := content("n1"); is != was {
			t.Errorf("%s is mended as %s", was, is)
		}
	}
	says(t, e, "n1", "put rot "+text, "done")
	says(t, e, "n2", "put rot "+text, "done")
	was, elsewhere := content("n1"), content("n2")
	if harm := damage(nemesis.DiskFaults{Bits: 5}); total(harm) != 5 || content("n1") == was {
		t.Errorf("flipped %v: %s", harm, content("n1"))
	}
	mended(was)
	if harm := damage(nemesis.DiskFaults{Bytes: 2}); total(harm) != 2 || len(harm) != 1 || len(content("n1")) != len(was)-2 {
		t.Errorf("cut off %v: %s", harm, content("n1"))
	}
	mended(was)
	if content("n2") != elsewhere {
		t.Error("the other node's files were damaged as well")
	}
}

func total(harm []nemesis.Harm) (sum uint64) {
	for _, h := range harm {
		sum += h.Amount
	}
	return sum
}

// TestNoDisks says that nodes have none.
func TestNoDisks(t *testing.T) {
	e := nodes(t)
	for what, err := range map[string]error{
		"impair": e.Impair(t.Context(), []string{"n1"}, nemesis.DiskFaults{Full: true}),
		"damage": second(e.Damage(t.Context(), "n1", nemesis.DiskFaults{Bits: 1})),
		"off":    second2(e.PowerOff(t.Context(), "n1", nemesis.KeepNothing)),
	} {
		if err == nil || !strings.Contains(err.Error(), "without disks") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func second2[A, B any](_ A, _ B, err error) error { return err }
