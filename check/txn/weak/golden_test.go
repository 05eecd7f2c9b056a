package weak

import (
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check/txn/micro"
	"checker/history"
)

// Each file judges small histories for one or several models:
//
//	registers read-your-writes
//	{:process 0, :type :invoke, :f :txn, :value [[:w 1 1]]}
//	…
func TestGoldens(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			model := micro.Registers
			if d.Cmd == "lists" {
				model = micro.Lists
			}
			var models []string
			for _, arg := range d.CmdArgs {
				models = append(models, arg.Key)
			}
			h, err := history.Read(strings.NewReader(expand(d.Input)), d.Pos+".edn", history.ReadOptions{})
			if err != nil {
				return err.Error() + "\n"
			}
			return judgeAll(t, h, model, models...).String()
		})
	})
}

// expand writes out transactions that are given in short, one a line: process,
// outcome, micro-ops as completed.
func expand(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		process, rest, _ := strings.Cut(line, " ")
		outcome, mops, _ := strings.Cut(rest, " ")
		if outcome != "ok" && outcome != "fail" && outcome != "info" {
			b.WriteString(line + "\n")
			continue
		}
		b.WriteString("{:process " + process + ", :type :invoke, :f :txn, :value nil}\n")
		b.WriteString("{:process " + process + ", :type :" + outcome + ", :f :txn, :value " + mops + "}\n")
	}
	return b.String()
}
