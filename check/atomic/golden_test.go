package atomic_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/atomic"
	"checker/history"
	"checker/internal/story"
)

// A golden holds one trace in JSON Lines, with the time left out of lines that come a millisecond after the
// one before, and shows the verdict. Arguments: recovered=2s, bound=1s, quiet. Under "effects" it is a story of
// what clients saw instead.
func TestGoldens(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "effects" {
				return describe(judgeEffects(t, d.Input))
			}
			var o atomic.Options
			for _, arg := range d.CmdArgs {
				switch arg.Key {
				case "recovered":
					o.Recovered = int64(duration(t, arg.Vals[0]))
				case "bound":
					o.Bound = duration(t, arg.Vals[0])
				case "quiet":
					o.Quiet = true
				}
			}
			m := atomic.NewMonitor(o)
			end, err := atomic.ReadTrace(strings.NewReader(expand(d.Input)), func(e *atomic.Event) bool {
				m.Observe(e)
				return true
			})
			m.Reached(end)
			if err != nil {
				return err.Error() + "\n"
			}
			return describe(m.Result())
		})
	})
}

// judgeEffects judges a story in the words of internal/story.
func judgeEffects(t *testing.T, input string) check.Result {
	text, err := story.EDN(input)
	if err != nil {
		t.Fatal(err)
	}
	h, err := history.Read(strings.NewReader(text), "story", history.ReadOptions{Format: history.EDN})
	if err != nil {
		t.Fatal(err)
	}
	return check.Run(t.Context(), atomic.NewEffects(atomic.EffectOptions{}), h)
}

func duration(t *testing.T, s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// expand makes lines of words into lines of JSON: "n1 s0 voted-yes T1", "n1 decided T1 commit",
// "n1 s0 took-over T1 term=4".
func expand(input string) string {
	var b strings.Builder
	at := int64(0)
	for line := range strings.Lines(input) {
		words := strings.Fields(line)
		if d, err := time.ParseDuration(words[0]); err == nil {
			at, words = int64(d), words[1:]
		} else {
			at += 1e6
		}
		fmt.Fprintf(&b, `{"t":%d,"event":"protocol","node":%q`, at, words[0])
		words = words[1:]
		if term, found := strings.CutPrefix(words[len(words)-1], "term="); found {
			fmt.Fprintf(&b, `,"term":%s`, term)
			words = words[:len(words)-1]
		}
		if strings.HasPrefix(words[0], "s") && len(words[0]) == 2 {
			fmt.Fprintf(&b, `,"group":%q`, words[0])
			words = words[1:]
		}
		fmt.Fprintf(&b, `,"step":%q`, words[0])
		if len(words) > 1 {
			fmt.Fprintf(&b, `,"txn":%q`, words[1])
		}
		if len(words) > 2 && (words[0] == "begun" || strings.HasPrefix(words[0], "voted")) {
			fmt.Fprintf(&b, `,"peer":%q`, strings.Join(words[2:], " "))
		} else if len(words) > 2 {
			fmt.Fprintf(&b, `,"outcome":%q`, words[2])
		}
		b.WriteString("}\n")
	}
	return b.String()
}

func describe(r check.Result) string {
	var b strings.Builder
	fmt.Fprintln(&b, strings.TrimSpace(r.Verdict.String()+" "+r.Reason))
	for _, a := range r.Anomalies {
		fmt.Fprintf(&b, "%s (%d)\n", a.Type, a.Count)
		for _, w := range a.Witnesses {
			fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(w.Text, "\n", "\n  "))
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintln(&b, n)
	}
	return b.String()
}

// Each anomaly that is documented is shown by a golden, and each golden that shows one is of a kind that is
// documented.
func TestGoldensShowEveryKind(t *testing.T) {
	seen := map[string]bool{}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(_ *testing.T, d *datadriven.TestData) string {
			for line := range strings.Lines(d.Expected) {
				if kind, _, found := strings.Cut(line, " ("); found && !strings.HasPrefix(line, " ") {
					seen[kind] = true
				}
			}
			return d.Expected
		})
	})
	for _, k := range atomic.Kinds() {
		if !seen[k.Name] {
			t.Errorf("no golden shows %s", k.Name)
		}
	}
}
