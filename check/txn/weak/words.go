package weak

import (
	"fmt"
	"slices"
	"strings"

	"checker/check"
	"checker/history"
	"checker/internal/graph"
)

// The anomalies that are found here beside impossible reads.
const (
	missedWrite      = "missed-write"
	commitOrderCycle = "commit-order-cycle"
	causalityCycle   = "causality-cycle"
	viewCycle        = "view-cycle"
)

// Kinds explains the anomalies that this package finds.
func Kinds() []check.Kind {
	return []check.Kind{
		{Name: missedWrite, Summary: "A transaction does not see a write that the consistency model puts before it.",
			Example: "T1 writes x and y; T2 reads y from T1, and x as it was before"},
		{Name: commitOrderCycle, Summary: "No order of commits explains what transactions read: each comes before the next, and the last before the first.",
			Example: "T1 and T2 write x; T3 reads T1's x although it saw T2, T4 reads T2's although it saw T1"},
		{Name: causalityCycle, Summary: "Transactions depend on each other in a circle, by session order, reading and the order of lists.",
			Example: "T1 reads x from T2, whose session wrote it after reading y, which T1's session wrote after T1"},
		{Name: viewCycle, Summary: "A session cannot have seen others' writes in any order that explains its reads.",
			Example: "a session reads x as 1, then 2, then 1 again"},
	}
}

// missed reports a read that does not show a write.
func (j *judge) missed(model string, m miss) {
	r := &j.reads[m.read]
	key := j.KeyText(r.key)
	if j.found.Full(missedWrite) {
		j.found.Found(missedWrite, key, nil, "")
		return
	}
	path := j.reach(m.writer, m.reader)
	n := namesOf(append([]int32{m.writer, m.reader}, path...))
	var hops []hop
	for _, t := range path {
		hops = append(hops, hop{txn: t})
	}
	steps := j.steps(model, hops, &n, initial)
	w, _ := j.writeOf(m.writer, r.key)
	text := fmt.Sprintf("%sSo under %s %s must see %s, but it read key %s without %s of %s. %s", sentences(steps),
		model, n.of(m.reader), n.of(m.writer), key, j.ValueText(j.writes[w].last), n.of(m.writer), j.transactions(n))
	j.found.Circle(missedWrite, key, j.pairs(n), steps, "%s", text)
}

// hop is a transaction on a path and the labels of the edge to the next one.
type hop struct {
	txn   int32
	kinds graph.Kind
}

// path returns the transactions on a cycle of g, the first again at the end.
// What lies between two of them is left out.
func (j *judge) path(g *graph.Graph, nodes, cycle []int32) []hop {
	var hops []hop
	var leading graph.Kind
	n := int32(j.len())
	for i := range len(cycle) - 1 {
		node, kinds := cycle[i], g.Has(cycle[i], cycle[i+1])
		if nodes != nil {
			node = nodes[node]
		}
		if node >= n && node < n+j.second {
			node -= n
		}
		last := len(hops) - 1
		switch {
		case node < n && (last < 0 || hops[last].txn != node):
			hops = append(hops, hop{node, kinds})
		case node < n:
			hops[last].kinds = kinds // its second node came before
		case last < 0:
			leading |= kinds
		default:
			hops[last].kinds |= kinds
		}
	}
	hops[len(hops)-1].kinds |= leading
	if len(hops) > 1 && hops[0].txn == hops[len(hops)-1].txn {
		return hops
	}
	return append(hops, hop{txn: hops[0].txn})
}

// cycle reports a cycle, the first transaction again at the end.
func (j *judge) cycle(model string, cycle []hop, view int32) {
	kind, whose := causalityCycle, ""
	for _, h := range cycle[:len(cycle)-1] {
		if h.kinds&order != 0 {
			kind = commitOrderCycle
		}
	}
	if view != initial && kind == commitOrderCycle {
		kind = viewCycle
		whose = fmt.Sprintf(", as process %s must have seen them", j.History.ProcessName(j.Process(j.txns[j.members.list(view)[0]])))
	}
	if j.found.Full(kind) {
		j.found.Found(kind, "", nil, "")
		return
	}
	var n names
	for _, h := range cycle {
		n.add(h.txn)
	}
	steps := j.steps(model, cycle, &n, view)
	j.found.Circle(kind, "", j.pairs(n), steps, "%sSo each comes before the next, and the last before the first%s: %s is violated. %s",
		sentences(steps), whose, model, j.transactions(n))
}

// names are the transactions of a witness, T1, T2…
type names []int32

func namesOf(txns []int32) names {
	var n names
	for _, t := range txns {
		n.add(t)
	}
	return n
}

func (n *names) add(t int32) {
	if !slices.Contains(*n, t) {
		*n = append(*n, t)
	}
}

func (n names) of(t int32) string { return fmt.Sprintf("T%d", slices.Index(n, t)+1) }

func (j *judge) pairs(n names) []history.Pair {
	var ops []history.Pair
	for _, t := range n {
		ops = append(ops, j.pair(j.txns[t]))
	}
	return ops
}

// transactions prints what the transactions of a witness did.
func (j *judge) transactions(n names) string {
	texts := make([]string, len(n))
	for i, t := range n {
		texts[i] = fmt.Sprintf("%s = %s.", n.of(t), j.Text(j.txns[t]))
	}
	return strings.Join(texts, " ")
}

func upper(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func sentences(steps []check.Step) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString(upper(s.Why) + ". ")
	}
	return b.String()
}

