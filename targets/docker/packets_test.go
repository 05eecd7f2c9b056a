package docker

import (
	"strconv"
	"testing"
	"time"

	"checker/nemesis"
)

// heardOf is what a victim knows of the datagrams of another one.
type heardOf struct{ all, late int64 }

func listen(t *testing.T, e *Environment, at, from string) heardOf {
	t.Helper()
	return heardOf{mustAskInt(t, e, at, "heard "+e.Address(from)), mustAskInt(t, e, at, "late "+e.Address(from))}
}

// linksOf are all links from and to a node.
func linksOf(e *Environment, node string) []nemesis.Link {
	return nemesis.Fault{Nodes: []string{node}}.Links(e.Nodes())
}

func packetCounts(t *testing.T, e *Environment) nemesis.PacketCounts {
	t.Helper()
	c, err := e.PacketCounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// volley is how many datagrams are sent at a time: with their copies they fit into
// the buffer of a socket that nobody reads.
const volley = 150

// shoot sends a volley, and returns what became of it when as many have arrived as
// its counts say.
func shoot(t *testing.T, e *Environment, from, to string) (heardOf, nemesis.PacketCounts) {
	t.Helper()
	before, counted := listen(t, e, to, from), packetCounts(t, e)
	if said := mustAsk(t, e, from, "shout "+e.Address(to)+" "+strconv.Itoa(volley)); said != "true" {
		t.Fatal(said)
	}
	var h heardOf
	var c nemesis.PacketCounts
	await(t, "all datagrams that are not lost arrive", func() bool {
		c = packetCounts(t, e).Sub(counted)
		h = listen(t, e, to, from)
		h.all, h.late = h.all-before.all, h.late-before.late
		return h.all == int64(volley-c.Lost-c.Corrupted-c.Overrun+c.Duplicated)
	})
	return h, c
}

// TestPacketFaults measures each fault at another node. The link between two nodes
// that are not struck shows none.
func TestPacketFaults(t *testing.T) {
	e := nodes(t)
	const some = 30 * nemesis.Percent
	for name, c := range map[string]struct {
		faults nemesis.PacketFaults
		struck func(nemesis.PacketCounts) uint64
	}{
		"loss":      {nemesis.PacketFaults{Loss: some}, func(c nemesis.PacketCounts) uint64 { return c.Lost }},
		"duplicate": {nemesis.PacketFaults{Duplicate: some}, func(c nemesis.PacketCounts) uint64 { return c.Duplicated }},
		"corrupt":   {nemesis.PacketFaults{Corrupt: some}, func(c nemesis.PacketCounts) uint64 { return c.Corrupted }},
		"reorder":   {nemesis.PacketFaults{Reorder: some}, func(c nemesis.PacketCounts) uint64 { return c.Reordered }},
		"jitter":    {nemesis.PacketFaults{Jitter: 30 * time.Millisecond}, func(c nemesis.PacketCounts) uint64 { return c.Delayed }},
	} {
		t.Run(name, func(t *testing.T) {
			if err := e.Shape(t.Context(), linksOf(e, "n1"), c.faults); err != nil {
				t.Fatal(err)
			}
			for _, way := range [][2]string{{"n1", "n2"}, {"n3", "n1"}} {
				heard, counts := shoot(t, e, way[0], way[1])
				if n := c.struck(counts); name != "jitter" && (n < volley/10 || n > volley*6/10) || name == "jitter" && n != volley {
					t.Errorf("%s>%s: %d of %d struck", way[0], way[1], n, volley)
				}
				if (heard.late > 0) != (name == "reorder") {
					t.Errorf("%s>%s: %d came late", way[0], way[1], heard.late)
				}
			}
			wantUndisturbed(t, e, "n2", "n3")
			if err := e.Unshape(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantUndisturbed(t, e, "n1", "n2")
		})
	}
}

func wantUndisturbed(t *testing.T, e *Environment, from, to string) {
	t.Helper()
	if heard, c := shoot(t, e, from, to); heard != (heardOf{all: volley}) || c != (nemesis.PacketCounts{}) {
		t.Errorf("%s>%s is disturbed: heard %+v, counted %+v", from, to, heard, c)
	}
}

// TestPacketDelay holds up both directions: there is one round trip for the
// connection, and one for the answer.
func TestPacketDelay(t *testing.T) {
	e := nodes(t)
	const delay = 50 * time.Millisecond
	if err := e.Shape(t.Context(), linksOf(e, "n2"), nemesis.PacketFaults{Delay: delay}); err != nil {
		t.Fatal(err)
	}
	await(t, "a delayed question is answered", func() bool {
		took := mustAskInt(t, e, "n1", "time "+e.Address("n2"))
		if took >= 0 && took < int64(4*delay) {
			t.Errorf("two round trips in %s", time.Duration(took))
		}
		return took >= 0
	})
	// A corrupt packet is dropped by TCP, which sends it again.
	if err := e.Shape(t.Context(), linksOf(e, "n2"), nemesis.PacketFaults{Corrupt: 20 * nemesis.Percent}); err != nil {
		t.Fatal(err)
	}
	await(t, "TCP comes through", func() bool { return mustAskInt(t, e, "n1", "time "+e.Address("n2")) >= 0 })
	if err := e.Unshape(t.Context()); err != nil {
		t.Fatal(err)
	}
	await(t, "answers are as fast as before", func() bool {
		took := mustAskInt(t, e, "n1", "time "+e.Address("n2"))
		return took >= 0 && took < int64(delay)
	})
}

// TestPacketRate limits one direction of one link: datagrams take as long as their
// bytes do, and those that find too many ahead of them are dropped. The other direction
// is not limited.
func TestPacketRate(t *testing.T) {
	e := nodes(t)
	const (
		rate     = 20 * nemesis.Kbit
		smallest = 28 + 20 // headers, and a number of nanoseconds
	)
	if err := e.Shape(t.Context(), []nemesis.Link{{From: "n3", To: "n1"}}, nemesis.PacketFaults{Rate: rate}); err != nil {
		t.Fatal(err)
	}
	wantUndisturbed(t, e, "n1", "n3")
	wantUndisturbed(t, e, "n3", "n2")
	begun := time.Now()
	heard, c := shoot(t, e, "n3", "n1")
	took := time.Since(begun)
	if c.Throttled < uint64(heard.all) || c.Throttled+c.Overrun < volley || c.Overrun == 0 || heard.late != 0 {
		t.Errorf("heard %+v, counted %+v", heard, c)
	}
	if least := time.Duration(heard.all) * 8 * smallest * time.Second / time.Duration(rate); took < least {
		t.Errorf("%d datagrams in %s: at %s they take %s at least", heard.all, took, rate, least)
	}
	t.Logf("at %s, %d of %d datagrams in %s, the others dropped", rate, heard.all, volley, took)
	if err := e.Unshape(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantUndisturbed(t, e, "n3", "n1")
}
