package reports

import (
	"fmt"
	"html/template"
	"slices"
	"sort"
	"strings"

	"checker/check"
	"checker/history"
)

// anomaly is a kind of violation as the page shows it.
type anomaly struct {
	Type      string
	Check     string
	Meaning   string // what the kind means, where the glossary has it
	Count     string // "3 found, 1 shown"
	Witnesses []witness
}

// witness is an example of an anomaly with everything that is known about it.
type witness struct {
	ID       string // of the element on the page
	Title    string // its place in the run: "witness 2 of 3, key 7"
	Text     string
	Key      string
	Ops      []witnessOp
	Steps    []witnessStep
	During   []string      // faults in force while its ops ran
	Before   []string      // faults that came or went just before
	Quiet    bool          // the nemesis acted in this run, but not near the witness
	Drawing  template.HTML // of ops and steps, or of events
	Caption  string        // how to read the drawing
	Ring     bool          // the drawing is of transactions, in a cycle if there are steps
	Edges    []edgeKey     // the kinds of edges that it has
	Events   []witnessEvent
	Messages string // the element that tells of the messages around it
	Unknown  []int  // ops that it names and the history does not have
	Placed   bool   // from and to are known
	Under    string // the faults in force, in a few words
	from     int64
	to       int64
	around   []span // the stretches of time that messages are told of
}

type witnessOp struct {
	Name                                                            string // T1, T2… in the order of the witness, as its words call transactions
	Index, Process, Node, Invoke, Complete, Took, F, Value, Outcome string

	op  operation
	txn bool        // ref is of micro-ops
	ref history.Ref // what it did, as far as is known
}

// witnessStep is an edge. Kind is one of [edgeKinds]; names are T1, T2… or #3.
type witnessStep struct {
	ID, From, To, FromName, ToName, Edge, Kind, Key, Why string
}

// witnesses prepares the anomalies of all checks. Kinds come in the order that
// the checks found them in.
func (p *page) anomalies(checks []check.Result) []anomaly {
	rows := map[int]int{}
	if p.view != nil {
		rows = p.view.rowsOf(namedOps(checks))
	}
	var all []anomaly
	for _, r := range checks {
		for _, a := range r.Anomalies {
			shown := anomaly{Type: line(a.Type, foldWord), Check: line(r.Name, foldWord), Meaning: visible(p.in.Glossary[a.Type], foldText)}
			for i, w := range a.Witnesses {
				id := fmt.Sprintf("witness-%d-%d", len(all)+1, i+1)
				shown.Witnesses = append(shown.Witnesses, p.witness(a.Type, w, id, i, len(a.Witnesses), rows))
			}
			shown.Count = countWitnesses(a.Count, len(a.Witnesses))
			all = append(all, shown)
		}
	}
	return all
}

// sayOnce takes those words of the first witness away that the headline has just
// said, and tells there under which faults it came about.
func (p *page) sayOnce() {
	if len(p.Anomalies) == 0 || len(p.Anomalies[0].Witnesses) == 0 {
		return
	}
	w := &p.Anomalies[0].Witnesses[0]
	if first, rest, _ := strings.Cut(w.Text, "\n"); first != "" && strings.HasSuffix(p.Headline.Sentence, first) {
		w.Text = strings.TrimPrefix(strings.ReplaceAll("\n"+rest, "\n  ", "\n"), "\n")
	}
	p.Headline.Under = w.Under
}

func countWitnesses(found, shown int) string {
	switch {
	case found <= 1 && shown == 1:
		return "one found"
	case found > shown:
		return fmt.Sprintf("%s found, %s shown", count(found), count(shown))
	}
	return count(max(found, shown)) + " found"
}

// namedOps collects the ops that witnesses and their steps name.
func namedOps(checks []check.Result) map[int]bool {
	named := map[int]bool{}
	for _, r := range checks {
		for _, a := range r.Anomalies {
			for _, w := range a.Witnesses {
				for _, index := range opsOf(w) {
					named[index] = true
				}
			}
		}
	}
	return named
}

// opsOf returns the ops of a witness and of its steps, each once.
func opsOf(w check.Witness) []int {
	seen := map[int]bool{}
	var ops []int
	add := func(index int) {
		if !seen[index] {
			seen[index] = true
			ops = append(ops, index)
		}
	}
	for _, index := range w.Ops {
		add(index)
	}
	for _, s := range w.Steps {
		add(s.From)
		add(s.To)
	}
	return ops
}