// steps says of neighbours on a path why the one comes before the other. It adds
// to n those readers that tell.
func (j *judge) steps(model string, path []hop, n *names, view int32) []check.Step {
	var steps []check.Step
	for i := 1; i < len(path); i++ {
		a, b := path[i-1].txn, path[i].txn
		s, ok := check.Step{}, false
		if path[i-1].kinds&order == 0 {
			s, ok = j.seenStep(a, b, *n)
		}
		if !ok {
			s = j.inferredStep(model, a, b, n, view)
		}
		s.From, s.To = j.Index(j.txns[a]), j.Index(j.txns[b])
		steps = append(steps, s)
	}
	return steps
}

// seenStep says what the history shows of a before b.
func (j *judge) seenStep(a, b int32, n names) (s check.Step, ok bool) {
	var one [1]int32
	for i := range j.readsOf(b) {
		r := &j.readsOf(b)[i]
		if slices.Contains(j.sources(r, &one), a) {
			w, _ := j.writeOf(a, r.key)
			return check.Step{Edge: "wr", Key: j.KeyText(r.key),
				Why: fmt.Sprintf("%s read %s from key %s, which %s wrote", n.of(b), j.ValueText(j.writes[w].last), j.KeyText(r.key), n.of(a))}, true
		}
	}
	if j.session[a] == j.session[b] && j.place[a] < j.place[b] {
		return check.Step{Edge: "process", Why: fmt.Sprintf("%s comes before %s in the session of process %s",
			n.of(a), n.of(b), j.History.ProcessName(j.Process(j.txns[a])))}, true
	}
	for _, wa := range j.writesOf(a) {
		if wb, both := j.writeOf(b, wa.key); both && j.lists {
			return check.Step{Edge: "ww", Key: j.KeyText(wa.key), Why: fmt.Sprintf("%s appended %s to key %s, and %s appended %s after it",
				n.of(a), j.ValueText(wa.last), j.KeyText(wa.key), n.of(b), j.ValueText(j.writes[wb].last))}, true
		}
	}
	return check.Step{}, false
}

// inferredStep says what the model makes of some transaction's reads: that a
// comes before b.
func (j *judge) inferredStep(model string, a, b int32, n *names, view int32) check.Step {
	if reader, key, path := j.telling(model, a, b, view); reader != initial {
		for _, h := range path {
			n.add(h.txn)
		}
		wa, _ := j.writeOf(a, key)
		wb, _ := j.writeOf(b, key)
		return check.Step{Edge: "ww", Key: j.KeyText(key), Why: fmt.Sprintf("%s read %s of %s from key %s although it should have seen %s of %s (%s), so %s comes before %s",
			n.of(reader), j.ValueText(j.writes[wb].last), n.of(b), j.KeyText(key), j.ValueText(j.writes[wa].last), n.of(a),
			strings.TrimSuffix(clauses(j.steps(model, path, n, view)), "; "), n.of(a), n.of(b))}
	}
	for _, r := range j.readsOf(a) {
		if wb, writes := j.writeOf(b, r.key); writes && j.misses(&r, wb) {
			return check.Step{Edge: "rw", Key: j.KeyText(r.key), Why: fmt.Sprintf("%s read key %s without %s, which %s wrote",
				n.of(a), j.KeyText(r.key), j.ValueText(j.writes[wb].last), n.of(b))}
		}
	}
	return check.Step{Edge: "order", Why: fmt.Sprintf("%s must come before %s by what follows from all of these", n.of(a), n.of(b))}
}

func clauses(steps []check.Step) string {
	var b strings.Builder
	for _, s := range steps {
		b.WriteString(s.Why + "; ")
	}
	return b.String()
}

// mostReaders bounds among how many readers the one is looked for that tells of
// an order most shortly.
const mostReaders = 20

// telling returns a reader that read a key from b although it should have seen a,
// and why it should: the path from a to it, the shortest that there is.
func (j *judge) telling(model string, a, b, view int32) (reader, key int32, path []hop) {
	reader = initial
	tried := 0
	for t := range int32(j.len()) {
		if view != initial && j.session[t] != view {
			continue
		}
		for i, r := range j.readsOf(t) {
			if _, writes := j.writeOf(a, r.key); r.from != b || !writes || t == a || tried == mostReaders {
				continue
			}
			if model == ReadCommitted && !j.readBefore(t, int32(i), a) {
				continue
			}
			tried++
			txns := j.reach(a, t)
			if direct := model == ReadCommitted || model == ReadAtomic; txns == nil || direct && len(txns) > 2 {
				continue
			}
			if reader != initial && len(txns) >= len(path) {
				continue
			}
			reader, key, path = t, r.key, nil
			for _, on := range txns {
				path = append(path, hop{txn: on})
			}
		}
	}
	return reader, key, path
}

// readBefore reports whether t reads from a transaction before its read nth.
func (j *judge) readBefore(t, nth, from int32) bool {
	var one [1]int32
	for i := range nth {
		if slices.Contains(j.sources(&j.readsOf(t)[i], &one), from) {
			return true
		}
	}
	return false
}

// reach returns a shortest path from a to b by session order and reading; nil if
// there is none.
func (j *judge) reach(a, b int32) []int32 {
	if j.walker.Graph == nil {
		j.walker.Graph = graph.New(j.len(), j.seen())
	}
	path, _ := j.walker.Path(a, b, graph.Any, 0, nil)
	return path
}

// seen returns session order and, of each read, the writers that it shows.
func (in *input) seen() *graph.Edges {
	e := &graph.Edges{}
	var one [1]int32
	for t := range int32(in.len()) {
		if last := in.before(t); last != initial {
			e.Add(last, t, so)
		}
		for i := in.readAt[t]; i < in.readAt[t+1]; i++ {
			for _, source := range in.sources(&in.reads[i], &one) {
				e.Add(source, t, wr)
			}
		}
	}
	return e
}
