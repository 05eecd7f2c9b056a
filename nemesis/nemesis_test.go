package nemesis

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"checker/check"
	"checker/history"

	"github.com/cockroachdb/datadriven"
)

// scene is a nemesis at work on a fake environment, with the history of it.
type scene struct {
	env     *fake
	nemesis *Nemesis
	record  *history.Builder
	now     time.Duration
	onFault func(Fault) // hears of the faults of a schedule; nil for nobody
}

func newScene(nodes ...string) *scene {
	env := newFake(nodes...)
	return &scene{env: env, nemesis: New(env, nodes), record: history.NewBuilder()}
}

// invoke executes an op, records it and returns its completion.
func (s *scene) invoke(op history.Op) history.Op {
	done := s.nemesis.Invoke(context.Background(), op)
	for _, op := range []history.Op{op, done} {
		op.Time = int64(s.now)
		if err := s.record.AddOp(op); err != nil {
			panic(err)
		}
	}
	return done
}

// line executes a line of a script: a fault, or something that happens to the
// environment.
func (s *scene) line(t *testing.T, line string) string {
	t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "traffic":
		from, to, _ := strings.Cut(rest, ">")
		s.env.traffic(from, to)
	case "pass":
		d, err := time.ParseDuration(rest)
		if err != nil {
			t.Fatal(err)
		}
		s.now += d
		s.env.pass(d)
	case "write":
		s.env.write(rest)
	case "broken":
		s.env.broken = map[string]bool{}
		for _, node := range strings.Fields(rest) {
			s.env.broken[node] = true
		}
	case "lead":
		s.env.leaders = strings.Fields(rest)
	case "without":
		s.without(rest)
	case "move":
		node, by, _ := strings.Cut(rest, " ")
		d, err := time.ParseDuration(by)
		if err != nil {
			t.Fatal(err)
		}
		s.env.clock[node].offset += d
	case "view":
		return fmt.Sprintln(s.nemesis.View(context.Background()))
	case "evidence":
		return evidenceText(Evidence(s.record.History()))
	default:
		return s.fault(word, rest)
	}
	return ""
}

// fault executes an op whatever its text.
func (s *scene) fault(verb, text string) string {
	op := history.Op{Process: history.Nemesis, Type: history.Info, F: verb, Value: history.String(text)}
	if f, err := Parse(verb, text); err == nil {
		op = f.Op()
	}
	done := s.invoke(op)
	if !done.Error.IsNil() {
		return fmt.Sprintf("%s (%s)\n", done.Value.Text(), done.Error.Text())
	}
	return done.Value.Text() + "\n"
}

// without takes interfaces away from the environment.
func (s *scene) without(what string) {
	var env any
	switch what {
	case "everything":
		env = struct{}{}
	case "counters":
		env = struct {
			Partitioner
			Shaper
		}{s.env, s.env}
	}
	s.nemesis = New(env, s.env.nodes)
}

func evidenceText(bites map[string]check.Bite) string {
	var lines []string
	for family, b := range bites {
		lines = append(lines, fmt.Sprintf("%s: %d injected, %d effective\n", family, b.Injected, b.Effective))
	}
	sort.Strings(lines)
	return strings.Join(lines, "")
}

// TestInvoke plays the scripts of testdata/invoke: after each fault stands what
// its completion says.
func TestInvoke(t *testing.T) {
	datadriven.Walk(t, "testdata/invoke", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			s := newScene(nodesOf(5)...)
			var out strings.Builder
			for _, line := range strings.Split(strings.TrimSpace(d.Input), "\n") {
				fmt.Fprintf(&out, "%s", line)
				if answer := s.line(t, line); answer != "" {
					fmt.Fprintf(&out, "\n    %s", strings.ReplaceAll(strings.TrimSuffix(answer, "\n"), "\n", "\n    "))
				}
				out.WriteString("\n")
			}
			return out.String()
		})
	})
}

func TestSupports(t *testing.T) {
	full, nothing := New(newFake("n1"), []string{"n1"}), New(struct{}{}, []string{"n1"})
	for _, family := range append(FamilyNames(), "fire") {
		known := slices.Contains(FamilyNames(), family)
		if full.Supports(family) != known || nothing.Supports(family) {
			t.Errorf("%s: %v on an environment that can do everything, %v on one that can do nothing", family, full.Supports(family), nothing.Supports(family))
		}
	}
}

// TestEvidenceSurvivesTheFile judges a run, writes its history down and judges
// what is read back.
func TestEvidenceSurvivesTheFile(t *testing.T) {
	sc, s := newScene(nodesOf(5)...), plan(t, 7, true, FamilyNames()...)
	sc.play(t, s.Generator(), 7, 60*time.Second)
	sc.play(t, s.Final(), 7, time.Hour)
	h := sc.record.History()
	want := Evidence(h)
	for _, name := range FamilyNames() {
		if want[name].Effective == 0 {
			t.Errorf("%s: no fault bit: %v", name, want[name])
		}
	}
	for _, format := range []history.Format{history.JSONL, history.EDN, history.JSON} {
		var file bytes.Buffer
		if err := history.WriteHistory(&file, h, format); err != nil {
			t.Fatal(err)
		}
		back, err := history.Read(&file, string(format), history.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := Evidence(back); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v became %v", format, want, got)
		}
	}
}

func TestEvidenceLeavesForeignOpsAlone(t *testing.T) {
	b := history.NewBuilder()
	for _, op := range []history.Op{
		{Process: history.Nemesis, Type: history.Info, F: "kill", Value: history.Keyword("all")}, // Jepsen's
		{Process: history.Nemesis, Type: history.Info, F: "kill", Value: history.Map(history.String("n1"), history.Keyword("killed"))},
		{Process: 0, Type: history.Invoke, F: "kill", Value: history.String("n1")},
		{Process: 0, Type: history.Ok, F: "kill", Value: history.String("killed=n1")},
		{Process: history.Nemesis, Type: history.Info, F: "start-partition"},
	} {
		if err := b.AddOp(op); err != nil {
			t.Fatal(err)
		}
	}
	if got := Evidence(b.History()); len(got) != 0 {
		t.Errorf("evidence: %v", got)
	}
}

func TestAFaultWithoutCompletionIsNotEffective(t *testing.T) {
	b := history.NewBuilder()
	if err := b.AddOp((Fault{Verb: Kill, Nodes: []string{"n1"}}).Op()); err != nil {
		t.Fatal(err)
	}
	if got, want := Evidence(b.History())["kill"], (check.Bite{Injected: 1}); got != want {
		t.Errorf("evidence: %v, expected %v", got, want)
	}
}
