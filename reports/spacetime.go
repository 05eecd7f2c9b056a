package reports

import (
	"fmt"
	"slices"
	"strings"

	"checker/history"
)

// spacetime is who said what to whom around a witness. The script draws it from
// its table, so that both say the same.
type spacetime struct {
	ID, Title string
	Lanes     []string // the witness's clients, then the nodes
	Rows      []spacetimeRow
	Left      []string // what is left out
}

// Columns are the lanes, a line each: no lane has a line break in it.
func (s spacetime) Columns() string { return strings.Join(s.Lanes, "\n") }

// spacetimeRow is a message, a step of a node, or an end of an op.
type spacetimeRow struct {
	Class           string // message, step, crash, op
	At, End         int64  // End is the arrival of a message
	When, Arrived   string
	From, To        string // To is "" unless it is a message
	Kind, Text, Way string // Way is what became of a message
	Lost            bool
}

// messages is the section of messages.
type messages struct {
	Before string // how long before an op it begins to tell
	All    []spacetime
}

// messages tells of the messages around witnesses; nil where the trace has none.
func (p *page) messages() *messages {
	f := p.flights
	if f == nil || p.tale == nil || !p.tale.told["sent"] {
		return nil
	}
	out := messages{Before: duration(beforeOps)}
	for _, s := range f.around {
		shown := spacetime{ID: "messages-" + s.witness.ID, Title: s.title}
		p.fillSpacetime(&shown, s)
		if len(shown.Rows) > 0 {
			out.All = append(out.All, shown)
			s.witness.Messages = shown.ID
		}
	}
	if len(out.All) == 0 {
		return nil
	}
	return &out
}

func (p *page) fillSpacetime(out *spacetime, s spacetimeSpan) {
	f := p.flights
	clients := map[string]bool{}
	for _, o := range s.witness.Ops {
		if name := p.clientOf(o.op); name != "" && !clients[name] {
			clients[name] = true
			out.Lanes = append(out.Lanes, name)
		}
	}
	var sent []flight
	for _, m := range f.sent {
		if s.covers(m.sent) && (f.members[m.from] || clients[m.from]) && (f.members[m.to] || clients[m.to]) {
			sent = append(sent, m)
		}
	}
	steps := slices.DeleteFunc(slices.Clone(f.steps), func(n nodeStep) bool { return !s.covers(n.at) || !f.members[n.node] })
	if len(sent)+len(steps) == 0 {
		return
	}
	out.Lanes = append(out.Lanes, lines(sortedKeys(f.members), 40)...)
	messages, left := middleOut(sent, maxFlights)
	out.leaveOut(left, "message")
	kept, left := middleOut(steps, maxSteps)
	out.leaveOut(left, "step")
	for _, o := range s.witness.Ops {
		out.Rows = append(out.Rows, p.opEnds(o)...)
	}
	for _, m := range messages {
		out.Rows = append(out.Rows, p.messageRow(m))
	}
	for _, n := range kept {
		row := spacetimeRow{Class: "step", At: n.at, When: p.view.when(n.at), From: line(n.node, 40), Kind: line(n.what, 40), Text: line(n.detail, foldWord)}
		if n.what == "killed" || n.what == "power lost" || n.what == "exited" || n.what == "stopped" {
			row.Class = "crash"
		}
		out.Rows = append(out.Rows, row)
	}
	slices.SortStableFunc(out.Rows, func(a, b spacetimeRow) int { return int(min(max(a.At-b.At, -1), 1)) })
}

func (s *spacetime) leaveOut(left int, noun string) {
	if left > 0 {
		s.Left = append(s.Left, fmt.Sprintf("%s in the middle left out", plural(left, noun)))
	}
}

// clientOf is what the trace calls the client of an op: its thread. It is "" where
// that is not known.
func (p *page) clientOf(o operation) string {
	process := p.view.Process(o.inv)
	if p.in.Run == nil || p.in.Run.Config.Concurrency < 1 || !process.IsClient() {
		return ""
	}
	return fmt.Sprintf("c%d", int(process)%p.in.Run.Config.Concurrency)
}

func (p *page) messageRow(m flight) spacetimeRow {
	row := spacetimeRow{Class: "message", At: m.sent, End: m.arrived, When: p.view.when(m.sent), From: line(m.from, 40), To: line(m.to, 40),
		Kind: m.kind(p.flights.members), Text: line(m.text, foldWord), Way: line(m.fate, foldWord), Lost: strings.HasPrefix(m.fate, "lost")}
	switch {
	case m.fate == "":
		row.Way, row.Lost, row.End = "still under way", true, m.sent
	default:
		row.Arrived = p.view.when(m.arrived)
	}
	return row
}

// opEnds are the invocation and the completion of an op of the witness.
func (p *page) opEnds(o witnessOp) []spacetimeRow {
	client := p.clientOf(o.op)
	if client == "" {
		return nil
	}
	text := "#" + o.Index + " " + o.F + " " + clip(o.Value, 80)
	ends := []spacetimeRow{{Class: "op", At: o.op.start, When: o.Invoke, From: client, Kind: "invoke", Text: text}}
	if o.op.comp >= 0 && p.view.Type(o.op.comp) != history.Invoke {
		ends = append(ends, spacetimeRow{Class: "op", At: o.op.end, When: o.Complete, From: client, Kind: o.Outcome, Text: text})
	}
	return ends
}
