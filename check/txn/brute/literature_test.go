package brute

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestLiterature judges the anomalies that the literature names. A line is a
// transaction: process, invocation, completion or - when its outcome is unknown,
// or "fail", then micro-ops: r key values, w key value, a key value. The answer
// is the models that hold.
func TestLiterature(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			h := parse(t, d.Input)
			var holds []string
			for _, m := range Models() {
				if a := Judge(h, m); a == Holds {
					holds = append(holds, m)
				} else if a == Undefined {
					holds = append(holds, "? "+m)
				}
			}
			if len(holds) == 0 {
				return "none\n"
			}
			return strings.Join(holds, "\n") + "\n"
		})
	})
}

func parse(t *testing.T, text string) History {
	t.Helper()
	var h History
	for now, line := range strings.Split(strings.TrimSpace(text), "\n") {
		head, body, _ := strings.Cut(line, ":")
		words := strings.Fields(head)
		txn := Txn{Process: number(t, words[0]), Invoke: 2 * now, Complete: 2*now + 1}
		if len(words) > 2 { // given times
			txn.Invoke, txn.Complete = number(t, words[1]), Never
			if words[2] != "-" {
				txn.Complete = number(t, words[2])
			}
		}
		switch {
		case strings.HasSuffix(head, "fail"):
			txn.Outcome = Fail
		case strings.HasSuffix(head, "-"):
			txn.Outcome, txn.Complete = Info, Never
		}
		for _, op := range strings.Split(body, ",") {
			f := strings.Fields(op)
			o := Op{Kind: map[string]Kind{"r": Read, "w": Write, "a": Append}[f[0]], Key: int(f[1][0])}
			for _, v := range f[2:] {
				o.Seen = append(o.Seen, number(t, v))
			}
			if o.Kind != Read {
				o.Value, o.Seen = o.Seen[0], nil
			}
			txn.Ops = append(txn.Ops, o)
		}
		h = append(h, txn)
	}
	return h
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(fmt.Errorf("a number is expected: %w", err))
	}
	return n
}
