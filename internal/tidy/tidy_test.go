package tidy

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// root is where the module lies, seen from this package.
const root = "../.."

// rules are the house rules that a program can check. The name of a rule is the
// name of its file in testdata.
var rules = []struct {
	name  string
	check func(*tree) []violation
}{
	{"imports", imports},
	{"package_docs", packageDocs},
	{"doc_comments", docComments},
	{"determinism", determinism},
	{"purity", purity},
	{"sizes", sizes},
	{"words", words},
	{"machine_paths", machinePaths},
	{"registries", registries},
	{"names", names},
	{"links", links},
}

func TestTree(t *testing.T) {
	tree, err := loadTree(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.goFiles()) == 0 {
		t.Fatalf("no Go files below %s: nothing was checked", root)
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, v := range rule.check(tree) {
				t.Error(v)
			}
		})
	}
}

// TestRules applies one rule to small trees. The directive is `check`, with the
// tree as files behind lines `-- path --`; an argument `long=N` puts N empty
// lines in place of each line LONG.
func TestRules(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			datadriven.RunTest(t, goldenOf(rule.name), func(t *testing.T, d *datadriven.TestData) string {
				tree, err := newTree(unpack(t, d))
				if err != nil {
					d.Fatalf(t, "%v", err)
				}
				found := rule.check(tree)
				if len(found) == 0 {
					return "clean"
				}
				var lines strings.Builder
				for _, v := range found {
					lines.WriteString(v.String() + "\n")
				}
				return lines.String()
			})
		})
	}
}

func goldenOf(rule string) string { return filepath.Join("testdata", rule+".txt") }

// unpack splits the input of a directive into files.
func unpack(t *testing.T, d *datadriven.TestData) map[string]string {
	var long int
	d.MaybeScanArgs(t, "long", &long)
	files, name := map[string]string{}, ""
	for line := range strings.Lines(d.Input + "\n") {
		trimmed := strings.TrimSpace(line)
		switch start, rest, _ := strings.Cut(trimmed, " "); {
		case start == "--" && strings.HasSuffix(rest, " --"):
			name = strings.TrimSuffix(rest, " --")
			files[name] = ""
		case trimmed == "LONG":
			files[name] += strings.Repeat("\n", long)
		default:
			files[name] += line
		}
	}
	return files
}

// A rule that has never been seen to fire, or that fires on everything, proves
// nothing about the tree.
func TestEveryRuleIsProven(t *testing.T) {
	fires := regexp.MustCompile(`(?m)^----\n[^\n]+: `)
	silent := regexp.MustCompile(`(?m)^----\nclean$`)
	for _, rule := range rules {
		golden, err := os.ReadFile(goldenOf(rule.name))
		if err != nil {
			t.Error(err)
			continue
		}
		if !fires.Match(golden) {
			t.Errorf("%s: no example breaks the rule", rule.name)
		}
		if !silent.Match(golden) {
			t.Errorf("%s: no example obeys the rule", rule.name)
		}
	}
}

// Every room is a folder: the table promises nothing that is not there.
func TestEveryRoomExists(t *testing.T) {
	for _, rooms := range rows {
		for _, room := range rooms {
			folder := filepath.Join(root, strings.TrimSuffix(room.folder, "/*"))
			if info, err := os.Stat(folder); err != nil || !info.IsDir() {
				t.Errorf("room %s: %s is no folder", room.folder, folder)
			}
		}
	}
}