func (p *page) witness(kind string, w check.Witness, id string, i, of int, rows map[int]int) witness {
	shown := witness{ID: id, Text: visible(w.Text, foldText), Key: line(w.Key, foldWord), Title: "witness"}
	if of > 1 {
		shown.Title = fmt.Sprintf("witness %d of %d", i+1, of)
	}
	for i, s := range w.Steps {
		shown.Steps = append(shown.Steps, witnessStep{ID: fmt.Sprintf("%s-step-%d", id, i+1), From: fmt.Sprint(s.From), To: fmt.Sprint(s.To),
			FromName: fmt.Sprintf("#%d", s.From), ToName: fmt.Sprintf("#%d", s.To),
			Edge: line(s.Edge, foldWord), Kind: edgeKind(s.Edge), Key: line(s.Key, foldWord), Why: visible(s.Why, foldText)})
	}
	for i, index := range opsOf(w) {
		row, ok := rows[index]
		if !ok {
			shown.Unknown = append(shown.Unknown, index)
			continue
		}
		o := p.view.witnessOp(index, row)
		o.Name = fmt.Sprintf("T%d", i+1)
		shown.Ops = append(shown.Ops, o)
	}
	if kind == nonlinearizable && len(shown.Steps) == 0 && len(shown.Ops) <= sketchOps {
		shown.Steps = p.realtimeSteps(shown)
	}
	p.place(&shown, w.Events)
	p.draw(&shown, w.Events)
	return shown
}

// nonlinearizable is the anomaly whose witness is ops that have no order at all.
const nonlinearizable = "nonlinearizable"

// realtimeSteps tells in which order ops must stand because of their moments. An
// order that follows from two others is left out.
func (p *page) realtimeSteps(w witness) []witnessStep {
	before := func(a, b witnessOp) bool {
		return a.op.comp >= 0 && a.op.outcome != history.Info && a.op.comp < b.op.inv
	}
	var steps []witnessStep
	for _, a := range w.Ops {
		for _, b := range w.Ops {
			between := func(c witnessOp) bool { return before(a, c) && before(c, b) }
			if !before(a, b) || slices.ContainsFunc(w.Ops, between) {
				continue
			}
			steps = append(steps, witnessStep{ID: fmt.Sprintf("%s-step-%d", w.ID, len(steps)+1), From: a.Index, To: b.Index, FromName: "#" + a.Index, ToName: "#" + b.Index,
				Edge: "realtime", Kind: edgeKind("realtime"), Why: fmt.Sprintf("it completed at %s, and the other was invoked at %s", a.Complete, b.Invoke)})
		}
	}
	return steps
}

// draw makes the picture that suits the witness: of transactions, of what nodes
// did, or of ops over time.
func (p *page) draw(w *witness, events []check.Event) {
	w.Edges = edgesUsed(w.Steps)
	if p.view != nil {
		w.Drawing, w.Caption = p.view.ring(w), "Each box is a transaction with what it did; in bold is what this is about. Below, when each ran; gaps are drawn by the logarithm of their length."
		w.Ring = w.Drawing != ""
	}
	if len(events) > 0 {
		w.Events = newEvents(events)
		w.Text = withoutEvents(w.Text)
	}
	if w.Drawing == "" {
		w.Drawing, w.Caption = sequence(*w), "Time goes down, a row an event; a lane is a node, with the participant that it is part of. Outcomes that contradict each other have a heavy outline."
	}
	if w.Drawing == "" && p.view != nil {
		w.Drawing, w.Caption = p.view.sketch(*w), "Ops in order of their moments; gaps are drawn by the logarithm of their length. A full bar is ok, a crossed outline fail, an open dashed bar info."
	}
}

// withoutEvents drops the lines of a text that repeat events: the table of them
// is more legible.
func withoutEvents(text string) string {
	all := slices.DeleteFunc(strings.Split(text, "\n"), func(s string) bool { return strings.HasPrefix(s, "t=") })
	return strings.Join(all, "\n")
}

