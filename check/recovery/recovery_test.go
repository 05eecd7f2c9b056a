package recovery

import (
	"context"
	"strings"
	"testing"
	"time"

	"checker/check"
	"checker/history"
)

const second = int64(time.Second)

func none(history.Op) bool { return false }

func op(at int64, p history.Process, t history.Type, f string) history.Op {
	o := history.Op{Time: at, Process: p, Type: t, F: f}
	if f == PhaseF {
		o.Value = history.String(Phase)
	}
	return o
}

// phaseOps are both ends of the mark.
func phaseOps(at int64) []history.Op {
	return []history.Op{op(at, history.Nemesis, history.Info, PhaseF), op(at, history.Nemesis, history.Info, PhaseF)}
}

func TestRecovery(t *testing.T) {
	before := []history.Op{op(0, 0, history.Invoke, "read"), op(1, 0, history.Ok, "read"), op(2, 1, history.Invoke, "read")}
	tests := []struct {
		name  string
		after []history.Op
		want  check.Verdict
		text  string
	}{
		{"all come back", []history.Op{
			op(11*second, 0, history.Invoke, "read"), op(12*second, 0, history.Ok, "read"),
			op(12*second, 1, history.Ok, "read"),
			op(12*second, 1, history.Invoke, "read"), op(13*second, 1, history.Ok, "read"),
		}, check.Valid, ""},
		{"an op from before the end of the faults is no proof", []history.Op{
			op(11*second, 0, history.Invoke, "read"), op(12*second, 0, history.Ok, "read"),
			op(12*second, 1, history.Ok, "read"),
			op(14*second, 0, history.Invoke, "read"), op(15*second, 0, history.Ok, "read"),
		}, check.Invalid, "thread 1 never"},
		{"a history that ends within the bound leaves it open", []history.Op{
			op(11*second, 0, history.Invoke, "read"), op(12*second, 0, history.Ok, "read"),
			op(12*second, 1, history.Ok, "read"),
			op(14*second, 0, history.Invoke, "read"), op(15*second-1, 0, history.Ok, "read"),
		}, check.Unknown, ""},
		{"too late", []history.Op{
			op(11*second, 0, history.Invoke, "read"), op(12*second, 0, history.Ok, "read"),
			op(12*second, 1, history.Ok, "read"),
			op(22*second, 1, history.Invoke, "read"), op(23*second, 1, history.Ok, "read"),
		}, check.Invalid, "only 13s after"},
		{"a crashed process is followed by the next of its thread", []history.Op{
			op(11*second, 0, history.Invoke, "read"), op(12*second, 0, history.Info, "read"),
			op(12*second, 1, history.Info, "read"),
			op(12*second, 2, history.Invoke, "read"), op(13*second, 2, history.Ok, "read"),
			op(12*second, 3, history.Invoke, "read"), op(13*second, 3, history.Ok, "read"),
		}, check.Valid, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := history.NewBuilder()
			for _, o := range append(append(append([]history.Op{}, before...), phaseOps(10*second)...), test.after...) {
				if err := b.AddOp(o); err != nil {
					t.Fatal(err)
				}
			}
			r := check.Run(context.Background(), New(2, 5*time.Second, none), b.History())
			if r.Verdict != test.want {
				t.Fatalf("%v (%s), want %v", r.Verdict, r.Reason, test.want)
			}
			if test.text != "" && !strings.Contains(r.Anomalies[0].Witnesses[0].Text, test.text) {
				t.Errorf("witness %q, want it to say %q", r.Anomalies[0].Witnesses[0].Text, test.text)
			}
		})
	}
}

// TestFaultsThatRemain: who makes no progress while a fault could not be undone shows
// nothing; who does although one remains has recovered, and an attempt that succeeds
// counts.
func TestFaultsThatRemain(t *testing.T) {
	failed := func(o history.Op) bool { return o.F == "heal" && !o.Error.IsNil() }
	ended := func(f string, at int64, why string) []history.Op {
		done := op(at, history.Nemesis, history.Info, f)
		if why != "" {
			done.Error = history.String(why)
		}
		return []history.Op{op(at, history.Nemesis, history.Info, f), done}
	}
	stuck := []history.Op{op(11*second, 0, history.Invoke, "read"), op(30*second, 0, history.Info, "read")}
	served := []history.Op{op(11*second, 0, history.Invoke, "read"), op(12*second, 0, history.Ok, "read")}
	for name, c := range map[string]struct {
		faults, after []history.Op
		want          check.Verdict
	}{
		"all undone":          {ended("heal", second, ""), stuck, check.Invalid},
		"one not undone":      {ended("heal", second, "no agent"), stuck, check.Unknown},
		"undone in the end":   {append(ended("heal", second, "no agent"), ended("heal", 2*second, "")...), stuck, check.Invalid},
		"not begun":           {ended("partition", second, "no agent"), stuck, check.Invalid},
		"served all the same": {ended("heal", second, "no agent"), served, check.Valid},
	} {
		b := history.NewBuilder()
		for _, o := range append(append(c.faults, phaseOps(10*second)...), c.after...) {
			if err := b.AddOp(o); err != nil {
				t.Fatal(err)
			}
		}
		r := check.Run(context.Background(), New(1, 5*time.Second, failed), b.History())
		if r.Verdict != c.want || c.want == check.Unknown && !strings.Contains(r.Reason, "heal: no agent") {
			t.Errorf("%s: %v (%s), expected %v", name, r.Verdict, r.Reason, c.want)
		}
	}
}

func TestNoRecoveryPhaseIsUnknown(t *testing.T) {
	b := history.NewBuilder()
	if r := check.Run(context.Background(), New(2, time.Second, none), b.History()); r.Verdict != check.Unknown {
		t.Errorf("%v, want unknown: the run never came to its recovery", r.Verdict)
	}
}
