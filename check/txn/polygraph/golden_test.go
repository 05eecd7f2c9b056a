package polygraph_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check"
	"checker/check/txn/polygraph"
)

// TestGoldens decides small problems. The command is the consistency model; a
// line is a transaction: its name, session, invocation and end (- for never),
// then w key for writes and r key writer for reads, of which - is nobody; or, of
// a key, "prefix key writers", "order key earlier later".
func TestGoldens(t *testing.T) {
	datadriven.RunTest(t, "testdata/problems", func(t *testing.T, d *datadriven.TestData) string {
		l := parse(t, d.Input)
		g, ok := polygraph.Of(d.Cmd)
		if !ok {
			t.Fatalf("%s is not decided here", d.Cmd)
		}
		var o polygraph.Options
		d.MaybeScanArgs(t, "steps", &o.Steps)
		d.MaybeScanArgs(t, "memory", &o.Memory)
		r, err := polygraph.Solve(context.Background(), &l.Problem, g, o)
		if err != nil {
			return err.Error() + "\n"
		}
		if why := prove(&l.Problem, g, r); why != "" && r.Verdict != check.Unknown {
			t.Errorf("%s: %s", d.Pos, why)
		}
		return l.draw(r)
	})
}

type listing struct {
	polygraph.Problem
	txns, keys []string
}

func (l *listing) draw(r polygraph.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%v", r.Verdict)
	switch r.Verdict {
	case check.Valid:
		b.WriteString(":")
		for _, point := range r.Schedule {
			verb := "start "
			if point.Commit {
				verb = ""
			}
			fmt.Fprintf(&b, " %s%s", verb, l.txns[point.Txn])
		}
		b.WriteByte('\n')
	case check.Invalid:
		names := polygraph.Names{Txn: func(t int32) string { return l.txns[t] }, Key: func(k int32) string { return l.keys[k] }}
		fmt.Fprintf(&b, "\n%s", r.Witness.Words(names))
	default:
		fmt.Fprintf(&b, ": %s (keys %v, transactions %v)\n", r.Reason, r.Residue.Keys, r.Residue.Txns)
	}
	return b.String()
}

func parse(t *testing.T, text string) *listing {
	t.Helper()
	l := &listing{}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, line := range lines {
		if f := strings.Fields(line); f[0] != "prefix" && f[0] != "order" {
			l.txns = append(l.txns, f[0])
			txn := polygraph.Txn{Session: number(t, f[1]), Inv: number(t, f[2]), End: polygraph.Never}
			if f[3] != "-" {
				txn.End = number(t, f[3])
			}
			l.Txns = append(l.Txns, txn)
		}
	}
	next := int32(0)
	for _, line := range lines {
		f := strings.Fields(line)
		switch f[0] {
		case "prefix":
			for _, name := range f[2:] {
				l.key(f[1]).Prefix = append(l.key(f[1]).Prefix, l.txn(name))
			}
			continue
		case "order":
			l.key(f[1]).Order = append(l.key(f[1]).Order, [2]int32{l.txn(f[2]), l.txn(f[3])})
			continue
		}
		for f = f[4:]; len(f) > 0; {
			k := l.key(f[1])
			if f[0] == "w" {
				k.Writers, f = append(k.Writers, next), f[2:]
			} else {
				k.Reads, f = append(k.Reads, polygraph.Read{Txn: next, Writer: l.txn(f[2])}), f[3:]
			}
		}
		next++
	}
	return l
}

func (l *listing) key(name string) *polygraph.Key {
	for k, known := range l.keys {
		if known == name {
			return &l.Keys[k]
		}
	}
	l.keys, l.Keys = append(l.keys, name), append(l.Keys, polygraph.Key{})
	return &l.Keys[len(l.Keys)-1]
}

func (l *listing) txn(name string) int32 {
	for t, known := range l.txns {
		if known == name {
			return int32(t)
		}
	}
	return polygraph.Nobody
}

func number(t *testing.T, s string) int32 {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return int32(n)
}
