package rundir

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"checker/check"
)

var start = time.Date(2031, 2, 3, 4, 5, 6, 0, time.FixedZone("east", 3600))

func create(t *testing.T) *Dir {
	t.Helper()
	dir, err := Create(t.TempDir(), "run", 7, start)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestCreateNamesByTimeAndSeed(t *testing.T) {
	root := t.TempDir()
	for _, want := range []string{"20310203T030506-7", "20310203T030506-7.2", "20310203T030506-7.3"} {
		dir, err := Create(root, "run", 7, start)
		if err != nil {
			t.Fatal(err)
		}
		if path := filepath.Join(root, "run", want); dir.String() != path {
			t.Errorf("made %s, want %s", dir, path)
		}
		latest, err := filepath.EvalSymlinks(filepath.Join(root, "latest"))
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Base(latest) != want {
			t.Errorf("latest is %s, want %s", latest, want)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(root, ".latest*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestLatestMovesWithTheStore: the link is relative.
func TestLatestMovesWithTheStore(t *testing.T) {
	root := filepath.Join(t.TempDir(), "store")
	dir, err := Create(root, "run", 1, start)
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.WriteRun(Run{Seed: 1}); err != nil {
		t.Fatal(err)
	}
	moved := root + "-moved"
	if err := os.Rename(root, moved); err != nil {
		t.Fatal(err)
	}
	again, err := Open(filepath.Join(moved, "latest"))
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(moved, "run", filepath.Base(dir.String())); again.String() != want {
		t.Errorf("opened %s, want %s", again, want)
	}
}

func TestCreateRefusesNamesThatLeaveTheStore(t *testing.T) {
	for _, name := range []string{"", ".", "..", "latest", "a/b", `a\b`, "../x", "a\x00"} {
		if _, err := Create(t.TempDir(), name, 1, start); !errors.Is(err, ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"a", "refdb-register", "nightly 3", "..."} {
		if _, err := Create(t.TempDir(), name, 1, start); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestCreateWhereNothingCanBeWritten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := Create(file, "run", 1, start)
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "--out") {
		t.Errorf("the error names neither place nor remedy: %v", err)
	}
}

func TestOpen(t *testing.T) {
	dir := create(t)
	if _, err := Open(dir.String()); err == nil || !strings.Contains(err.Error(), "is not a run directory: it has no run.json") {
		t.Errorf("without run.json: %v", err)
	}
	if IsRunDir(dir.String()) {
		t.Error("a folder without run.json counts as a run directory")
	}
	if err := dir.WriteRun(Run{Name: "run", Seed: 7}); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir.String()); err != nil || !IsRunDir(dir.String()) {
		t.Errorf("with run.json: %v", err)
	}
	if _, err := Open(filepath.Join(dir.String(), "nowhere")); err == nil {
		t.Error("a folder that does not exist was opened")
	}
}

func TestDocumentsComeBack(t *testing.T) {
	dir := create(t)
	run := Run{Name: "run", Status: StatusComplete, Seed: 1<<64 - 1, Config: Config{Target: "refdb", Rate: 0.1, Settings: map[string]string{"reads": "local"}}}
	if err := dir.WriteRun(run); err != nil {
		t.Fatal(err)
	}
	got, err := dir.ReadRun()
	if err != nil {
		t.Fatal(err)
	}
	if got.Schema != RunSchema || got.Seed != run.Seed || got.Config.Rate != 0.1 || got.Config.Settings["reads"] != "local" {
		t.Errorf("%+v", got)
	}
	if _, err := dir.ReadVerdict(); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a verdict that was never written: %v", err)
	}
	if err := dir.WriteVerdict(check.NewDocument(nil, check.Evidence{})); err != nil {
		t.Fatal(err)
	}
	if doc, err := dir.ReadVerdict(); err != nil || doc.Verdict != check.Unknown {
		t.Errorf("%v %v", doc.Verdict, err)
	}
	entries, err := os.ReadDir(dir.String())
	if err != nil || len(entries) != 2 {
		t.Errorf("files beside the two documents: %v %v", entries, err)
	}
}

func TestDamagedDocuments(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"empty":         {"", "run.json is damaged: line 1: unexpected end of JSON input"},
		"torn":          {"{\n \"schema\": \"checker/run/1\",\n \"seed\"", "run.json is damaged: line 3: unexpected end of JSON input"},
		"binary":        {"\x00\x01", `run.json is damaged: line 1: invalid character '\x00'`},
		"wrong type":    {"{\"schema\": \"checker/run/1\",\n\"seed\": -1}", "run.json is damaged: line 2: json: cannot unmarshal number -1"},
		"a later one":   {`{"schema": "checker/run/2", "seed": {"a": 1}}`, `has the schema "checker/run/2", and this program reads "checker/run/1"`},
		"none":          {`{"seed": 1}`, `has the schema ""`},
		"not an object": {`[]`, "run.json is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := create(t)
			if err := os.WriteFile(dir.Path(RunFile), []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := dir.ReadRun()
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir.String()) {
				t.Errorf("got %v, want it to say %q and where", err, c.want)
			}
		})
	}
}
