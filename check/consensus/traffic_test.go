package consensus_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"checker/check"
	"checker/check/consensus"
)

// traffic makes the trace of a correct log of n nodes: entries by entries, and now
// and then another leader, a crash that loses what only a minority had, and a
// restart.
func traffic(rng *rand.Rand, n, entries int) []consensus.Event {
	t := trace{term: make([]uint64, n), last: make([]uint64, n), applied: make([]uint64, n), digests: []string{""}, terms: []uint64{0}}
	for i := range n {
		t.add(i, consensus.Event{Step: consensus.Started})
	}
	t.elect(0)
	for len(t.digests) <= entries {
		switch {
		case rng.IntN(200) == 0:
			t.restart(rng.IntN(n))
			t.elect(t.leader)
		case rng.IntN(500) == 0:
			t.elect(rng.IntN(n))
		}
		t.replicate(rng)
	}
	return t.events
}

// trace is a cluster whose logs never diverge, since each entry is on all nodes
// before the next.
type trace struct {
	events  []consensus.Event
	term    []uint64 // by node
	last    []uint64
	applied []uint64
	leader  int
	digests []string // by index
	terms   []uint64
}

func (t *trace) add(node int, e consensus.Event) {
	e.At, e.Node = int64(len(t.events)), "n"+strconv.Itoa(node+1)
	t.events = append(t.events, e)
}

func (t *trace) elect(leader int) {
	next := t.term[t.leader] + 1
	t.leader = leader
	for i := range t.term {
		t.add(i, consensus.Event{Step: consensus.Voted, Term: next, Peer: "n" + strconv.Itoa(leader+1)})
		t.term[i] = next
	}
	t.add(leader, consensus.Event{Step: consensus.BecameLeader, Term: next})
}

func (t *trace) restart(node int) {
	t.applied[node] = 0
	t.add(node, consensus.Event{Step: consensus.Started, Term: t.term[node], Index: t.last[node]})
}

// replicate takes an entry through the cluster, the leader first.
func (t *trace) replicate(rng *rand.Rand) {
	index, term := uint64(len(t.digests)), t.term[t.leader]
	t.digests, t.terms = append(t.digests, strconv.FormatUint(rng.Uint64(), 16)), append(t.terms, term)
	order := append([]int{t.leader}, rng.Perm(len(t.term))...)
	for _, i := range order {
		if t.last[i] < index {
			t.add(i, consensus.Event{Step: consensus.Appended, Term: term, Index: index, Digest: t.digests[index]})
			t.last[i] = index
		}
	}
	for k, i := range order {
		if k > 0 && i == t.leader {
			continue
		}
		t.add(i, consensus.Event{Step: consensus.Committed, Index: index})
		for t.applied[i] < index {
			t.applied[i]++
			at := t.applied[i]
			t.add(i, consensus.Event{Step: consensus.Applied, Term: t.terms[at], Index: at, Digest: t.digests[at]})
		}
	}
}

func jsonl(events []consensus.Event) []byte {
	var b bytes.Buffer
	for _, e := range events {
		fmt.Fprintf(&b, `{"t":%d,"event":"protocol","node":%q,"step":%q`, e.At, e.Node, e.Step)
		if e.Term > 0 {
			fmt.Fprintf(&b, `,"term":%d`, e.Term)
		}
		if e.Index > 0 {
			fmt.Fprintf(&b, `,"index":%d`, e.Index)
		}
		if e.Peer != "" {
			fmt.Fprintf(&b, `,"peer":%q`, e.Peer)
		}
		if e.Digest != "" {
			fmt.Fprintf(&b, `,"digest":%q`, e.Digest)
		}
		b.WriteString("}\n")
	}
	return b.Bytes()
}

