package linear_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/linear"
	"checker/history"
)

// TestVerdicts judges the small histories in testdata/verdicts, given as EDN or
// in a shorthand (see shorthand): positive and negative controls of each anomaly,
// with their witnesses. The command is the model.
func TestVerdicts(t *testing.T) {
	datadriven.RunTest(t, "testdata/verdicts", judged)
}

// TestMethodsInWords judges histories of each data type that has a method.
func TestMethodsInWords(t *testing.T) {
	datadriven.RunTest(t, "testdata/methods", judged)
}

func judged(t *testing.T, d *datadriven.TestData) string {
	edn := d.Input
	if !strings.HasPrefix(edn, "{") {
		edn = shorthand(edn)
	}
	h, err := history.Read(strings.NewReader(edn), d.Cmd, history.ReadOptions{Format: history.EDN, AllowTruncated: true})
	if err != nil {
		return err.Error() + "\n"
	}
	var o linear.Options
	if d.HasArg("search") {
		o.Engine = linear.Search
	}
	if d.HasArg("porcupine") {
		o.Engine = linear.Porcupine
	}
	d.MaybeScanArgs(t, "steps", &o.Steps)
	d.MaybeScanArgs(t, "memory", &o.Memory)
	return inWords(check.Run(context.Background(), linear.New(mustParse(t, d.Cmd), o), h))
}

// shorthand turns lines such as
//
//	0 write 1
//	0 ok
//	1 read
//	1 ok 1
//
// into EDN: a process and either a function with its argument or how its open op
// ended, with its result.
func shorthand(text string) string {
	var b strings.Builder
	type opened struct{ f, value string }
	open := map[string]opened{}
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		words := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(words) < 2 {
			continue
		}
		p, verb, value := words[0], words[1], ""
		if len(words) == 3 {
			value = words[2]
		}
		typ, op := "invoke", opened{verb, value}
		if verb == "ok" || verb == "fail" || verb == "info" {
			typ, op = verb, open[p]
			if value != "" {
				op.value = value
			}
		} else {
			open[p] = op
		}
		if op.value == "" {
			op.value = "nil"
		}
		fmt.Fprintf(&b, "{:process %s :type :%s :f :%s :value %s}\n", p, typ, op.f, op.value)
	}
	return b.String()
}

// inWords prints a result for a golden.
func inWords(r check.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v %s\n", r.Verdict, r.Reason)
	if m := r.ConsistencyModels; m != nil {
		fmt.Fprintf(&b, "requested %v not %v also not %v holds %v\n", m.Requested, m.Not, m.AlsoNot, m.Holds)
	}
	for _, a := range r.Anomalies {
		fmt.Fprintf(&b, "%s × %d\n", a.Type, a.Count)
		for _, w := range a.Witnesses {
			fmt.Fprintf(&b, "  key %q ops %v: %s\n", w.Key, w.Ops, w.Text)
			for _, s := range w.Steps {
				fmt.Fprintf(&b, "    %d -%s-> %d: %s\n", s.From, s.Edge, s.To, s.Why)
			}
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", n)
	}
	return b.String()
}
