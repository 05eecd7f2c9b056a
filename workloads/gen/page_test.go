package gen_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// page is the essay whose examples are those of this package, code and output.
const page = "../../docs/generators.md"

// slot is where the page shows an example: a comment with its name, then the code
// and what it prints.
var slot = regexp.MustCompile("(?m)^<!-- (Example\\w*) -->\n(?:```go\n(?s:.*?)\n```\n```text\n(?s:.*?)\n```\n)?")

// TestPage holds docs/generators.md to the examples, which the tests run.
func TestPage(t *testing.T) {
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	want := slot.ReplaceAllFunc(text, func(block []byte) []byte {
		name := string(slot.FindSubmatch(block)[1])
		shown[name] = true
		return []byte(render(t, string(source), name))
	})
	for _, m := range regexp.MustCompile(`(?m)^func (Example\w*)\(`).FindAllSubmatch(source, -1) {
		if !shown[string(m[1])] {
			t.Errorf("%s does not show %s", page, m[1])
		}
	}
	if bytes.Equal(text, want) {
		return
	}
	// The flag is datadriven's.
	if f := flag.Lookup("rewrite"); f.Value.String() != "true" {
		t.Fatalf("%s does not show the examples as they are: run `make docs`", page)
	}
	if err := os.WriteFile(page, want, 0o644); err != nil {
		t.Fatal(err)
	}
}

// render returns an example as the page is to show it.
func render(t *testing.T, source, name string) string {
	_, rest, begins := strings.Cut(source, "\nfunc "+name+"() {\n")
	body, _, ends := strings.Cut(rest, "\n}\n")
	code, output, prints := strings.Cut(body, "\t// Output:\n")
	if !begins || !ends || !prints {
		t.Fatalf("there is no %s with an output", name)
	}
	undent := func(s, prefix string) string {
		return strings.TrimSuffix(strings.ReplaceAll("\n"+s, "\n"+prefix, "\n"), "\n")[1:]
	}
	return fmt.Sprintf("<!-- %s -->\n```go\n%s\n```\n```text\n%s\n```\n", name, undent(code, "\t"), undent(output, "\t// "))
}
