package trial

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"checker/check/hermitage"
	"checker/history"
	"checker/targets"
)

var rewrite = flag.Bool("rewrite", false, "write docs/hermitage.md anew")

// Level is a level of isolation, and the interleavings whose anomalies it lets through.
type Level struct {
	Name string
	Seen []string
}

// Hermitage plays all interleavings at each level, through a client for it, and compares
// what was seen with what is expected, and with the part of docs/hermitage.md that is
// about the database. A statement that is slow for another reason than a lock may make
// an interleaving another one, which is played again.
func Hermitage(t *testing.T, name, title string, clientFor func(isolation string) (targets.Client, error), levels []Level) {
	t.Helper()
	all := hermitage.All()
	rows := make([]string, len(all))
	for i, in := range all {
		rows[i] = fmt.Sprintf("| %s | %s |", in.Name, in.Summary)
	}
	head := "| | what it shows |"
	for _, level := range levels {
		client, err := clientFor(level.Name)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		head += " " + level.Name + " |"
		for i, in := range all {
			if level.play(t, client, in) {
				rows[i] += " **seen** |"
			} else {
				rows[i] += " prevented |"
			}
		}
	}
	part := fmt.Sprintf("## %s\n\n%s\n|%s\n%s\n", title, head, strings.Repeat("---|", 2+len(levels)), strings.Join(rows, "\n"))
	comparePage(t, name, part)
}

func (l Level) play(t *testing.T, client targets.Client, in hermitage.Interleaving) (seen bool) {
	t.Helper()
	want := slices.Contains(l.Seen, in.Name)
	for range 3 {
		op := invoke(t, client, hermitage.F, in.Op().Value)
		if op.Type != history.Ok {
			t.Fatalf("%s, %s: %v", l.Name, in.Name, op)
		}
		var err error
		if seen, err = hermitage.Shows(op.Value); err != nil {
			t.Fatalf("%s, %s: %v", l.Name, in.Name, err)
		}
		if seen == want {
			return seen
		}
	}
	t.Errorf("%s: %s is seen: %v, expected %v", l.Name, in.Name, seen, want)
	return seen
}

// comparePage compares a part of the page between its marks.
func comparePage(t *testing.T, name, part string) {
	t.Helper()
	path := filepath.Join("..", "..", "docs", "hermitage.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+name+": written by `make hermitage` -->\n", "<!-- end of "+name+" -->"
	before, rest, ok := strings.Cut(string(page), begin)
	old, after, closed := strings.Cut(rest, end)
	switch {
	case !ok || !closed:
		t.Fatalf("%s has no marks for %s", path, name)
	case old == part:
	case *rewrite && !t.Failed():
		if err := os.WriteFile(path, []byte(before+begin+part+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s is not what was seen: make hermitage", path)
	}
}
