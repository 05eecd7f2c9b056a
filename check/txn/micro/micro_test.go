package micro_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"checker/check/txn/micro"
	"checker/history"
)

// TestGoldens prints the columns of small histories. The argument of list and
// register is nothing; the input is EDN, an op a line.
func TestGoldens(t *testing.T) {
	datadriven.RunTest(t, "testdata/columns", func(t *testing.T, d *datadriven.TestData) string {
		model := map[string]micro.Model{"lists": micro.Lists, "registers": micro.Registers}[d.Cmd]
		h, err := history.Read(strings.NewReader(d.Input), d.Pos, history.ReadOptions{Format: "edn"})
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		txns, err := micro.Of(h, model)
		if err != nil {
			if !errors.Is(err, micro.ErrDoesNotFit) {
				t.Errorf("%v is not ErrDoesNotFit", err)
			}
			return err.Error() + "\n"
		}
		return draw(txns)
	})
}

var statusNames = map[micro.Status]string{micro.Ok: "ok", micro.Seen: "seen", micro.Info: "info", micro.Fail: "fail"}

func draw(t *micro.Txns) string {
	var b strings.Builder
	for x := range int32(t.Len()) {
		fmt.Fprintf(&b, "T%d op %d session %d %s", x, t.Index(x), t.Session[x], statusNames[t.Status[x]])
		for m := t.First[x]; m < t.First[x+1]; m++ {
			fmt.Fprintf(&b, " | %s %s:", t.MopText(m), t.KeyText(t.Key[m]))
			list, known := t.List(m)
			switch {
			case t.Kind[m] == micro.Write:
				fmt.Fprintf(&b, " writes %s", t.ValueText(t.Val[m]))
			case t.Val[m] == micro.Unread:
				b.WriteString(" unread")
			case t.Model == micro.Registers:
				fmt.Fprintf(&b, " reads %s of %s", t.ValueText(t.Val[m]), writer(t, t.Val[m]))
			case known:
				n, prefix := t.Prefix(m)
				fmt.Fprintf(&b, " reads %d elements (prefix %v, %d)", len(list), prefix, max(n, 0))
				for _, e := range list {
					fmt.Fprintf(&b, " %s of %s", t.ValueText(e), writer(t, e))
				}
			}
		}
		b.WriteByte('\n')
	}
	for _, v := range t.Twice() {
		fmt.Fprintf(&b, "twice: %s of key %s\n", t.ValueText(v), t.KeyText(t.KeyOf(v)))
	}
	return b.String()
}

func writer(t *micro.Txns, value int32) string {
	switch {
	case value == micro.Nil:
		return "nobody"
	case t.Writer[value] == micro.Nobody:
		return "nobody"
	case t.Writer[value] == micro.Many:
		return "many"
	}
	x, _ := t.WriterTxn(value)
	return fmt.Sprintf("T%d", x)
}

// TestRecordedHistories reads what others recorded and says how it went.
func TestRecordedHistories(t *testing.T) {
	const recorded = "../../../../shared/histories"
	if _, err := os.Stat(recorded); err != nil {
		t.Skipf("no recorded histories: %v", err)
	}
	for name, model := range map[string]micro.Model{
		"elle/huge-scc.edn.gz":            micro.Lists,
		"elle/paper-example.edn":          micro.Lists,
		"elle-cli/elle/rw-register.edn":   micro.Registers,
		"elle-cli/elle/rw-register.json":  micro.Registers,
		"awdit/none/hb-cycle.txt":         micro.Registers,
		"isolation-bugs/galera.txt":       micro.Registers,
		"elle-cli/elle/paper-example.edn": micro.Lists,
	} {
		h, err := history.ReadFile(filepath.Join(recorded, name), history.ReadOptions{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		txns, err := micro.Of(h, model)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if txns.Len() != len(h.Pairs()) {
			t.Errorf("%s: %d transactions of %d ops", name, txns.Len(), len(h.Pairs()))
		}
		for m := range int32(len(txns.Txn)) {
			if list, ok := txns.List(m); model == micro.Lists && ok && txns.Kind[m] == micro.Read && len(list) > 0 && txns.Writer[list[0]] == micro.Nobody {
				t.Errorf("%s: %s read what nobody wrote", name, txns.Text(txns.Txn[m]))
			}
		}
	}
}

// TestPartsAgree compares columns made in several parts with those of a history
// that is too short to be split.
func TestPartsAgree(t *testing.T) {
	const short, long = 100, 20_000
	if a, b := draw(synthetic(t, short)), draw(synthetic(t, long)); !strings.HasPrefix(b, a[:strings.LastIndex(a, "T90 ")]) {
		t.Errorf("the first transactions of a long history differ from those of a short one")
	}
}

// synthetic is a serial history over lists of at most ten elements.
func synthetic(t testing.TB, n int) *micro.Txns {
	t.Helper()
	b := history.NewBuilder()
	var list []int64
	key := 0
	for i := range n {
		if len(list) == 10 {
			list, key = nil, key+1
		}
		read := history.Mop("r", history.Int(int64(key)), history.Nil)
		result := history.Mop("r", history.Int(int64(key)), history.Ints(list...))
		app := history.Mop("append", history.Int(int64(key)), history.Int(int64(i)))
		for j, value := range []history.Value{history.Vector(read, app), history.Vector(result, app)} {
			op := history.Op{Time: int64(2*i + j), Process: history.Process(i % 5), Type: history.Type(j), F: "txn", Value: value}
			if err := b.AddOp(op); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, int64(i))
	}
	txns, err := micro.Of(b.History(), micro.Lists)
	if err != nil {
		t.Fatal(err)
	}
	return txns
}
