package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestTable shows what is made of benchmarks' output.
func TestTable(t *testing.T) {
	datadriven.RunTest(t, "testdata/table.txt", func(t *testing.T, d *datadriven.TestData) string {
		res, err := read(strings.NewReader(d.Input))
		if err != nil {
			return err.Error() + "\n"
		}
		var out bytes.Buffer
		if failed := write(&out, res); failed > 0 {
			out.WriteString("exit 1\n")
		}
		return out.String()
	})
}

// TestFiguresAreMeasured looks for the benchmark of each figure: a renamed one
// would drop out of the table in silence.
func TestFiguresAreMeasured(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		for _, m := range []measurement{f.measurement, f.peer.measurement} {
			if m.pkg == "" {
				continue
			}
			name, _, _ := strings.Cut(m.benchmark, "/")
			folder := strings.TrimPrefix(m.pkg, "checker/")
			if !bytes.Contains(makefile, []byte("./"+folder)) {
				t.Errorf("`make bench` does not run ./%s for %q", folder, f.what)
			}
			if !defined(t, folder, "func Benchmark"+name+`\(`) {
				t.Errorf("%s has no Benchmark%s for %q", folder, name, f.what)
			}
		}
	}
}

// defined looks for a line in the tests of a folder.
func defined(t *testing.T, folder, pattern string) bool {
	entries, err := os.ReadDir("../../" + folder)
	if err != nil {
		t.Fatal(err)
	}
	want := regexp.MustCompile("(?m)^" + pattern)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		source, err := os.ReadFile("../../" + folder + "/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		if want.Match(source) {
			return true
		}
	}
	return false
}
