package consensus_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/consensus"
)

// TestVerdicts judges the small traces in testdata: a violation of each kind and,
// beside it, what looks like one and is none. A line of a trace is written as
// events print; lines that begin with # are remarks.
func TestVerdicts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "judge":
				return inWords(judge(t, parse(t, d.Input), options(t, d)))
			case "read":
				input := d.Input + "\n"
				if d.HasArg("torn") {
					input = d.Input
				}
				return inWords(check.Run(context.Background(), consensus.New(text(input), options(t, d)), nil))
			}
			t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
			return ""
		})
	})
}

// options reads voters=N recovered=NS bound=NS.
func options(t *testing.T, d *datadriven.TestData) consensus.Options {
	var o consensus.Options
	d.MaybeScanArgs(t, "voters", &o.Voters)
	d.MaybeScanArgs(t, "recovered", &o.Recovered)
	var bound int64
	d.MaybeScanArgs(t, "bound", &bound)
	o.Bound = time.Duration(bound)
	return o
}

// judge judges events both ways, which must agree.
func judge(t testing.TB, events []consensus.Event, o consensus.Options) check.Result {
	m := consensus.NewMonitor(o)
	for _, e := range events {
		m.Observe(&e)
	}
	during := check.Run(context.Background(), m, nil)
	after := check.Run(context.Background(), consensus.New(consensus.Events(events), o), nil)
	if a, b := inWords(during), inWords(after); a != b {
		t.Fatalf("as they happened:\n%s\nafterwards:\n%s", a, b)
	}
	return after
}

func text(s string) consensus.Source {
	return consensus.Trace(func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil })
}

// parse reads events as they print: an optional t=NS (else the number of the
// line), the node, the step, and fields by name. Several peers have + between
// them.
func parse(t testing.TB, input string) []consensus.Event {
	var events []consensus.Event
	for i, line := range strings.Split(input, "\n") {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		e := consensus.Event{At: int64(i + 1)}
		if strings.HasPrefix(words[0], "t=") {
			scan(t, words[0], "t=%d", &e.At)
			words = words[1:]
		}
		e.Node, e.Step = words[0], words[1]
		for _, w := range words[2:] {
			name, _, _ := strings.Cut(w, "=")
			switch name {
			case "term":
				scan(t, w, "term=%d", &e.Term)
			case "index":
				scan(t, w, "index=%d", &e.Index)
			case "digest":
				scan(t, w, "digest=%s", &e.Digest)
			case "peer":
				scan(t, w, "peer=%s", &e.Peer)
				e.Peer = strings.ReplaceAll(e.Peer, "+", " ")
			default:
				t.Fatalf("line %q: no field %q", line, name)
			}
		}
		events = append(events, e)
	}
	return events
}

func scan(t testing.TB, word, format string, into any) {
	if _, err := fmt.Sscanf(word, format, into); err != nil {
		t.Fatalf("%q: %v", word, err)
	}
}

// inWords prints a result for a golden.
func inWords(r check.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s\n", r.Verdict, r.Reason)
	for _, a := range r.Anomalies {
		fmt.Fprintf(&b, "%s × %d\n", a.Type, a.Count)
		for _, w := range a.Witnesses {
			fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(w.Text, "\n", "\n    "))
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}

func TestEventsPrintAndParse(t *testing.T) {
	for _, e := range []consensus.Event{
		{At: 12, Node: "n1", Step: consensus.Appended, Term: 2, Index: 3, Digest: "a1"},
		{At: 0, Node: "n2", Step: consensus.Voted, Term: 2, Peer: "n1"},
		{At: 5, Node: "n3", Step: consensus.Started},
	} {
		if back := parse(t, e.String()); back[0] != e {
			t.Errorf("%v came back as %v", e, back[0])
		}
	}
}

// TestEveryKindIsProven holds the goldens to showing every anomaly at least once.
func TestEveryKindIsProven(t *testing.T) {
	shown := map[string]bool{}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			for line := range strings.SplitSeq(d.Expected, "\n") {
				if kind, _, ok := strings.Cut(line, " × "); ok {
					shown[kind] = true
				}
			}
			return d.Expected
		})
	})
	for _, k := range consensus.Kinds() {
		if !shown[k.Name] {
			t.Errorf("no golden shows %s", k.Name)
		}
		delete(shown, k.Name)
	}
	for kind := range shown {
		t.Errorf("%s is found and not explained", kind)
	}
}

func TestCancelledIsUnknown(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	events := parse(t, "n1 started\nn1 became-leader term=1\nn1 appended term=1 index=1 digest=a\nn1 committed index=1")
	if r := check.Run(ctx, consensus.New(consensus.Events(events), consensus.Options{}), nil); r.Verdict != check.Unknown {
		t.Errorf("%v, want unknown: nobody waited for the end", r.Verdict)
	}
}

// TestRecoveredWhileItHappens tells the moment of recovery late, as a run does.
func TestRecoveredWhileItHappens(t *testing.T) {
	m := consensus.NewMonitor(consensus.Options{Bound: 10})
	for _, e := range parse(t, `t=1 n1 started
t=1 n2 started
t=2 n1 became-leader term=1
t=2 n1 appended term=1 index=1 digest=a
t=3 n1 committed index=1
t=3 n1 applied term=1 index=1 digest=a`) {
		m.Observe(&e)
	}
	if !m.Settled() {
		t.Error("nobody has said that the faults are over, and yet something is waited for")
	}
	m.Recovered(5)
	if m.Settled() {
		t.Error("n2 has applied nothing")
	}
	m.Reached(14)
	if r := m.Result(); r.Verdict != check.Unknown {
		t.Errorf("%v before the bound is over, want unknown", r.Verdict)
	}
	m.Reached(15)
	if r := m.Result(); r.Verdict != check.Invalid || r.Anomalies[0].Type != "no-catch-up" {
		t.Errorf("%v %v after the bound, want no-catch-up", r.Verdict, r.Anomalies)
	}
	for _, e := range parse(t, `t=16 n2 appended term=1 index=1 digest=a
t=16 n2 committed index=1
t=16 n2 applied term=1 index=1 digest=a`) {
		m.Observe(&e)
	}
	if r := m.Result(); r.Verdict != check.Invalid || !m.Settled() {
		t.Errorf("%v: n2 came back, but too late", r.Verdict)
	}
}
