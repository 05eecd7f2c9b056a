package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"checker/reports"
)

// TestTemplates: the templates under ci/ are YAML, and every call of checker in
// them has a command and flags that exist.
func TestTemplates(t *testing.T) {
	files, err := filepath.Glob("../ci/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, "../ci/github/action.yml")
	if len(files) != 2 {
		t.Errorf("templates %q", files)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		calls, problems := lintTemplate(text)
		for _, p := range problems {
			t.Errorf("%s: %s", file, p)
		}
		if calls != 2 {
			t.Errorf("%s: %d calls of checker, want a run and a report", file, calls)
		}
	}
}

// TestTemplatesCanBeWrong: the lint finds what it is for.
func TestTemplatesCanBeWrong(t *testing.T) {
	for text, want := range map[string]string{
		"a: [":                                  "yaml",
		"run: checker walk":                     "no command",
		"run: checker run --no-such-flag":       "no flag",
		"a:\n  - checker report --format x":     "unknown report format",
		"run: |\n  echo\n  checker check --sed": "no flag",
	} {
		if _, problems := lintTemplate([]byte(text)); len(problems) != 1 || !strings.Contains(problems[0], want) {
			t.Errorf("%q: %q, want %s", text, problems, want)
		}
	}
}

func lintTemplate(text []byte) (calls int, problems []string) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return 0, []string{err.Error()}
	}
	var visit func(n *yaml.Node)
	visit = func(n *yaml.Node) {
		for _, c := range n.Content {
			visit(c)
		}
		for line := range strings.Lines(n.Value) {
			if words := strings.Fields(line); n.Kind == yaml.ScalarNode && len(words) > 1 && words[0] == "checker" {
				calls++
				problems = append(problems, lintCall(words[1:])...)
			}
		}
	}
	visit(&doc)
	return calls, problems
}

func lintCall(words []string) (problems []string) {
	a := &app{Registry: Default(), out: newPrinter(io.Discard), log: newPrinter(io.Discard)}
	root := a.root()
	at := slices.IndexFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == words[0] })
	if at < 0 {
		return []string{"no command " + words[0]}
	}
	cmd := root.Commands()[at]
	for i, word := range words {
		name, ok := strings.CutPrefix(word, "--")
		if !ok {
			continue
		}
		name, _, _ = strings.Cut(name, "=")
		if cmd.Flags().Lookup(name) == nil {
			problems = append(problems, fmt.Sprintf("%s has no flag --%s", words[0], name))
		}
		if words[0] == "report" && name == "format" && i+1 < len(words) {
			for _, f := range strings.Split(words[i+1], ",") {
				if _, err := reports.LookupFormat(f); err != nil {
					problems = append(problems, err.Error())
				}
			}
		}
	}
	return problems
}
