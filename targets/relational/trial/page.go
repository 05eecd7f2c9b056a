package trial

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var rewrite = flag.Bool("rewrite", false, "write docs/hermitage.md anew")

// Level is a level of isolation, and the interleavings whose anomalies it lets through.
type Level struct {
	Name  string
	Begin []string
	Seen  []string
}

// Hermitage plays all interleavings at each level, and compares what was seen with what
// is expected, and with the part of docs/hermitage.md that is about the database. A
// statement that is slow for another reason than a lock may make an interleaving
// another one, which is played again.
func Hermitage(t *testing.T, name, title string, db *sql.DB, levels []Level) {
	t.Helper()
	rows := make([]string, len(Interleavings))
	for i, in := range Interleavings {
		rows[i] = fmt.Sprintf("| %s | %s |", in.Name, in.Summary)
	}
	head := "| | what it shows |"
	for _, level := range levels {
		seen := level.play(t, db)
		head += " " + level.Name + " |"
		for i, in := range Interleavings {
			if slices.Contains(seen, in.Name) {
				rows[i] += " **seen** |"
			} else {
				rows[i] += " prevented |"
			}
		}
	}
	part := fmt.Sprintf("## %s\n\n%s\n|%s\n%s\n", title, head, strings.Repeat("---|", 2+len(levels)), strings.Join(rows, "\n"))
	comparePage(t, name, part)
}

func (l Level) play(t *testing.T, db *sql.DB) (seen []string) {
	t.Helper()
	for range 3 {
		var err error
		if seen, err = Seen(context.Background(), db, l.Begin); err != nil {
			t.Fatalf("%s: %v", l.Name, err)
		}
		if slices.Equal(seen, l.Seen) {
			return seen
		}
	}
	t.Errorf("%s: seen %q, expected %q", l.Name, seen, l.Seen)
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
