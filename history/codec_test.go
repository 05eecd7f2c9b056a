package history

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestCodecs runs the goldens. Each reads a history and prints it as JSON Lines
// with its warnings, or the error. Arguments: format=F (to read), as=F (to
// print), torn (allow a truncated file).
func TestCodecs(t *testing.T) {
	datadriven.Walk(t, "testdata/codec", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			return readAndPrint(t, d)
		})
	})
}

func readAndPrint(t *testing.T, d *datadriven.TestData) string {
	if d.Cmd != "read" {
		t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
	}
	var format, as string
	d.MaybeScanArgs(t, "format", &format)
	if d.MaybeScanArgs(t, "as", &as); as == "" {
		as = string(JSONL)
	}
	input := strings.NewReplacer("␀", "\x00", "␉", "\t", "�", "\xff").Replace(d.Input)
	h, err := Read(strings.NewReader(input), "in", ReadOptions{Format: Format(format), AllowTruncated: d.HasArg("torn")})
	if err != nil {
		return err.Error() + "\n"
	}
	var out bytes.Buffer
	if err := WriteHistory(&out, h, Format(as)); err != nil {
		return err.Error() + "\n"
	}
	warnings, _ := h.Warnings()
	for _, w := range warnings {
		fmt.Fprintf(&out, "warning: %s\n", w)
	}
	return out.String()
}
