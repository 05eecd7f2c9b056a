package reports

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"checker/check"
	"checker/history"
)

// cycleInput is a history of n transactions that each come before the next, in a
// circle, with each kind of edge in turn.
func cycleInput(t testing.TB, n int) Input {
	mop := func(f string, key int64, value history.Value) history.Value {
		return history.Mop(f, history.Int(key), value)
	}
	var ops []history.Op
	var w check.Witness
	for i := range int64(n) {
		asked := history.Vector(mop("append", i, history.Int(i+1)), mop("r", (i+1)%int64(n), history.Nil))
		read := make([]history.Value, 40*i%97)
		for j := range read {
			read[j] = history.Int(int64(j))
		}
		answered := history.Vector(mop("append", i, history.Int(i+1)), mop("r", (i+1)%int64(n), history.Vector(read...)))
		op := clientOp(history.Process(i%7), "txn", i*1e8, i*1e8+9e7, history.Ok, asked, answered)
		ops = append(ops, op[0], op[1])
		next := (i + 1) % int64(n)
		edge := edgeKinds[i%int64(len(edgeKinds))].name
		w.Ops = append(w.Ops, int(2*i+1))
		w.Steps = append(w.Steps, check.Step{From: int(2*i + 1), To: int(2*next + 1), Edge: edge, Key: fmt.Sprint(next),
			Why: fmt.Sprintf("T%d did not observe T%d", i+1, next+1)})
	}
	w.Text = "each would have to come before the next"
	h := build(t, ops...)
	r := check.Result{Name: "list-append", Verdict: check.Invalid, Anomalies: []check.Anomaly{{Type: "G2-item", Count: 1, Witnesses: []check.Witness{w}}},
		ConsistencyModels: &check.ConsistencyModels{Requested: []string{"strict-serializable"}, Not: []string{"repeatable-read"},
			AlsoNot: []string{"serializable", "strong-session-serializable", "strict-serializable"}, Holds: []string{"strong-read-committed", "snapshot-isolation"}}}
	return Input{Title: "cycle", History: h, Document: check.NewDocument([]check.Result{r}, check.Evidence{})}
}

// splitInput is a transaction that one participant committed and one aborted.
func splitInput(testing.TB) Input {
	events := []check.Event{
		{At: 1e6, Node: "n1", Step: "begun", Txn: "T7", Peer: "s0 s1"},
		{At: 2e6, Node: "n2", Group: "s0", Step: "voted-yes", Txn: "T7"},
		{At: 3e6, Node: "n3", Group: "s1", Step: "voted-yes", Txn: "T7"},
		{At: 4e6, Node: "n3", Step: "stopped"},
		{At: 5e6, Node: "n1", Step: "decided", Txn: "T7", Outcome: "commit"},
		{At: 6e6, Node: "n3", Step: "started"},
		{At: 7e6, Node: "n2", Group: "s0", Step: "applied", Txn: "T7", Outcome: "commit"},
		{At: 8e6, Node: "n3", Group: "s1", Step: "applied", Txn: "T7", Outcome: "abort"},
	}
	w := check.Witness{Ops: []int{}, Key: "T7", Events: events, Text: "n2 of s0 says commit of T7, and n3 of s1 says abort."}
	r := check.Result{Name: "atomic-commit", Verdict: check.Invalid, Anomalies: []check.Anomaly{{Type: "split-decision", Count: 1, Witnesses: []check.Witness{w}}}}
	return Input{Title: "split", Document: check.NewDocument([]check.Result{r}, check.Evidence{})}
}

var boxPart = regexp.MustCompile(`<g class="box [a-z]+">.*?<rect x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)" height="([0-9.]+)"`)

// TestCyclesAreLegible: whatever its length, the boxes of a cycle stand apart and
// inside the drawing, and each of its edges leads to a sentence.
func TestCyclesAreLegible(t *testing.T) {
	for _, n := range []int{2, 3, 4, 5, 8, 19, 20, 21, 60} {
		page := newPage(cycleInput(t, n))
		w := page.Anomalies[0].Witnesses[0]
		if !w.Ring {
			t.Fatalf("a cycle of %d is not drawn as one", n)
		}
		svg := string(w.Drawing)
		rects := rectangles(t, svg)
		if want := min(n, ringMost); len(rects) != want {
			t.Errorf("cycle of %d: %d boxes, want %d", n, len(rects), want)
		}
		for i, a := range rects {
			if a.x < 0 || a.x+a.w > ringWidth || a.y < 0 || a.w <= 0 || a.h <= 0 {
				t.Errorf("cycle of %d: box %d is at %+v", n, i, a)
			}
			for j, b := range rects[:i] {
				if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h+30 && b.y < a.y+a.h+30 {
					t.Errorf("cycle of %d: boxes %d and %d touch: %+v %+v", n, j, i, a, b)
				}
			}
		}
		links := regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(svg, -1)
		if n <= ringMost && len(links) != n {
			t.Errorf("cycle of %d: %d edges are links", n, len(links))
		}
		if first := w.Steps[0]; strings.Contains(svg, "%!") || !strings.Contains(svg, ">"+first.Edge+" "+first.Key+"</text>") {
			t.Errorf("cycle of %d: the first edge is not named", n)
		}
		for _, l := range links {
			if !slices.ContainsFunc(w.Steps, func(s witnessStep) bool { return s.ID == l[1] }) {
				t.Errorf("cycle of %d: an edge leads to %s, which is no step", n, l[1])
			}
		}
	}
}

type rectangle struct{ x, y, w, h float64 }

func rectangles(t *testing.T, svg string) []rectangle {
	var all []rectangle
	for _, m := range boxPart.FindAllStringSubmatch(svg, -1) {
		var at [4]float64
		for i := range at {
			var err error
			if at[i], err = strconv.ParseFloat(m[i+1], 64); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, rectangle{at[0], at[1], at[2], at[3]})
	}
	return all
}

// TestOtherStepsAreNoCycle: a chain, and a cycle of plain ops, are drawn over time.
func TestOtherStepsAreNoCycle(t *testing.T) {
	in := cycleInput(t, 3)
	w := &in.Document.Checks[0].Anomalies[0].Witnesses[0]
	w.Steps = w.Steps[:2]
	for name, in := range map[string]Input{"chain": in, "plain": smallInvalid(t)} {
		shown := newPage(in).Anomalies[0].Witnesses[0]
		if shown.Ring || !strings.Contains(string(shown.Drawing), `class="drawing sketch"`) {
			t.Errorf("%s: drawn as %.80s", name, shown.Drawing)
		}
	}
}

// TestSplitDecisionHasLanes: each participant has a lane, its crashes on it, and the
// outcomes that contradict each other are marked.
func TestSplitDecisionHasLanes(t *testing.T) {
	svg := string(newPage(splitInput(t)).Anomalies[0].Witnesses[0].Drawing)
	for what, want := range map[string]int{`class="name"`: 3, `<g class="event`: 8, " against": 3, "✕ applied abort": 1, "⚡ stopped": 1} {
		if got := strings.Count(svg, what); got != want {
			t.Errorf("%d times %q, want %d", got, what, want)
		}
	}
}
