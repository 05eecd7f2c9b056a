package reports

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"checker/internal/trace"
)

// Bounds on what is told of messages.
const (
	maxSpacetimes = 3       // witnesses
	maxFlights    = 200     // messages of a witness
	maxSteps      = 120     // of nodes, of a witness
	maxCollected  = 100_000 // messages and steps of all witnesses, before the choice
	beforeOps     = 5e6     // ns before an op from which on its messages are told, and on either side of an event
)

// flights collects the messages around witnesses while the trace is read.
type flights struct {
	around  []spacetimeSpan
	from    int64 // the earliest of all windows
	to      int64
	sent    []flight
	steps   []nodeStep
	flying  map[uint64]int // by packet, the position in sent
	members map[string]bool
}

// spacetimeSpan is a witness with the stretches of time around its ops or events.
type spacetimeSpan struct {
	witness *witness
	title   string
	spans   []span
}

// flight is a message on its way.
type flight struct {
	from, to, text string
	sent, arrived  int64
	fate           string // delivered, or why not; "" while it was under way
}

// nodeStep is a step of a node that is worth a place in the picture.
type nodeStep struct {
	node, what, detail string
	at                 int64
}

// quiet are the steps that come with nearly every message.
var quiet = map[string]bool{"appended": true, "committed": true, "applied": true}

// newFlights returns the stretches of time to look at, around the first witness
// of each kind; it is nil when there is none.
func (p *page) newFlights() *flights {
	if p.view == nil {
		return nil
	}
	f := &flights{flying: map[uint64]int{}, members: map[string]bool{}}
	for i := range p.Anomalies {
		a := &p.Anomalies[i]
		if len(a.Witnesses) == 0 || len(f.around) == maxSpacetimes {
			continue
		}
		w := &a.Witnesses[0]
		if len(w.around) == 0 {
			continue
		}
		s := spacetimeSpan{witness: w, title: a.Type, spans: mergeSpans(slices.Clone(w.around))}
		if len(f.around) == 0 {
			f.from, f.to = s.spans[0].from, s.spans[0].to
		}
		f.from, f.to = min(f.from, s.spans[0].from), max(f.to, s.spans[len(s.spans)-1].to)
		f.around = append(f.around, s)
	}
	if len(f.around) == 0 {
		return nil
	}
	return f
}

// wanted reports whether a moment is near a witness.
func (f *flights) wanted(at int64) bool {
	if at < f.from || at > f.to || len(f.sent)+len(f.steps) >= maxCollected {
		return false
	}
	return slices.ContainsFunc(f.around, func(s spacetimeSpan) bool { return s.covers(at) })
}

func (s *spacetimeSpan) covers(at int64) bool {
	return slices.ContainsFunc(s.spans, func(s span) bool { return s.from <= at && at <= s.to })
}

func (f *flights) line(l *trace.Line, at int64) {
	switch {
	case l.Kind == trace.Protocol:
		f.members[l.Node] = true
		if (!quiet[l.Step] || l.Txn != "") && f.wanted(at) {
			f.steps = append(f.steps, nodeStep{l.Node, l.Step, detailOf(&l.Event), at})
		}
	case marked[l.Kind] != "":
		if f.wanted(at) {
			f.steps = append(f.steps, nodeStep{l.Node, marked[l.Kind], l.Cause, at})
		}
	case l.Kind == "sent":
		if f.wanted(at) {
			f.flying[l.Packet] = len(f.sent)
			f.sent = append(f.sent, flight{from: l.From, to: l.To, text: l.Message, sent: at, arrived: at})
		}
	case l.Kind == "delivered" || l.Kind == "dropped":
		if i, flying := f.flying[l.Packet]; flying {
			m := &f.sent[i]
			m.arrived, m.fate = at, "delivered"
			if l.Kind == "dropped" {
				m.fate = "lost: " + l.Cause
			}
			delete(f.flying, l.Packet)
		}
	}
}

// detailOf tells what a step was about.
func detailOf(e *trace.Event) string {
	var words []string
	add := func(format string, value any, there bool) {
		if there {
			words = append(words, fmt.Sprintf(format, value))
		}
	}
	add("%s", e.Group, e.Group != "")
	add("%s", e.Outcome, e.Outcome != "")
	add("term %d", e.Term, e.Term != 0)
	add("index %d", e.Index, e.Index != 0)
	add("%s", e.Txn, e.Txn != "")
	add("%s", e.Peer, e.Peer != "")
	return strings.Join(words, ", ")
}

// kind is what a message is called: its first word that is no name of a shard.
func (m *flight) kind(members map[string]bool) string {
	switch {
	case !members[m.from]:
		return "request"
	case !members[m.to]:
		return "answer"
	}
	for _, word := range strings.Fields(m.text) {
		if strings.IndexFunc(word, unicode.IsDigit) < 0 {
			return line(strings.Trim(word, ":;,"), 40)
		}
	}
	return "message"
}

// middleOut keeps the first and the last of too many.
func middleOut[T any](all []T, most int) (kept []T, left int) {
	if len(all) <= most {
		return all, 0
	}
	return slices.Concat(all[:most/2], all[len(all)-most/2:]), len(all) - most/2*2
}
