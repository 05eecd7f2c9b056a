package tidy

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The part of docs/ARCHITECTURE.md between these lines is written by this test
// (make docs).
const (
	rowsBegin = "<!-- rows: written by `make docs` from internal/tidy/rows_test.go -->\n"
	rowsEnd   = "<!-- end of rows -->\n"
)

// TestArchitecture compares the import diagram and the table of folders in the
// document with the rows that are enforced. With -rewrite it writes them.
func TestArchitecture(t *testing.T) {
	name := filepath.Join(root, "docs", "ARCHITECTURE.md")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(data), rowsBegin)
	written, after, closed := strings.Cut(rest, rowsEnd)
	if !found || !closed {
		t.Fatalf("%s lacks the lines %q and %q", name, rowsBegin, rowsEnd)
	}
	if written == drawRows() {
		return
	}
	if !rewriting() {
		t.Fatalf("the import diagram in %s is not the one that is enforced: run `make docs`", name)
	}
	if err := os.WriteFile(name, []byte(before+rowsBegin+drawRows()+rowsEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// rewriting reports whether goldens are to be written anew; the flag is
// datadriven's.
func rewriting() bool {
	f := flag.Lookup("rewrite")
	return f != nil && f.Value.String() == "true"
}
