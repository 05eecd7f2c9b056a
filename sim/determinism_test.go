package sim

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// digest is an observer that hashes the event log.
type digest struct {
	hash.Hash
	lines int
}

func (d *digest) Observe(e Event) {
	d.lines++
	fmt.Fprintln(d, e)
}

// chaosDigest sums up the log of two seconds of chaos.
func chaosDigest(seed uint64) string {
	w := gossipWorld(seed, 5)
	d := &digest{Hash: sha256.New()}
	w.Observe(d)
	unleash(w)
	w.RunUntil(int64(2 * time.Second))
	return fmt.Sprintf("%d lines %x", d.lines, d.Sum(nil))
}

func TestSameSeedSameLog(t *testing.T) {
	first := chaosDigest(7)
	if second := chaosDigest(7); second != first {
		t.Errorf("two runs of seed 7 gave %s and %s", first, second)
	}
	if other := chaosDigest(8); other == first {
		t.Errorf("seeds 7 and 8 gave the same log, %s", first)
	}
}

// Two processes agree: nothing depends on the random order of maps, on
// addresses or on the time of day.
func TestSameLogInAnotherProcess(t *testing.T) {
	const child = "SIM_DIGEST_CHILD"
	if os.Getenv(child) != "" {
		fmt.Printf("digest: %s\n", chaosDigest(7))
		return
	}
	want := fmt.Sprintf("digest: %s\n", chaosDigest(7))
	for range 2 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestSameLogInAnotherProcess$")
		cmd.Env = append(os.Environ(), child+"=1")
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := string(out[:min(len(out), len(want))]); got != want {
			t.Errorf("another process says\n%swant\n%s", got, want)
		}
	}
}

// An observer changes nothing.
func TestObservingChangesNothing(t *testing.T) {
	run := func(observe bool) (Counters, uint64) {
		w := gossipWorld(7, 5)
		if observe {
			w.Observe(&digest{Hash: sha256.New()})
		}
		unleash(w)
		w.RunUntil(int64(time.Second))
		return w.Network().Counters(), w.Events()
	}
	seen, seenEvents := run(true)
	unseen, unseenEvents := run(false)
	if seen != unseen || seenEvents != unseenEvents {
		t.Errorf("observed: %+v, %d events; unobserved: %+v, %d events", seen, seenEvents, unseen, unseenEvents)
	}
}

// The chaos of these tests is a positive control: every cause strikes in it.
func TestChaosBitesInEveryWay(t *testing.T) {
	w := gossipWorld(7, 5)
	for _, h := range w.Hosts() {
		h.SetBuffer(20, 1<<20)
	}
	unleash(w)
	w.RunUntil(int64(5 * time.Second))
	c := w.Network().Counters()
	for cause, n := range c.Dropped {
		if n == 0 {
			t.Errorf("nothing was dropped by %v", Drop(cause))
		}
	}
	if c.Duplicated == 0 || c.Delayed == 0 || c.Reordered == 0 || c.Throttled == 0 {
		t.Errorf("a fault never struck: %+v", c)
	}
	var disks DiskCounters
	for _, h := range w.Hosts() {
		d := h.Disk().Counters()
		disks.Crashes += d.Crashes
		disks.LostBytes += d.LostBytes
		disks.Errors += d.Errors
		disks.Refused += d.Refused
		disks.Delayed += d.Delayed
	}
	if disks.Crashes == 0 || disks.LostBytes == 0 || disks.Errors == 0 || disks.Refused == 0 || disks.Delayed == 0 {
		t.Errorf("a disk fault never struck: %+v", disks)
	}
}

// arrivals is an observer of when packets reach n2 from n1.
type arrivals []int64

func (a *arrivals) Observe(e Event) {
	if e.Kind == Delivered && e.Host.Name() == "n1" && e.Peer.Name() == "n2" {
		*a = append(*a, e.At)
	}
}

// tellN2 sends 100 packets from n1 to n2, far enough apart for none to hold up
// the next, in a world of these hosts that prepare has been at, and returns
// their arrivals.
func tellN2(names []string, prepare func(*World)) arrivals {
	w := New(42)
	for _, name := range names {
		h := w.AddHost(name)
		h.Boot(func(*Host) Program { return silent{} })
		h.Start()
	}
	var got arrivals
	w.Observe(&got)
	prepare(w)
	n1, n2 := w.Hosts()[slices.Index(names, "n1")], w.Hosts()[slices.Index(names, "n2")]
	for i := range int64(100) {
		w.At(i*int64(100*time.Millisecond), func() { n1.Send(n2, 1, nil) })
	}
	w.RunUntil(int64(20 * time.Second))
	return got
}

// What is drawn for one link shifts with nothing else: not with more hosts in
// another order, not with traffic and faults elsewhere, and the packets that
// faults of the link itself leave alone arrive when they would have anyway.
func TestStreamsDoNotShiftEachOther(t *testing.T) {
	alone := tellN2([]string{"n1", "n2"}, func(*World) {})
	if len(alone) != 100 {
		t.Fatalf("%d packets arrived, want 100", len(alone))
	}
	crowd := tellN2([]string{"n0", "n2", "n3", "n1"}, func(w *World) {
		n0, n2, n3, n1 := w.Hosts()[0], w.Hosts()[1], w.Hosts()[2], w.Hosts()[3]
		w.Network().SetHostFaults(n3, LinkFaults{Loss: 0.5, Jitter: time.Second})
		for range 50 {
			n0.Send(n3, 1, nil)
			n1.Send(n3, 1, nil)
			n2.Send(n1, 1, nil)
		}
		n2.Disk().Append("log", []byte("x"))
		n2.Disk().Sync("log", 1)
		n0.Kill()
	})
	if !slices.Equal(alone, crowd) {
		t.Error("packets arrive at other times when there are more hosts")
	}
	lossy := tellN2([]string{"n1", "n2"}, func(w *World) {
		w.Network().SetFaults(w.Hosts()[0], w.Hosts()[1], LinkFaults{Loss: 0.3, Corrupt: 0.1})
	})
	if len(lossy) < 40 || len(lossy) > 80 {
		t.Errorf("%d of 100 packets survive faults that spare 63 %%", len(lossy))
	}
	cut := tellN2([]string{"n1", "n2"}, func(w *World) {
		n1, n2 := w.Hosts()[0], w.Hosts()[1]
		w.At(int64(2*time.Second-1), func() { w.Network().Cut(n1, n2) })
		w.At(int64(5*time.Second-1), func() { w.Network().Uncut(n1, n2) })
	})
	if len(cut) != 70 {
		t.Errorf("%d of 100 packets survive a cut while 30 are sent", len(cut))
	}
	for _, at := range slices.Concat(lossy, cut) {
		if !slices.Contains(alone, at) {
			t.Errorf("a packet that was spared arrives at %d, which it does not without faults", at)
		}
	}
}
