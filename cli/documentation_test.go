package cli

import (
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestDocumentation: docs/cli.md has every command, flag, list and exit code.
func TestDocumentation(t *testing.T) {
	data, err := os.ReadFile("../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	a := &app{Registry: Default(), out: newPrinter(io.Discard), log: newPrinter(io.Discard)}
	root := a.root()
	for _, c := range exitCodes {
		if !strings.Contains(page, "| "+strconv.Itoa(c.Code)+" | "+c.Summary) {
			t.Errorf("exit code %d is not told: %s", c.Code, c.Summary)
		}
	}
	for _, cmd := range root.Commands() {
		if cmd.Hidden {
			continue // the program calls it itself
		}
		if !strings.Contains(page, "| `checker "+strings.ReplaceAll(cmd.Use, "|", `\|`)) {
			t.Errorf("the command is not told: %s", cmd.Use)
		}
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(page, "--"+f.Name) {
				t.Errorf("%s: the flag is not told: --%s", cmd.Name(), f.Name)
			}
		})
	}
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if !strings.Contains(page, "`--"+f.Name) && !strings.Contains(page, ", --"+f.Name) {
			t.Errorf("the flag is not told: --%s", f.Name)
		}
	})
	for _, k := range kinds {
		if !strings.Contains(page, "`"+k.name+"`") {
			t.Errorf("the list is not told: %s", k.name)
		}
	}
}