// nameSteps calls the ends of steps what the drawing calls them.
func (w *witness) nameSteps() {
	for i := range w.Steps {
		for _, o := range w.Ops {
			if o.Index == w.Steps[i].From {
				w.Steps[i].FromName = o.Name
			}
			if o.Index == w.Steps[i].To {
				w.Steps[i].ToName = o.Name
			}
		}
	}
}

// place puts a witness in time, by its ops or else by its events, and among the
// faults.
func (p *page) place(w *witness, events []check.Event) {
	var moments []int64
	for _, o := range w.Ops {
		moments = append(moments, o.op.start)
		if o.op.comp >= 0 {
			moments = append(moments, o.op.end)
		}
		w.around = append(w.around, span{o.op.start - beforeOps, o.op.end})
	}
	if p.view != nil && p.view.timed && len(w.Ops) == 0 {
		for _, e := range events {
			at := min(max(e.At-p.view.origin, 0), p.view.end)
			moments = append(moments, at)
			w.around = append(w.around, span{at - beforeOps, at + beforeOps})
		}
	}
	if len(moments) == 0 {
		return
	}
	sort.SliceStable(w.Ops, func(i, j int) bool { return w.Ops[i].op.inv < w.Ops[j].op.inv })
	w.Placed, w.from, w.to = true, slices.Min(moments), slices.Max(moments)
	during, before := p.view.around(p.faults, w.from, w.to)
	for _, f := range during {
		w.During = append(w.During, p.view.tellDuring(f))
	}
	for _, f := range before {
		w.Before = append(w.Before, p.view.tellBefore(f, w.from))
	}
	w.During, w.Before = atMost(w.During, maxNearby), atMost(w.Before, maxNearby)
	w.Quiet = len(p.faults) > 0 && len(during)+len(before) == 0
	w.Under = under(during, before)
	if w.Under == "" && len(p.faults) > 0 {
		w.Under = "none"
	}
}

// witnessOp describes one op of a witness.
func (v *view) witnessOp(index, row int) witnessOp {
	o := v.operation(row)
	shown := witnessOp{
		Index:    fmt.Sprint(index),
		Process:  line(v.ProcessName(v.Process(row)), foldWord),
		Node:     line(v.nodeOf(o), foldWord),
		Invoke:   v.when(o.start),
		Complete: "never",
		F:        line(v.FName(v.F(row)), foldWord),
		Value:    v.exchange(o, foldValue),
		Outcome:  o.outcome.String(),
		op:       o,
		ref:      v.Ref(o.inv),
	}
	if o.comp >= 0 && v.IsTxn(v.Ref(o.comp)) {
		shown.ref = v.Ref(o.comp)
	}
	shown.txn = v.IsTxn(shown.ref)
	if o.comp >= 0 {
		shown.Complete = v.when(o.end)
		if v.timed {
			shown.Took = duration(o.end - o.start)
		}
	}
	return shown
}

func (v *view) nodeOf(o operation) string {
	if node := v.Node(o.inv); node != "" || o.comp < 0 {
		return node
	}
	return v.Node(o.comp)
}

// answers reports whether the answer repeats all that was asked: a read's nil, a
// key with nil, a transaction whose reads were filled in.
func (v *view) answers(asked, answered history.Ref) bool {
	if asked.IsNil() || v.IsTxn(asked) && v.IsTxn(answered) {
		return true
	}
	key, nothing, ok := v.Heap.Pair(asked)
	same, _, also := v.Heap.Pair(answered)
	return ok && also && nothing.IsNil() && v.Equal(key, same)
}

// exchange prints what an op asked and what it was answered: one value where
// both are the same or only one says anything.
func (v *view) exchange(o operation, limit int) string {
	asked, answered := v.Ref(o.inv), history.Ref(0)
	if o.comp >= 0 {
		answered = v.Ref(o.comp)
	}
	text := brief(&v.Heap, asked, limit)
	switch {
	case o.comp < 0 || v.Equal(asked, answered) || answered.IsNil() && o.outcome != history.Ok:
	case v.answers(asked, answered):
		text = brief(&v.Heap, answered, limit)
	default:
		text += " → " + brief(&v.Heap, answered, limit)
	}
	if o.comp >= 0 {
		if reason := v.Error(o.comp); !reason.IsNil() {
			text += " · " + brief(&v.Heap, reason, limit)
		}
	}
	return text
}
