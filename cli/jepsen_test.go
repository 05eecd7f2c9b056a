package cli

import (
	"bytes"
	"context"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"checker/check"
	"checker/check/logpattern"
	"checker/check/sets"
	"checker/history"
	"checker/internal/story"
	"checker/nemesis"
)

// The defects that reading Jepsen brought to light, each with a test that ours
// behaves. That what is healed was cut by us is tested beside the firewall, in
// nemesis/agent: TestJepsenHealFlushesOthersRules.

// told is the history that a story tells.
func told(t *testing.T, lines ...string) *history.History {
	t.Helper()
	text, err := story.EDN(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	h, err := history.Read(strings.NewReader(text), "story", history.ReadOptions{Format: history.EDN})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// program runs a command line and returns its exit code and standard output.
func program(args ...string) (code int, stdout string) {
	var out, log bytes.Buffer
	code = Main(Default(), args, strings.NewReader(""), &out, &log)
	return code, out.String()
}

// TestJepsenSetFullDuplicates: its filter for duplicates never lets one through.
func TestJepsenSetFullDuplicates(t *testing.T) {
	h := told(t, "0 add 1 -> ok", "1 read -> [1 1]")
	r := check.Run(context.Background(), sets.New(sets.Options{Full: true}), h)
	if r.Verdict != check.Invalid || !slices.Equal(check.AnomalyTypes([]check.Result{r}), []string{sets.Duplicated}) {
		t.Errorf("an element twice is %v", r)
	}
}

// TestJepsenAnalyzeExitsZero: its analyze exits with 0 whatever it finds.
func TestJepsenAnalyzeExitsZero(t *testing.T) {
	store := t.TempDir()
	code, _ := program("run", "--bug", "stale-leader-read", "--seed", "1", "--out", store, "-q")
	if code != ExitInvalid {
		t.Fatalf("the run exits with %d", code)
	}
	if code, out := program("check", "-q", filepath.Join(store, "latest")); code != ExitInvalid {
		t.Errorf("judged again it exits with %d: %s", code, out)
	}
}

// TestJepsenUnknownMasksInvalid: its test-all lets an unknown outweigh a failure, and
// stops at the first failure.
func TestJepsenUnknownMasksInvalid(t *testing.T) {
	dir := t.TempDir()
	bad, odd := filepath.Join(dir, "bad.edn"), filepath.Join(dir, "odd.edn")
	for file, lines := range map[string]string{bad: "0 generate -> 7\n0 generate -> 7", odd: "0 generate -> info"} {
		text, err := story.EDN(lines)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, files := range [][]string{{bad, odd}, {odd, bad}} {
		code, out := program(append([]string{"check", "-q", "-m", "unique-ids"}, files...)...)
		if code != ExitInvalid || strings.Count(out, "\n") != 2 {
			t.Errorf("%v exit with %d:\n%s", files, code, out)
		}
	}
}

// TestJepsenPrimariesLeak: with its partition of primaries, those not chosen drop out
// of the grudge and talk to both sides. Here whoever is chosen is cut off from all
// others, both ways, and nobody else is from anyone.
func TestJepsenPrimariesLeak(t *testing.T) {
	nodes := []string{"n1", "n2", "n3", "n4", "n5"}
	for _, chosen := range [][]string{{"n1"}, {"n2", "n4"}, nodes} {
		cuts := nemesis.Complete(nemesis.Isolate(nodes, chosen))
		for _, a := range nodes {
			for _, b := range nodes {
				want := a != b && (slices.Contains(chosen, a) || slices.Contains(chosen, b))
				if got := slices.Contains(cuts, nemesis.Link{From: a, To: b}); got != want {
					t.Errorf("%v are primaries: the link from %s to %s is cut: %v", chosen, a, b, got)
				}
			}
		}
	}
}

// TestJepsenSlowWithoutOptions: the short form of its slow! hands on a function where
// a device should be. A fault of ours that leaves something out has a default there,
// and prints as what it reads back from.
func TestJepsenSlowWithoutOptions(t *testing.T) {
	f, err := nemesis.Parse("packet", "n1 reorder=20%")
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Packet.HoldUp(); got != 50*time.Millisecond || f.Text() != "n1 reorder=20%" {
		t.Errorf("%q holds up for %v", f.Text(), got)
	}
}

// shut is a tree of logs of which one cannot be read.
type shut struct{ fstest.MapFS }

func (s shut) Open(name string) (fs.File, error) {
	if name == "n1.log" {
		return nil, errors.New("n1.log: input/output error")
	}
	return s.MapFS.Open(name)
}

// TestJepsenLogPatternAborts: its log-file-pattern fails whole on any error of grep
// but a missing file.
func TestJepsenLogPatternAborts(t *testing.T) {
	logs := shut{fstest.MapFS{"n1.log": {}, "n2.log": {Data: []byte("panic: here\n")}}}
	c := logpattern.New(logs, regexp.MustCompile("panic"), logpattern.Options{})
	r := check.Run(context.Background(), c, history.NewBuilder().History())
	if r.Verdict != check.Invalid || !strings.Contains(r.Reason, "input/output error") {
		t.Errorf("%v", r)
	}
}

// TestJepsenNeedsTheInternet: its clock, disk and bit flip faults fetch and run programs
// on the nodes. Ours come with the agent, which starts no program and fetches nothing.
func TestJepsenNeedsTheInternet(t *testing.T) {
	files, err := filepath.Glob("../nemesis/agent/*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("the agent has %d files: %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			if slices.Contains([]string{`"net/http"`, `"plugin"`}, i.Path.Value) {
				t.Errorf("%s imports %s", file, i.Path.Value)
			}
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if ok && slices.Contains([]string{"Command", "CommandContext", "StartProcess", "ForkExec"}, call.Sel.Name) {
				t.Errorf("%s starts a program by %s", file, call.Sel.Name)
			}
			return true
		})
	}
}
