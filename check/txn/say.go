package txn

import (
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/check/txn/micro"
	"checker/history"
)

// narrator puts findings in words. Transactions are called T1, T2… in the order
// in which a witness names them.
type narrator struct{ *micro.Txns }

// step is an edge of a witness, between places in its list of transactions.
type step struct {
	from, to int
	edge     string
	key      int32 // -1 for none
	why      string
}

const (
	mostText = 2000 // bytes of a transaction's text
	mostTxns = 40   // transactions of a witness that are written out
)

// witness describes transactions that cannot all have happened as recorded.
// headline says it in one line, by the numbers of ops; end says what follows.
func (n narrator) witness(headline string, key int32, txns []int32, steps []step, end string) check.Witness {
	w := check.Witness{Ops: make([]int, len(txns))}
	if key >= 0 {
		w.Key = n.KeyText(key)
	}
	var text strings.Builder
	text.WriteString(headline)
	for i, x := range txns {
		w.Ops[i] = n.Index(x)
		if i < mostTxns {
			fmt.Fprintf(&text, "\n  T%d = %s", i+1, n.txn(x))
		} else if i == mostTxns {
			fmt.Fprintf(&text, "\n  … and %d more", len(txns)-i)
		}
	}
	for i, s := range steps {
		one := check.Step{From: w.Ops[s.from], To: w.Ops[s.to], Edge: s.edge, Why: s.why}
		if s.key >= 0 {
			one.Key = n.KeyText(s.key)
		}
		w.Steps = append(w.Steps, one)
		if i < mostTxns {
			fmt.Fprintf(&text, "\n  T%d < T%d (%s): %s", s.from+1, s.to+1, s.edge, s.why)
		}
	}
	if end != "" {
		text.WriteString("\n  " + end)
	}
	w.Text = text.String()
	return w
}

// txn describes a transaction: its micro-ops, who ran it and when.
func (n narrator) txn(x int32) string {
	text := n.Text(x)
	if len(text) > mostText {
		text = text[:mostText] + "…"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  op %d, process %s", text, n.Index(x), n.History.ProcessName(n.Process(x)))
	if node := n.Node(x); node != "" {
		b.WriteString(" on " + node)
	}
	fmt.Fprintf(&b, ", %s to ", seconds(n.History.Time(int(n.Inv[x]))))
	switch c := n.Comp[x]; {
	case n.Status[x] == micro.Fail:
		fmt.Fprintf(&b, "%s s, failed", seconds(n.History.Time(int(c))))
	case n.Status[x] != micro.Ok:
		b.WriteString("an unknown end")
	default:
		fmt.Fprintf(&b, "%s s", seconds(n.History.Time(int(c))))
	}
	return b.String()
}

func seconds(ns int64) string {
	return strings.TrimRight(strings.TrimRight(history.Seconds(ns), "0"), ".")
}

// list prints values as a list.
func (n narrator) list(values []int32) string {
	var b strings.Builder
	b.WriteByte('[')
	for i, v := range values {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(n.ValueText(v))
		if b.Len() > mostText {
			b.WriteString(" …")
			break
		}
	}
	b.WriteByte(']')
	return b.String()
}

// read prints what the read m found: "key 5 as [1 2]".
func (n narrator) read(m int32) string {
	key := n.KeyText(n.Key[m])
	if n.Model == micro.Registers {
		return fmt.Sprintf("key %s as %s", key, n.ValueText(n.Val[m]))
	}
	list, _ := n.List(m)
	return fmt.Sprintf("key %s as %s", key, n.list(list))
}

// ops lists the numbers of transactions: "ops 3, 5 and 8".
func (n narrator) ops(txns []int32) string {
	numbers := make([]int, len(txns))
	for i, x := range txns {
		numbers[i] = n.Index(x)
	}
	slices.Sort(numbers)
	words := make([]string, len(numbers))
	for i, op := range numbers {
		words[i] = fmt.Sprint(op)
	}
	switch len(words) {
	case 1:
		return "op " + words[0]
	case 2:
		return "ops " + words[0] + " and " + words[1]
	}
	if len(words) > 8 {
		return fmt.Sprintf("ops %s and %d more", strings.Join(words[:6], ", "), len(words)-6)
	}
	return "ops " + strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// orderWhy says why the clients' own order puts a before b.
func (n narrator) orderWhy(a, b int32, first, second string, sameSession bool) string {
	if sameSession {
		return fmt.Sprintf("process %s did %s before %s", n.History.ProcessName(n.Process(a)), first, second)
	}
	end, begin := n.History.Time(int(n.Comp[a])), n.History.Time(int(n.Inv[b]))
	return fmt.Sprintf("%s was complete at %s s, before %s was invoked at %s s", first, seconds(end), second, seconds(begin))
}
