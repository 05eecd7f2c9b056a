package txn_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/txn"
	"checker/check/txn/micro"
	"checker/history"
)

// TestGoldens judges small histories. The command is append or register, for
// the data model, or edn for a history as it was recorded (with model=…).
//
// A line is PROCESS TYPE MICRO-OPS, where ax1 appends 1 to x, wx1 writes 1 to x,
// rx reads nothing, rx12 reads [1 2] from a list and rx1 1 from a register. All
// are invoked at first, each by a process of its own; with the argument serial
// they follow each other, by the processes given. Other arguments are models and
// anomalies to look for; explain prints the witnesses.
func TestGoldens(t *testing.T) {
	datadriven.Walk(t, "testdata/verdicts", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			h, o := parseGolden(t, d)
			c, err := txn.New(o)
			if err != nil {
				return err.Error() + "\n"
			}
			return draw(check.Run(context.Background(), c, h), d.HasArg("explain"))
		})
	})
}

func parseGolden(t *testing.T, d *datadriven.TestData) (*history.History, txn.Options) {
	o := txn.Options{}
	if d.Cmd == "register" || d.HasArg("register") {
		o.Model = micro.Registers
	}
	for _, arg := range d.CmdArgs {
		switch arg.Key {
		case "models":
			o.ConsistencyModels = arg.Vals
		case "anomalies":
			o.Anomalies = arg.Vals
		case "wfr":
			o.WFRKeys = true
		case "sequential":
			o.SequentialKeys = true
		case "linearizable":
			o.LinearizableKeys = true
		case "order":
			o.TransactionOrder = map[int]int{}
			for i, text := range arg.Vals {
				n, err := strconv.Atoi(text)
				if err != nil {
					d.Fatalf(t, "%v", err)
				}
				o.TransactionOrder[len(arg.Vals)+i] = n // the completions come after all invocations
			}
		}
	}
	if d.Cmd == "edn" {
		h, err := history.Read(strings.NewReader(d.Input), d.Pos, history.ReadOptions{Format: "edn"})
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		return h, o
	}
	h, err := shorthand(strings.Split(strings.TrimSpace(d.Input), "\n"), o.Model == micro.Lists, d.HasArg("serial"))
	if err != nil {
		d.Fatalf(t, "%v", err)
	}
	return h, o
}

// shorthand makes a history of lines PROCESS TYPE MICRO-OPS.
func shorthand(lines []string, lists, serial bool) (*history.History, error) {
	b := history.NewBuilder()
	var invoked, completed []history.Op
	for i, line := range lines {
		var process int
		var name, text string
		if _, err := fmt.Sscan(line, &process, &name, &text); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		if !serial {
			process = i
		}
		typ, ok := history.ParseType(name)
		if !ok {
			return nil, fmt.Errorf("%q is no type", name)
		}
		asked, done := microOps(text, lists)
		invoked = append(invoked, history.Op{Process: history.Process(process), Type: history.Invoke, F: "txn", Value: asked})
		completed = append(completed, history.Op{Process: history.Process(process), Type: typ, F: "txn", Value: done})
	}
	var ops []history.Op
	if serial {
		for i := range invoked {
			ops = append(ops, invoked[i], completed[i])
		}
	} else {
		ops = append(invoked, completed...)
	}
	for i, op := range ops {
		op.Time = int64(i) * 1e6
		if err := b.AddOp(op); err != nil {
			return nil, err
		}
	}
	return b.History(), nil
}

// microOps reads micro-ops: a verb, a key and digits.
func microOps(text string, lists bool) (asked, done history.Value) {
	verbs := map[rune]string{'a': "append", 'w': "w", 'r': "r"}
	var as, ds []history.Value
	for i := 0; i < len(text); {
		verb, key := verbs[rune(text[i])], text[i+1:i+2]
		i += 2
		var digits []int64
		for ; i < len(text) && (unicode.IsDigit(rune(text[i])) || text[i] == '_'); i++ {
			if text[i] != '_' {
				digits = append(digits, int64(text[i]-'0'))
			}
		}
		value := history.Nil
		switch {
		case verb != "r":
			value = history.Int(digits[0])
		case lists && len(digits) > 0:
			value = history.Ints(digits...)
		case len(digits) > 0:
			value = history.Int(digits[0])
		}
		ds = append(ds, history.Mop(verb, history.Keyword(key), value))
		if verb == "r" {
			value = history.Nil
		}
		as = append(as, history.Mop(verb, history.Keyword(key), value))
	}
	return history.Vector(as...), history.Vector(ds...)
}

func draw(r check.Result, explain bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v", r.Verdict)
	for _, a := range r.Anomalies {
		fmt.Fprintf(&b, " %s", a.Type)
		if a.Count > 1 {
			fmt.Fprintf(&b, "×%d", a.Count)
		}
	}
	b.WriteByte('\n')
	if m := r.ConsistencyModels; m != nil {
		fmt.Fprintf(&b, "not %s\nholds %s\n", strings.Join(m.Not, " "), strings.Join(m.Holds, " "))
	}
	if r.Reason != "" {
		fmt.Fprintf(&b, "reason: %s\n", r.Reason)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	if !explain {
		return b.String()
	}
	for _, a := range r.Anomalies {
		for _, w := range a.Witnesses {
			fmt.Fprintf(&b, "%s %v %s\n", a.Type, w.Ops, w.Text)
		}
	}
	return b.String()
}