// TestOneWrongEvent takes a correct trace, which is valid, and changes one event
// in a way that no correct log can explain.
func TestOneWrongEvent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		events := traffic(rng, rapid.IntRange(1, 7).Draw(t, "nodes"), 40)
		o := consensus.Options{Voters: 0}
		if r := verdict(events, o); r.Verdict != check.Valid {
			t.Fatalf("the correct trace: %s", inWords(r))
		}
		i := rapid.IntRange(0, len(events)-1).Draw(t, "event")
		e := events[i]
		changed := append([]consensus.Event{}, events...)
		switch e.Step {
		case consensus.Applied:
			if rapid.Bool().Draw(t, "twice") {
				changed = append(append(append([]consensus.Event{}, events[:i+1]...), e), events[i+1:]...)
			} else {
				changed[i].Digest = "wrong"
			}
		case consensus.Appended:
			changed[i].Digest = "wrong"
			if alone(events) {
				return // its only node may append whatever it likes, if it applies the same
			}
		case consensus.Committed:
			changed[i].Index++
		default:
			return
		}
		if r := verdict(changed, o); r.Verdict != check.Invalid {
			t.Fatalf("%v became %v, and that is %s", e, changed[i], inWords(r))
		}
	})
}

func alone(events []consensus.Event) bool {
	for _, e := range events {
		if e.Node != events[0].Node {
			return false
		}
	}
	return true
}

func verdict(events []consensus.Event, o consensus.Options) check.Result {
	m := consensus.NewMonitor(o)
	for _, e := range events {
		m.Observe(&e)
	}
	return m.Result()
}

// TestReadingGivesTheEventsBack writes a trace and reads it.
func TestReadingGivesTheEventsBack(t *testing.T) {
	events := traffic(rand.New(rand.NewPCG(1, 2)), 5, 500)
	i := 0
	end, err := consensus.ReadTrace(bytes.NewReader(jsonl(events)), func(e consensus.Event) bool {
		if e != events[i] {
			t.Fatalf("event %d was %v and is %v", i, events[i], e)
		}
		i++
		return true
	})
	if err != nil || i != len(events) || end != events[i-1].At {
		t.Errorf("%d of %d events until %d: %v", i, len(events), end, err)
	}
}

// FuzzTrace feeds arbitrary text to reader and monitor: no panic, no memory
// beyond what the text deserves, the same verdict twice.
func FuzzTrace(f *testing.F) {
	f.Add(jsonl(traffic(rand.New(rand.NewPCG(1, 2)), 3, 4)))
	f.Add([]byte(`{"t":1,"event":"protocol","node":"n1","step":"started","term":3,"index":4}` + "\n" +
		`{"t":2,"event":"protocol","node":"n1","step":"restored","term":3,"index":3,"digest":"s"}` + "\n" +
		`{"t":3,"event":"protocol","node":"n1","step":"truncated","index":2}` + "\n"))
	f.Add([]byte(`{"t":-1,"event":"protocol","node":"\u0000","step":"voted","peer":"n2"}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		source := consensus.Trace(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil })
		o := consensus.Options{Voters: 3, Recovered: 2, Bound: 5}
		first := check.Run(t.Context(), consensus.New(source, o), nil)
		if again := check.Run(t.Context(), consensus.New(source, o), nil); inWords(first) != inWords(again) {
			t.Fatalf("%s\nand then\n%s", inWords(first), inWords(again))
		}
		if first.Verdict == check.Unknown && len(first.Reason) > 18 && first.Reason[:18] == "the checker panick" {
			t.Fatal(first.Reason)
		}
	})
}

func BenchmarkObserve(b *testing.B) {
	events := traffic(rand.New(rand.NewPCG(1, 2)), 5, 20_000)
	b.ReportAllocs()
	for b.Loop() {
		m := consensus.NewMonitor(consensus.Options{Voters: 5})
		for _, e := range events {
			m.Observe(&e)
		}
	}
	b.ReportMetric(float64(len(events))*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkReadTrace(b *testing.B) {
	text := jsonl(traffic(rand.New(rand.NewPCG(1, 2)), 5, 20_000))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := consensus.ReadTrace(bytes.NewReader(text), func(consensus.Event) bool { return true }); err != nil {
			b.Fatal(err)
		}
	}
}
