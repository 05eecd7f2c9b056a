package rundir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestExcerptsAreWholeLines(t *testing.T) {
	d, err := Create(t.TempDir(), "run", 1, time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(d.Path(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(d.Path(name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("harness.log", "short\n")
	write("nodes/n1/database.log", strings.Repeat("a line of a log\n", 1000)+"the end\n")
	write("nodes/n2/empty.log", "")
	write("schedule.txt", "first\nsecond\n"+strings.Repeat("between\n", 100)+"last\n")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, d.Path("nodes/n1/link.log")); err != nil {
		t.Fatal(err)
	}
	logs, err := d.Logs(30)
	if err != nil {
		t.Fatal(err)
	}
	want := []Excerpt{{Name: "harness.log", Size: 6, Tail: "short\n"}, {Name: "nodes/n1/database.log", Size: 16008, Tail: "a line of a log\nthe end\n"}}
	if len(logs) != 2 || logs[0] != want[0] || logs[1] != want[1] {
		t.Errorf("%+v, want %+v", logs, want)
	}
	s, err := d.Schedule(16)
	if want := (Excerpt{"schedule.txt", 818, "first\nsecond\n", "between\nlast\n"}); err != nil || s != want {
		t.Errorf("%+v %v, want %+v", s, err, want)
	}
	s, err = d.Schedule(1000)
	if err != nil || !strings.HasPrefix(s.Head, "first") || int64(len(s.Head)) != s.Size || s.Tail != "" {
		t.Errorf("a schedule that is small: %+v %v", s, err)
	}
}
