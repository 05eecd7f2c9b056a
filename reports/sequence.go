package reports

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"checker/check"
)

// Measures of the drawing of events, in the units of its drawing.
const (
	sequenceTime = 112.0 // the column of moments
	sequenceRow  = 30.0
	sequenceTop  = 44.0
	sequenceMost = 60 // events; more are for the table
	sequenceWide = 7  // lanes; more are for the table
)

// witnessEvent is a step of a node in its protocol.
type witnessEvent struct {
	When, Lane, Node, Group, Step, Detail string
	// Sign is what an event weighs: yes, no, crash, start, or nothing.
	Sign string
	// Against marks the outcomes that contradict each other.
	Against bool
}

// signs say which steps are drawn with a sign of their own.
var signs = map[string]string{"voted-yes": "yes", "voted-no": "no", "stopped": "crash", "started": "start", "commit": "yes", "abort": "no"}

// nodeGroups are the participants that each node is part of.
type nodeGroups map[string][]string

func newNodeGroups(events []check.Event) nodeGroups {
	g := nodeGroups{}
	for _, e := range events {
		if e.Group != "" && !slices.Contains(g[e.Node], e.Group) {
			g[e.Node] = append(g[e.Node], e.Group)
		}
	}
	return g
}

// of returns the participant of an event. A node that is part of one alone has
// one lane, with its crashes on it.
func (g nodeGroups) of(e check.Event) string {
	if e.Group == "" && len(g[e.Node]) == 1 {
		return g[e.Node][0]
	}
	return e.Group
}

func newEvents(events []check.Event) []witnessEvent {
	groups := newNodeGroups(events)
	outcomes := map[string]bool{}
	for _, e := range events {
		if e.Outcome != "" {
			outcomes[e.Outcome] = true
		}
	}
	var all []witnessEvent
	for _, e := range events {
		shown := witnessEvent{When: moment(e.At, 6), Node: line(e.Node, foldWord), Group: line(e.Group, foldWord), Step: line(e.Step, foldWord),
			Sign: signs[e.Step], Against: e.Outcome != "" && len(outcomes) > 1}
		shown.Lane = shown.Node
		if group := groups.of(e); group != "" && group != e.Node {
			shown.Lane += " · " + line(group, foldWord)
		}
		if e.Outcome != "" {
			shown.Sign = signs[e.Outcome]
		}
		peers := "with %s"
		if e.Step == "voted-yes" {
			peers = "locks on %s"
		}
		var words []string
		add := func(format string, value any, there bool) {
			if there {
				words = append(words, fmt.Sprintf(format, value))
			}
		}
		add("%s", line(e.Outcome, foldWord), e.Outcome != "")
		add("term %d", e.Term, e.Term != 0 || e.Step == "started" && e.Index != 0)
		add("index %d", e.Index, e.Index != 0)
		add("%s", line(e.Txn, foldWord), e.Txn != "")
		add(peers, line(e.Peer, foldWord), e.Peer != "")
		add("digest %s", line(e.Digest, foldWord), e.Digest != "")
		shown.Detail = strings.Join(words, ", ")
		all = append(all, shown)
	}
	return all
}

// sequence draws what nodes did: a lane for each node and participant, time
// downwards, an event a row, so that no two words overlap. The table says the
// same.
func sequence(w witness) template.HTML {
	var lanes []string
	for _, e := range w.Events {
		if !slices.Contains(lanes, e.Lane) {
			lanes = append(lanes, e.Lane)
		}
	}
	if len(w.Events) == 0 || len(w.Events) > sequenceMost || len(lanes) > sequenceWide {
		return ""
	}
	var b strings.Builder
	height := sequenceTop + sequenceRow*float64(len(w.Events)) + 8
	each := (ringWidth - sequenceTime) / float64(len(lanes))
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" class="drawing" role="img" aria-label="%d events on %d lanes, time downwards; the table says the same">`,
		ringWidth, height, len(w.Events), len(lanes))
	for i, name := range lanes {
		x := sequenceTime + each*(float64(i)+0.5)
		fmt.Fprintf(&b, `<line class="lane" x1="%.1f" x2="%.1f" y1="%g" y2="%g"/><text class="name" text-anchor="middle" x="%.1f" y="22">%s</text>`,
			x, x, sequenceTop-10, height-4, x, template.HTMLEscapeString(clip(name, int(each/8))))
	}
	for i, e := range w.Events {
		y := sequenceTop + sequenceRow*float64(i)
		x := sequenceTime + each*(float64(slices.Index(lanes, e.Lane))+0.5)
		fmt.Fprintf(&b, `<line class="lane faint" x1="%g" x2="%g" y1="%g" y2="%g"/><text class="soft" x="4" y="%g">%s</text>`,
			sequenceTime-8, ringWidth, y+13, y+13, y+17, template.HTMLEscapeString(e.When))
		b.WriteString(eventChip(e, x, y))
	}
	b.WriteString(`</svg>`)
	return template.HTML(b.String())
}

// marks stand in front of an event's words, so that its colour is not needed.
var marks = map[string]string{"yes": "✓ ", "no": "✕ ", "crash": "⚡ ", "start": "↻ "}

// eventChip draws an event: what it says on a ground as wide as its words, around
// x as far as the drawing goes. No other event is in its row.
func eventChip(e witnessEvent, x, y float64) string {
	text := e.Step
	if e.Detail != "" {
		text += " " + e.Detail
	}
	room := ringWidth - sequenceTime
	short := clip(marks[e.Sign]+text, int((room-18)/7.3))
	width := 7.3*float64(len([]rune(short))) + 18
	x = min(max(x, sequenceTime+width/2), ringWidth-2-width/2)
	class := "event " + e.Sign
	if e.Against {
		class += " against"
	}
	return fmt.Sprintf(`<g class="%s"><title>%s</title><rect x="%.1f" y="%g" width="%.1f" height="24" rx="6"/><text text-anchor="middle" x="%.1f" y="%g">%s</text></g>`,
		class, template.HTMLEscapeString(e.Lane+": "+text), x-width/2, y+1, width, x, y+17, template.HTMLEscapeString(short))
}
